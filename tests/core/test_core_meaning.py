"""What counts as the same: instants, sets and numbers in a filter's conditions; order and text everywhere else."""

import itertools
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.meaning import instant, meaning, same_payload
from tests.core.core_values import PATIENT, STEP, body, payload, where

MOMENT = "2026-01-01T00:00:00.000+00:00"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-01T00:00:00Z", MOMENT),
        ("2026-01-01t00:00:00z", MOMENT),
        ("2026-01-01 00:00:00+00:00", MOMENT),
        ("2026-01-01T00:00:00-00:00", MOMENT),
        ("2026-01-01T05:30:00+05:30", MOMENT),
        ("2026-01-01T05:30:00+0530", MOMENT),
        ("2025-12-31T19:00:00-05:00", MOMENT),
        ("2026-01-01T00:00:00.0Z", MOMENT),
        ("2026-01-01T00:00:00.0009999Z", MOMENT),
        ("2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.001+00:00"),
        ("2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.100+00:00"),
        ("2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59.999+00:00"),
    ],
)
def test_a_date_time_becomes_its_instant(text: str, moment: str) -> None:
    assert instant(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00Z",
        "2026-02-30T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+05:60",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z\n",
        "2026-01-01T00:00:00.Z",
        "٢٠٢٦-01-01T00:00:00Z",
    ],
)
def test_what_is_no_date_time_stays_a_text(text: str) -> None:
    assert instant(text) is None


@PATIENT
@given(
    st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1)),  # noqa: DTZ001 - the zone is drawn
    st.integers(-23 * 60, 23 * 60),
    st.integers(-23 * 60, 23 * 60),
)
def test_the_same_moment_in_two_zones_is_one_instant(moment: datetime, one: int, other: int) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    texts = [moment.astimezone(timezone(timedelta(minutes=offset))).isoformat() for offset in (one, other)]
    assert instant(texts[0]) == instant(texts[1]) == moment.isoformat(timespec="milliseconds")
    assert instant((moment + timedelta(milliseconds=1)).isoformat()) != instant(texts[0])


A, B = {"type": "contacts_name_in", "name_in": ["a"]}, {"type": "contacts_name_in", "name_in": ["b"]}


def emails(*addresses: str) -> dict[str, Any]:
    return where({"type": "contacts_email_in", "email_in": list(addresses)})


def after(text: str) -> dict[str, Any]:
    return where({"type": "contacts_created_at_between", "after": text})


def attributes(**pairs: Any) -> dict[str, Any]:
    return where({"type": "contacts_attributes_in", "attributes": [pairs]})


ALIKE = {
    "offsets": [{"filter": after("2026-01-01T00:00:00Z")}, {"filter": after("2026-01-01T01:00:00.000+01:00")}],
    "order of a set": [{"filter": emails("x", "y", "z")}, {"filter": emails("z", "x", "y")}],
    "repeats in a set": [{"filter": emails("x", "y")}, {"filter": emails("y", "x", "y")}],
    "5 and 5.0": [{"steps": [{**STEP, "delay_in_minutes": 5}]}, {"steps": [{**STEP, "delay_in_minutes": 5.0}]}],
    "order of keys": [{"steps": [STEP]}, {"steps": [dict(reversed(STEP.items()))]}],
}
DIFFERENT = {
    "a millisecond": [{"filter": after("2026-01-01T00:00:00Z")}, {"filter": after("2026-01-01T00:00:00.001Z")}],
    "an invalid date is text": [{"filter": after("2026-02-30T00:00:00Z")}, {"filter": after("2026-02-30T00:00:00.0Z")}],
    "one element more": [{"filter": emails("x")}, {"filter": emails("x", "y")}],
    "case in a set": [{"filter": emails("x@e.c")}, {"filter": emails("X@e.c")}],
    "order of or-groups": [
        {"filter": {"or": [{"and": [A]}, {"and": [B]}]}},
        {"filter": {"or": [{"and": [B]}, {"and": [A]}]}},
    ],
    "order of and-conditions": [{"filter": where(A, B)}, {"filter": where(B, A)}],
    "order of attributes": [
        {"filter": where({"type": "contacts_attributes_in", "attributes": list(each)})}
        for each in ([{"a": "1"}, {"b": "2"}], [{"b": "2"}, {"a": "1"}])
    ],
    "an attribute named after is a text": [
        {"filter": attributes(after="2026-01-01T00:00:00Z")},
        {"filter": attributes(after="2026-01-01T00:00:00.000Z")},
    ],
    "an attribute named email_in is a list": [
        {"filter": attributes(email_in=["x", "y"])},
        {"filter": attributes(email_in=["y", "x"])},
    ],
    "order of steps": [{"steps": [STEP, {}]}, {"steps": [{}, STEP]}],
    "a set's name in a step": [{"steps": [{"email_in": ["x", "y"]}]}, {"steps": [{"email_in": ["y", "x"]}]}],
    "an instant's name in a step": [
        {"steps": [{"after": "2026-01-01T00:00:00Z"}]},
        {"steps": [{"after": "2026-01-01T00:00:00.000Z"}]},
    ],
    "null and absent": [{"filter": where({"type": "t", "after": None})}, {"filter": where({"type": "t"})}],
    "null and empty": [{"filter": None}, {"filter": {}}],
    "true and 1": [{"is_continuous": True}, {"is_continuous": 1}],
    "a space at the end": [{"name": "A"}, {"name": "A "}],
    "composed and decomposed": [{"name": "\u00e9"}, {"name": "e\u0301"}],
    "a set that is a text": [
        {"filter": where({"type": "t", "email_in": "xy"})},
        {"filter": where({"type": "t", "email_in": ["x", "y"]})},
    ],
}


@pytest.mark.parametrize("pair", ALIKE.values(), ids=ALIKE)
def test_means_the_same(pair: list[dict[str, Any]]) -> None:
    assert same_payload(payload(**pair[0]), payload(**pair[1]))


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_does_not_mean_the_same(pair: list[dict[str, Any]]) -> None:
    assert not same_payload(payload(**pair[0]), payload(**pair[1]))


@PATIENT
@given(st.lists(st.sampled_from(["x", "y", "z"]), max_size=4), st.lists(st.sampled_from(["x", "y", "z"]), max_size=4))
def test_a_set_is_equal_exactly_if_python_says_that_the_sets_are(one: list[str], other: list[str]) -> None:
    assert same_payload(payload(filter=emails(*one)), payload(filter=emails(*other))) is (set(one) == set(other))


@pytest.mark.parametrize("odd", [None, [], "x", {"or": None}, {"or": [None]}, {"or": [{"and": [1]}]}, {"or": {"a": 1}}])
def test_a_filter_of_another_shape_is_left_as_it_is(odd: Any) -> None:
    assert meaning(body(filter=odd))["filter"] == odd


def test_all_orders_of_a_set_have_one_meaning() -> None:
    found = {repr(meaning(body(filter=emails(*each)))) for each in itertools.permutations("abcd")}
    assert len(found) == 1
