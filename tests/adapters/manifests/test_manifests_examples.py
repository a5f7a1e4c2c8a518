"""The example product in `sequences/`: it loads without a word, and shows everything that a manifest can say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.manifests.load import Loaded, load
from reconciler.adapters.schemas.checker import ManifestChecker
from reconciler.core.audience import check_audience

ROOT = Path(__file__).parents[3]
VARIABLES = {
    "segment_new_customers": "7d1c0c1e-5b0a-4c55-9a51-0d6f3c1f8a01",
    "segment_paused": "7d1c0c1e-5b0a-4c55-9a51-0d6f3c1f8a02",
    "segment_newsletter": "7d1c0c1e-5b0a-4c55-9a51-0d6f3c1f8a03",
    "phone_agent_onboarding": "c2a4e6f8-1b3d-4f5a-8c7e-9d0b1a2c3e01",
    "phone_agent_support": "c2a4e6f8-1b3d-4f5a-8c7e-9d0b1a2c3e02",
    "whatsapp_number": "100000000000001",
}


@pytest.fixture(scope="module")
def examples() -> Loaded:
    checker = ManifestChecker(ROOT / "schemas" / "sequence.schema.json")
    return load(ROOT, "sequences", variables=VARIABLES, check=checker.check, inspect=check_audience)


def walk(value: Any) -> Iterator[Any]:
    yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(child)


def types_used(examples: Loaded) -> set[str]:
    payloads = [each.payload.value for each in examples.desired]
    return {each["type"] for each in walk(payloads) if isinstance(each, dict) and "type" in each}


def test_the_examples_load_without_a_diagnostic(examples: Loaded) -> None:
    assert examples.diagnostics == ()
    assert len(examples.desired) == examples.files >= 9


def test_the_examples_use_every_action_filter_header_and_variable(examples: Loaded) -> None:
    actions = {"send_emails", "make_phone_calls", "send_sms_messages", "send_whatsapp_messages"}
    filters = {
        "all_contacts",
        "contact_id_in",
        "contacts_created_at_between",
        "contacts_email_domain_name_in",
        "contacts_affected_by_sequence",
        "contacts_name_in",
        "contacts_phone_number_in",
        "contacts_email_in",
        "contacts_attributes_in",
        "contacts_sessions_attributes_in",
        "contact_belongs_to_segment",
        "last_contacted_at_between",
        "last_contacted_at_with_handoff_between",
    }
    parts = {"header", "text", "image", "video", "document", "location", "body", "button"}
    variables = {"GLOBAL_DYNAMIC", "DYNAMIC", "CONSTANT"}
    assert types_used(examples) == actions | filters | parts | variables


def test_the_examples_use_every_contact_field_and_both_ways_of_running(examples: Loaded) -> None:
    payloads = [each.payload.value for each in examples.desired]
    refs = {each.get("ref") for each in walk(payloads) if isinstance(each, dict)}
    assert {"CONTACT_NAME", "CONTACT_EMAIL", "CONTACT_NUMBER"} <= refs
    assert {each["is_continuous"] for each in payloads} == {True, False}
    assert any(step["delay_in_minutes"] % 1 for each in payloads for step in each["steps"])


def test_the_examples_refer_to_each_other_in_a_chain(examples: Loaded) -> None:
    references = {each.custom_id: each.references for each in examples.desired}
    assert references["onboarding-team"] == ("onboarding-activation",)
    assert references["onboarding-activation"] == ("onboarding-welcome",)


def test_everyone_is_reached_only_where_it_is_said(examples: Loaded) -> None:
    everyone = {each.custom_id for each in examples.desired if each.instructions.audience == "everyone"}
    assert everyone == {"terms-2026-09", "maintenance-notice"}
    assert all(each.instructions.owner for each in examples.desired)


def test_every_commercial_email_can_be_unsubscribed_from(examples: Loaded) -> None:
    emails = [
        step["action"]["data"]
        for each in examples.desired
        for step in each.payload.value["steps"]
        if step["action"]["type"] == "send_emails"
    ]
    assert len(emails) >= 7
    for email in emails:
        assert email["email_body"].startswith("<!doctype html>")
        assert email["email_is_transactional"] or "Unsubscribe" in email["email_body"]


def test_every_example_begins_with_the_line_that_editors_look_for() -> None:
    for path in (ROOT / "sequences").rglob("*.yaml"):
        first = path.read_text().splitlines()[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / schema).resolve() == ROOT / "schemas" / "sequence.schema.json"


def test_the_examples_name_no_real_person_or_place() -> None:
    for path in (each for each in (ROOT / "sequences").rglob("*") if each.is_file()):
        words = path.read_text().replace('"', " ").replace("<", " ").split()
        for word in words:
            if "@" in word or "://" in word:
                assert "example.com" in word or "example.org" in word, f"{path}: {word}"
            if word.startswith("+"):
                assert word.startswith(("+1555555010", "+1555555012"))
