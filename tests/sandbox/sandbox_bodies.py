"""Bodies that the contract takes: one of each action and of each filter."""

from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parents[2] / "schemas" / "openapi" / "update-sequence.yaml"

JsonObject = dict[str, Any]

CONTACT = "6d0f7f4e-1b7a-4c67-9c0e-0d5b7c1f2a3b"
CONTACT_2 = "0a4c2a68-52c8-4a5e-8a33-5d3c6f0b9e11"

EMAIL: JsonObject = {
    "type": "send_emails",
    "data": {
        "from_email": "hello@example.com",
        "email_subject": "Welcome — ünïcode",
        "email_body": "<p>Hello</p>",
        "email_sender_name": "Example",
        "email_is_transactional": False,
    },
}
CALL: JsonObject = {"type": "make_phone_calls", "data": {"aiPhoneAgentId": "agent-1"}}
SMS: JsonObject = {"type": "send_sms_messages", "data": {"message": "Hello"}}


def whatsapp(**parameters: Any) -> JsonObject:
    template = {"name": "hello", "language": "en", "parameters": parameters}
    return {"type": "send_whatsapp_messages", "data": {"phone_number_id": "1", "template": template}}


CONSTANT = {"type": "CONSTANT", "value": "v"}
DYNAMIC = {"type": "DYNAMIC", "ref": "plan", "fallback": "free"}
GLOBAL = {"type": "GLOBAL_DYNAMIC", "ref": "CONTACT_NAME", "fallback": "you"}
HEADERS: list[JsonObject] = [
    {"type": "text", "text": CONSTANT, "parameter_name": "first"},
    {"type": "image", "image": {"link": DYNAMIC}},
    {"type": "video", "video": {"link": GLOBAL}},
    {"type": "document", "document": {"link": CONSTANT}},
    {"type": "location", "location": {"latitude": CONSTANT, "longitude": DYNAMIC, "name": GLOBAL, "address": CONSTANT}},
]
BUTTON: JsonObject = {
    "type": "button",
    "index": "9",
    "sub_type": "url",
    "parameters": [{"type": "text", "text": CONSTANT}],
}

ACTIONS: dict[str, JsonObject] = {
    "an e-mail": EMAIL,
    "a phone call": CALL,
    "a text message": SMS,
    "a whatsapp message without parameters": whatsapp(),
    "a whatsapp message with every parameter": whatsapp(
        header={"type": "header", "parameters": HEADERS},
        body={"type": "body", "parameters": [{"type": "text", "text": GLOBAL, "parameter_name": "n"}]},
        buttons=[BUTTON],
    ),
}
FILTERS: list[JsonObject] = [
    {"type": "all_contacts"},
    {"type": "contact_id_in", "contact_ids": [CONTACT, CONTACT_2]},
    {"type": "contacts_created_at_between", "after": "2026-01-01T00:00:00Z", "before": "2026-02-01T00:00:00.5+02:00"},
    {"type": "contacts_email_domain_name_in", "domain_name_in": ["a.example", "b.example"]},
    {"type": "contacts_affected_by_sequence", "sequence_id": CONTACT},
    {"type": "contacts_name_in", "name_in": ["Ann", "Bob"]},
    {"type": "contacts_phone_number_in", "phone_number_in": ["+491", "+492"]},
    {"type": "contacts_email_in", "email_in": ["a@a.example", "b@b.example"]},
    {"type": "contacts_attributes_in", "attributes": [{"plan": "pro"}, {"plan": "team"}]},
    {"type": "contacts_sessions_attributes_in", "attributes": [{"source": "ad"}]},
    {"type": "contact_belongs_to_segment", "segment_id": "segment"},
    {"type": "last_contacted_at_between", "after": "2026-01-01T00:00:00Z"},
    {"type": "last_contacted_at_with_handoff_between"},
]


def step(action: JsonObject = EMAIL, delay: Any = None) -> JsonObject:
    return {"action": action} if delay is None else {"action": action, "delay_in_minutes": delay}


def every(*rules: JsonObject) -> JsonObject:
    return {"or": [{"and": list(rules)}]}


def body(**changes: Any) -> JsonObject:
    """A whole body, with changes; a value of `...` leaves the field out."""
    whole = {
        "name": "Welcome",
        "custom_id": "welcome",
        "is_continuous": True,
        "filter": every({"type": "all_contacts"}),
        "steps": [step(EMAIL, 0)],
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not ...}
