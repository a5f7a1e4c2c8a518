"""What the simulated server makes of what it was sent, where the switches let it.

What loses something (trimming, defaults) happens when a body is stored. What only changes the form (order, timestamps,
numbers) happens when a sequence is answered, so that a switch thrown later shows at the next read.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from reconciler.sandbox.instant import in_milliseconds, with_offset
from reconciler.sandbox.jsonbody import JsonObject
from reconciler.sandbox.switches import Lists, Numbers, Omitted, Strings, Switches, Timestamps

CONTENT_FIELDS: Final = ("name", "custom_id", "filter", "steps", "is_continuous")
_NULLABLE: Final = ("custom_id", "filter")
_SETS = frozenset({"contact_ids", "domain_name_in", "email_in", "name_in", "phone_number_in"})
_INSTANTS = frozenset({"after", "before"})
_REWRITE: Mapping[Timestamps, Callable[[str], str]] = {
    Timestamps.REFORMATTED: in_milliseconds,
    Timestamps.OFFSET: with_offset,
}


def created(body: JsonObject, defaults: JsonObject, switches: Switches) -> JsonObject:
    """Return the content of a new sequence: the body, with the contract's defaults for what it leaves out."""
    return {"custom_id": None, **defaults, **_trimmed(body, switches)}


def patched(content: JsonObject, body: JsonObject, defaults: JsonObject, switches: Switches) -> JsonObject:
    """Return the content after a PATCH, with what the server does to the fields that it leaves out."""
    match switches.omitted:
        case Omitted.KEPT:
            reset: JsonObject = {}
        case Omitted.DEFAULTED:
            reset = defaults
        case Omitted.NULLED:
            reset = {**dict.fromkeys(_NULLABLE), **defaults}
    return {**content, **reset, **_trimmed(body, switches)}


def answered(content: JsonObject, switches: Switches) -> JsonObject:
    """Return the content in the form in which the server answers it."""
    shown = dict(content)
    if content["filter"] is not None:
        groups = [
            {**group, "and": [_rule(rule, switches) for rule in group["and"]]} for group in content["filter"]["or"]
        ]
        shown["filter"] = {**content["filter"], "or": groups}
    if switches.numbers is Numbers.FLOATS:
        shown["steps"] = [_with_float(step) for step in content["steps"]]
    return shown


def timestamp(text: str, switches: Switches) -> str:
    """Return one of the server's own timestamps in the form in which it answers them."""
    rewrite = _REWRITE.get(switches.timestamps)
    return rewrite(text) if rewrite else text


def _rule(rule: JsonObject, switches: Switches) -> JsonObject:
    return {key: _rule_value(key, value, switches) for key, value in rule.items()}


def _rule_value(key: str, value: Any, switches: Switches) -> Any:
    if key in _SETS and switches.lists is Lists.REORDERED:
        return value[::-1]
    if key in _INSTANTS:
        return timestamp(value, switches)
    return value


def _with_float(step: JsonObject) -> JsonObject:
    delay = step.get("delay_in_minutes")
    # Beyond this a float would be another number.
    return {**step, "delay_in_minutes": float(delay)} if isinstance(delay, int) and delay < 2**53 else step


def _trimmed(body: JsonObject, switches: Switches) -> JsonObject:
    return {key: _strip(value) for key, value in body.items()} if switches.strings is Strings.TRIMMED else body


def _strip(value: Any) -> Any:
    match value:
        case str():
            return value.strip()
        case list():
            return [_strip(child) for child in value]
        case dict():
            return {key: _strip(child) for key, child in value.items()}
        case _:
            return value
