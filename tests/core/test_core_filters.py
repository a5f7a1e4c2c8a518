"""What is said of the edits that people make: an answer that is of use, and unknown only where it must be."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from reconciler.core.filters.comparison import compare
from reconciler.core.filters.conditions import Movement
from reconciler.core.filters.reading import read_filter
from reconciler.core.filters.witnesses import can_match_everyone
from reconciler.core.meaning import meaning_at
from reconciler.model.jsonvalue import ABSENT, strictly_equal
from reconciler.model.risk import AudienceDelta
from tests.core.core_values import FILTERS, PATIENT, VALUES, where

IDS = [f"0000000a-0000-4000-8000-00000000000{number}" for number in range(4)]
SEGMENT = {"type": "contact_belongs_to_segment", "segment_id": "s1"}
OTHER = {"type": "contact_belongs_to_segment", "segment_id": "s2"}
AFTER = {"type": "contacts_affected_by_sequence", "sequence_id": "q1"}
PRO = {"type": "contacts_attributes_in", "attributes": [{"plan": "pro"}]}
PAID = {"type": "contacts_attributes_in", "attributes": [{"plan": "pro"}, {"plan": "business"}]}
IN_OSLO = {"type": "contacts_attributes_in", "attributes": [{"plan": "pro", "city": "Oslo"}]}


def emails(*listed: str) -> dict[str, Any]:
    return {"type": "contacts_email_in", "email_in": list(listed)}


def ids(*numbers: int) -> dict[str, Any]:
    return {"type": "contact_id_in", "contact_ids": [IDS[each] for each in numbers]}


def created(after: str | None, before: str | None) -> dict[str, Any]:
    bounds = {"after": after, "before": before}
    return {"type": "contacts_created_at_between", **{key: f"{day}T00:00:00Z" for key, day in bounds.items() if day}}


def any_of(*groups: list[Any]) -> dict[str, Any]:
    return {"or": [{"and": group} for group in groups]}


UNTIL_MARCH = created(None, "2026-03-01")
SPRING, SUMMER = created("2026-03-01", "2026-06-01"), created("2026-06-02", "2026-09-01")
CASES: dict[str, tuple[Any, Any, str]] = {
    "groups in another order": (any_of([SEGMENT], [PRO]), any_of([PRO], [SEGMENT]), "same"),
    "conditions in another order, one of them twice": (where(SEGMENT, PRO), where(PRO, SEGMENT, PRO), "same"),
    "a list in another order": (where(emails("a", "b")), where(emails("b", "a", "b")), "same"),
    "a moment in another zone": (
        where({"type": "last_contacted_at_between", "after": "2026-01-01T00:00:00Z"}),
        where({"type": "last_contacted_at_between", "after": "2026-01-01T01:00:00.000+01:00"}),
        "same",
    ),
    "a group that another one holds already": (any_of([SEGMENT]), any_of([SEGMENT], [SEGMENT, PRO]), "same"),
    "a list made of two groups": (any_of([emails("a")], [emails("b")]), where(emails("a", "b")), "same"),
    "a period written as two conditions": (
        where(SPRING),
        where(created("2026-03-01", None), created(None, "2026-06-01")),
        "same",
    ),
    "all_contacts beside another condition": (where(SEGMENT), where({"type": "all_contacts"}, SEGMENT), "same"),
    "null, still": (None, None, "same"),
    "a condition more": (where(SEGMENT), where(SEGMENT, PRO), "narrower"),
    "a condition less": (where(SEGMENT, PRO), where(SEGMENT), "wider"),
    "a group more": (where(SEGMENT), any_of([SEGMENT], [PRO]), "wider"),
    "a group less": (any_of([SEGMENT], [PRO]), where(PRO), "narrower"),
    "an element more": (where(SEGMENT, PRO), where(SEGMENT, PAID), "wider"),
    "an element less": (where(emails("a", "b")), where(emails("b")), "narrower"),
    "a later beginning": (where(created("2026-01-01", None)), where(created("2026-02-01", None)), "narrower"),
    "a bound less": (where(SPRING), where(created("2026-03-01", None)), "wider"),
    "everyone, narrowed": (where({"type": "all_contacts"}), where(SEGMENT), "narrower"),
    "to everyone": (where(SEGMENT), where({"type": "all_contacts"}), "everyone"),
    "to null": (where(SEGMENT), None, "everyone"),
    "to no bounds": (where(SPRING), where(created(None, None)), "everyone"),
    "to an empty list": (where(ids(1)), where(ids()), "everyone"),
    "to before or after": (where(SPRING), any_of([created("2026-03-01", None)], [UNTIL_MARCH]), "everyone"),
    "other ids": (where(ids(0, 1)), where(ids(2, 3)), "disjoint"),
    "another period": (where(SEGMENT, SPRING), where(SEGMENT, SUMMER), "disjoint"),
    "an id swapped": (where(ids(0, 1)), where(ids(1, 2)), "overlapping"),
    "a period shifted": (where(SPRING), where(created("2026-04-01", "2026-07-01")), "overlapping"),
    "another segment": (where(SEGMENT), where(OTHER), "unknown"),
    "a segment instead of a list": (where(ids(1)), where(SEGMENT), "unknown"),
    "an e-mail swapped": (where(emails("a", "b")), where(emails("b", "c")), "unknown"),
    "an e-mail in capitals": (where(emails("a@e.c")), where(emails("A@e.c")), "unknown"),
    "an id in capitals": (where(ids(0)), where({**ids(0), "contact_ids": [IDS[0].upper()]}), "unknown"),
    "one pair more in an attribute": (where(PRO), where(IN_OSLO), "unknown"),
    "periods that touch": (where(SPRING), where(UNTIL_MARCH), "unknown"),
    "from null": (None, where(SEGMENT), "unknown"),
    "an id swapped within a segment": (where(SEGMENT, ids(0, 1)), where(SEGMENT, ids(1, 2)), "unknown"),
    "a strange kind": (where({"type": "new", "x": 1}), where({"type": "new", "x": 2}, SEGMENT), "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_edit_gets_its_word(name: str) -> None:
    before, after, word = CASES[name]
    assert compare(read_filter(before), read_filter(after), {}).delta == word


@pytest.mark.parametrize(
    ("movement", "before", "after", "word"),
    [
        (Movement.GROWS, where(AFTER), where(AFTER), "wider"),
        (Movement.SHRINKS, where(AFTER, PRO), where(AFTER, PRO), "narrower"),
        (Movement.UNKNOWN, where(AFTER), where(AFTER), "unknown"),
        (Movement.STILL, where(AFTER), where(AFTER), "same"),
        (Movement.GROWS, any_of([AFTER], [SEGMENT]), where(SEGMENT), "narrower"),
        (Movement.GROWS, where(AFTER, PRO), where(AFTER), "wider"),
        (Movement.GROWS, where(AFTER), where(AFTER, PRO), "unknown"),
        (Movement.UNKNOWN, where({"type": "all_contacts"}), any_of([{"type": "all_contacts"}], [AFTER]), "same"),
    ],
)
def test_a_sequence_that_moves_takes_along_whoever_names_it(
    movement: Movement, before: Any, after: Any, word: str
) -> None:
    assert compare(read_filter(before), read_filter(after), {"q1": movement}).delta == word


@PATIENT
@given(FILTERS | VALUES, FILTERS | VALUES)
def test_whatever_stands_where_a_filter_should_be_gets_a_word(before: Any, after: Any) -> None:
    found = compare(read_filter(before), read_filter(after), {})
    assert isinstance(found.delta, AudienceDelta)
    if strictly_equal(meaning_at(("filter",), before), meaning_at(("filter",), after)):
        assert found.delta is AudienceDelta.SAME
    assert compare(read_filter(ABSENT), read_filter(after), {}).delta is not AudienceDelta.SAME


@pytest.mark.parametrize(
    "many",
    [
        lambda number: any_of(*([emails(f"{number}-{each}")] for each in range(2_000))),
        lambda number: any_of(*([ids(number), emails(*(f"{g}-{each}" for each in range(200)))] for g in range(100))),
        lambda number: any_of(*([created(f"20{10 + each}-0{number + 1}-01", None), PRO] for each in range(80))),
        lambda number: where({"type": "contact_id_in", "contact_ids": [f"{number}-{each}" for each in range(5_000)]}),
    ],
    ids=["groups", "lists in groups", "periods", "ids"],
)
def test_a_filter_that_is_very_long_gets_a_word_too(many: Callable[[int], Any]) -> None:
    assert compare(read_filter(many(1)), read_filter(many(2)), {}).delta in tuple(AudienceDelta)
    assert compare(read_filter(many(1)), read_filter(many(1)), {}).delta is AudienceDelta.SAME


def test_periods_that_leave_a_minute_out_are_not_everyone() -> None:
    def around(start: str, end: str) -> Any:
        kind = "contacts_created_at_between"
        return any_of([{"type": kind, "before": start}], [{"type": kind, "after": end}])

    assert can_match_everyone(read_filter(around("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z")))
    assert not can_match_everyone(read_filter(around("2026-01-01T00:00:00Z", "2026-01-01T00:10:00Z")))
