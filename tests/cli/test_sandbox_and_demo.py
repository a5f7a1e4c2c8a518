"""The sandbox poked from the command line, and the demo as a newcomer sees it."""

import json
import re

import pytest

from reconciler.cli.main import run
from tests.scenarios.workbench import Repository


def test_a_person_edits_starts_cancels_and_removes_behind_the_tools_back(embedded):
    embedded.write("welcome")
    embedded.write("once", is_continuous=False)
    embedded.applied()
    for arguments, told in [
        (["edit", "welcome", "--set", "name=Theirs", "--set", "/steps/0/delay_in_minutes=5"], "was edited"),
        (["edit", "once", "--start"], "was started"),
        (["edit", "welcome", "--cancel"], "was canceled"),
        (["edit", "once", "--delete"], "was removed"),
    ]:
        result = embedded.run("sandbox", *arguments)
        assert (result.code, result.err, told in result.out) == (0, "", True)
    (left,) = embedded.simulator.sequences()
    assert (left["name"], left["steps"][0]["delay_in_minutes"], left["status"]) == ("Theirs", 5, "canceled")


@pytest.mark.parametrize(
    "arguments",
    [
        ["welcome"],
        ["welcome", "--set", "name"],
        ["welcome", "--set", "=x"],
        ["welcome", "--set", "nmae=x"],
        ["welcome", "--set", "name=x", "--cancel"],
        ["welcome", "--set", "/steps/9/delay_in_minutes=1"],
        ["welcome", "--start"],
        ["nobody", "--delete"],
    ],
    ids=" ".join,
)
def test_an_edit_that_cannot_be_is_refused_and_changes_nothing(embedded, arguments):
    embedded.write("welcome")
    embedded.applied()
    before = embedded.simulator.sequences()
    result = embedded.run("sandbox", "edit", *arguments)
    assert (result.code, result.out, result.err.startswith("error: ")) == (64, "", True)
    assert embedded.simulator.sequences() == before


@pytest.mark.parametrize("arguments", [["welcome", "--set", 'name="\\ud83d"'], ["\udcff", "--delete"]])
def test_half_a_character_is_said_to_be_one(embedded, arguments):
    embedded.write("welcome")
    embedded.applied()
    result = embedded.run("sandbox", "edit", *arguments)
    assert (result.code, result.out) == (64, "")
    assert "half a character" in result.err
    assert "hint: " in result.err


def test_show_and_reset(embedded):
    embedded.write("welcome")
    embedded.applied()
    listed = embedded.json("sandbox", "show")
    assert (listed["format_version"], [each["custom_id"] for each in listed["sequences"]]) == ("1.0", ["welcome"])
    assert embedded.json("sandbox", "show", "welcome")["name"] == "Welcome"
    assert [each["mutation"] for each in embedded.json("sandbox", "show", "--ledger")["ledger"]][2] == "create"
    assert "welcome" in embedded.run("sandbox", "show").out
    assert "4 entries" in embedded.run("sandbox", "show", "--ledger").out
    assert embedded.run("sandbox", "show", "nobody").code == 64
    assert embedded.run("sandbox", "reset", "--switch", "lists=reordered").out == "The sandbox was emptied.\n"
    assert (embedded.simulator.sequences(), str(embedded.simulator.switches.lists)) == ([], "reordered")
    assert embedded.run("plan", "--refresh", "all").code == 7  # what is recorded is gone


def test_the_demo_tells_the_whole_story_and_touches_nothing(embedded, monkeypatch, tmp_path):
    embedded.write("mine")
    embedded.applied()
    before = {path: path.read_bytes() for path in embedded.root.rglob("*") if path.is_file()}
    result = embedded.run("demo")
    assert (result.code, result.err) == (0, "")
    commands = re.findall(r"^\$ reconciler (\w+)", result.out, re.M)
    assert commands == ["validate", "plan", "apply", "plan", "plan", "apply", "sandbox", "plan", "apply", "plan"]
    assert "was edited." in result.out
    assert "name  drift" in result.out
    assert result.out.count("Nothing to do: ") == 2
    assert {path: path.read_bytes() for path in embedded.root.rglob("*") if path.is_file()} == before


def test_the_demo_leaves_its_copy_where_it_is_asked_to(tmp_path, capsys):
    kept = tmp_path / "my demo"
    assert run(["demo", "--keep", str(kept)]) == 0
    copy = Repository(root=kept, simulator=None)  # type: ignore[arg-type]
    assert copy.plan("--refresh", "all")["changes"] == []
    assert json.loads((kept / "plan.json").read_bytes())["summary"]["update"] == 1
    assert run(["demo", "--keep", str(kept)]) == 64
