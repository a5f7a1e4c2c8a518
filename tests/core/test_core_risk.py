"""The class of a change: every kind, delta and status as `docs/risk.md` has them, and a class for everything."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.alignment import align
from reconciler.core.risk import Kind, Life, Notice, class_of, life_of, notices, notices_of_create
from reconciler.model.jsonvalue import canonical
from reconciler.model.risk import AudienceDelta, RiskClass
from reconciler.model.sequence import SequenceStatus
from tests.core.core_values import BODIES, PATIENT, STEP, body

DOCUMENT = (Path(__file__).parents[2] / "docs" / "risk.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\w+)(?: (\w+))?(?:: [^|]*)? \| (R\d) \| (R\d) \| (R\d) \|$", re.MULTILINE)
TABLE = {(kind, delta): classes for kind, delta, *classes in ROW.findall(DOCUMENT)}
LIVES = {Life.LIVE: 0, Life.UNSEEN: 0, Life.WAITING: 1, Life.ENDED: 2}

EMAIL = {
    "action": {
        "type": "send_emails",
        "data": {
            "from_email": "a@e.c",
            "email_subject": "Hello to you",
            "email_body": "<p>Good to have you</p>",
            "email_sender_name": "E",
            "email_is_transactional": False,
        },
    },
    "delay_in_minutes": 5,
}
SMS = {"action": {"type": "send_sms_messages", "data": {"message": "Sale"}}, "delay_in_minutes": 0}


def test_the_table_of_the_document_has_every_kind_and_every_delta() -> None:
    every = {(kind.value, "") for kind in Kind if kind is not Kind.AUDIENCE}
    assert TABLE.keys() == every | {("audience", delta.value) for delta in AudienceDelta}


@pytest.mark.parametrize("life", Life)
@pytest.mark.parametrize("delta", [None, *AudienceDelta])
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_and_delta_and_life_has_the_class_of_the_document(
    kind: Kind, delta: AudienceDelta | None, life: Life
) -> None:
    of_audience = (delta or AudienceDelta.UNKNOWN).value if kind is Kind.AUDIENCE else ""
    assert class_of(Notice(kind=kind, delta=delta), life) == TABLE[kind.value, of_audience][LIVES[life]]


@pytest.mark.parametrize(
    ("status", "is_read", "life"),
    [
        ("active", True, Life.LIVE),
        ("pending", True, Life.WAITING),
        ("complete", True, Life.ENDED),
        ("canceled", True, Life.ENDED),
        ("active", False, Life.UNSEEN),
        ("pending", False, Life.UNSEEN),
        ("complete", False, Life.UNSEEN),
        ("canceled", False, Life.ENDED),
        ("paused", True, Life.UNSEEN),
        (None, True, Life.UNSEEN),
        (None, False, Life.UNSEEN),
    ],
)
def test_a_sequence_counts_as_live_until_it_is_known_not_to_be(status: str | None, is_read: bool, life: Life) -> None:
    assert life_of(status, is_read=is_read) is life


def found(before: dict[str, Any], after: dict[str, Any]) -> dict[Kind, tuple[int, ...]]:
    steps = align(before["steps"], after["steps"])
    return {each.kind: each.steps for each in notices(before, after, steps)}


def with_data(step: dict[str, Any], **changes: Any) -> dict[str, Any]:
    action = step["action"]
    return {**step, "action": {**action, "data": {**action["data"], **changes}}}


@pytest.mark.parametrize(
    ("edited", "kinds"),
    [
        ({"name": "B"}, {Kind.LABEL: ()}),
        ({"custom_id": "b"}, {Kind.LABEL: ()}),
        ({"is_continuous": False}, {Kind.ONCE: ()}),
        ({"new_field": 1}, {Kind.STRANGE: ()}),
        ({"steps": [with_data(EMAIL, email_subject="Hi to you"), SMS]}, {Kind.COPY: (0,)}),
        ({"steps": [with_data(EMAIL, email_body="<p>Bad to have you</p>"), SMS]}, {Kind.COPY: (0,)}),
        ({"steps": [EMAIL, with_data(SMS, message="Sales")]}, {Kind.COPY: (1,)}),
        ({"steps": [with_data(EMAIL, from_email="b@e.c"), SMS]}, {Kind.SENDER: (0,), Kind.OPENED: ()}),
        ({"steps": [with_data(EMAIL, email_sender_name="F"), SMS]}, {Kind.SENDER: (0,)}),
        ({"steps": [with_data(EMAIL, email_is_transactional=True), SMS]}, {Kind.TRANSACTIONAL: (0,), Kind.OPENED: ()}),
        ({"steps": [with_data(EMAIL, bcc="x"), SMS]}, {Kind.STRANGE: (0,)}),
        ({"steps": [EMAIL, {**SMS, "delay_in_minutes": 7}]}, {Kind.TIMING: (1,)}),
        ({"steps": [{**EMAIL, "delay_in_minutes": 7}, SMS]}, {Kind.TIMING: (0, 1)}),
        ({"steps": [{**EMAIL, "only_on": "monday"}, SMS]}, {Kind.STRANGE: (0,)}),
        ({"steps": [EMAIL]}, {Kind.REMOVED: (1,)}),
        ({"steps": [EMAIL, SMS, STEP]}, {Kind.INSERTED: (2,)}),
        ({"steps": [EMAIL, STEP, SMS]}, {Kind.INSERTED: (1,)}),
        ({"steps": [SMS, EMAIL]}, {Kind.MOVED: (1,), Kind.TIMING: (0,), Kind.OPENED: ()}),
        ({"steps": [SMS, SMS]}, {Kind.CHANNEL: (0,), Kind.TIMING: (0, 1), Kind.OPENED: ()}),
        (
            {"steps": [EMAIL, SMS, with_data(EMAIL, email_is_transactional=True)]},
            {Kind.INSERTED: (2,), Kind.TRANSACTIONAL: (2,), Kind.OPENED: ()},
        ),
        ({"steps": ["odd", SMS]}, {Kind.STRANGE: (0,), Kind.TIMING: (0, 1), Kind.OPENED: ()}),
    ],
)
def test_every_field_has_its_kind(edited: dict[str, Any], kinds: dict[Kind, tuple[int, ...]]) -> None:
    before = body(steps=[EMAIL, SMS])
    assert found(before, {**before, **edited}) == kinds
    assert found(before, before) == {}


@pytest.mark.parametrize(
    ("was", "becomes", "kind"),
    [
        (True, False, Kind.ONCE),
        (False, True, Kind.CONTINUOUS),
        (None, True, Kind.CONTINUOUS),
        (1, True, Kind.CONTINUOUS),
    ],
)
def test_becoming_continuous_is_told_from_ceasing_to_be(was: Any, becomes: bool, kind: Kind) -> None:
    assert list(found(body(is_continuous=was), body(is_continuous=becomes))) == [kind]


def test_consent_that_is_asked_for_again_is_a_change_of_consent_too() -> None:
    exempt = body(steps=[with_data(EMAIL, email_is_transactional=True)])
    assert found(exempt, body(steps=[EMAIL])) == {Kind.CONSENTED: (0,)}


def test_a_call_that_becomes_an_e_mail_for_which_no_consent_is_asked_is_about_consent() -> None:
    before, plain = body(steps=[SMS]), body(steps=[{**EMAIL, "delay_in_minutes": 0}])
    assert set(found(before, plain)) == {Kind.CHANNEL, Kind.OPENED}
    assert set(found(plain, before)) == {Kind.CHANNEL, Kind.OPENED}
    asked = with_data(plain["steps"][0], email_is_transactional=True)
    assert set(found(before, body(steps=[asked]))) == {Kind.CHANNEL, Kind.OPENED, Kind.TRANSACTIONAL}


@pytest.mark.parametrize(
    ("steps", "delta", "risk"),
    [
        ([EMAIL], AudienceDelta.WIDER, "R3"),
        ([EMAIL], AudienceDelta.EVERYONE, "R4"),
        ([SMS, with_data(EMAIL, email_is_transactional=True)], AudienceDelta.WIDER, "R4"),
    ],
)
def test_a_new_sequence_is_at_least_r3(steps: list[Any], delta: AudienceDelta, risk: str) -> None:
    given = notices_of_create(body(steps=steps), delta, ())
    assert max(class_of(each, Life.UNSEEN) for each in given) == risk


@PATIENT
@given(BODIES, BODIES, st.sampled_from(SequenceStatus) | st.none() | st.just("odd"), st.booleans())
def test_whatever_changes_into_whatever_has_a_class(
    before: dict[str, Any], after: dict[str, Any], status: str | None, is_read: bool
) -> None:
    life = life_of(status, is_read=is_read)
    given = notices(before, after, align(before["steps"], after["steps"]))
    classes = [class_of(each, life) for each in given]
    assert all(isinstance(each, RiskClass) for each in classes)
    differs = canonical({**before, "filter": 0}) != canonical({**after, "filter": 0})
    assert bool(given) is differs
