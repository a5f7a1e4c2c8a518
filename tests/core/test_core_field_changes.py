"""Which fields a change lists: all that differ, none that do not, each judged by meaning."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.fields import field_changes
from reconciler.core.meaning import same_payload
from reconciler.model.change import FieldChange, Origin
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.pointer import replaced, to_pointer, value_at
from reconciler.model.sequence import Payload
from tests.core.core_values import BODIES, PATIENT, STEP, body, where


@st.composite
def mutants(draw: st.DrawFn, source: st.SearchStrategy[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two bodies that have most in common, so that differences lie deep."""
    one, other = draw(source), draw(source)
    kept = draw(st.sets(st.sampled_from(["name", "filter", "steps", "is_continuous", "__odd"])))
    return one, {key: one.get(key, value) if key in kept else value for key, value in other.items()}


def canonical(value: dict[str, Any]) -> dict[str, Any]:
    return Payload.of(value).value


def written(before: dict[str, Any], fields: tuple[FieldChange, ...]) -> Payload:
    """`before` with every listed desired value written, removals last and from the end of each list."""
    after: Any = before
    for field in fields:
        if field.desired is not ABSENT:
            after = replaced(after, field.path, field.desired)
    for field in reversed(fields):
        if field.desired is ABSENT:
            after = replaced(after, field.path, ABSENT)
    return Payload.of(after)


@PATIENT
@given(mutants(BODIES))
def test_writing_the_listed_fields_gives_the_desired_payload(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    recorded, desired = map(canonical, pair)
    assert same_payload(written(recorded, field_changes(recorded, desired, None)), Payload.of(desired))


@PATIENT
@given(mutants(BODIES), BODIES)
def test_writing_the_listed_fields_into_live_gives_the_desired_payload(
    pair: tuple[dict[str, Any], dict[str, Any]], recorded: dict[str, Any]
) -> None:
    live, desired = map(canonical, pair)
    for known in (canonical(recorded), live, desired, None):
        assert same_payload(written(live, field_changes(known, desired, live)), Payload.of(desired))


@PATIENT
@given(mutants(BODIES), BODIES)
def test_no_field_is_listed_exactly_if_the_payloads_mean_the_same(
    pair: tuple[dict[str, Any], dict[str, Any]], recorded: dict[str, Any]
) -> None:
    before, desired = map(canonical, pair)
    same = same_payload(Payload.of(before), Payload.of(desired))
    assert (field_changes(before, desired, None) == ()) is same
    assert (field_changes(canonical(recorded), desired, before) == ()) is same
    assert (field_changes(None, desired, before) == ()) is same


@PATIENT
@given(mutants(BODIES), BODIES)
def test_each_field_is_listed_once_with_the_values_that_stand_there(
    pair: tuple[dict[str, Any], dict[str, Any]], recorded: dict[str, Any]
) -> None:
    live, desired = map(canonical, pair)
    fields = field_changes(recorded, desired, live)
    paths = [field.path for field in fields]
    assert not any(one != other and other[: len(one)] == one for one in paths for other in paths)
    assert len(set(map(to_pointer, paths))) == len(paths)
    for field in fields:
        assert (field.recorded, field.live, field.desired) == tuple(
            value_at(side, field.path) for side in (recorded, live, desired)
        )


def origins(recorded: Any, desired: Any, live: Any) -> dict[str, str]:
    return {to_pointer(field.path): field.origin.value for field in field_changes(recorded, desired, live)}


def between(after: str) -> dict[str, Any]:
    return where({"type": "contacts_created_at_between", "after": after})


def emails(*addresses: str) -> dict[str, Any]:
    return where({"type": "contacts_email_in", "email_in": list(addresses)})


def test_an_instant_that_live_only_writes_otherwise_does_not_make_an_edit_a_conflict() -> None:
    recorded, live = body(filter=between("2026-01-01T00:00:00Z")), body(filter=between("2026-01-01T01:00:00.000+01:00"))
    wanted = body(filter=between("2026-02-01T00:00:00Z"))
    assert origins(recorded, wanted, live) == {"/filter/or/0/and/0/after": "authored"}
    assert origins(recorded, recorded, live) == {}


def test_a_set_that_live_only_orders_otherwise_does_not_make_an_edit_a_conflict() -> None:
    recorded, live = body(filter=emails("x@e.c", "y@e.c")), body(filter=emails("y@e.c", "x@e.c"))
    wanted = body(filter=emails("x@e.c", "z@e.c"))
    assert origins(recorded, wanted, live) == {"/filter/or/0/and/0/email_in": "authored"}


@pytest.mark.parametrize("name", ["after", "email_in", "contact_ids"])
def test_an_attribute_is_a_text_whatever_it_is_called(name: str) -> None:
    """The key of an attribute is the organisation's own: it makes neither an instant nor a set of its value."""
    texts = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z")
    before, after = (
        body(filter=where({"type": "contacts_attributes_in", "attributes": [{name: text, "b": text}]}))
        for text in texts
    )
    assert origins(before, after, None) == {
        f"/filter/or/0/and/0/attributes/0/{each}": "authored" for each in sorted([name, "b"])
    }


def test_a_set_is_one_field_however_many_elements_differ() -> None:
    changes = field_changes(body(filter=emails("a@e.c", "b@e.c")), body(filter=emails("c@e.c", "d@e.c", "e@e.c")), None)
    assert [to_pointer(each.path) for each in changes] == ["/filter/or/0/and/0/email_in"]
    assert changes[0].desired == ["c@e.c", "d@e.c", "e@e.c"]


def test_steps_that_trade_places_both_differ() -> None:
    one, other = {**STEP, "delay_in_minutes": 1}, {**STEP, "delay_in_minutes": 2}
    assert origins(body(steps=[one, other]), body(steps=[other, one]), None) == {
        "/steps/0/delay_in_minutes": "authored",
        "/steps/1/delay_in_minutes": "authored",
    }


def test_a_step_added_and_a_step_removed_are_shown_whole() -> None:
    assert origins(body(), body(steps=[STEP, STEP]), None) == {"/steps/1": "new"}
    assert origins(body(steps=[STEP, STEP]), body(), None) == {"/steps/1": "authored"}
    assert origins(body(), body(), body(steps=[STEP, STEP])) == {"/steps/1": "drift"}


def test_null_and_absent_are_shown_apart() -> None:
    with_null = {**body(), "filter": None}
    without = {key: value for key, value in body().items() if key != "filter"}
    (change,) = field_changes(with_null, body(), without)
    assert (change.recorded, change.live, change.origin) == (None, ABSENT, Origin.CONFLICT)


def test_keys_that_begin_with_two_underscores_are_compared_too() -> None:
    data = {"type": "t", "data": {"__a": 1, "b": 1}}
    before, after = (body(steps=[{"action": {**data, "data": {"__a": n, "b": n}}}]) for n in (1, 2))
    assert origins(before, after, None) == {
        "/steps/0/action/data/__a": "authored",
        "/steps/0/action/data/b": "authored",
    }


def test_fields_come_in_the_order_of_the_payload() -> None:
    steps = [{**STEP, "delay_in_minutes": n} for n in range(12)]
    moved = [{**STEP, "delay_in_minutes": n + 1} for n in range(12)]
    before, after = body(steps=steps), body("b", name="B", is_continuous=False, filter=None, steps=moved)
    assert list(origins(before, after, None)) == [
        "/custom_id",
        "/name",
        "/is_continuous",
        "/filter",
        *(f"/steps/{n}/delay_in_minutes" for n in range(12)),
    ]


@pytest.mark.parametrize("live", [None, {}], ids=["not read", "empty"])
def test_a_create_lists_every_field_as_new(live: dict[str, Any] | None) -> None:
    assert origins(None, body(), live) == dict.fromkeys(
        ["/custom_id", "/name", "/is_continuous", "/filter", "/steps"], "new"
    )
