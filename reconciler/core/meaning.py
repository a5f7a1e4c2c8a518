"""Comparing payloads by what they mean: instants, sets and numbers instead of the text that writes them.

In a filter, date-times compare as instants (to the millisecond, which is what servers of this kind keep) and the lists
of ids, e-mails, names, phone numbers and domains as sets (design, section 5). Steps compare in order.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.model.jsonvalue import ABSENT, Json, MaybeJson, canonical, strictly_equal
from reconciler.model.sequence import Payload

INSTANTS: Final = frozenset({"after", "before"})
SETS: Final = frozenset({"contact_ids", "domain_name_in", "email_in", "name_in", "phone_number_in"})

# RFC 3339 with an offset; a text that does not match stays a text and compares as one.
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:?\d{2})", re.ASCII)


def same(left: MaybeJson, right: MaybeJson, *, in_filter: bool = True) -> bool:
    """Tell whether two values mean the same; both stand inside a filter unless told otherwise."""
    if strictly_equal(left, right):
        return True
    if left is ABSENT or right is ABSENT or not in_filter:
        return False
    return strictly_equal(_of_filter(left), _of_filter(right))


def same_payload(left: Payload, right: Payload) -> bool:
    """Tell whether two payloads mean the same."""
    return left.encoded == right.encoded or canonical(meaning(left.value)) == canonical(meaning(right.value))


def meaning(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload with everything in its filter rewritten into one form for one meaning."""
    if "filter" not in payload:
        return dict(payload)
    return {**payload, "filter": _of_filter(payload["filter"])}


def _of_filter(value: Any, key: str | None = None) -> Any:
    if isinstance(value, Mapping):
        return {name: _of_filter(each, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        elements = [_of_filter(each) for each in value]
        return _as_set(elements) if key in SETS else elements
    if key in INSTANTS and isinstance(value, str):
        return instant(value) or value
    return value


def _as_set(elements: list[Json]) -> list[Json]:
    return [element for _, element in sorted({canonical(each): each for each in elements}.items())]


def instant(text: str) -> str | None:
    """Rewrite an RFC 3339 date-time into UTC with milliseconds; None where the text is none."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    day, time, fraction, offset = match.groups()
    zone = "+00:00" if offset in ("Z", "z") else offset
    try:
        moment = datetime.fromisoformat(f"{day}T{time}.{(fraction or '').ljust(3, '0')[:3]}{zone}")
        return moment.astimezone(UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        return None
