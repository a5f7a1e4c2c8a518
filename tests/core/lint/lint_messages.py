"""Sequences with one thing in them, and what the lint says of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.core.lint.linter import Linter
from reconciler.model.diagnostic import Finding
from reconciler.model.settings import LintSettings

LEAVE = '<a href="https://example.com/unsubscribe">Unsubscribe</a>'


def email(body: str = "", *, subject: str = "Hello", is_transactional: bool = False) -> dict[str, Any]:
    return {
        "type": "send_emails",
        "data": {
            "from_email": "hello@example.com",
            "email_subject": subject,
            "email_body": body,
            "email_sender_name": "Example",
            "email_is_transactional": is_transactional,
        },
    }


def sms(message: str) -> dict[str, Any]:
    return {"type": "send_sms_messages", "data": {"message": message}}


def call(agent: str = "agent") -> dict[str, Any]:
    return {"type": "make_phone_calls", "data": {"aiPhoneAgentId": agent}}


def whatsapp(language: str = "en", *, name: str = "welcome", **parameters: Any) -> dict[str, Any]:
    template = {"name": name, "language": language, "parameters": parameters}
    return {"type": "send_whatsapp_messages", "data": {"phone_number_id": "1", "template": template}}


def text(name: str | None = None, value: str = "x") -> dict[str, Any]:
    named = {} if name is None else {"parameter_name": name}
    return {"type": "text", "text": {"type": "CONSTANT", "value": value}, **named}


def part(kind: str, *parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": kind, "parameters": list(parameters)}


def step(action: Mapping[str, Any], delay: float | None = 0) -> dict[str, Any]:
    return {"action": action} if delay is None else {"action": action, "delay_in_minutes": delay}


def found(*steps: Mapping[str, Any], branches: Iterable[Any] | None = None, **settings: Any) -> tuple[Finding, ...]:
    """Return what is said of a sequence of these actions or steps."""
    written = [each if "action" in each else step(each, 60 * position) for position, each in enumerate(steps)]
    audience = None if branches is None else {"or": [{"and": each} for each in branches]}
    return Linter(LintSettings(**settings)).inspect({"custom_id": "a", "filter": audience, "steps": written})


def rules_of(findings: Iterable[Finding]) -> list[str]:
    return [each.rule for each in findings]


def marked(finding: Finding, raw: str) -> str:
    """Return the characters that a finding is about."""
    assert finding.start is not None
    return raw[finding.start : finding.start + finding.length]
