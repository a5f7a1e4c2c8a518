"""The last gate before a request: the published schema, and a reason without values."""

from typing import Any

import pytest

from tests.adapters.schemas.schema_samples import (
    ACTIONS,
    FILTERS,
    REQUESTS,
    body_of,
    filter_of,
    full_manifest,
    manifest,
    mutants,
    step_of,
)


def test_everything_that_the_contract_has_may_be_sent() -> None:
    assert REQUESTS.check(body_of(full_manifest())) is None
    for kind in FILTERS:
        assert REQUESTS.is_valid(manifest(filters=[filter_of(kind)]))
    for kind in ACTIONS:
        assert REQUESTS.is_valid(manifest(steps=[step_of(kind)]))


@pytest.mark.parametrize("body", [{}, {"filter": None}, {"steps": [step_of("make_phone_calls")]}, {"zzz": 1}])
def test_the_published_schema_is_as_open_as_published(body: dict[str, Any]) -> None:
    assert REQUESTS.is_valid(body)


def sms(**data: Any) -> dict[str, Any]:
    return {"steps": [{"action": {"type": "send_sms_messages", "data": data}}]}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "the body: the manifest must be keys with values, not a list"),
        ({"steps": []}, "/steps: `steps` must not be empty"),
        ({"steps": [{}]}, "/steps/0: item 1 of `steps` needs `action`"),
        (sms(), "/steps/0/action/data: `send_sms_messages` needs `message`"),
        (sms(message=5), "/steps/0/action/data/message: `message` must be text, not a number"),
        (sms(message={"$file": "a"}), "/steps/0/action/data/message: `message` must be text, not keys with values"),
        ({"filter": "x"}, "/filter: `filter` must be keys with values, not text"),
        (
            {"filter": {"or": [{"and": [{"type": "nope"}]}]}},
            "/filter/or/0/and/0/type: `type` must be one of 13 known values",
        ),
        (
            {"filter": {"or": [{"and": [{"type": 5}]}]}},
            "/filter/or/0/and/0/type: `type` must be text, not a number",
        ),
        (
            {"filter": {"or": [{"and": [{"type": "contacts_email_in", "email_in": [5]}]}]}},
            "/filter/or/0/and/0/email_in/0: item 1 of `email_in` must be text, not a number",
        ),
    ],
)
def test_a_refused_body_is_explained_by_the_branch_that_it_takes(body: Any, reason: str) -> None:
    assert REQUESTS.check(body) == reason
    assert not REQUESTS.is_valid(body)


def test_every_refused_body_has_a_reason_that_holds_none_of_its_values() -> None:
    reasons = [reason for body in mutants(seed=6, count=800) if (reason := REQUESTS.check(body)) is not None]
    assert len(reasons) > 200
    for reason in reasons:
        assert "given schemas" not in reason
        assert not any(mark in reason for mark in ("{", "'", "\n", "example.com"))
