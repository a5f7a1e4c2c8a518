"""Updates of which no answer, or an odd one, comes back: the sandbox's ledger says what was sent and what was done."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from reconciler.adapters.store.encoding import decode, encode
from reconciler.model.sequence import Payload
from reconciler.sandbox.keys import FULL_KEY
from tests.scenarios.silent_door import (
    AFTER,
    ANSWERED,
    BEFORE,
    LATE,
    PAGE,
    Fate,
    SilentDoor,
    mutations,
    only_outcome,
    own,
    silent,
)
from tests.scenarios.workbench import ROOT, Document, Repository, Result

Bench = tuple[Repository, SilentDoor]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A repository with one sequence that is applied, and whose name was edited since."""
    monkeypatch.setenv("OPENCX_API_KEY", FULL_KEY)
    with silent(tmp_path) as (repository, door):
        repository.write("welcome")
        repository.applied()
        repository.write("welcome", name="Edited")
        yield repository, door


def patches(*fates: Fate) -> "object":
    """The fate of each PATCH in turn; the last one's goes on."""
    return lambda method, _path, nth: fates[min(nth, len(fates)) - 1] if method == "PATCH" else ANSWERED


def name_of(repository: Repository) -> str:
    found = repository.simulator.find("welcome")
    assert found is not None
    return str(found["name"])


def apply(repository: Repository) -> Result:
    return repository.run("apply", "--yes", "--format", "json")


def pending(repository: Repository) -> dict:
    found: dict = repository.state.get("pending", {})
    return found


REDIRECT = own(307)
IN_PLACE = "no answer, but the change is in place"


@pytest.mark.parametrize(
    ("fates", "sent", "done", "detail"),
    [
        pytest.param([BEFORE, ANSWERED], 2, 1, "no answer; read back: unchanged; sent once more", id="not done: N5"),
        pytest.param([AFTER], 1, 1, IN_PLACE, id="done: N6"),
        pytest.param([LATE], 1, 1, IN_PLACE, id="done late: N7"),
        pytest.param([BEFORE, AFTER], 2, 1, IN_PLACE, id="not done, then done"),
        pytest.param([BEFORE, LATE], 2, 1, IN_PLACE, id="not done, then done late"),
        pytest.param([own(500), ANSWERED], 2, 1, "sent once more", id="500, not done: N16"),
        pytest.param([own(503, PAGE, "text/html", done=True)], 1, 1, IN_PLACE, id="503, done: N16"),
        pytest.param([own(408), ANSWERED], 2, 1, "sent once more", id="408: N24"),
        pytest.param([own(200, PAGE, "text/html"), ANSWERED], 2, 1, "sent once more", id="a page with 200: N19"),
        pytest.param([own(400, PAGE, "text/html"), ANSWERED], 2, 1, "sent once more", id="a page with 400"),
        pytest.param([own(307, done=True)], 1, 1, IN_PLACE, id="a redirect, and done"),
    ],
)
def test_what_is_done_in_the_end_was_done_once_and_is_recorded(bench, fates, sent, done, detail):
    repository, door = bench
    door.fate = patches(*fates)
    with repository.watched() as seen:
        result = apply(repository)
    outcome = only_outcome(result.json)
    assert (result.code, outcome["status"], name_of(repository)) == (0, "applied", "Edited")
    assert detail in outcome["detail"]
    assert (door.sent("PATCH"), mutations(seen, "welcome")) == (sent, ["update"] * done)
    assert (repository.state["records"]["welcome"]["applied"]["name"], pending(repository)) == ("Edited", {})
    door.fate = patches(ANSWERED)
    assert repository.plan("--refresh", "all")["changes"] == []


def test_a_second_silence_is_unknown_and_the_next_run_settles_it(bench):
    repository, door = bench
    door.fate = patches(BEFORE)
    first = apply(repository)
    outcome = only_outcome(first.json)
    assert (first.code, outcome["status"], door.sent("PATCH"), name_of(repository)) == (9, "unknown", 2, "Welcome")
    assert "`reconciler plan`" in outcome["detail"]
    assert pending(repository)["welcome"]["id"] == outcome["id"]
    assert [each["rule"] for each in repository.plan("--refresh", "none")["warnings"]] == ["unsettled-update"]
    door.fate = patches(ANSWERED)
    assert (apply(repository).code, door.sent("PATCH"), name_of(repository)) == (0, 3, "Edited")
    assert pending(repository) == {}


def test_an_update_that_landed_after_all_is_recorded_and_not_sent_again(bench):
    """P4: it is read although the manifest does not ask for anything else than what was sent."""
    repository, door = bench
    door.fate = lambda method, _path, _nth: AFTER if method == "PATCH" else _no_look(door, method)
    assert apply(repository).code == 9
    door.fate = patches(ANSWERED)
    repository.write("welcome", name="Edited")
    (change,) = repository.plan()["changes"]
    assert (change["action"], "operation" in change) == ("keep", False)
    assert apply(repository).code == 0
    assert (door.sent("PATCH"), pending(repository)) == (1, {})
    assert repository.state["records"]["welcome"]["applied"]["name"] == "Edited"
    assert repository.plan("--refresh", "all")["changes"] == []


def _no_look(door: SilentDoor, method: str) -> Fate:
    """Once something was patched, nothing can be read any more."""
    return own(400) if method == "GET" and door.sent("PATCH") else ANSWERED


def test_a_reverted_manifest_settles_it_too(bench):
    repository, door = bench
    door.fate = patches(BEFORE)
    assert apply(repository).code == 9
    repository.write("welcome")
    door.fate = patches(ANSWERED)
    assert (apply(repository).code, door.sent("PATCH"), pending(repository)) == (0, 2, {})


def test_what_someone_else_changed_meanwhile_is_left_alone(bench):
    """N8."""
    repository, door = bench
    before = repository.state["records"]

    def fate(method: str, _path: str, _nth: int) -> Fate:
        if method == "PATCH":
            repository.simulator.edit("welcome", {"/name": "Theirs"})
            return BEFORE
        return ANSWERED

    door.fate = fate
    result = apply(repository)
    outcome = only_outcome(result.json)
    assert (result.code, outcome["status"], door.sent("PATCH"), name_of(repository)) == (8, "different", 1, "Theirs")
    assert "/name" in outcome["detail"]
    assert outcome["fields"] == [
        {"path": "/name", "origin": "conflict", "recorded": "Welcome", "live": "Theirs", "desired": "Edited"}
    ]
    assert (repository.state["records"], pending(repository)) == (before, {})


def test_what_cannot_be_read_back_is_unknown(bench):
    repository, door = bench
    door.fate = lambda method, _path, _nth: BEFORE if method == "PATCH" else _no_look(door, method)
    result = apply(repository)
    assert (result.code, only_outcome(result.json)["status"], door.sent("PATCH")) == (9, "unknown", 1)
    assert list(pending(repository)) == ["welcome"]


def test_a_redirect_is_not_followed_and_refused_after_a_look(bench):
    """N20; an address that leads elsewhere is no place to send the others to."""
    repository, door = bench
    repository.write("new")
    door.fate = patches(REDIRECT)
    with repository.watched() as seen:
        result = apply(repository)
    found = {each["custom_id"]: each for each in result.json["outcomes"]}
    assert (found["welcome"]["status"], door.sent("PATCH"), mutations(seen, "welcome")) == ("rejected", 1, [])
    assert "unchanged" in found["welcome"]["detail"]
    assert result.code == (4 if found["new"]["status"] == "not_sent" else 8)
    assert pending(repository) == {}


@pytest.mark.parametrize(
    ("answer", "code", "status", "others"),
    [
        (own(404), 7, "rejected", "applied"),
        (own(409), 7, "rejected", "applied"),
        (own(412), 7, "rejected", "applied"),
        (own(400), 8, "rejected", "applied"),
        (own(422), 8, "rejected", "applied"),
        (own(401), 4, "not_sent", "not_sent"),
        (own(403), 4, "not_sent", "not_sent"),
    ],
    ids=lambda each: str(each[0][0]) if isinstance(each, tuple) else "",
)
def test_a_refusal_is_final_and_says_what_it_is_about(bench, answer, code, status, others):
    repository, door = bench
    door.fate = patches(answer)
    result = apply(repository)
    outcome = only_outcome(result.json)
    assert (result.code, outcome["status"], door.sent("PATCH")) == (code, status, 1)
    assert (repository.state["records"]["welcome"]["applied"]["name"], pending(repository)) == ("Welcome", {})
    # What comes after it: a later wave, so that it cannot have begun before.
    door.fate = lambda method, path, nth: answer if method == "PATCH" and nth == 2 else ANSWERED
    follower = {"type": "contacts_affected_by_sequence", "sequence_id": {"$sequence": "base"}}
    repository.write("base")
    repository.write("later", filter={"or": [{"and": [follower]}]})
    found = {each["custom_id"]: each["status"] for each in apply(repository).json["outcomes"]}
    assert (found["welcome"], found["later"]) == (status, others)


def test_many_that_vanished_do_not_stop_the_others(bench):
    repository, door = bench
    for number in range(5):
        repository.write(f"s{number}")
    repository.write("base")
    repository.applied()
    for number in range(5):
        repository.write(f"s{number}", name="Edited")
    repository.write("base", name="Edited")
    gone = {f"/sequences/{repository.state['records'][f's{number}']['id']}" for number in range(5)}
    follower = {"type": "contacts_affected_by_sequence", "sequence_id": {"$sequence": "base"}}
    repository.write("later", filter={"or": [{"and": [follower]}]})
    door.fate = lambda method, path, _nth: own(404) if method == "PATCH" and path in gone else ANSWERED
    result = apply(repository)
    found = {each["custom_id"]: each["status"] for each in result.json["outcomes"]}
    assert (result.code, found["later"], [found[f"s{number}"] for number in range(5)]) == (
        8,
        "applied",
        ["rejected"] * 5,
    )


def test_what_live_already_has_by_then_is_not_sent(bench):
    repository, door = bench
    path = "/sequences/" + repository.state["records"]["welcome"]["id"]
    looks = door.arrived["GET", path]

    def fate(method: str, asked: str, nth: int) -> Fate:
        if (method, asked, nth) == ("GET", path, looks + 2):  # the first one is the plan's
            repository.simulator.edit("welcome", {"/name": "Edited"})
        return ANSWERED

    door.fate = fate
    result = apply(repository)
    outcome = only_outcome(result.json)
    assert (result.code, outcome["status"], door.sent("PATCH")) == (0, "applied", 0)
    assert "already in place" in outcome["detail"]
    assert repository.state["records"]["welcome"]["applied"]["name"] == "Edited"


def test_what_moved_comes_back_with_its_new_diff_and_the_document_is_the_schemas(bench):
    """P24, N31."""
    repository, door = bench
    repository.write("staying")
    path = "/sequences/" + repository.state["records"]["welcome"]["id"]
    looks = door.arrived["GET", path]

    def fate(method: str, asked: str, nth: int) -> Fate:
        if (method, asked, nth) == ("GET", path, looks + 2):
            repository.simulator.edit("welcome", {"/is_continuous": False})
        return ANSWERED

    door.fate = fate
    result = apply(repository)
    found = {each["custom_id"]: each for each in result.json["outcomes"]}
    assert (result.code, found["staying"]["status"], found["welcome"]["status"]) == (8, "applied", "not_sent")
    assert door.sent("PATCH") == 0
    assert "fields" not in found["staying"]
    assert found["welcome"]["fields"] == [
        {"path": "/name", "origin": "authored", "recorded": "Welcome", "live": "Welcome", "desired": "Edited"},
        {"path": "/is_continuous", "origin": "drift", "recorded": True, "live": False, "desired": True},
    ]
    schema = json.loads((ROOT / "schemas" / "apply.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(result.json)


def test_an_answer_about_another_sequence_stops_the_run(bench):
    """N27: nothing that such an API says can be believed."""
    repository, door = bench
    repository.write("other")
    repository.applied("--only", "other")
    follower = {"type": "contacts_affected_by_sequence", "sequence_id": {"$sequence": "new"}}
    repository.write("new")
    repository.write("later", filter={"or": [{"and": [follower]}]})
    path = "/sequences/" + repository.state["records"]["welcome"]["id"]
    looks = door.arrived["GET", path]
    another = {**repository.simulator.find("other")}

    def fate(method: str, asked: str, nth: int) -> Fate:
        is_mixed_up = (method, asked) == ("GET", path) and nth >= looks + 2
        return own(200, json.dumps(another).encode()) if is_mixed_up else ANSWERED

    door.fate = fate
    result = apply(repository)
    found = {each["custom_id"]: each for each in result.json["outcomes"]}
    assert (found["welcome"]["status"], found["later"]["status"], door.sent("PATCH")) == ("not_sent", "not_sent", 0)
    assert "stopped after `welcome`" in found["later"]["detail"]


@pytest.mark.parametrize(("minutes", "code", "rules", "sent"), [(1, 9, ["not-visible-yet"], 0), (11, 0, [], 1)])
def test_what_was_accepted_lately_and_does_not_show_is_not_written_again(bench, minutes, code, rules, sent):
    """N30, from the state file on: the moment is kept there, and the command line knows what time it is."""
    repository, door = bench
    state = decode(repository.state_file.read_bytes(), where="state")
    since = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat(timespec="seconds").replace("+00:00", "Z")
    applied = Payload.of({**_body(repository), "name": "Edited"})
    record = replace(state.records["welcome"], applied=applied)
    written = replace(state, records={"welcome": replace(record, unverified=since)})
    repository.state_file.write_bytes(encode(written))
    assert decode(repository.state_file.read_bytes(), where="state") == written
    schema = json.loads((ROOT / "schemas" / "state.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(repository.state)
    planned = repository.run("plan", "--refresh", "all", "--format", "json")
    assert (planned.code, [each["rule"] for each in planned.json["violations"]]) == (code, rules)
    # It is in question, so it is read although nothing else asks for it.
    assert repository.run("apply", "--yes", "--refresh", "changed" if rules else "all").code == code
    assert door.sent("PATCH") == sent


def _body(repository: Repository) -> Document:
    body: Document = repository.state["records"]["welcome"]["applied"]
    return body
