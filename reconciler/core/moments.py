"""Time as others wrote it down: how long ago a moment was. Only for what may wait a little longer than it needs to."""

from datetime import datetime
from typing import Final

# A moment is told to the second, so two of them may be a second nearer to each other than they look.
_GRAIN: Final = 1.0


def seconds_since(since: str, now: str) -> float:
    """Return how many seconds have surely passed between two RFC 3339 moments; 0 where that cannot be told.

    A clock that was set back, or a moment that is none, makes nothing look older than it is.
    """
    try:
        passed = (datetime.fromisoformat(now) - datetime.fromisoformat(since)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return max(passed - _GRAIN, 0.0)
