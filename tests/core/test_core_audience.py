"""Nobody is mailed by accident: every filter that may be everyone is refused unless the manifest says that it is meant.

Law 10, the pure part: keys of narrow filters are deleted, nulled and emptied one by one. What the contract's own schema
refuses then never gets this far and is left out; what it lets through must be called everyone, or still leave
someone out for another reason, which is said again here condition by condition.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.schemas.checker import RequestValidator
from reconciler.core.audience import check_audience, everyone
from reconciler.model import rules
from reconciler.model.diagnostic import Severity
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.pointer import replaced, to_pointer, value_at
from reconciler.model.sequence import NO_INSTRUCTIONS, Instructions
from tests.core.core_values import STEP, where

MOMENT = "2026-01-01T00:00:00Z"
SEGMENT = {"type": "contact_belongs_to_segment", "segment_id": "s"}
NARROW: dict[str, dict[str, Any]] = {
    "created after": {"type": "contacts_created_at_between", "after": MOMENT},
    "created between": {"type": "contacts_created_at_between", "after": MOMENT, "before": MOMENT},
    "created since the first year that counts": {
        "type": "contacts_created_at_between",
        "after": "2000-01-01T00:00:01Z",
        "before": "9999-12-31T23:59:59Z",
    },
    "created before the last year that counts": {
        "type": "contacts_created_at_between",
        "before": "2099-12-31T23:59:59Z",
    },
    "created before anybody was": {"type": "contacts_created_at_between", "before": "1970-01-01T00:00:00Z"},
    "contacted before": {"type": "last_contacted_at_between", "before": MOMENT},
    "handed off after": {"type": "last_contacted_at_with_handoff_between", "after": MOMENT},
    "ids": {"type": "contact_id_in", "contact_ids": ["00000000-0000-4000-8000-000000000000"]},
    "domains": {"type": "contacts_email_domain_name_in", "domain_name_in": ["e.c", "f.c"]},
    "e-mails": {"type": "contacts_email_in", "email_in": ["a@e.c"]},
    "names": {"type": "contacts_name_in", "name_in": ["Ann"]},
    "numbers": {"type": "contacts_phone_number_in", "phone_number_in": ["+15550100"]},
    "attributes": {"type": "contacts_attributes_in", "attributes": [{"plan": "pro", "city": "Oslo"}, {"vip": "yes"}]},
    "session attributes": {"type": "contacts_sessions_attributes_in", "attributes": [{"plan": "pro"}]},
    "sequence": {"type": "contacts_affected_by_sequence", "sequence_id": {"$sequence": "b"}},
    "segment": SEGMENT,
}
EVERYONE: dict[str, Any] = {
    "null": None,
    "an empty or": {"or": []},
    "an empty and": where(),
    "an empty and beside a narrow one": {"or": [{"and": [SEGMENT]}, {"and": []}]},
    "all_contacts": where({"type": "all_contacts"}),
    "created before and after the same moment": {
        "or": [
            {"and": [{"type": "contacts_created_at_between", "before": MOMENT}]},
            {"and": [{"type": "contacts_created_at_between", "after": "2026-01-01T00:00:20Z"}]},
        ]
    },
    "created, no bound": where({"type": "contacts_created_at_between"}),
    "contacted, no bound": where({"type": "last_contacted_at_between"}),
    "handed off, no bound": where({"type": "last_contacted_at_with_handoff_between"}),
    "created since long before the organisation": where(
        {"type": "contacts_created_at_between", "after": "1970-01-01T00:00:00Z"}
    ),
    "contacted until the end of time": where({"type": "last_contacted_at_between", "before": "9999-12-31T23:59:59Z"}),
    "created in any year that can be written": where(
        {
            "type": "contacts_created_at_between",
            "after": "0001-01-01T00:00:00+01:00",
            "before": "9999-12-31T23:59:59-01:00",
        }
    ),
    "handed off ever": where(
        {
            "type": "last_contacted_at_with_handoff_between",
            "after": "2000-01-01T02:00:00+02:00",
            "before": "2100-01-01T00:00:00Z",
        }
    ),
    "null bounds": where({"type": "last_contacted_at_between", "after": None, "before": None}),
    "empty bounds": where({"type": "last_contacted_at_between", "after": ""}),
    "no attributes": where({"type": "contacts_attributes_in"}),
    "null attributes": where({"type": "contacts_attributes_in", "attributes": None}),
    "an empty list of attributes": where({"type": "contacts_attributes_in", "attributes": []}),
    "an empty map of attributes": where({"type": "contacts_attributes_in", "attributes": [{}]}),
    "one empty map among attributes": where({"type": "contacts_attributes_in", "attributes": [{"a": "1"}, {}]}),
    "an empty attribute": where({"type": "contacts_attributes_in", "attributes": [{"a": ""}]}),
    "no session attributes": where({"type": "contacts_sessions_attributes_in"}),
    "contact_ids: []": where({"type": "contact_id_in", "contact_ids": []}),
    "domain_name_in: []": where({"type": "contacts_email_domain_name_in", "domain_name_in": []}),
    "email_in: []": where({"type": "contacts_email_in", "email_in": []}),
    "name_in: []": where({"type": "contacts_name_in", "name_in": []}),
    "name_in: [empty]": where({"type": "contacts_name_in", "name_in": ["Ann", ""]}),
    "phone_number_in: []": where({"type": "contacts_phone_number_in", "phone_number_in": []}),
    "an empty segment": where({"type": "contact_belongs_to_segment", "segment_id": ""}),
    "an empty sequence": where({"type": "contacts_affected_by_sequence", "sequence_id": ""}),
    "a type that nobody knows": where({"type": "contacts_of_next_year", "name_in": ["Ann"]}),
    "two that leave nobody out": where({"type": "all_contacts"}, {"type": "contacts_attributes_in"}),
    "the second of two groups": {"or": [{"and": [SEGMENT]}, {"and": [{"type": "all_contacts"}]}]},
}


@pytest.mark.parametrize("filter_", EVERYONE.values(), ids=EVERYONE)
def test_everyone_is_refused_unless_the_manifest_says_so(filter_: Any) -> None:
    (finding,) = check_audience({"filter": filter_}, NO_INSTRUCTIONS)
    assert finding.rule == "OCX201"
    assert "every contact" in finding.message
    assert "audience: everyone" in (finding.hint or "")
    assert value_at({"filter": filter_}, finding.path) is not ABSENT
    assert check_audience({"filter": filter_}, Instructions(audience="everyone")) == ()


@pytest.mark.parametrize("condition", NARROW.values(), ids=NARROW)
def test_a_filter_that_leaves_someone_out_is_accepted(condition: dict[str, Any]) -> None:
    assert everyone(where(condition)) is None
    assert everyone(where({"type": "all_contacts"}, condition)) is None


def test_the_finding_points_at_the_group_that_is_everyone() -> None:
    found = everyone({"or": [{"and": [SEGMENT]}, {"and": [{"type": "all_contacts"}]}]})
    assert found is not None
    assert to_pointer(found[0]) == "/or/1/and/0"


# --- law 10 -----------------------------------------------------------------------------------------------------------

VALIDATOR = RequestValidator(Path(__file__).parents[2] / "schemas" / "request.schema.json")


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths_of(child, (*path, key))


def emptied(value: Any) -> list[Any]:
    """Absent, null, and the empty value of the same kind."""
    return [ABSENT, None, type(value)() if isinstance(value, dict | list | str) else None]


def legal(filter_: Any) -> bool:
    if filter_ is ABSENT:
        return False  # a manifest must have its filter, and so must a body
    body = {"custom_id": "a", "name": "A", "is_continuous": True, "filter": filter_, "steps": [STEP]}
    return VALIDATOR.check(body) is None


def surely_narrow(condition: dict[str, Any]) -> bool:
    """Whether every key that could narrow does: said again, without the tables of the code."""
    kind = condition["type"]
    rest = {key: value for key, value in condition.items() if key != "type"}
    if kind.endswith("_between"):
        return any(rest.values())
    if kind.endswith("attributes_in"):
        maps = rest.get("attributes") or [{}]
        return all(each and all(each.values()) for each in maps)
    return bool(rest) and all(value and (isinstance(value, str | dict) or all(value)) for value in rest.values())


def surely_not_everyone(filter_: Any) -> bool:
    groups = filter_["or"] if filter_ else [{"and": []}]
    return bool(groups) and all(any(surely_narrow(each) for each in group["and"]) for group in groups)


def test_taking_any_key_away_never_quietly_gives_everyone() -> None:
    tried = refused = 0
    for condition in NARROW.values():
        for filter_ in (where(condition), {"or": [{"and": [SEGMENT]}, {"and": [condition, {"type": "all_contacts"}]}]}):
            sent = copy.deepcopy(filter_)
            if condition["type"] == "contacts_affected_by_sequence":
                sent["or"][-1]["and"][0]["sequence_id"] = "resolved"
            assert legal(sent), condition
            for path in paths_of(sent):
                for value in emptied(value_at(sent, path)):
                    mutant = value if not path else replaced(sent, path, value)
                    if not legal(mutant):
                        continue
                    tried += 1
                    accepted = not check_audience({"filter": mutant}, NO_INSTRUCTIONS)
                    refused += not accepted
                    assert not accepted or surely_not_everyone(mutant), mutant
    # Enough of them got past the schema for this to mean something.
    assert tried > 100
    assert refused > 60


@pytest.mark.parametrize(
    ("conditions", "is_told"),
    [
        ([{"type": "contacts_created_at_between", "after": "2010-01-01T00:00:00Z"}], True),
        ([{"type": "contacts_created_at_between", "after": "2014-12-31T23:59:59Z"}], True),
        ([{"type": "contacts_created_at_between", "after": "2015-01-01T00:00:00Z"}], False),
        ([{"type": "contacts_created_at_between", "before": "2026-12-24T00:00:00Z"}], True),
        ([{"type": "contacts_created_at_between", "before": "2026-01-01T00:00:00Z"}], False),
        (
            [
                {
                    "type": "contacts_created_at_between",
                    "after": "2010-01-01T00:00:00Z",
                    "before": "2030-01-01T00:00:00Z",
                }
            ],
            True,
        ),
        (
            [
                {"type": "contacts_created_at_between", "after": "2010-01-01T00:00:00Z"},
                {"type": "contacts_created_at_between", "before": "2030-01-01T00:00:00Z"},
            ],
            True,
        ),
        ([{"type": "contacts_created_at_between", "after": "2010-01-01T00:00:00Z"}, {"type": "all_contacts"}], True),
        ([{"type": "contacts_created_at_between", "after": "2010-01-01T00:00:00Z"}, SEGMENT], False),
        ([{"type": "last_contacted_at_between", "after": "2010-01-01T00:00:00Z"}], True),
        ([{"type": "last_contacted_at_between", "before": "2026-12-24T00:00:00Z"}], False),
        ([{"type": "last_contacted_at_with_handoff_between", "before": "2030-01-01T00:00:00Z"}], True),
    ],
)
def test_a_period_that_leaves_hardly_anybody_out_is_warned_of_unless_it_is_meant(
    conditions: list[dict[str, Any]], *, is_told: bool
) -> None:
    payload = {"filter": {"or": [{"and": [SEGMENT]}, {"and": conditions}]}, "steps": [STEP]}
    found = check_audience(payload, NO_INSTRUCTIONS)
    assert [(each.rule, each.severity, each.path) for each in found] == (
        [(rules.NEARLY_EVERYONE, Severity.WARNING, ("filter", "or", 1, "and", 0))] if is_told else []
    )
    declared = check_audience(payload, Instructions(audience="everyone"))
    assert [each.rule for each in declared] == ([] if is_told else [rules.NEEDLESS_AUDIENCE])
