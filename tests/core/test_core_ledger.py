"""From outcomes to state: in the order of the entries, once and for all; the serial moves with the content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.ledger import entry_of, fold
from reconciler.model.change import Action
from reconciler.model.look import Look
from reconciler.model.outcome import Outcome, Status
from reconciler.model.state import Begun, Entry, Intended, Looked, Pending, Settled, State, UsedOverride, UsedPlan
from tests.core.core_values import ORG, PATIENT, payload, record, state

NAMES = st.sampled_from(["a", "b", "c"])
ENTRIES: st.SearchStrategy[Entry] = st.one_of(
    st.builds(
        Intended,
        custom_id=NAMES,
        payload=st.builds(payload, NAMES),
        since=st.sampled_from(["T", "U"]),
        id=st.sampled_from([None, "1"]),
    ),
    st.builds(Begun, plan=st.builds(UsedPlan, digest=NAMES, since=st.just("T"), by=st.just("ann"))),
    st.builds(
        Settled,
        custom_id=NAMES,
        record=st.none() | st.builds(record, NAMES),
        recorded_as=st.none() | NAMES,
        org_id=st.sampled_from([None, ORG, "other"]),
    ),
)
STATES = st.builds(
    State,
    lineage=st.just("l"),
    serial=st.integers(0, 9),
    org_id=st.sampled_from([None, ORG]),
    records=st.dictionaries(NAMES, st.builds(record, NAMES)),
    pending=st.dictionaries(NAMES, st.builds(Pending, payload=st.builds(payload), since=st.just("T"))),
)


def content(each: State) -> tuple[object, ...]:
    return (dict(each.records), dict(each.pending), each.org_id, each.lineage, each.plans, each.overrides)


@PATIENT
@given(STATES, st.lists(ENTRIES, max_size=5))
def test_the_serial_rises_by_one_exactly_if_the_content_changes(before: State, entries: list[Entry]) -> None:
    after = fold(before, entries)
    assert after.serial - before.serial == int(content(after) != content(before))


@PATIENT
@given(STATES, st.lists(ENTRIES, max_size=4), st.lists(ENTRIES, max_size=4))
def test_folding_in_two_goes_gives_the_content_of_one(before: State, one: list[Entry], other: list[Entry]) -> None:
    assert content(fold(fold(before, one), other)) == content(fold(before, [*one, *other]))


@PATIENT
@given(STATES, ENTRIES)
def test_folding_the_same_entry_again_changes_nothing(before: State, entry: Entry) -> None:
    once = fold(before, [entry])
    assert fold(once, [entry]) == once
    assert fold(before, [entry, entry]) == once


@PATIENT
@given(STATES, st.lists(ENTRIES, max_size=5))
def test_what_was_pinned_stays_pinned_and_names_are_in_order(before: State, entries: list[Entry]) -> None:
    after = fold(before, entries)
    assert before.org_id is None or after.org_id == before.org_id
    assert after.lineage == before.lineage
    if after is not before:
        assert list(after.records) == sorted(after.records)
        assert list(after.pending) == sorted(after.pending)


def test_a_create_is_pending_from_its_intent_until_it_is_settled() -> None:
    intent = Intended(custom_id="a", payload=payload(), since="T")
    waiting = fold(state({}), [intent])
    assert waiting.pending == {"a": Pending(payload=payload(), since="T")}
    assert (waiting.records, waiting.serial) == ({}, 4)
    done = fold(waiting, [Settled(custom_id="a", record=record(), org_id=ORG)])
    assert (done.pending, done.records, done.serial) == ({}, {"a": record()}, 5)
    refused = fold(waiting, [Settled(custom_id="a", record=None)])
    assert (refused.pending, refused.records) == ({}, {})


def test_intent_taken_back_within_one_run_leaves_the_state_as_it_was() -> None:
    before = state({"b": record("b")})
    entries = [Intended(custom_id="a", payload=payload(), since="T"), Settled(custom_id="a", record=None)]
    assert fold(before, entries) is before


def test_entries_count_in_their_order() -> None:
    first, last = record(name="first"), record(name="last")
    entries = [Settled(custom_id="a", record=first), Settled(custom_id="a", record=last)]
    assert fold(state({}), entries).records == {"a": last}
    assert fold(state({}), reversed(entries)).records == {"a": first}


def test_a_rename_moves_the_record() -> None:
    after = fold(state({"old": record("old")}), [Settled(custom_id="new", record=record("new"), recorded_as="old")])
    assert after.records == {"new": record("new")}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("has_record", [True, False])
def test_state_learns_what_is_known_and_nothing_from_what_is_unknown(status: Status, has_record: bool) -> None:
    outcome = Outcome(
        custom_id="a",
        id="1",
        action=Action.UPDATE,
        status=status,
        record=record() if has_record else None,
        recorded_as="old",
    )
    learned = Settled(custom_id="a", record=record(), recorded_as="old")
    assert entry_of(outcome) == (learned if has_record and status is not Status.UNKNOWN else None)


def test_the_last_overrides_that_a_plan_was_begun_with_are_remembered() -> None:
    begun = [
        Begun(
            plan=UsedPlan(digest=str(number), since="T", by="ann"),
            overrides=tuple(
                UsedOverride(guard=guard, reason=f"number {number}", since="T", plan=str(number))
                for guard in ("drift", "freeze")
            ),
        )
        for number in range(26)
    ]
    after = fold(state({}), begun)
    assert after.overrides == tuple(each for entry in begun[1:] for each in entry.overrides)
    assert len(after.overrides) == 50
    assert fold(after, begun[-1:]) is after


def test_the_last_plans_that_were_begun_are_remembered() -> None:
    plans = [UsedPlan(digest=str(number), since="T", by="ann") for number in range(25)]
    after = fold(state({}), [Begun(plan=plan) for plan in plans])
    assert after.plans == tuple(plans[-20:])
    assert fold(after, [Begun(plan=plans[-1])]) is after
    assert fold(after, [Begun(plan=plans[0])]).plans == (*plans[-19:], plans[0])


def test_an_update_is_pending_with_its_id_until_it_is_settled() -> None:
    intent = Intended(custom_id="a", payload=payload(), since="T", id="1")
    waiting = fold(state({"a": record()}), [intent])
    assert waiting.pending == {"a": Pending(payload=payload(), since="T", id="1")}
    assert fold(waiting, [Settled(custom_id="a", record=record())]).pending == {}


def test_a_look_moves_the_serial_and_not_what_plans_are_decided_from() -> None:
    before = state({"a": record()})
    looked = fold(before, [Looked(looks={record().id: Look(read="T"), "unknown": Look(read="T")})])
    assert (looked.serial, looked.decided_serial, dict(looked.looks)) == (4, 3, {record().id: Look(read="T")})
    again = fold(looked, [Looked(looks={record().id: Look(read="U")})])
    assert (again.serial, again.decided_serial) == (5, 3)
    assert fold(again, [Looked(looks={record().id: Look(read="U")})]) is again
    moved = fold(again, [Settled(custom_id="a", record=record(name="B"))])
    assert (moved.serial, moved.decided_serial, moved.unmoved_since) == (6, 6, None)
    assert moved.looks == again.looks
    both = fold(again, [Looked(looks={}), Settled(custom_id="a", record=record(name="B"))])
    assert both.decided_serial == 6
