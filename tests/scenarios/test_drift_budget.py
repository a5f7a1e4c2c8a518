"""Stories of looks with a budget: they go on from each other, say what they do not know, and lose nothing."""

import json
import signal
import subprocess
import threading
from typing import Any

import pytest

from reconciler.app.drift import PARALLEL
from reconciler.errors import ExitCode
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import open_workspace
from tests.scenarios.workbench import Door, Repository, writes

NAMES = ("a", "b", "c", "d", "e")


@pytest.fixture
def five(embedded: Repository) -> Repository:
    for name in NAMES:
        embedded.write(name)
    embedded.applied()
    return embedded


def read(seen: list[Any], repository: Repository) -> list[str]:
    names = {record["id"]: name for name, record in repository.state["records"].items()}
    return sorted(names[entry.path.rpartition("/")[2]] for entry in seen)


def test_looks_go_on_from_each_other_and_make_no_more_requests_than_they_may(five: Repository) -> None:
    first, seen = five.requests("drift", "--budget", "2")
    assert (first.code, len(seen), writes(seen)) == (0, 2, [])
    second, more = five.requests("drift", "--budget", "2")
    third, last = five.requests("drift", "--budget", "1")
    assert read(seen + more + last, five) == sorted(NAMES)
    assert "2 of 5 recorded sequences read now; 3 were never read" in first.out
    assert "A full round takes at most 5 looks with this budget" in second.out
    assert "each was read since" in third.out
    assert len(five.state["looks"]) == 5


def test_what_an_earlier_look_found_is_told_until_a_look_finds_it_gone(five: Repository) -> None:
    five.simulator.edit("a", {"/name": "Theirs"})
    five.simulator.delete("b")
    assert five.run("drift").code == 0
    for name in NAMES[2:]:
        look = five.json("drift", "--only", name)
        assert [(each["custom_id"], each["standing"], each["paths"]) for each in look["known"]] == [
            ("a", "drifted", ["/name"]),
            ("b", "gone", []),
        ]
    assert five.run("drift", "--only", "c", "--detailed-exitcode").code == ExitCode.DIFFERENCES
    five.simulator.edit("a", {"/name": "A"})
    assert (
        five.json("drift", "--only", "a")["summary"] | {"known": 1, "in_step": 1}
        == five.json("drift", "--only", "a")["summary"]
    )


def test_a_look_whose_place_cannot_be_kept_is_told_and_with_a_budget_ends_in_its_code(five: Repository) -> None:
    store = open_store(open_workspace(five.root, None))
    session = store.begin(store.load(), "apply")
    try:
        held = five.run("drift", "--budget", "2")
        assert held.code == ExitCode.LOCKED
        assert "this look is not remembered" in held.out
        assert "locked" in held.out
        assert five.run("drift").code == 0
        blocked = five.run("drift", "--correct", "--yes")
        assert blocked.code == ExitCode.LOCKED
        assert "this look is not remembered" in blocked.out
    finally:
        session.finish()
    assert "looks" not in five.state
    assert five.run("drift", "--budget", "2").code == 0


def test_a_signal_keeps_what_was_read(behind: Repository, door: Door) -> None:
    for name in NAMES:
        behind.write(name)
    behind.applied()
    held = behind.state["records"]["e"]["id"]
    asked, ended = threading.Event(), threading.Event()

    def before(method: str, path: str, nth: int) -> None:
        if path.endswith(held):
            asked.set()
            ended.wait(60)

    door.before = before
    # Alone in its look, so that by the time it is asked for, all that went before is in state.
    assert behind.run("drift", "--only", "[a-d]").code == 0
    with behind.process("drift", "--format", "json", stderr=subprocess.DEVNULL) as process:
        assert asked.wait(60)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        ended.set()
    document = json.loads(out)
    assert process.returncode == ExitCode.INTERRUPTED
    assert document["error"]["exit_code"] == ExitCode.INTERRUPTED
    assert (document["unreadable"], document["summary"]["in_step"]) == ([], document["coverage"]["read"])
    assert held not in behind.state["looks"]
    assert len(behind.state["looks"]) == 4
    assert behind.run("state", "list").out.count("locked") == 0


def test_a_signal_in_the_middle_of_a_look_has_nothing_set_back(behind: Repository, door: Door) -> None:
    names = "abcdefghi"[: PARALLEL + 1]
    for name in names:
        behind.write(name)
    behind.applied()
    behind.simulator.edit("a", {"/name": "Theirs"})
    ids = {behind.state["records"][name]["id"]: name for name in names}
    asked, ended = threading.Event(), threading.Event()

    def before(method: str, path: str, nth: int) -> None:
        name = ids[path.rpartition("/")[2]]
        if name == names[-1]:
            asked.set()  # so one of those before it was read, and that is the one that is not held
        if name != "a":
            ended.wait(60)

    door.before = before
    words = ("drift", "--correct", "--yes", "--format", "json")
    with behind.process(*words, stderr=subprocess.DEVNULL) as process:
        assert asked.wait(60)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        ended.set()
    document = json.loads(out)
    assert process.returncode == ExitCode.INTERRUPTED
    assert [each["custom_id"] for each in document["drifted"]] == ["a"]
    assert "correction" not in document
    found = behind.simulator.find("a")
    assert found is not None
    assert found["name"] == "Theirs"
