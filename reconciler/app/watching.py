"""Watches of the ports for where nobody looks, or one looks at many."""

import threading
import time
from collections.abc import Callable
from typing import Final

from reconciler.model.fleet_run import Spent
from reconciler.model.outcome import Outcome
from reconciler.ports import Waiting, Watch


class Nobody:
    """Hears everything and tells nothing (a Watch of the ports)."""

    def reading(self, total: int) -> Callable[[str], None]:
        """Hear of the reads that are to come."""
        del total
        return lambda _name: None

    def applying(self, total: int) -> None:
        """Hear of the changes that are to come."""

    def settled(self, outcome: Outcome) -> None:
        """Hear what came of a change."""

    def stopping(self, flying: int) -> None:
        """Hear that the run is to stop."""

    def waiting(self, seconds: float, reason: str) -> None:
        """Hear of a wait."""

    def requested(self, *, is_throttled: bool) -> None:
        """Hear of a request."""

    def notice(self, text: str) -> None:
        """Hear a sentence."""

    def done(self) -> None:
        """Hear that it is over."""


class OfMany(Nobody):
    """Passes on waits and requests of many that work side by side, and each sentence once (a Watch of the ports)."""

    def __init__(
        self, *, waiting: Waiting, notice: Callable[[str], None], requested: Callable[[], None] = lambda: None
    ) -> None:
        self._waiting = waiting
        self._notice = notice
        self._requested = requested
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def waiting(self, seconds: float, reason: str) -> None:
        """Hear of a wait."""
        self._waiting(seconds, reason)

    def requested(self, *, is_throttled: bool) -> None:
        """Hear of a request."""
        del is_throttled
        self._requested()

    def notice(self, text: str) -> None:
        """Hear a sentence."""
        with self._lock:
            is_new = text not in self._told
            self._told.add(text)
        if is_new:
            self._notice(text)


class Reckoning(Nobody):
    """Adds up what one organisation takes, and passes everything on that is for many (a Watch of the ports)."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._began = time.monotonic()
        self._requests = self._throttled = 0
        self._waited = 0.0
        self._until = self._began
        self._lock = threading.Lock()

    @property
    def spent(self) -> Spent:
        """What it took until now, to the hundredth, so that it is drawn the same from a saved report."""
        seconds = round(time.monotonic() - self._began, 2)
        waited = min(round(self._waited, 2), seconds)
        return Spent(requests=self._requests, throttled=self._throttled, waited=waited, seconds=seconds)

    def requested(self, *, is_throttled: bool) -> None:
        """Hear of a request."""
        with self._lock:
            self._requests += 1
            self._throttled += is_throttled
        self._watch.requested(is_throttled=is_throttled)

    def waiting(self, seconds: float, reason: str) -> None:
        """Hear of a wait; what several threads wait at the same time counts once."""
        with self._lock:
            now = time.monotonic()
            self._waited += max(now + seconds - max(now, self._until), 0.0)
            self._until = max(self._until, now + seconds)
        self._watch.waiting(seconds, reason)

    def stopping(self, flying: int) -> None:
        """Hear that it is to stop."""
        self._watch.stopping(flying)

    def notice(self, text: str) -> None:
        """Hear a sentence."""
        self._watch.notice(text)


NOBODY: Final[Watch] = Nobody()
