"""From a filter as JSON, whatever it holds, to groups of conditions: total, since live may answer anything."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.core.filters.conditions import (
    CONTACTED,
    CREATED,
    HANDED_OFF,
    IDS,
    SINGLE,
    Condition,
    Everybody,
    Group,
    Groups,
    Listed,
    Opaque,
    Range,
    Reference,
)
from reconciler.core.meaning import instant, is_blank, leaves_nobody_out, meaning_at
from reconciler.model.jsonvalue import ABSENT, MaybeJson, canonical

_LISTS: Final = {
    IDS: "contact_ids",
    "contacts_email_domain_name_in": "domain_name_in",
    "contacts_email_in": "email_in",
    "contacts_name_in": "name_in",
    "contacts_phone_number_in": "phone_number_in",
    "contacts_attributes_in": "attributes",
    "contacts_sessions_attributes_in": "attributes",
}
_RANGES: Final = frozenset({CREATED, CONTACTED, HANDED_OFF})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ANY_CONDITION: Final = ("filter", "or", 0, "and", 0)


def read_filter(value: MaybeJson) -> Groups:
    """Return the groups of a filter; what may mean everyone or nobody becomes a group of one opaque condition."""
    groups = value.get("or") if isinstance(value, Mapping) and value.keys() == {"or"} else None
    if not isinstance(groups, list | tuple) or not groups:
        return (frozenset({_opaque(value)}),)
    return tuple(dict.fromkeys(_read_group(each) for each in groups))


def _read_group(value: Any) -> Group:
    conditions = value.get("and") if isinstance(value, Mapping) and value.keys() == {"and"} else None
    if not isinstance(conditions, list | tuple) or not conditions:
        return frozenset({_opaque(value)})
    read = {_read_condition(each) for each in conditions}
    rest = read - {Everybody()}  # it leaves nobody out, so beside others it says nothing
    return frozenset(_intersected(rest)) if rest else frozenset(read)


def _read_condition(value: Any) -> Condition:
    kind = value.get("type") if isinstance(value, Mapping) else None
    if not isinstance(kind, str):
        return _opaque(value)
    if kind in _LISTS:
        return _read_list(kind, _LISTS[kind], value)
    if kind in _RANGES:
        return _read_range(kind, value)
    if kind == "all_contacts" and len(value) == 1:
        return Everybody()
    if kind == "contacts_affected_by_sequence" and value.keys() == {"type", "sequence_id"}:
        named = value["sequence_id"]
        return _opaque(value) if is_blank(named) else Reference(named if isinstance(named, str) else _text(named))
    is_segment = kind == "contact_belongs_to_segment" and not is_blank(value.get("segment_id"))
    return _opaque(value, is_narrowing=is_segment)


def _read_list(kind: str, key: str, value: Mapping[str, Any]) -> Condition:
    elements = value.get(key)
    # With an element that is blank, a longer list may match fewer people than a shorter one.
    if value.keys() != {"type", key} or not isinstance(elements, list | tuple) or is_blank(elements):
        return _opaque(value)
    return Listed(kind, frozenset(each if isinstance(each, str) else _text(each) for each in elements))


def _read_range(kind: str, value: Mapping[str, Any]) -> Condition:
    bounds = {key: value[key] for key in ("after", "before") if key in value}
    moments = {key: _milliseconds(each) for key, each in bounds.items()}
    is_plain = bool(bounds) and len(value) == 1 + len(bounds)
    if all(isinstance(each, str) and leaves_nobody_out(key, each) for key, each in bounds.items()):
        return _opaque(value)
    if not is_plain or None in moments.values():
        return _opaque(value, is_narrowing=is_plain and not any(is_blank(each) for each in bounds.values()))
    after, before = moments.get("after"), moments.get("before")
    if after is not None and before is not None and after > before:
        return _opaque(value, is_narrowing=True)
    return Range(kind, after, before)


def _milliseconds(text: Any) -> int | None:
    moment = instant(text) if isinstance(text, str) else None
    if moment is None:
        return None
    since = datetime.fromisoformat(moment) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000


def _intersected(conditions: Iterable[Condition]) -> set[Condition]:
    """Make one range of those over the same single moment, where they have one in common."""
    found = set(conditions)
    for kind in SINGLE:
        ranges = {each for each in found if isinstance(each, Range) and each.kind == kind}
        if len(ranges) > 1:
            after = max((each.after for each in ranges if each.after is not None), default=None)
            before = min((each.before for each in ranges if each.before is not None), default=None)
            if after is None or before is None or after <= before:
                found = (found - ranges) | {Range(kind, after, before)}
    return found


def _opaque(value: Any, *, is_narrowing: bool = False) -> Opaque:
    return Opaque(_text(meaning_at(_ANY_CONDITION, value)), is_narrowing)


def _text(value: Any) -> str:
    return "absent" if value is ABSENT else canonical(value).decode("ascii")
