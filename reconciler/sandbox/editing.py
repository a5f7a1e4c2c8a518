"""Changing a sequence's content at JSON pointers (RFC 6901), as a person in a dashboard changes its fields."""

from collections.abc import Mapping
from typing import Any

from reconciler.sandbox.jsonbody import JsonObject, decode, encode
from reconciler.sandbox.rewriting import CONTENT_FIELDS


def edited(content: JsonObject, changes: Mapping[str, Any]) -> JsonObject:
    """Return the whole body that the changes ask for; ValueError for a pointer that leads nowhere."""
    # A custom_id that there never was cannot be stated: the API takes no null there.
    body = {name: value for name, value in content.items() if name != "custom_id" or value is not None}
    for pointer, value in changes.items():
        body = _set(body, _parts(pointer), decode(encode(value)), pointer)
    return body


def _parts(pointer: str) -> list[str]:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")]
    if parts[0] or len(parts) == 1 or parts[1] not in CONTENT_FIELDS:
        allowed = ", ".join("/" + name for name in CONTENT_FIELDS)
        raise ValueError(f"`{pointer}` is no place in a sequence that can be edited; begin with one of {allowed}")
    return parts[1:]


def _set(within: Any, parts: list[str], value: Any, pointer: str) -> Any:
    if not parts:
        return value
    head, rest = parts[0], parts[1:]
    match within:
        case dict() if not rest or head in within:
            return {**within, head: _set(within.get(head), rest, value, pointer)}
        case list() if head == "-" and not rest:
            return [*within, value]
        case list() if head.isascii() and head.isdigit() and int(head) < len(within):
            position = int(head)
            return [*within[:position], _set(within[position], rest, value, pointer), *within[position + 1 :]]
        case _:
            raise ValueError(f"`{pointer}` leads nowhere: there is no `{head}`")
