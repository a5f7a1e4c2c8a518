"""What no schema can say of a condition: ranges without a moment, and entries that stand twice."""

from typing import Any

import pytest

from reconciler.core.conditions import check_conditions
from reconciler.model import rules
from reconciler.model.diagnostic import Severity

START = ("filter", "or", 0, "and", 0)


def said(condition: dict[str, Any]) -> list[tuple[str, tuple[str | int, ...]]]:
    found = check_conditions({"filter": {"or": [{"and": [condition]}]}})
    assert all(each.hint for each in found)
    return [(each.rule, each.path[len(START) :]) for each in found if each.path[: len(START)] == START]


@pytest.mark.parametrize(
    ("after", "before", "is_reversed"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", False),
        ("2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z", True),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", True),
        ("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00Z", True),
        ("2026-01-01T01:00:00+02:00", "2026-01-01T00:00:00Z", False),
        ("2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.002Z", False),
    ],
)
def test_after_has_to_be_earlier_than_before(after: str, before: str, is_reversed: bool) -> None:
    condition = {"type": "contacts_created_at_between", "after": after, "before": before}
    assert said(condition) == ([(rules.REVERSED_RANGE, ("before",))] if is_reversed else [])


def test_a_range_with_one_bound_is_none_to_compare() -> None:
    assert said({"type": "last_contacted_at_between", "after": "2026-01-01T00:00:00Z"}) == []


def test_the_second_of_two_entries_is_named_and_only_warned_of() -> None:
    assert said({"type": "contacts_name_in", "name_in": ["Ann", "Bob", "Ann", "ann"]}) == [
        (rules.REPEATED, ("name_in", 2))
    ]
    assert said({"type": "contacts_email_in", "email_in": ["a@example.com", "A@Example.com"]}) == [
        (rules.REPEATED, ("email_in", 1))
    ]
    (found,) = check_conditions({"filter": {"or": [{"and": [{"type": "x", "name_in": ["Ann", "Ann"]}]}]}})
    assert found.severity is Severity.WARNING
    assert "Ann" not in f"{found.message} {found.hint}"


@pytest.mark.parametrize("payload", [{}, {"filter": None}, {"filter": {"or": []}}])
def test_a_payload_without_conditions_has_nothing_wrong_with_them(payload: dict[str, Any]) -> None:
    assert check_conditions(payload) == ()


@pytest.mark.parametrize(
    ("condition", "below"),
    [
        ({"type": "contacts_name_in", "name_in": ["Ann", "*", "%"]}, ("name_in", 1)),
        ({"type": "contacts_name_in", "name_in": ["Ann%"]}, ("name_in", 0)),
        ({"type": "contacts_email_in", "email_in": ["*@example.com"]}, ("email_in", 0)),
        ({"type": "contacts_attributes_in", "attributes": [{"plan": "pro"}, {"plan": "*"}]}, ("attributes", 1, "plan")),
        ({"type": "contacts_attributes_in", "attributes": [{"plan": ".*"}]}, ("attributes", 0, "plan")),
        ({"type": "contacts_sessions_attributes_in", "attributes": [{"plan": "%"}]}, ("attributes", 0, "plan")),
        ({"type": "contacts_attributes_in", "attributes": [{"discount": "50%", "shape": "2*4"}]}, None),
        ({"type": "contacts_name_in", "name_in": ["Ann"]}, None),
    ],
)
def test_a_sign_for_anything_is_not_known_to_be_understood(
    condition: dict[str, Any], below: tuple[Any, ...] | None
) -> None:
    assert said(condition) == ([] if below is None else [(rules.WILDCARD, below)])
