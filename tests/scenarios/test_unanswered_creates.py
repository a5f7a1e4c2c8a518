"""Creates of which no usable answer comes back: never sent again, and proved by look-ups or left to a person."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.switches import Switches
from tests.scenarios.silent_door import (
    AFTER,
    ANSWERED,
    BEFORE,
    LATE,
    PAGE,
    Fate,
    SilentDoor,
    mutations,
    own,
    silent,
)
from tests.scenarios.workbench import Document, Repository, after_sequence, reaching

Bench = tuple[Repository, SilentDoor]
FOUND = "no answer, but it was created: found by its custom_id"
LIKELY_NOT = "likely not created"
NO_TELLING = "no look-up can tell"
CREATED = "WAS created"


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("OPENCX_API_KEY", FULL_KEY)
    with silent(tmp_path) as bench:
        yield bench


@pytest.fixture
def bench(fresh: Bench) -> Bench:
    """A repository with one sequence that is applied (the control), and one that is to be created."""
    repository, _ = fresh
    repository.write("known")
    repository.applied()
    repository.write("welcome")
    return fresh


def posts(fate: Fate) -> "object":
    return lambda method, _path, _nth: fate if method == "POST" else ANSWERED


def apply(repository: Repository) -> tuple[int, dict[str, Document]]:
    result = repository.run("apply", "--yes", "--format", "json")
    return result.code, {each["custom_id"]: each for each in result.json["outcomes"]}


def says_what_to_type(text: str, id_: str = "UUID") -> bool:
    resolve = "reconciler state resolve welcome"
    return f"`{resolve} --id {id_}`" in text and f"`{resolve} --not-created`" in text and "custom_id `welcome`" in text


PROVED = [
    pytest.param(AFTER, id="dropped after: N9"),
    pytest.param(LATE, id="created late"),
    pytest.param(own(500, done=True), id="500"),
    pytest.param(own(502, PAGE, "text/html", done=True), id="a proxy's 502"),
    pytest.param(own(307, done=True), id="a redirect"),
    pytest.param(own(408, done=True), id="408"),
    pytest.param(own(201, b"{}", done=True), id="no id: N10"),
    pytest.param(own(201, b'{"id": "a/b"}', done=True), id="an id that leads nowhere"),
    pytest.param(own(201, b'{"id"', done=True), id="a cut body: N10"),
]


@pytest.mark.parametrize("fate", PROVED)
@pytest.mark.parametrize("late_at", [1, 5])
def test_what_is_found_by_its_custom_id_was_created_and_is_recorded(bench, fate, late_at):
    repository, door = bench
    door.fate, door.late_at = posts(fate), late_at
    with repository.watched() as seen:
        code, found = apply(repository)
    assert (code, found["welcome"]["status"], found["welcome"]["detail"]) == (0, "applied", FOUND)
    assert (door.sent("POST"), mutations(seen, "welcome")) == (2, ["create"])  # the first one is the control's
    made = repository.simulator.find("welcome")
    assert made is not None
    assert repository.state["records"]["welcome"]["id"] == found["welcome"]["id"] == made["id"]
    assert "pending" not in repository.state
    assert repository.plan("--refresh", "all")["changes"] == []


NOT_PROVED = [
    pytest.param(BEFORE, [], LIKELY_NOT, id="dropped before: N9"),
    pytest.param(own(500), [], LIKELY_NOT, id="500"),
    pytest.param(own(200, PAGE, "text/html"), [], LIKELY_NOT, id="a page with 200: N19"),
    pytest.param(AFTER, ["lookup=off"], NO_TELLING, id="created, and look-ups do not work"),
    pytest.param(BEFORE, ["lookup=off"], NO_TELLING, id="not created, and look-ups do not work"),
    pytest.param(own(201, b"{}", done=True), ["lookup=off"], CREATED, id="no id, and look-ups do not work: N10"),
]


@pytest.mark.parametrize(("fate", "switches", "words"), NOT_PROVED)
def test_what_is_not_found_stays_unknown_is_never_sent_again_and_says_what_to_type(bench, fate, switches, words):
    repository, door = bench
    repository.simulator.switches = Switches.parse(switches)
    repository.write("later", filter=reaching(after_sequence("welcome")))
    door.fate = posts(fate)
    code, found = apply(repository)
    outcome = found["welcome"]
    assert (code, outcome["status"], found["later"]["status"], door.sent("POST")) == (9, "unknown", "not_sent", 2)
    assert words in outcome["detail"]
    assert (CREATED in outcome["detail"]) is (words == CREATED)
    assert says_what_to_type(outcome["detail"])
    assert "reconciler" not in found["later"]["detail"]
    assert list(repository.state["pending"]) == ["welcome"]
    assert "id" not in repository.state["pending"]["welcome"]
    door.fate = posts(ANSWERED)
    plan = repository.run("plan", "--format", "json")
    (violation,) = [each for each in plan.json["violations"] if each["rule"] == "outcome-unknown"]
    assert (plan.code, says_what_to_type(violation["message"])) == (9, True)
    assert (repository.run("apply", "--yes").code, door.sent("POST")) == (9, 2)


def test_the_whole_advice_is_shown_on_a_terminal(bench):
    repository, door = bench
    long = "w" * 50
    repository.remove("welcome")
    repository.write(long)
    door.fate = posts(BEFORE)
    result = repository.run("apply", "--yes")
    assert (result.code, f"state resolve {long} --not-created" in result.out) == (9, True), result


def test_without_a_sequence_that_is_known_nothing_found_means_nothing(fresh):
    repository, door = fresh
    repository.write("welcome")
    door.fate = posts(BEFORE)
    code, found = apply(repository)
    assert (code, found["welcome"]["status"], door.sent("POST")) == (9, "unknown", 1)
    assert NO_TELLING in found["welcome"]["detail"]


def test_what_is_found_proves_it_without_a_control_too(fresh):
    repository, door = fresh
    repository.write("welcome")
    door.fate = posts(AFTER)
    code, found = apply(repository)
    assert (code, found["welcome"]["detail"], door.sent("POST")) == (0, FOUND, 1)


def test_a_control_that_is_gone_gives_way_to_the_next_one(bench):
    repository, door = bench
    repository.write("zebra")
    repository.applied("--only", "zebra")
    repository.simulator.delete("known")
    door.fate = posts(BEFORE)
    code, found = apply(repository)
    assert (code, LIKELY_NOT in found["welcome"]["detail"]) == (9, True)


def test_what_was_created_in_this_very_run_is_a_control(fresh):
    repository, door = fresh
    repository.write("base")
    repository.write("welcome", filter=reaching(after_sequence("base")))
    door.fate = lambda method, path, nth: BEFORE if method == "POST" and nth == 2 else ANSWERED
    code, found = apply(repository)
    assert (code, found["base"]["status"], LIKELY_NOT in found["welcome"]["detail"]) == (9, "applied", True)


@pytest.mark.parametrize("edit", [{"/name": "Theirs"}, {"/filter": None}])
def test_what_is_found_with_other_content_is_left_to_a_person_with_its_id(bench, edit):
    repository, door = bench

    def fate(method: str, path: str, nth: int) -> Fate:
        if (method, path) == ("GET", "/sequences/welcome") and door.sent("POST") == 2:
            repository.simulator.edit("welcome", edit)
        return AFTER if method == "POST" else ANSWERED

    door.fate = fate
    code, found = apply(repository)
    made = repository.simulator.find("welcome")
    assert made is not None
    assert (code, found["welcome"]["status"], door.sent("POST")) == (9, "unknown", 2)
    assert says_what_to_type(found["welcome"]["detail"], str(made["id"]))
    assert "welcome" not in repository.state["records"]


def test_an_id_that_is_another_sequences_is_not_recorded(bench):
    repository, door = bench
    known = repository.state["records"]["known"]["id"]
    before = repository.simulator.find("known")
    door.fate = posts(own(201, json.dumps({"id": known}).encode(), done=True))
    code, found = apply(repository)
    assert (code, found["welcome"]["status"], door.sent("POST")) == (9, "unknown", 2)
    assert known in found["welcome"]["detail"]
    assert says_what_to_type(found["welcome"]["detail"])
    assert (list(repository.state["records"]), list(repository.state["pending"])) == (["known"], ["welcome"])
    assert "id" not in repository.state["pending"]["welcome"]
    assert repository.simulator.find("known") == before


def test_what_turns_out_created_later_is_recorded_by_the_next_run(bench):
    repository, door = bench
    door.fate = lambda method, path, _nth: (
        AFTER if method == "POST" else own(400) if path == "/sequences/welcome" and door.sent("POST") > 1 else ANSWERED
    )
    assert apply(repository)[0] == 9
    door.fate = posts(ANSWERED)
    assert (apply(repository)[0], door.sent("POST")) == (0, 2)
    assert "welcome" in repository.state["records"]
    assert "pending" not in repository.state


@pytest.mark.parametrize(("status", "code"), [(400, 8), (409, 7), (404, 7), (401, 4)])
def test_a_refused_create_is_taken_back(bench, status, code):
    repository, door = bench
    door.fate = posts(own(status))
    assert (apply(repository)[0], door.sent("POST"), "pending" in repository.state) == (code, 2, False)
    door.fate = posts(ANSWERED)
    assert apply(repository)[0] == 0
