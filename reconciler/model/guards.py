"""What an environment lets nobody do without saying why, and the overrides that say it.

The values are `[environments.NAME.guards]` in `reconciler.toml`, checked; what they decide is in `core/guarding`.
"""

from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from reconciler.model.jsonvalue import digest

if TYPE_CHECKING:
    from fractions import Fraction  # costs 2 ms, and most environments have no share


class Rule(StrEnum):
    """Whether something may be done at all."""

    ALLOW = "allow"
    REFUSE = "refuse"


class Adoption(StrEnum):
    """Who may record a sequence that exists: whoever says `--adopt`, anybody, or nobody."""

    ASKED = "asked"
    ALLOW = "allow"
    REFUSE = "refuse"


class Day(IntEnum):
    """Days of the week as `datetime.weekday` counts them."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """Which senders an e-mail may have; None where any will do. Domains are lower case, and each stands for itself."""

    domains: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A stretch in which nothing is written, from a local moment up to another one, in a time zone."""

    begin: datetime
    end: datetime
    zone: tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A stretch in which nothing is written that begins on each of these days, and ends a day later at the latest.

    `end` at or before `begin` is on the next day. Without hours it is the whole day.
    """

    days: tuple[Day, ...]
    zone: tzinfo
    begin: time = time(0)
    end: time = time(0)


Freeze: TypeAlias = Period | Weekly


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """The limits of one environment. What is None or empty limits nothing.

    `max_changes_percent` is exact, since a limit that is rounded up must not be missed by the error of a float.
    `acknowledge` is the class of risk from which on somebody has to name the plan. `protected` are patterns of
    custom_ids.
    """

    max_changes: int | None = None
    max_changes_percent: "Fraction | None" = None
    acknowledge: str | None = None
    senders: Senders | None = None
    protected: tuple[str, ...] = ()
    freeze: tuple[Freeze, ...] = ()
    ended: Rule = Rule.REFUSE
    adoption: Adoption = Adoption.ASKED
    drift: Rule = Rule.ALLOW

    @property
    def digest(self) -> str | None:
        """What names these guards in the basis of a plan; None where none are set."""
        return None if self == NO_GUARDS else digest(repr(self).encode())


NO_GUARDS: Final = Guards()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A guard that is not to refuse one plan, and why: both are part of what the plan was decided from."""

    guard: str
    reason: str
