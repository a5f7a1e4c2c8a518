"""What a resumed organisation may go on with: what is left of the reviewed plan, however far it came."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.codec.plan import from_document, to_document
from reconciler.core.fleet.resuming import beyond, why_not
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Snapshot, wanted
from reconciler.model.change import Action
from reconciler.model.plan import Plan, Refresh
from reconciler.model.risk import RiskClass
from reconciler.model.sequence import Desired, Record, Retire
from reconciler.model.state import State
from tests.core.core_values import PATIENT, desired, payload, record, request, uuid

NAMES = ("a", "b", "c", "d")
# `d` names `c`, which may have to be created first.
WANTED = (desired("a", name="New"), desired("b", name="New"), desired("c"), desired("d", references=("c",)))
BEFORE = {"a": record("a"), "b": record("b")}


def planned(records: dict[str, Record], serial: int, asked: tuple[Desired, ...] = WANTED) -> Plan:
    known = State(lineage="l", serial=serial, org_id="org-ours", records=records)
    return build_plan(Snapshot(request=request(refresh=Refresh.NONE), desired=asked, state=known, readings={}))


def after(records: dict[str, Record], done: frozenset[str]) -> dict[str, Record]:
    """The records once these changes are done."""
    ids = {name: uuid(name) for name in NAMES if name in records or name in done}
    applied = {
        each.custom_id: Record(id=uuid(each.custom_id), applied=wanted(each, ids), status="active")
        for each in WANTED
        if each.custom_id in done
    }
    return {**records, **applied}


REVIEWED = planned(BEFORE, 3)
# `d` is created only once `c` is there.
PARTS = st.sets(st.sampled_from(NAMES)).filter(lambda done: "d" not in done or "c" in done).map(frozenset)


@PATIENT
@given(done=PARTS, saved=st.booleans())
def test_whatever_part_was_done_the_rest_may_go_on(done, saved):
    records = after(BEFORE, done)
    left = planned(records, 4)
    assert {change.custom_id for change in left.changes if change.has_work} == set(NAMES) - done
    reviewed = from_document(to_document(REVIEWED)) if saved else REVIEWED
    assert why_not(reviewed, left, {name: each.id for name, each in records.items()}) is None


@PATIENT
@given(done=PARTS, moved=st.sampled_from(NAMES))
def test_one_that_asks_for_something_else_by_now_is_named(done, moved):
    records = after(BEFORE, done)
    asked = tuple(
        each if each.custom_id != moved else replace(desired(moved, name="Newest"), source=each.source)
        for each in WANTED
    )
    left = planned(records, 4, asked)
    ids = {name: each.id for name, each in records.items()}
    assert beyond(REVIEWED, left, ids) == (moved,)
    # The manifests are others, which is said before anything else.
    assert "is not what was reviewed: manifests" in str(why_not(REVIEWED, left, ids))
    as_before = replace(left, basis=replace(left.basis, manifests=REVIEWED.basis.manifests))
    assert why_not(REVIEWED, as_before, ids) == f"what is left to do is not what was reviewed for `{moved}`"


def test_what_was_not_in_the_reviewed_plan_is_never_a_part_of_it():
    reviewed = replace(REVIEWED, changes=REVIEWED.changes[1:])
    gone = REVIEWED.changes[0].custom_id
    assert beyond(reviewed, planned(BEFORE, 3), {}) == (gone,)


@pytest.mark.parametrize("key", ["manifests", "endpoint", "schema", "tool", "lineage"])
def test_another_basis_is_another_plan(key):
    left = planned(BEFORE, 3)
    moved = replace(left, basis=replace(left.basis, **{key: "other"}))
    assert why_not(REVIEWED, moved, {}) is not None
    assert why_not(REVIEWED, replace(left, environment="f/other"), {}) is not None


def test_a_state_that_the_run_itself_began_is_the_one_that_was_not_there():
    reviewed = replace(REVIEWED, basis=replace(REVIEWED.basis, lineage=None, serial=0))
    assert why_not(reviewed, planned(BEFORE, 3), {}) is None


def test_an_id_stands_for_the_sequence_that_it_was_reviewed_as_and_for_no_other():
    records = after(BEFORE, frozenset({"c"}))
    left = planned(records, 4)
    assert beyond(REVIEWED, left, {"c": uuid("c")}) == ()
    assert beyond(REVIEWED, left, {"c": "another"}) == ("d",)


def test_a_risk_that_has_grown_comes_back():
    change = next(each for each in REVIEWED.changes if each.custom_id == "c")
    assert change.assessment is not None
    low = replace(change, assessment=replace(change.assessment, risk=RiskClass.R0))
    assert change.assessment.risk > RiskClass.R0
    reviewed = replace(REVIEWED, changes=(low, *(each for each in REVIEWED.changes if each is not change)))
    assert beyond(reviewed, planned(BEFORE, 3), {}) == ("c",)
    assert beyond(REVIEWED, reviewed, {}) == ()


def only_recorded(custom_id: str, **applied: object) -> Plan:
    """What is left where a write was cut off, and was found to have happened: only its record follows."""
    change = next(each for each in REVIEWED.changes if each.custom_id == custom_id)
    known = replace(record(custom_id), applied=payload(custom_id, **applied))
    kept = replace(change, action=Action.KEEP, id=uuid(custom_id), fields=(), operation=None, record=known)
    return replace(REVIEWED, changes=(kept,))


def test_a_write_that_was_cut_off_may_be_taken_in_where_it_is_the_one_that_was_reviewed():
    assert beyond(REVIEWED, only_recorded("a", name="New"), {}) == ()
    assert beyond(REVIEWED, only_recorded("c"), {}) == ()


def test_what_is_recorded_but_was_never_reviewed_comes_back():
    assert beyond(REVIEWED, only_recorded("a", name="Theirs"), {}) == ("a",)
    without = replace(REVIEWED, changes=tuple(each for each in REVIEWED.changes if each.custom_id != "c"))
    assert beyond(without, only_recorded("c"), {}) == ("c",)
    left = only_recorded("a", name="New")
    retired = replace(left, changes=(replace(left.changes[0], retire=Retire.RELEASE),))
    assert beyond(REVIEWED, retired, {}) == ("a",)
