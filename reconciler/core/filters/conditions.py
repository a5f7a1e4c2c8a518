"""A filter in the form that can be reasoned about: groups of conditions, any group of which is enough.

Each kind of condition says only what is known of it. What is not, however it is written, is `Opaque`: the same in both
filters, or nothing at all can be said.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

CREATED: Final = "contacts_created_at_between"
CONTACTED: Final = "last_contacted_at_between"
HANDED_OFF: Final = "last_contacted_at_with_handoff_between"
IDS: Final = "contact_id_in"

# A contact has one moment of each of these at a time. A handoff may be any one of several: the name does not say.
SINGLE: Final = frozenset({CREATED, CONTACTED})


@dataclass(frozen=True, slots=True)
class Everybody:
    """`all_contacts`, taken at its word: the one condition that is known to match every contact."""


@dataclass(frozen=True, slots=True)
class Range:
    """A moment between two bounds, in milliseconds since the epoch; None is no bound, and at least one is there.

    Whether a bound itself is inside, and to what part of a minute a server keeps it, is unknown.
    """

    kind: str
    after: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Whoever fits an element of a list. What fits an element (case, part of a text) is unknown, for ids excepted."""

    kind: str
    elements: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reference:
    """Whoever another sequence has affected; `key` is that sequence's id, or how the body names it."""

    key: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """Whoever fits something of which nothing is known but how it is written.

    `is_narrowing` tells whether it is known to leave someone out.
    """

    key: str
    is_narrowing: bool


Condition: TypeAlias = Everybody | Range | Listed | Reference | Opaque
Group: TypeAlias = frozenset[Condition]
Groups: TypeAlias = tuple[Group, ...]


class Movement(Enum):
    """What is known of how a set of contacts moves."""

    STILL = "still"
    GROWS = "grows"
    SHRINKS = "shrinks"
    UNKNOWN = "unknown"

    def joined(self, other: "Movement") -> "Movement":
        """Return what is known where both movements happen."""
        if other in (self, Movement.STILL):
            return self
        return other if self is Movement.STILL else Movement.UNKNOWN


def narrows(condition: Condition) -> bool:
    """Tell whether a condition is known to leave someone out, whatever moments contacts have."""
    match condition:
        case Listed() | Reference():
            return True
        case Opaque():
            return condition.is_narrowing
        case _:
            return False
