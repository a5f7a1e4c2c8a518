"""Small worlds to check claims about filters in: every contact that can be told apart, however a server may read.

The evaluation here shares nothing with the code under test: it takes the JSON of a condition and one contact at a
time. What is unknown about the server is a reading; a world is a reading and a contact; worlds are bits of an integer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, product
from operator import and_, or_
from typing import Any, Final

UNIT: Final = 600  # seconds; moments in these worlds are counted in it
READINGS: Final[Mapping[str, tuple[Any, ...]]] = {
    "ids": ("exact", "folded"),
    "text": ("exact", "folded", "part"),
    "empty list": (True, False),
    "blank": ("ignored", True, False),
    "pairs": (all, any),
    "after": ("in", "out"),
    "before": ("in", "out"),
    "kept": ("second", "minute"),
    "never": (None, float("-inf"), float("inf")),
    "unbounded": (True, False),
    "inverted": ("nobody", "swapped"),
    "handoff": ("any", "last"),
    "null": (True, False),
    "empty and": (True, False),
    "strange": (True, False),
    "segment": ("by contact", True, False),
}
_RANGES: Final = {
    "contacts_created_at_between": "created",
    "last_contacted_at_between": "contacted",
    "last_contacted_at_with_handoff_between": "handoffs",
}
_LISTS: Final = {
    "contact_id_in": ("contact_ids", "id", "ids"),
    "contacts_email_in": ("email_in", "emails", "text"),
    "contacts_name_in": ("name_in", "names", "text"),
}


def when(units: float) -> str:
    seconds = round(units * UNIT)
    return f"2026-01-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z"


def seconds_of(text: str) -> int:
    hours, minutes, seconds = (int(part) for part in text[11:19].split(":"))
    return hours * 3600 + minutes * 60 + seconds


# --- the evaluation ---------------------------------------------------------------------------------------------------


def fits(asked: Mapping[str, Any], contact: Mapping[str, Any], reading: Mapping[str, Any], side: str) -> bool:
    """Whether a contact fits a condition; `side` tells before from after where another sequence moves."""
    kind = asked["type"]
    if kind in _RANGES:
        return _in_range(asked, contact[_RANGES[kind]], reading)
    if kind in _LISTS:
        key, attribute, how = _LISTS[kind]
        return _listed(asked[key], contact[attribute], reading[how], reading)
    if kind == "contacts_attributes_in":
        return _one_of(asked.get("attributes", []), contact["attributes"], reading)
    if kind == "contacts_affected_by_sequence":
        return bool(contact[f"{asked['sequence_id']} {side}"])
    if kind == "contact_belongs_to_segment":
        return bool(contact[asked["segment_id"]] if reading["segment"] == "by contact" else reading["segment"])
    return kind == "all_contacts" or bool(reading["strange"])


def _listed(elements: Sequence[str], values: Sequence[str], how: str, reading: Mapping[str, Any]) -> bool:
    named = [each for each in elements if each.strip()]
    if len(named) < len(elements) and reading["blank"] != "ignored":
        return reading["blank"] or any(_same(each, value, how) for each in named for value in values)
    return any(_same(each, value, how) for each in named for value in values) if named else reading["empty list"]


def _same(element: str, value: str, how: str) -> bool:
    if how == "exact":
        return element == value
    one, other = element.casefold(), value.casefold()
    return one in other if how == "part" else one == other


def _one_of(wanted: Sequence[Mapping[str, str]], has: Mapping[str, str], reading: Mapping[str, Any]) -> bool:
    if not wanted:
        return bool(reading["empty list"])
    return any(reading["pairs"](has.get(key) == value for key, value in each.items()) for each in wanted)


def _in_range(asked: Mapping[str, Any], moments: Sequence[float], reading: Mapping[str, Any]) -> bool:
    after, before = (seconds_of(asked[key]) if key in asked else None for key in ("after", "before"))
    if after is None and before is None:
        return bool(reading["unbounded"])
    if after is not None and before is not None and after > before:
        after, before = (before, after) if reading["inverted"] == "swapped" else (after, before)
    if reading["kept"] == "minute":
        after, before = (None if each is None else each // 60 * 60 for each in (after, before))
    seen = [each * UNIT for each in moments] or ([] if reading["never"] is None else [reading["never"]])
    if reading["handoff"] == "last":
        seen = seen[-1:]
    return any(_is_between(each, after, before, reading) for each in seen)


def _is_between(moment: float, after: float | None, before: float | None, reading: Mapping[str, Any]) -> bool:
    begins = after is None or moment > after or (moment == after and reading["after"] == "in")
    return begins and (before is None or moment < before or (moment == before and reading["before"] == "in"))


# --- worlds -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Worlds:
    """Every contact under every reading of what is varied; all other readings are the first ones."""

    contacts: tuple[Mapping[str, Any], ...]
    readings: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, attributes: Mapping[str, Sequence[Any]], varied: Sequence[str]) -> "Worlds":
        first = {name: values[0] for name, values in READINGS.items()}
        return cls(
            contacts=tuple(dict(zip(attributes, each, strict=True)) for each in product(*attributes.values())),
            readings=tuple(
                {**first, **dict(zip(varied, each, strict=True))} for each in product(*(READINGS[n] for n in varied))
            ),
        )

    def bits(self, filter_: Any, side: str, known: dict[tuple[str, str], int]) -> int:
        """The worlds in which a filter matches; `known` keeps those of each condition."""
        if filter_ is None:
            return self._where(lambda contact, reading: reading["null"])
        return reduce(or_, (self._group_bits(group["and"], side, known) for group in filter_["or"]))

    def _group_bits(self, conditions: Sequence[Any], side: str, known: dict[tuple[str, str], int]) -> int:
        if not conditions:
            return self._where(lambda contact, reading: reading["empty and"])
        for asked in conditions:
            key = (repr(asked), side)
            if key not in known:
                known[key] = self._where(lambda contact, reading, asked=asked: fits(asked, contact, reading, side))
        return reduce(and_, (known[repr(asked), side] for asked in conditions))

    def _where(self, holds: Callable[..., Any]) -> int:
        digits = ("1" if holds(contact, reading) else "0" for reading in self.readings for contact in self.contacts)
        return int("".join(digits), 2)

    def in_each_reading(self, bits: int) -> bool:
        """Whether every reading has a contact whose bit is set."""
        return all(self._in_readings(bits))

    def has_someone_outside(self, bits: int) -> bool:
        """Whether somebody is left out in every reading, those apart in which a segment happens to hold everyone."""
        out = self._in_readings(~bits)
        pairs = zip(self.readings, out, strict=True)
        return all(is_out for reading, is_out in pairs if reading["segment"] == "by contact")

    def _in_readings(self, bits: int) -> list[bool]:
        size = len(self.contacts)
        return [bool(bits >> (size * number) & ((1 << size) - 1)) for number in reversed(range(len(self.readings)))]


def filters(conditions: Sequence[Any], size: int) -> Iterator[Any]:
    """Every filter of at most so many conditions, in any groups, each condition once in a group; and the odd ones."""
    yield None
    yield {"or": [{"and": []}]}
    groups = [list(each) for length in range(1, size + 1) for each in combinations(conditions, length)]
    for count in range(1, size + 1):
        for chosen in combinations(groups, count):
            if sum(map(len, chosen)) <= size:
                yield {"or": [{"and": group} for group in chosen]}
