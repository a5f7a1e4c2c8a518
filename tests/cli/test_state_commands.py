"""`reconciler state`: what is recorded, and the decisions that only a person takes, on a real repository."""

import json
import shutil
import subprocess
import sys

import pytest

from reconciler.sandbox.switches import Switches
from tests.cli.test_documents import check
from tests.scenarios.workbench import ROOT, after_sequence, reaching, writes


def lost_create(behind, door, name: str = "welcome", *, applied: bool) -> None:
    """Have a create end without an answer: done by the server, or not."""

    def before(method, path, nth):
        if method != "POST":
            return None
        if applied:
            door.simulator.answer(door.last)
        return (502, "text/html", b"<h1>bad gateway</h1>")

    door.simulator.switches = Switches.parse(["lookup=off"])
    door.before = before
    behind.write(name)
    assert behind.apply().code == 9
    door.before = lambda *_: None


def test_the_list_names_what_is_recorded(embedded):
    embedded.write("welcome")
    embedded.write("second", filter=reaching(after_sequence("welcome")))
    embedded.applied()
    listed = embedded.json("state", "list")
    check("state-list", listed)
    assert [each["custom_id"] for each in listed["records"]] == ["second", "welcome"]
    assert (listed["serial"], listed["pending"], listed["lock"]) == (embedded.state["serial"], [], None)
    text = embedded.run("state", "list").out
    assert "2 sequences recorded." in text
    assert embedded.simulator.find("welcome")["id"] in text


def test_one_record_is_shown_whole(embedded):
    embedded.write("welcome", name="Hi ##[error] there")
    embedded.applied()
    shown = embedded.json("state", "show", "welcome")
    check("state-show", shown)
    assert shown["record"]["applied"]["name"] == "Hi ##[error] there"
    result = embedded.run("state", "show", "welcome")
    assert "##[error]" not in result.out
    assert '"email_subject": "Hello"' in result.out


@pytest.mark.parametrize("command", ["list", "show x", "forget x", "move x y", "pull", "resolve x --not-created"])
def test_without_state_there_is_nothing_to_look_into(embedded, command):
    result = embedded.run("state", *command.split())
    assert (result.code, result.err.splitlines()[0]) == (5, "error: there is no state yet")


def test_forgetting_leaves_the_sequence_alone(embedded):
    embedded.write("welcome")
    embedded.applied()
    id_ = embedded.simulator.find("welcome")["id"]
    result, seen = embedded.requests("state", "forget", "welcome")
    assert result.code == 0
    assert id_ in result.out
    assert "may still send" in result.out
    assert (seen, embedded.state["records"]) == ([], {})
    assert [each["rule"] for each in embedded.plan()["violations"]] == ["adoption"]
    assert embedded.run("state", "forget", "welcome").code == 64


def test_moving_records_it_under_another_name_and_the_plan_shows_the_rest(embedded):
    embedded.write("welcome")
    embedded.applied()
    assert embedded.run("state", "move", "welcome", "hello").code == 0
    assert list(embedded.state["records"]) == ["hello"]
    embedded.remove("welcome")
    embedded.write("hello", name="Welcome")
    changes = embedded.plan()["changes"]
    assert [(each["custom_id"], each["action"]) for each in changes] == [("hello", "update")]
    assert [field["path"] for field in changes[0]["fields"]] == ["/custom_id"]


@pytest.mark.parametrize("name", ["", "a b", "-a", "x" * 51, "00000000-0000-4000-8000-000000000000", "a\n"])
def test_nothing_is_moved_to_what_is_no_custom_id(embedded, name):
    embedded.write("welcome")
    embedded.applied()
    assert embedded.run("state", "move", "--", "welcome", name).code == 64
    assert list(embedded.state["records"]) == ["welcome"]


def test_a_create_that_was_found_in_the_dashboard_is_recorded_and_nothing_is_doubled(behind, door):
    lost_create(behind, door, applied=True)
    id_ = behind.simulator.find("welcome")["id"]
    listed = behind.json("state", "list")
    check("state-list", listed)
    assert [(each["custom_id"], each["id"]) for each in listed["pending"]] == [("welcome", None)]
    shown = behind.json("state", "show", "welcome")
    check("state-show", shown)
    assert shown["record"] is None
    assert behind.plan("--refresh", "none")["violations"][0]["rule"] == "outcome-unknown"
    result = behind.run("state", "resolve", "welcome", "--id", id_)
    assert (result.code, result.err) == (0, "")
    with behind.watched() as seen:
        assert behind.applied()["outcomes"] == []
    assert writes(seen) == []
    assert list(behind.state["records"]) == ["welcome"]


def test_a_create_that_is_not_in_the_dashboard_is_made_by_the_next_apply(behind, door):
    lost_create(behind, door, applied=False)
    assert behind.run("state", "resolve", "welcome", "--not-created").code == 0
    assert behind.applied()["summary"] == {"applied": 1}
    assert len(behind.simulator.sequences()) == 1


def test_nobody_says_not_created_of_what_can_be_looked_up(behind, door):
    lost_create(behind, door, applied=True)
    behind.simulator.switches = Switches.parse(["lookup=on"])
    result = behind.run("state", "resolve", "welcome", "--not-created")
    assert result.code == 7
    assert behind.simulator.find("welcome")["id"] in result.err
    assert "welcome" in behind.state["pending"]


@pytest.mark.parametrize("options", [[], ["--id", "x", "--not-created"]])
def test_a_word_about_a_create_is_one_of_two(embedded, options):
    assert embedded.run("state", "resolve", "welcome", *options).code == 64


def test_another_sequence_is_not_taken_for_the_one_that_was_created(behind, door):
    behind.write("other")
    behind.applied()
    lost_create(behind, door, applied=True)
    other = behind.simulator.find("other")["id"]
    before = behind.state
    assert behind.run("state", "resolve", "welcome", "--id", other).code == 7
    assert behind.run("state", "resolve", "welcome", "--id", "00000000-0000-4000-8000-000000000000").code == 7
    assert behind.state == before


def test_pull_then_push_brings_a_state_to_another_place(embedded, tmp_path):
    embedded.write("welcome")
    embedded.applied()
    document = embedded.state
    assert json.loads(embedded.run("state", "pull").out) == document
    assert embedded.run("state", "pull", "--out", str(tmp_path / "kept.json")).code == 0
    embedded.configure('[environments.sandbox]\napi = "sandbox"\nstate = "file:elsewhere/state.json"\n')
    assert embedded.run("state", "push", str(tmp_path / "kept.json")).code == 0
    assert json.loads((embedded.root / "elsewhere" / "state.json").read_bytes()) == document
    assert embedded.applied()["outcomes"] == []


def test_an_older_state_is_pushed_only_on_purpose(embedded, tmp_path):
    kept = str(tmp_path / "kept.json")
    embedded.write("welcome")
    embedded.applied()
    embedded.run("state", "pull", "--out", kept)
    older = embedded.state
    embedded.write("welcome", name="Other")
    embedded.applied()
    newer = embedded.state
    result = embedded.run("state", "push", kept)
    assert (result.code, embedded.state) == (7, newer)
    assert "--as-next" in result.err
    assert embedded.run("state", "push", kept, "--as-next").code == 0
    assert embedded.state["records"] == older["records"]
    assert embedded.state["serial"] == newer["serial"] + 1


def test_a_damaged_or_foreign_file_is_not_pushed(embedded, tmp_path):
    embedded.write("welcome")
    embedded.applied()
    before = embedded.state
    for text, code in (("{}", 5), (json.dumps({**before, "serial": 99}), 5)):
        (tmp_path / "bad.json").write_text(text)
        assert embedded.run("state", "push", str(tmp_path / "bad.json")).code == code
    assert embedded.run("state", "push", "nowhere.json").code == 64
    assert embedded.state == before


def test_history_lists_the_versions_and_pull_brings_one_out(embedded):
    embedded.write("welcome")
    embedded.applied()
    first = embedded.state
    embedded.write("welcome", name="Other")
    embedded.applied()
    listed = embedded.json("state", "history")
    check("state-history", listed)
    serials = [each["serial"] for each in listed["versions"]]
    assert serials == sorted(serials, reverse=True)
    assert serials[0] == embedded.state["serial"]
    assert first["serial"] in serials
    assert json.loads(embedded.run("state", "pull", "--serial", str(first["serial"])).out) == first
    assert embedded.run("state", "pull", "--serial", "9999").code == 5


def test_unlocking_needs_the_very_nonce(embedded):
    embedded.write("welcome")
    embedded.applied()
    result = embedded.run("state", "unlock", "nonsense")
    assert result.code == 7
    assert "nobody holds" in result.err or "no lock" in result.err


LEFT_BEHIND = """
import os, sys
from pathlib import Path
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import open_workspace
store = open_store(open_workspace(Path(sys.argv[1]), None))
store.begin(store.load(), "apply")
os._exit(9)
"""


def leave_a_lock(repository) -> None:
    """Have a process take the lock and die with it."""
    subprocess.run([sys.executable, "-c", LEFT_BEHIND, str(repository.root)], cwd=ROOT, check=False, timeout=60)
    assert repository.json("state", "list")["lock"]["purpose"] == "apply"


def test_an_apply_with_nothing_to_do_takes_in_what_a_dead_run_left(embedded):
    embedded.write("welcome")
    embedded.applied()
    leave_a_lock(embedded)
    result, seen = embedded.requests("apply", "--yes")
    assert (result.code, writes(seen)) == (0, [])
    assert "taking over" in result.err
    listed = embedded.json("state", "list")
    check("state-list", listed)
    assert listed["lock"] is None
    assert not list(embedded.state_file.parent.glob("*.journal"))


def test_a_state_command_tells_whose_lock_it_takes_over(embedded):
    embedded.write("welcome")
    embedded.applied()
    leave_a_lock(embedded)
    result = embedded.run("state", "forget", "welcome")
    assert result.code == 0
    assert "taking over" in result.err


def test_what_cannot_be_recorded_is_in_an_emergency_copy_that_is_named_and_taken_back(behind, door, tmp_path):
    behind.write("known")
    behind.applied()
    behind.write("welcome")
    folder, away, rescue = behind.state_file.parent, tmp_path / "away", tmp_path / "rescue"
    rescue.mkdir()

    def before(method, path, nth):
        if method == "POST":
            folder.rename(away)

    door.before = before
    # A process of its own, since its lock stays: once it has ended, it is taken over on proof.
    result = behind.command("apply", "--yes", "--format", "json", "--emergency-dir", str(rescue))
    door.before = lambda *_: None
    (copy,) = rescue.iterdir()
    document = result.json
    check("apply", document)
    assert str(copy) in document["error"]["message"]
    assert f"reconciler state recover {copy}" in document["error"]["message"]
    (outcome,) = document["outcomes"]
    assert outcome["status"] == "unknown"
    assert "reconciler state resolve welcome" in outcome["detail"]
    shutil.rmtree(folder, ignore_errors=True)
    away.rename(folder)
    assert behind.run("state", "recover", str(copy)).code == 0
    with behind.watched() as seen:
        assert behind.apply().code == 0
    assert [entry.method for entry in writes(seen)] == []
    assert behind.applied()["outcomes"] == []
    assert sorted(behind.state["records"]) == ["known", "welcome"]


def test_an_older_state_does_not_settle_a_create_in_doubt(behind, door, tmp_path):
    behind.write("known")
    behind.applied()
    behind.run("state", "pull", "--out", str(tmp_path / "old.json"))
    lost_create(behind, door, applied=True)
    assert behind.run("state", "push", str(tmp_path / "old.json"), "--as-next").code == 0
    assert list(behind.state["pending"]) == ["welcome"]
    assert behind.plan()["violations"][0]["rule"] == "outcome-unknown"


def test_what_is_no_id_is_wrong_usage(behind, door):
    lost_create(behind, door, applied=True)
    assert behind.run("state", "resolve", "welcome", "--id", "../../x").code == 64


def test_a_person_takes_a_lock_away_by_its_nonce(embedded):
    embedded.write("welcome")
    embedded.applied()
    leave_a_lock(embedded)
    lock = embedded.json("state", "list")["lock"]
    assert f"nonce {lock['nonce']}" in embedded.run("state", "list").out
    result = embedded.run("state", "unlock", lock["nonce"])
    assert result.code == 0
    assert lock["host"] in result.out
    assert embedded.json("state", "list")["lock"] is None
    assert embedded.run("state", "unlock", lock["nonce"]).code == 7
