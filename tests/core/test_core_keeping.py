"""What state keeps of the last runs: what stood there before each write, within bounds, after a kill too."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core import keeping
from reconciler.core.ledger import fold
from reconciler.core.runs import find_run, run_of
from reconciler.errors import RefusedError, UsageError
from reconciler.model.sequence import Record
from reconciler.model.state import Begun, Entry, Intended, Run, Settled, State, UsedPlan, Write
from tests.core.core_values import PATIENT, payload, record, state, uuid

NEW, OTHER = payload(name="New"), payload(name="Other")


def plan(number: int) -> UsedPlan:
    return UsedPlan(digest=f"sha256:{number:064x}", since="2026-01-01T00:00:00Z", by="ann")


def begun(number: int) -> Begun:
    return Begun(plan=plan(number))


def update(name: str = "a", *, sent=NEW, **more) -> Intended:
    return Intended(custom_id=name, payload=sent, since="T", id=uuid(name), **more)


def settled(name: str = "a", *, left=NEW, **more) -> Settled:
    return Settled(custom_id=name, record=Record(id=uuid(name), applied=left), **more)


RECORDED = state({"a": record("a"), "b": record("b")})


def writes(after: State, position: int = -1) -> dict[str, Write]:
    return dict(after.runs[position].writes)


def test_a_write_is_kept_with_what_was_recorded_before_it_and_what_is_since() -> None:
    after = fold(RECORDED, [begun(1), update(), settled()])
    assert after.runs == (
        Run(plan=plan(1), writes={"a": Write(id=uuid("a"), before=record("a").applied, left=NEW.digest)}),
    )


def test_a_create_is_kept_without_anything_before_it() -> None:
    create = Intended(custom_id="c", payload=NEW, since="T")
    told_its_id = replace(create, id=uuid("c"))
    assert writes(fold(RECORDED, [begun(1), create, told_its_id])) == {"c": Write(id=uuid("c"))}
    after = fold(RECORDED, [begun(1), create, told_its_id, settled("c")])
    assert writes(after) == {"c": Write(id=uuid("c"), left=NEW.digest)}


def test_what_was_seen_live_is_kept_beside_what_was_recorded() -> None:
    after = fold(RECORDED, [begun(1), update(seen=OTHER), settled()])
    assert writes(after)["a"].live == OTHER
    adopted = fold(RECORDED, [begun(1), update("c", seen=OTHER), settled("c")])
    assert writes(adopted) == {"c": Write(id=uuid("c"), live=OTHER, left=NEW.digest)}


def test_a_rename_is_kept_with_the_former_name() -> None:
    intent = Intended(custom_id="new", payload=NEW, since="T", id=uuid("a"))
    named = Settled(custom_id="new", record=Record(id=uuid("a"), applied=NEW), recorded_as="a")
    assert writes(fold(RECORDED, [begun(1), intent, named]))["new"].recorded_as == "a"


def test_a_write_that_never_happened_is_not_kept_and_neither_is_a_run_without_any() -> None:
    taken_back = Settled(custom_id="a", record=None)
    assert fold(RECORDED, [begun(1), update(), taken_back]).runs == ()
    assert fold(RECORDED, [begun(1), settled()]).runs == ()  # only the record followed
    assert list(writes(fold(RECORDED, [begun(1), update(), update("b"), taken_back]))) == ["b"]


def test_a_write_without_a_run_is_nobodys() -> None:
    assert fold(RECORDED, [update(), settled()]).runs == ()


def test_a_run_that_was_killed_is_kept_and_the_look_of_a_later_one_says_what_came_of_it() -> None:
    killed = fold(RECORDED, [begun(1), update()])
    assert writes(killed)["a"].left is None
    looked = fold(killed, [begun(2), settled()])
    assert [run.plan.digest for run in looked.runs] == [plan(1).digest]
    assert writes(looked)["a"].left == NEW.digest
    # Where it is written once more instead, that is the later run's.
    again = fold(killed, [begun(2), update(sent=OTHER), settled(left=OTHER)])
    assert [writes(again, position)["a"].left for position in (0, 1)] == [None, OTHER.digest]


def test_what_another_sequence_of_that_name_came_to_says_nothing_of_the_write() -> None:
    killed = fold(RECORDED, [begun(1), update()])
    stranger = Settled(custom_id="a", record=Record(id="another", applied=OTHER))
    assert writes(fold(killed, [begun(2), stranger]))["a"].left is None


def test_only_the_last_runs_are_kept() -> None:
    entries: list[Entry] = [
        each for number in range(13) for each in (begun(number), update(sent=payload(name=str(number))), settled())
    ]
    kept = fold(RECORDED, entries).runs
    assert [run.plan for run in kept] == [plan(number) for number in range(3, 13)]


def test_of_much_only_the_last_run_is_kept_and_that_one_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_BYTES", 2400)
    long = payload(name="x" * 600)
    grown = fold(RECORDED, [begun(1), update(sent=long), settled(left=long)])
    grown = fold(grown, [begun(2), update(sent=long), settled(left=long)])
    assert len(grown.runs) == 2
    grown = fold(grown, [begun(3), update(sent=long), settled(left=long)])
    assert [run.plan for run in grown.runs] == [plan(2), plan(3)]
    monkeypatch.setattr(keeping, "MOST_BYTES", 1)
    assert [run.plan for run in fold(grown, [begun(4), update(), update("b")]).runs] == [plan(4)]


STEPS: st.SearchStrategy[Entry] = st.one_of(
    st.builds(begun, st.integers(1, 3)),
    st.builds(update, st.sampled_from(["a", "b"]), sent=st.sampled_from([NEW, OTHER])),
    st.builds(settled, st.sampled_from(["a", "b"]), left=st.sampled_from([NEW, OTHER])),
    st.builds(Settled, custom_id=st.sampled_from(["a", "b"]), record=st.none()),
)


@PATIENT
@given(st.lists(STEPS, max_size=5), st.lists(STEPS, max_size=5))
def test_taking_a_journal_in_by_parts_keeps_what_taking_it_in_at_once_does(
    one: list[Entry], other: list[Entry]
) -> None:
    assert fold(fold(RECORDED, one), other).runs == fold(RECORDED, [*one, *other]).runs


@PATIENT
@given(st.lists(STEPS, max_size=8))
def test_what_is_kept_is_never_more_than_it_may_be_and_never_a_run_without_a_write(entries: list[Entry]) -> None:
    after = fold(RECORDED, entries)
    assert len(after.runs) <= keeping.MOST_RUNS
    assert all(run.writes for run in after.runs)


def test_a_run_is_named_by_the_beginning_of_its_digest() -> None:
    runs = tuple(
        Run(plan=UsedPlan(digest=f"sha256:{each}", since="T", by="ann"), writes={"a": Write()})
        for each in ("ab1", "ab2", "c")
    )
    kept = replace(RECORDED, runs=runs)
    assert find_run(kept, "last") is runs[2]
    assert find_run(kept, "ab2") is runs[1]
    assert find_run(kept, "sha256:ab1") is runs[0]
    assert run_of(kept, "sha256:c") is runs[2]
    with pytest.raises(UsageError, match="the beginning of several runs: ab1, ab2"):
        find_run(kept, "ab")
    with pytest.raises(UsageError, match="no run is kept that wrote anything"):
        find_run(RECORDED, "last")
    with pytest.raises(RefusedError, match="is not kept any more"):
        run_of(kept, "sha256:d")
