"""Comparing payloads by what they mean: instants, sets and numbers instead of the text that writes them.

In a filter's conditions, date-times compare as instants (to the millisecond, which is what servers of this kind keep)
and the lists of ids, e-mails, names, phone numbers and domains as sets (design, section 5). Everything else, the
attributes that a condition asks for among it, compares as it is written; steps, groups and conditions in order.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from reconciler.core.blank import is_blank_text
from reconciler.model.jsonvalue import ABSENT, Json, MaybeJson, canonical, strictly_equal
from reconciler.model.pointer import Path
from reconciler.model.sequence import Payload

INSTANTS: Final = frozenset({"after", "before"})
SETS: Final = frozenset({"contact_ids", "domain_name_in", "email_in", "name_in", "phone_number_in"})

# Where the fields of a condition stand in a payload; None is any position of a list.
_FILTER: Final = "filter"
_CONDITION: Final = (_FILTER, "or", None, "and", None)
# RFC 3339 with an offset; a text that does not match stays a text and compares as one.
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:?[0-5]\d)", re.ASCII)
# No organisation had a contact before the one, and no sequence of today runs until the other.
_FIRST_MOMENT: Final = "2000-01-01T00:00:00.000+00:00"
_LAST_MOMENT: Final = "2100-01-01T00:00:00.000+00:00"


def same_at(path: Path, left: MaybeJson, right: MaybeJson) -> bool:
    """Tell whether two values that stand at the same path of two payloads mean the same."""
    return strictly_equal(left, right) or strictly_equal(meaning_at(path, left), meaning_at(path, right))


def same_payload(left: Payload, right: Payload) -> bool:
    """Tell whether two payloads mean the same."""
    if left.encoded == right.encoded:
        return True
    one, other = left.value, right.value
    here, there = one.pop(_FILTER, ABSENT), other.pop(_FILTER, ABSENT)
    # Only in the filter can the same thing be written in two ways: where the rest differs, that need not be looked at.
    # Python's `==` errs only in calling different things equal, and is far quicker in calling them different.
    return one == other and canonical(one) == canonical(other) and same_at((_FILTER,), here, there)


def meaning(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload with everything in its filter rewritten into one form for one meaning."""
    return {key: meaning_at((key,), value) for key, value in payload.items()}


def meaning_at(path: Path, value: Any) -> Any:
    """Return what stands at a path of a payload, rewritten into one form for one meaning."""
    if not _is_on_the_way(path):
        return value
    if len(path) > len(_CONDITION):
        return _of_condition(path[len(_CONDITION) :], value)
    if isinstance(value, Mapping):
        return {key: meaning_at((*path, key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [meaning_at((*path, position), each) for position, each in enumerate(value)]
    return value


def set_around(path: Path) -> Path | None:
    """Return the path of the set that a path leads into, None where it leads into none."""
    is_inside = len(path) > len(_CONDITION) and _is_on_the_way(path) and path[len(_CONDITION)] in SETS
    return path[: len(_CONDITION) + 1] if is_inside else None


def _is_on_the_way(path: Path) -> bool:
    return all(part in (None, at) for part, at in zip(_CONDITION, path, strict=False))


def _of_condition(path: Path, value: Any) -> Any:
    if len(path) == 1 and path[0] in INSTANTS and isinstance(value, str):
        return instant(value) or value
    if len(path) == 1 and path[0] in SETS and isinstance(value, list | tuple):
        return _as_set(value)
    return value


def _as_set(elements: list[Json] | tuple[Json, ...]) -> list[Json]:
    return [element for _, element in sorted({canonical(each): each for each in elements}.items())]


@lru_cache(maxsize=4096)
def instant(text: str) -> str | None:
    """Rewrite an RFC 3339 date-time into UTC with milliseconds; None where the text is none.

    Cached, since several checks ask it of the same moment.
    """
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


def leaves_nobody_out(key: str, moment: str) -> bool:
    """Tell whether a bound of a period, `after` or `before`, is one that every contact keeps.

    What is kept by `after: 1970-01-01` or `before: 9999-12-31` is every moment that a contact of the organisation has.
    """
    # At the ends of the calendar an offset may lead out of it: then the text is compared as it stands.
    bound = instant(moment) or (moment if _INSTANT.fullmatch(moment) else None)
    if bound is None:
        return False
    return bound <= _FIRST_MOMENT if key == "after" else bound >= _LAST_MOMENT


def is_blank(value: Any) -> bool:
    """Tell whether there is nothing in a value, or in one of its elements: a search for "" may find everyone.

    White space and what is not seen are nothing: a server that trims makes "" of it.
    """
    if isinstance(value, list | tuple):
        return not value or any(is_blank(each) for each in value)
    if isinstance(value, Mapping):
        return not value or any(is_blank(each) for each in value.values())
    return is_blank_text(value) if isinstance(value, str) else not value
