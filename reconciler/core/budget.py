"""The request budget: when the next request may leave, so that no window sees more of them than the limit allows.

A slot stands for one request and holds its *use*: the latest moment at which the server may have seen it. That is the
moment of the answer; while the request is out, it is the moment by which it is over in any case, so that a process
that was killed frees its slots by itself. All moments are seconds of one monotonic clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

# The use of a slot that was never used.
NEVER: Final = -1e12
# The part of a window that is added to it: two clocks may run differently by half of that.
MARGIN: Final = 0.001

# How many requests are out at a time, and the seconds that an answer and the records around it take, roughly.
FEWEST_OUT: Final = 8
MOST_OUT: Final = 32
_TURNAROUND: Final = 0.025


def most_out(requests: int, seconds: float) -> int:
    """Return how many requests should be out at a time, so that a limit of so many in so many seconds can be reached.

    More than a few is only of use where a limit is high; where a run is stopped, each one is somebody's to look into.
    """
    return min(MOST_OUT, max(FEWEST_OUT, round(requests / seconds * _TURNAROUND)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `requests` in any `seconds`. A request is over `patience` seconds after it left, whatever happens."""

    requests: int
    seconds: float
    patience: float

    @property
    def window(self) -> float:
        """Return how long a use counts."""
        return self.seconds * (1 + MARGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Leave to send one request at the moment `at`. Its slot's use was `before` and is `use` until it is known."""

    at: float
    use: float
    before: float
    slot: int


def next_turn(uses: Sequence[float], limit: Limit, *, now: float, hold: float, ahead: int = 0) -> Turn | float:
    """Return the next turn, or the moment at which to ask again where every slot is out.

    `uses` has at least `limit.requests` slots. `hold` is the moment before which nothing may leave; `ahead` is how many
    have been waiting for longer.
    """
    newest = uses if len(uses) == limit.requests else sorted(uses)[-limit.requests :]
    oldest = min(newest)
    if oldest > now or (ahead and sum(use <= now for use in newest) <= ahead):
        return _earliest(newest, limit, now=now, ahead=ahead)
    at = max(now, oldest + limit.window, hold)
    before = oldest if newest is uses else min(uses)
    return Turn(at=at, use=at + limit.patience, before=before, slot=uses.index(before))


def _earliest(newest: Sequence[float], limit: Limit, *, now: float, ahead: int) -> float:
    """Return a moment before which no slot can be free for somebody with so many ahead.

    One that is out may be answered right now, and counts as used for a window from then on.
    """
    rounds, place = divmod(ahead, len(newest))
    bounds = sorted(min(use, now) for use in newest)
    return max(bounds[place] + limit.window, now) + rounds * limit.window


def held(turn: Turn, limit: Limit, hold: float) -> Turn:
    """Return the same turn, not before `hold`."""
    return turn if hold <= turn.at else replace(turn, at=hold, use=hold + limit.patience)


def slot_of(uses: Sequence[float], turn: Turn) -> int | None:
    """Return where a turn's slot is; None where it is not any more, since all of them were counted as used."""
    if turn.slot < len(uses) and uses[turn.slot] == turn.use:
        return turn.slot
    return uses.index(turn.use) if turn.use in uses else None


def added(uses: Sequence[float], requests: int) -> list[float]:
    """Return the slots that are missing for so many requests.

    They count as used when the oldest was: what was forgotten of earlier uses was earlier than that.
    """
    missing = requests - len(uses)
    return [min(uses, default=NEVER)] * missing if missing > 0 else []
