"""JSON pointers, and reading and replacing what they point at."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.model.jsonvalue import ABSENT, strictly_equal
from reconciler.model.pointer import parse_pointer, replaced, to_pointer, value_at

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
KEYS = st.sampled_from(["a", "b", "0", "1", "01", "-", "~", "/", "~1", ""])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, 1, "a"]), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner)
)
PATHS = st.lists(KEYS | st.integers(-1, 4), max_size=4).map(tuple)
DOCUMENT = {"a": {"b": [10, {"c": None}]}, "~/": 1, "0": "zero", "": "empty"}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/a/b/0", 10),
        ("/a/b/1/c", None),
        ("/~0~1", 1),
        ("/0", "zero"),
        ("/", "empty"),
        ("/a/b/00", ABSENT),
        ("/a/b/2", ABSENT),
        ("/a/b/-1", ABSENT),
        ("/a/b/-", ABSENT),
        ("/a/b/\u0660", ABSENT),
        ("/a/b/0/x", ABSENT),
        ("/0/0", ABSENT),
        ("/missing/x", ABSENT),
    ],
)
def test_a_pointer_finds_what_rfc_6901_says(pointer: str, value: Any) -> None:
    assert value_at(DOCUMENT, parse_pointer(pointer)) is value


@PATIENT
@given(st.lists(st.text(max_size=3), max_size=4).map(tuple))
def test_parsing_undoes_writing(path: tuple[str, ...]) -> None:
    assert parse_pointer(to_pointer(path)) == path


def test_a_pointer_that_does_not_begin_with_a_slash_is_refused() -> None:
    with pytest.raises(ValueError, match="a/b"):
        parse_pointer("a/b")


@PATIENT
@given(VALUES, PATHS, VALUES)
def test_what_was_replaced_stands_there_or_nothing_was_touched(document: Any, path: Any, value: Any) -> None:
    before = copy.deepcopy(document)
    after = replaced(document, path, value)
    assert strictly_equal(document, before)
    assert strictly_equal(value_at(after, path), value) or strictly_equal(after, before)
    if value_at(before, path) is not ABSENT:
        assert strictly_equal(value_at(after, path), value)


@PATIENT
@given(VALUES, PATHS)
def test_putting_a_value_back_in_its_place_changes_nothing(document: Any, path: Any) -> None:
    assert strictly_equal(replaced(document, path, value_at(document, path)), document)


def test_removing_takes_a_key_or_an_element_away_and_appending_goes_one_past_the_end() -> None:
    document = {"a": [1, 2], "b": 3}
    assert replaced(document, ("b",), ABSENT) == {"a": [1, 2]}
    assert replaced(document, ("a", 0), ABSENT) == {"a": [2], "b": 3}
    assert replaced(document, ("a", 2), ABSENT) == document
    assert replaced(document, ("a", 2), 9) == {"a": [1, 2, 9], "b": 3}
    assert replaced(document, ("a", 3), 9) == document
    assert replaced(document, ("c", "d"), 9) == document
    assert replaced(document, (), ABSENT) == document
