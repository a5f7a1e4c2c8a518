"""A cancel of which no answer, or an odd one, comes back: read back first, and never sent a second time in one run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox.keys import FULL_KEY
from tests.scenarios.silent_door import AFTER, ANSWERED, BEFORE, LATE, PAGE, Fate, SilentDoor, mutations, own, silent
from tests.scenarios.workbench import Document, Repository, Result

Bench = tuple[Repository, SilentDoor]
NOT_DONE = {"dropped before": BEFORE, "500": own(500), "503": own(503), "a page": own(502, PAGE, "text/html")}
DONE = {
    "dropped after": AFTER,
    "500": own(500, done=True),
    "a page": own(200, PAGE, "text/html", done=True),
    "no body": own(200, b"", done=True),
}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A repository with a sequence that goes on sending, and whose manifest asks to cancel it."""
    monkeypatch.setenv("OPENCX_API_KEY", FULL_KEY)
    with silent(tmp_path) as (repository, door):
        repository.write("welcome")
        repository.applied()
        repository.write("welcome", reconciler={"retire": "cancel"})
        yield repository, door


def first(fate: Fate) -> "object":
    """The fate of the first cancel; later ones are answered."""
    return lambda method, _path, nth: fate if method == "PUT" and nth == 1 else ANSWERED


def apply(repository: Repository) -> Result:
    digest = repository.plan()["digest"]
    return repository.run("apply", "--yes", "--format", "json", "--acknowledge", f"R4:{digest}")


def outcome(result: Result) -> Document:
    found: Document = result.json["outcomes"][0]
    return found


def status(repository: Repository) -> str:
    found = repository.simulator.find("welcome")
    assert found is not None
    return str(found["status"])


@pytest.mark.parametrize("fate", DONE.values(), ids=DONE)
def test_what_was_done_is_seen_by_a_look(bench: Bench, fate: Fate) -> None:
    repository, door = bench
    door.fate = first(fate)  # type: ignore[assignment]
    result = apply(repository)
    assert (result.code, outcome(result)["status"]) == (0, "applied"), result
    assert door.sent("PUT") == 1
    assert repository.state["records"]["welcome"]["retired"] is True
    assert "pending" not in repository.state
    assert repository.plan("--refresh", "all")["changes"] == []


@pytest.mark.parametrize("fate", NOT_DONE.values(), ids=NOT_DONE)
def test_what_was_not_done_is_unknown_until_the_next_plan_has_looked(bench: Bench, fate: Fate) -> None:
    repository, door = bench
    door.fate = first(fate)  # type: ignore[assignment]
    result = apply(repository)
    assert (result.code, outcome(result)["status"]) == (9, "unknown"), result
    assert "reconciler plan" in outcome(result)["detail"]
    assert door.sent("PUT") == 1  # never blindly a second time
    assert repository.state["pending"]["welcome"]["cancels"] is True
    assert repository.state["records"]["welcome"]["status"] == "active"
    # The next plan looks, and shows it as what is left to do; whoever applies that answers for it once more.
    assert repository.plan()["changes"][0]["retire"] == "cancel"
    assert repository.run("apply", "--yes").code == 7
    assert apply(repository).code == 0
    assert (door.sent("PUT"), status(repository)) == (2, "canceled")
    assert mutations(repository.simulator.ledger(), "welcome") == ["create", "cancel"]
    assert "pending" not in repository.state


def test_a_look_and_forgetting_say_that_it_is_a_cancel_that_got_no_answer(bench: Bench) -> None:
    repository, door = bench
    door.fate = first(BEFORE)  # type: ignore[assignment]
    assert apply(repository).code == 9
    since = repository.state["pending"]["welcome"]["since"]
    [unsettled] = repository.json("drift")["unsettled"]
    assert unsettled["reason"].startswith(f"the cancel of {since} got no answer; ")
    result = repository.run("state", "forget", "welcome")
    assert result.code == 0
    assert f"may still send. Its cancel of {since} got no answer, and is forgotten too: look in the dash" in result.out
    assert "pending" not in repository.state


def test_what_lands_late_is_recorded_by_the_next_run_and_not_sent_again(bench: Bench) -> None:
    repository, door = bench
    door.late_at = 2
    door.fate = first(LATE)  # type: ignore[assignment]
    assert apply(repository).code == 9
    plan = repository.plan()
    assert [(each["action"], each.get("retire")) for each in plan["changes"]] == [("keep", None)]
    repository.applied()
    assert door.sent("PUT") == 1
    assert repository.state["records"]["welcome"]["retired"] is True
    assert repository.plan("--refresh", "all")["changes"] == []


def test_a_manifest_that_thinks_better_of_it_leaves_no_doubt_behind(bench: Bench) -> None:
    repository, door = bench
    door.fate = first(BEFORE)  # type: ignore[assignment]
    assert apply(repository).code == 9
    repository.write("welcome")
    repository.applied()
    assert "pending" not in repository.state
    assert (door.sent("PUT"), status(repository)) == (1, "active")
    assert repository.plan("--refresh", "all")["changes"] == []


@pytest.mark.parametrize(
    ("fate", "code", "ended"),
    [(own(409), 7, "rejected"), (own(400), 8, "rejected"), (own(401), 4, "not_sent"), (own(404), 7, "rejected")],
    ids=["409", "400", "401", "404"],
)
def test_what_is_refused_was_not_done(bench: Bench, fate: Fate, code: int, ended: str) -> None:
    repository, door = bench
    door.fate = first(fate)  # type: ignore[assignment]
    result = apply(repository)
    assert (result.code, outcome(result)["status"]) == (code, ended), result
    assert "pending" not in repository.state
    assert status(repository) == "active"


def test_what_somebody_canceled_since_the_plan_is_not_sent(bench: Bench) -> None:
    repository, door = bench
    digest = repository.plan()["digest"]
    id_ = repository.state["records"]["welcome"]["id"]
    # After the look of the plan, and before the one right before the call.
    door.fate = lambda method, _path, nth: _cancel(repository, id_) if (method, nth) == ("GET", looks) else ANSWERED
    looks = door.arrived["GET", f"/sequences/{id_}"] + 2
    result = repository.run("apply", "--yes", "--format", "json", "--acknowledge", f"R4:{digest}")
    assert (result.code, outcome(result)["detail"]) == (0, "it is canceled already; nothing was sent")
    assert door.sent("PUT") == 0
    assert repository.state["records"]["welcome"]["retired"] is True


def _cancel(repository: Repository, id_: str) -> Fate:
    repository.simulator.cancel(id_)
    return ANSWERED
