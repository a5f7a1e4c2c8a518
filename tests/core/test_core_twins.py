"""A plan that is taken over from a twin is the one that would have been made, to the last byte; or it is made."""

import random
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from reconciler.adapters.store.alike import Alike
from reconciler.adapters.store.encoding import encode
from reconciler.core.codec.plan import plan_digest, to_document
from reconciler.core.fleet.twins import Twins
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Snapshot, wanted
from reconciler.model.alike import AlikeRecords
from reconciler.model.guards import Guards
from reconciler.model.plan import Refresh
from reconciler.model.sequence import Desired, Payload, Record
from reconciler.model.state import Pending, State
from tests.core.core_values import desired, request, where

DESIRED = (
    desired("a", name="New"),
    desired("b", references=("a",), name="New"),
    desired("c", references=("b",)),
    desired("d", renamed_from="former"),
    desired("e", filter=where({"type": "contacts_affected_by_sequence", "sequence_id": str(UUID(int=77))})),
    desired("new", references=("a",)),
)
BEFORE = {"a": "a", "b": "b", "c": "c", "former": "d", "e": "e", "left": "left"}


def ids_of(number: int) -> dict[str, str]:
    return {name: str(UUID(int=number * 1000 + n)) for n, name in enumerate(BEFORE)}


def state(number: int, ids: dict[str, str] | None = None, **changes: Any) -> State:
    """What one organisation has recorded: all as it was before two names changed."""
    ids = ids_of(number) if ids is None else ids
    by_name = {each.custom_id: each for each in DESIRED}
    records = {}
    for recorded, name in BEFORE.items():
        each = by_name.get(name, desired(name))
        old = {**each.payload.value, "name": "A", "custom_id": recorded}
        old = {**old, **changes.get(recorded, {})}
        referring = replace(each, payload=Payload.of(old))
        records[recorded] = Record(id=ids[recorded], applied=wanted(referring, ids), status="active")
    return State(lineage=f"line-{number}", serial=number, records=records)


def snapshot(number: int, of: State, manifests: tuple[Desired, ...] = DESIRED, **asked: Any) -> Snapshot:
    return Snapshot(
        request=request(**{"environment": f"fleet/{number}", "refresh": Refresh.NONE, **asked}),
        desired=manifests,
        state=of,
    )


def check(twins: Twins, given: Snapshot) -> bool:
    """Whether a twin was found; what comes out is right either way."""
    made, told = build_plan(given), twins.plan(given)
    assert to_document(told) == to_document(made)
    assert twins.digest(told) == plan_digest(made)
    assert [(each.seen, each.recorded_as, each.waits_for) for each in told.changes] == [
        (each.seen, each.recorded_as, each.waits_for) for each in made.changes
    ]
    return told.changes != () and twins._digests.get(told.environment, (None, ""))[0] is told


# The last one refers to a sequence with a known id, which then stands in what is shown of it.
SIMPLE = DESIRED[:-1]


def test_organisations_that_differ_in_ids_alone_are_twins() -> None:
    twins = Twins()
    found = [check(twins, snapshot(number, state(number), SIMPLE)) for number in range(1, 6)]
    assert found == [False, True, True, True, True]


def test_states_that_were_read_as_alike_are_twins_too() -> None:
    twins, alike = Twins(), Alike()
    read = [alike.decode(encode(state(number)), where="") for number in range(1, 6)]
    assert [isinstance(each.records, AlikeRecords) for each in read] == [False, True, True, True, True]
    assert [check(twins, snapshot(each.serial, each, SIMPLE)) for each in read] == [False, True, True, True, True]
    renamed = Alike().decode(encode(state(6)), where="")
    assert check(twins, snapshot(6, renamed, SIMPLE))


def test_where_an_id_is_shown_every_plan_is_made() -> None:
    twins = Twins()
    assert not any(check(twins, snapshot(number, state(number))) for number in range(1, 4))


WAITING = Pending(payload=Payload(b"{}"), since="2026-01-01T00:00:00Z")


def another(number: int, **changes: Any) -> State:
    given = state(number)
    return replace(given, **changes)


def with_record(number: int, name: str, **changes: Any) -> State:
    given = state(number)
    return replace(given, records={**given.records, name: replace(given.records[name], **changes)})


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(state(2, a={"name": "Else"}), id="a value"),
        pytest.param(state(2, a={"is_continuous": False}), id="another kind"),
        pytest.param(with_record(2, "a", status="canceled"), id="a status"),
        pytest.param(with_record(2, "a", stored=state(2).records["a"].applied), id="stored otherwise"),
        pytest.param(with_record(2, "a", unverified="2026-01-01T00:00:00Z"), id="unverified"),
        pytest.param(with_record(2, "a", id="not-a-uuid"), id="an id of another form"),
        pytest.param(with_record(2, "a", id=str(UUID(int=2001))), id="one id twice"),
        pytest.param(with_record(2, "a", id=str(UUID(int=1000))), id="an id of the other one"),
        pytest.param(state(2, {**ids_of(2), "left": str(UUID(int=77))}), id="an id that a manifest names"),
        pytest.param(
            another(2, pending={"x": Pending(payload=Payload(b"{}"), since="2026-01-01T00:00:00Z")}), id="pending"
        ),
        pytest.param(another(2, records={}), id="nothing recorded"),
    ],
)
def test_whatever_else_differs_has_the_plan_made(other: State) -> None:
    twins = Twins()
    check(twins, snapshot(1, state(1), SIMPLE))
    assert not check(twins, snapshot(2, other, SIMPLE))
    assert check(twins, snapshot(3, state(3), SIMPLE))


def test_another_request_has_the_plan_made() -> None:
    twins = Twins()
    check(twins, snapshot(1, state(1), SIMPLE))
    for asked in ({"adopt": True}, {"guards": Guards(max_changes=1)}, {"only": ("a",)}, {"endpoint": "other"}):
        assert not check(twins, snapshot(2, state(2), SIMPLE, **asked))
        assert check(twins, snapshot(3, state(3), SIMPLE, **asked))


@pytest.mark.parametrize("seed", range(20))
def test_any_fleet_gets_the_plans_that_would_have_been_made(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    twins = Twins()
    manifests = DESIRED if seed % 4 == 0 else SIMPLE
    for number in range(1, 12):
        ids = ids_of(number if chance.random() < 0.9 else chance.randrange(1, 12))
        if chance.random() < 0.2:
            ids[chance.choice(list(BEFORE))] = str(UUID(int=chance.choice((77, 1001, 2002))))
        changes = {chance.choice(list(BEFORE)): {"name": chance.choice("XYZ")}} if chance.random() < 0.4 else {}
        check(twins, snapshot(number, state(number, ids, **changes), manifests))
