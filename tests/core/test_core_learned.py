"""What a server makes of what it is sent: learned once, and never a cloak for what somebody did."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.handoff import hand_off
from reconciler.core.learned import effective, is_harmless, is_in_form, is_rewriting, learnable
from reconciler.core.meaning import same_payload
from reconciler.model.sequence import Payload, Record
from tests.core.core_values import BODIES, PATIENT, SEGMENT, STEP, body, payload, where

PAYLOADS = BODIES.map(Payload.of)


def recorded(applied: Payload, stored: Payload | None) -> Record:
    return Record(id="1", applied=applied, stored=stored)


def seen(record: Record, live: Payload) -> Payload:
    return Payload.of(effective(record, live))


@PATIENT
@given(PAYLOADS, PAYLOADS)
def test_live_as_it_was_stored_counts_as_what_was_applied(applied: Payload, stored: Payload) -> None:
    assert seen(recorded(applied, stored), stored) == applied


@PATIENT
@given(PAYLOADS, PAYLOADS, PAYLOADS)
def test_live_that_is_neither_stored_nor_applied_shows(applied: Payload, stored: Payload, live: Payload) -> None:
    looks_applied = same_payload(seen(recorded(applied, stored), live), applied)
    assert looks_applied is (same_payload(live, stored) or same_payload(live, applied))


@st.composite
def mixtures(draw: st.DrawFn) -> tuple[Payload, Payload, Payload]:
    """Three payloads that take each of a few leaves from two values: what hides a change best."""
    names = ["name", "subject", "first", "second"]
    sides = [{name: draw(st.sampled_from(["x", "y"])) for name in names} for _ in range(3)]

    def of(leaves: dict[str, str]) -> Payload:
        steps = [{"action": {"data": {"message": leaves[each]}}} for each in ("first", "second")]
        return payload(name=leaves["name"], steps=[{"subject": leaves["subject"]}, *steps])

    applied, stored, live = map(of, sides)
    return applied, stored, live


@PATIENT
@given(mixtures())
def test_a_mixture_of_stored_and_applied_is_neither(sides: tuple[Payload, Payload, Payload]) -> None:
    applied, stored, live = sides
    looks_applied = same_payload(seen(recorded(applied, stored), live), applied)
    assert looks_applied is (same_payload(live, stored) or same_payload(live, applied))


@PATIENT
@given(PAYLOADS, PAYLOADS)
def test_without_a_rewrite_live_is_what_it_is(applied: Payload, live: Payload) -> None:
    assert seen(recorded(applied, None), live) == live
    assert same_payload(seen(recorded(applied, applied), live), live)


@PATIENT
@given(PAYLOADS, PAYLOADS)
def test_a_rewrite_is_learned_exactly_if_it_means_something_else_and_does_no_harm(
    applied: Payload, live: Payload
) -> None:
    learned = not same_payload(applied, live) and is_harmless(applied, live)
    assert learnable(applied, live) == (live if learned else None)


def test_what_somebody_moved_shows_beside_what_the_server_rewrote() -> None:
    applied = payload(name="A ", steps=[{"action": {"data": {"message": "Hi ", "more": "x"}}}])
    stored = payload(name="A", steps=[{"action": {"data": {"message": "Hi", "more": "x"}}}])
    moved = payload(name="A", steps=[{"action": {"data": {"message": "Hi", "more": "MOVED"}}}])
    assert seen(recorded(applied, stored), moved) == payload(
        name="A ", steps=[{"action": {"data": {"message": "Hi ", "more": "MOVED"}}}]
    )


def test_a_rewrite_is_recognised_in_another_spelling_of_the_same_instant() -> None:
    def of(name: str, after: str) -> Payload:
        return payload(name=name, filter=where({"type": "contacts_created_at_between", "after": after}))

    applied = of("A", "2026-01-01T00:00:00.500Z")
    stored = of("A", "2026-01-01T00:00:00Z")  # the server keeps whole seconds
    respelled = of("MOVED", "2026-01-01T01:00:00+01:00")
    assert seen(recorded(applied, stored), respelled) == of("MOVED", "2026-01-01T00:00:00.500Z")


def test_a_field_that_the_server_adds_is_known_afterwards_and_a_changed_one_shows() -> None:
    stored = payload(steps=[{**STEP, "tracking": True}])
    assert seen(recorded(payload(), stored), stored) == payload()
    changed = payload(steps=[{**STEP, "tracking": False}])
    assert seen(recorded(payload(), stored), changed) == changed


@pytest.mark.parametrize("odd", [None, "x", {}, [], [1], [STEP, STEP]])
def test_steps_of_another_shape_show_as_they_are(odd: Any) -> None:
    assert effective(recorded(payload(), payload(name="B")), payload(steps=odd))["steps"] == odd


EMAIL = {
    "type": "send_emails",
    "data": {
        "from_email": "a@e.c",
        "email_subject": "S",
        "email_body": "B",
        "email_sender_name": "N",
        "email_is_transactional": False,
    },
}


def email(**changes: Any) -> dict[str, Any]:
    return {"action": {**EMAIL, "data": {**EMAIL["data"], **changes}}, "delay_in_minutes": 5}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("change", "harmless"),
    [
        pytest.param({}, True, id="nothing"),
        pytest.param({"name": "B"}, True, id="the name"),
        pytest.param({"steps": [email(email_subject="s")]}, True, id="a subject"),
        pytest.param({"steps": [email(email_body="b", email_sender_name="n")]}, True, id="copy"),
        pytest.param({"steps": [{**email(), "id": "step-1"}]}, True, id="a field that the step left out"),
        pytest.param({"steps": [email(from_email="b@e.c")]}, False, id="the sender"),
        pytest.param({"steps": [email(email_is_transactional=True)]}, False, id="whether it is transactional"),
        pytest.param({"steps": [{**email(), "delay_in_minutes": 0}]}, False, id="the delay"),
        pytest.param({"steps": [{"action": EMAIL}]}, False, id="the delay left out"),
        pytest.param({"steps": [email(), email()]}, False, id="a step more"),
        pytest.param({"steps": []}, False, id="a step less"),
        pytest.param({"steps": [STEP]}, False, id="another step"),
        pytest.param({"steps": ["odd"]}, False, id="a step that is none"),
        pytest.param({"steps": None}, False, id="no steps"),
        pytest.param({"filter": None}, False, id="the audience"),
        pytest.param(
            {"filter": where({**SEGMENT, "segment_id": f" {SEGMENT['segment_id']} "})}, True, id="white space"
        ),
        pytest.param({"steps": [email(from_email=" a@e.c")]}, True, id="white space of the sender"),
        pytest.param({"filter": where()}, False, id="a condition less"),
        pytest.param({"custom_id": None}, False, id="the identity"),
        pytest.param({"is_continuous": False}, False, id="whether it goes on"),
    ],
)
def test_only_names_copy_and_filled_gaps_are_harmless(change: dict[str, Any], harmless: bool) -> None:
    assert is_harmless(payload(steps=[email()]), payload(**{"steps": [email()], **change})) is harmless


def test_a_handed_off_field_comes_from_the_source_and_from_the_manifest_where_that_has_none() -> None:
    source = payload(name="theirs", filter=None)
    assert hand_off(payload(), ("/name", "/filter"), source=source) == payload(name="theirs", filter=None)
    assert hand_off(payload(), (), source=source) == payload()
    bare = Payload.of({key: value for key, value in body().items() if key != "name"})
    assert hand_off(payload(), ("/name",), source=bare) == payload()
    assert hand_off(payload(), ("/steps/0/delay_in_minutes", "/steps/7/x"), source=payload(steps=[{}])) == payload()


def test_an_instant_cut_to_the_second_is_a_matter_of_form_and_another_one_is_not() -> None:
    def of(after: str) -> Payload:
        return payload(filter=where({"type": "contacts_created_at_between", "after": after}))

    assert is_harmless(of("2026-01-01T00:00:00.500Z"), of("2026-01-01T00:00:00Z"))
    assert not is_harmless(of("2026-01-01T00:00:00Z"), of("2026-01-01T00:00:01Z"))


def test_a_text_that_trimming_leaves_empty_is_no_matter_of_form() -> None:
    def of(name: str) -> Payload:
        return payload(filter=where({"type": "contacts_name_in", "name_in": [name]}))

    assert not is_harmless(of(" "), of(""))


@pytest.mark.parametrize(
    ("found", "in_form", "rewriting"),
    [
        pytest.param(payload(), True, True, id="equal"),
        pytest.param(payload(name=" A\n"), True, True, id="trimmed"),
        pytest.param(payload(name="B"), False, False, id="another name"),
        pytest.param(payload(steps=[{**STEP, "tracking": True}]), False, True, id="a default filled in"),
        pytest.param(payload(steps=[]), False, False, id="fewer steps"),
        pytest.param(payload(filter=None), False, False, id="everyone"),
        pytest.param(payload(extra=1), False, False, id="another field"),
    ],
)
def test_a_habit_of_a_server_is_told_from_somebodys_hand(found: Payload, in_form: bool, rewriting: bool) -> None:
    assert (is_in_form(payload(), found), is_rewriting(payload(), found)) == (in_form, rewriting)


@PATIENT
@given(PAYLOADS, PAYLOADS)
def test_what_is_in_form_is_a_rewriting_and_every_rewriting_is_harmless(applied: Payload, stored: Payload) -> None:
    assert not is_in_form(applied, stored) or is_rewriting(applied, stored)
    assert not is_rewriting(applied, stored) or is_harmless(applied, stored)
    assert is_in_form(applied, applied)
