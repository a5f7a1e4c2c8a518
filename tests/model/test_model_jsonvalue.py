"""JSON values: one notion of equality, which the canonical bytes and the digest share."""

import copy
import itertools
import json
import math
import pickle
import types
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.model.jsonvalue import ABSENT, Absent, canonical, digest_of, strictly_equal

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXT = st.text(max_size=3)
NUMBERS = st.sampled_from([0, 0.0, -0.0, 1, 1.0, 5, 5.0, 1.5, 2**53, 2.0**53, 2**53 + 1, 10**20, 1e20, 1e300, -3.0])
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)
KINDS = [
    ABSENT,
    None,
    False,
    0,
    0.0,
    True,
    1,
    1.0,
    "",
    "1",
    [],
    [1],
    [1.0],
    [True],
    {},
    {"a": 1},
    {"a": 1.0},
    {"a": True},
]
CLASSES = [0, 1, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9, 9, 10, 11, 12, 12, 13]


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        pytest.param(a, b, x == y, id=f"{a!r}-{b!r}")
        for (a, x), (b, y) in itertools.product(zip(KINDS, CLASSES, strict=True), repeat=2)
    ],
)
def test_equality_joins_5_with_5_point_0_and_keeps_booleans_null_and_absent_apart(
    left: Any, right: Any, equal: bool
) -> None:
    assert strictly_equal(left, right) is equal


@PATIENT
@given(VALUES, VALUES, VALUES)
def test_equality_is_an_equivalence(one: Any, other: Any, third: Any) -> None:
    assert strictly_equal(one, copy.deepcopy(one))
    assert strictly_equal(one, other) is strictly_equal(other, one)
    assert not (strictly_equal(one, other) and strictly_equal(other, third)) or strictly_equal(one, third)


@PATIENT
@given(VALUES, VALUES)
def test_two_values_are_equal_exactly_if_their_canonical_bytes_are(one: Any, other: Any) -> None:
    assert strictly_equal(one, other) is (canonical(one) == canonical(other))


def reversed_and_floated(value: Any) -> Any:
    """The same value with keys in the other order, integers as floats, lists as tuples, mappings read-only."""
    if isinstance(value, dict):
        return types.MappingProxyType({key: reversed_and_floated(each) for key, each in reversed(value.items())})
    if isinstance(value, list):
        return tuple(reversed_and_floated(each) for each in value)
    if type(value) is int and float(value) == value:
        return float(value)
    return value


@PATIENT
@given(VALUES)
def test_digest_depends_on_neither_key_order_nor_how_a_number_or_container_is_held(value: Any) -> None:
    assert digest_of(reversed_and_floated(value)) == digest_of(value)


@PATIENT
@given(VALUES)
def test_canonical_form_is_ascii_that_decodes_to_an_equal_value(value: Any) -> None:
    encoded = canonical(value)
    assert encoded.isascii()
    assert strictly_equal(json.loads(encoded), value)
    assert canonical(json.loads(encoded)) == encoded


def test_canonical_form_is_sorted_dense_and_writes_integral_floats_as_integers() -> None:
    assert canonical({"b": [1.0, True, None], "a": "é", "c": {"z": -0.0, "y": 2.5}}) == (
        b'{"a":"\\u00e9","b":[1,true,null],"c":{"y":2.5,"z":0}}'
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_json_number_has_no_canonical_form(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"x": [value]})


def test_there_is_one_absent_value_also_after_a_copy_or_a_journey() -> None:
    assert copy.deepcopy(ABSENT) is ABSENT
    assert copy.copy(ABSENT) is ABSENT
    assert pickle.loads(pickle.dumps(ABSENT)) is ABSENT  # noqa: S301 - our own bytes
    assert Absent() is ABSENT
    assert not ABSENT
    assert repr(ABSENT) == "ABSENT"
