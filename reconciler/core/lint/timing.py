"""Steps that come too close, that repeat each other, or that go on for too long."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.jsonvalue import canonical
from reconciler.model.pointer import Path
from reconciler.model.settings import LintSettings

_CHANNELS: Final = {
    "send_emails": "e-mail",
    "make_phone_calls": "call",
    "send_sms_messages": "SMS",
    "send_whatsapp_messages": "WhatsApp message",
}
# What is the message itself; a second call by the same agent is a second try.
_MESSAGES: Final = {"send_emails": "email_body", "send_sms_messages": "message", "send_whatsapp_messages": "template"}
_DAY: Final = 24 * 60
_DELAY: Final = "delay_in_minutes"


def look(steps: Sequence[Mapping[str, Any]], settings: LintSettings) -> Iterator[Finding]:
    """Return what is wrong with the order and the times of the steps."""
    if len(steps) > 1:
        yield from _without_pause(steps)
        yield from _twice(steps)
    yield from _too_long(steps, settings.longest_days)


def _without_pause(steps: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    before = None
    for position, step in enumerate(steps):
        kind = step["action"]["type"]
        if kind == before and not step.get(_DELAY):
            name = _CHANNELS.get(kind, kind)
            yield _warning(
                rules.NO_PAUSE,
                f"this {name} follows the {name} before it at once: people get both in the same minute",
                f"set its `{_DELAY}`, such as 1440 for a day, or make one message of the two",
                ("steps", position, *((_DELAY,) if _DELAY in step else ())),
            )
        before = kind


def _twice(steps: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    first: dict[tuple[str, str], int] = {}
    alike: dict[tuple[str, str], set[bytes]] = {}
    for position, step in enumerate(steps):
        action = step["action"]
        kind = action["type"]
        key = _MESSAGES.get(kind)
        if key is None:
            continue
        message = action["data"][key]
        said = (kind, message.strip() if isinstance(message, str) else message["name"])
        before = first.setdefault(said, position)
        if before == position:
            continue
        if not isinstance(message, str):
            # Templates of one name are compared as a whole only here: most sequences name each of theirs once.
            known = alike.setdefault(said, {canonical(steps[before]["action"]["data"][key])})
            if (written := canonical(message)) not in known:
                known.add(written)
                continue
        yield _warning(
            rules.SAME_MESSAGE,
            f"step {position + 1} sends the same {_CHANNELS[kind]} as step {before + 1}: people get it twice",
            "write another message, or remove the step",
            ("steps", position, "action", "data", key),
        )


def _too_long(steps: Sequence[Mapping[str, Any]], most: int) -> Iterator[Finding]:
    minutes = 0.0
    for position, step in enumerate(steps):
        minutes += step.get(_DELAY) or 0
        if minutes > most * _DAY:
            yield _warning(
                rules.TOO_MANY_DAYS,
                f"this step comes {minutes / _DAY:,.0f} days after the sequence began, and {most} are the most",
                "the delay is in minutes: 1440 are a day; `longest_days` in reconciler.toml is the bound",
                ("steps", position, _DELAY),
            )
            return


def _warning(rule: str, message: str, hint: str, path: Path) -> Finding:
    return Finding(rule=rule, message=message, hint=hint, path=path, severity=Severity.WARNING)
