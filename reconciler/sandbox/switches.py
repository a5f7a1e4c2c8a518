"""Switches: one for each thing that nobody outside the vendor knows about the server.

Every combination is a server that might be the real one, so a client is right only if it is right under all of them.
The defaults are the likely server, not the kind one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, get_type_hints


class Omitted(StrEnum):
    """What a PATCH does to a field that it leaves out."""

    KEPT = "kept"
    DEFAULTED = "defaulted"
    NULLED = "nulled"


class Lists(StrEnum):
    """In which order the ids, e-mails, names, phone numbers and domains of a filter are answered."""

    KEPT = "kept"
    REORDERED = "reordered"


class Timestamps(StrEnum):
    """How the server writes an instant that it was given; the instant itself never moves."""

    KEPT = "kept"
    REFORMATTED = "reformatted"
    OFFSET = "offset"


class Strings(StrEnum):
    """Whether the server keeps the white space around a string."""

    KEPT = "kept"
    TRIMMED = "trimmed"


class Numbers(StrEnum):
    """Whether a whole number is answered as it came or with a fraction of zero."""

    KEPT = "kept"
    FLOATS = "floats"


class Lookup(StrEnum):
    """Whether GET also takes a custom_id."""

    ON = "on"
    OFF = "off"


class UnknownKeys(StrEnum):
    """What becomes of a key that the contract neither names nor forbids."""

    DROPPED = "dropped"
    REFUSED = "refused"
    KEPT = "kept"


class Duplicates(StrEnum):
    """Whether a second sequence of an organisation may take a custom_id."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class Finished(StrEnum):
    """Whether a complete or canceled sequence takes a PATCH."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class Missing(StrEnum):
    """How the server says that there is no such sequence: 404, or 500 with `statusCode` 404 in its body."""

    PLAIN = "plain"
    WRAPPED = "wrapped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How the simulated server behaves where opencx-api.md says that the real one's behaviour is unknown."""

    # Hazard 1: whether the defaults of the contract fire in a PATCH. `defaulted` sets `name` and `is_continuous` back;
    # `nulled` does that too and empties `custom_id` and `filter`. Steps always stay: an update cannot do without.
    omitted: Omitted = Omitted.DEFAULTED
    # Hazard 6: the server may answer in another shape than was sent.
    lists: Lists = Lists.KEPT
    timestamps: Timestamps = Timestamps.KEPT
    strings: Strings = Strings.KEPT
    numbers: Numbers = Numbers.KEPT
    # Identity: "ID or custom ID" in the pages up to late 2025, "unique identifier" in the contract of record.
    lookup: Lookup = Lookup.ON
    # Hazard 3: open objects accept a typo and probably drop it silently.
    unknown_keys: UnknownKeys = UnknownKeys.DROPPED
    # "Whether a duplicate custom_id is refused."
    duplicates: Duplicates = Duplicates.ACCEPTED
    # "Whether active, complete or canceled sequences accept PATCH."
    finished: Finished = Finished.ACCEPTED
    # "What a missing sequence answers": unknown.
    missing: Missing = Missing.PLAIN
    # "Read-after-write delay": how many reads of a sequence after a write still answer the version before it.
    lag: int = 0
    # "Per key, organisation or address: unknown": here per key, requests in any rolling 60 seconds; 0 is no limit.
    limit: int = 0

    def __post_init__(self) -> None:
        for name in ("lag", "limit"):
            if getattr(self, name) < 0:
                raise ValueError(f"switch `{name}` takes a whole number from 0, not `{getattr(self, name)}`")

    @classmethod
    def parse(cls, settings: Iterable[str], base: "Switches | None" = None) -> "Switches":
        """Return `base` with each `name=value` applied, the last one winning; ValueError names what was meant."""
        changes: dict[str, Any] = dict(_setting(text) for text in settings)
        return replace(base if base is not None else cls(), **changes)

    def settings(self) -> list[str]:
        """Return every switch as `name=value`, in the order of their declaration; `parse` reads them back."""
        return [f"{field.name}={getattr(self, field.name)}" for field in fields(self)]


def _setting(text: str) -> tuple[str, StrEnum | int]:
    kinds = get_type_hints(Switches)
    name, equals, value = (part.strip() for part in text.partition("="))
    if name not in kinds:
        raise ValueError(f"there is no switch `{name}`{_nearest(name, kinds)}; the switches are {', '.join(kinds)}")
    kind = kinds[name]
    if kind is int:
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise ValueError(f"switch `{name}` takes a whole number from 0, not `{value}`")
        return name, int(value)
    allowed = [member.value for member in kind]
    if value not in allowed:
        said = f"not `{value}`{_nearest(value, allowed)}" if equals else f"as in `{name}={allowed[0]}`"
        raise ValueError(f"switch `{name}` takes {_either(allowed)}, {said}")
    return name, kind(value)


def _nearest(word: str, words: Iterable[str]) -> str:
    near = get_close_matches(word, list(words), n=1, cutoff=0.5)
    return f" (did you mean `{near[0]}`?)" if near else ""


def _either(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
