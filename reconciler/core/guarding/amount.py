"""How many sequences one apply may write to: so many, and so many of a hundred that are recorded. Both hold.

A share is rounded up, and is never less than one: of 3 recorded sequences 10 per cent is one, and of none it is one
too, so that a small or an empty state is no way around the guard, and no dead end either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from reconciler.core.guarding.proposal import Finding, Proposal

if TYPE_CHECKING:
    from fractions import Fraction

_FEWER = "apply fewer at a time with `--only PATTERN`"


@dataclass(frozen=True, slots=True, kw_only=True)
class TooMany:
    """More writes than one apply may have."""

    writes: int
    limit: int
    custom_id: str | None = None
    remedy: str = _FEWER

    @property
    def fact(self) -> str:
        """How many there are, and how many are allowed."""
        return f"the plan writes to {_sequences(self.writes)}, and `max_changes` allows {self.limit} in one apply"


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLargeShare:
    """More writes than a share of what is recorded."""

    writes: int
    recorded: int
    percent: "Fraction"
    custom_id: str | None = None
    remedy: str = _FEWER

    @property
    def fact(self) -> str:
        """How many there are, and how many are allowed of how many."""
        return (
            f"the plan writes to {_sequences(self.writes)}, and `max_changes_percent = {float(self.percent):g}` of "
            f"{self.recorded} recorded allows {share(self.recorded, self.percent)} in one apply"
        )


def share(recorded: int, percent: "Fraction") -> int:
    """Return how many sequences a share comes to: rounded up, and at least one."""
    return max(1, ceil(recorded * percent / 100))


def check_number(proposal: Proposal) -> Iterator[Finding]:
    """Refuse more writes than `max_changes`."""
    limit, writes = proposal.guards.max_changes, len(proposal.writes)
    if limit is not None and writes > limit:
        yield TooMany(writes=writes, limit=limit)


def check_share(proposal: Proposal) -> Iterator[Finding]:
    """Refuse more writes than `max_changes_percent` of what is recorded."""
    percent, writes = proposal.guards.max_changes_percent, len(proposal.writes)
    if percent is not None and writes > share(proposal.recorded, percent):
        yield TooLargeShare(writes=writes, recorded=proposal.recorded, percent=percent)


def _sequences(number: int) -> str:
    return f"{number} sequence" if number == 1 else f"{number} sequences"
