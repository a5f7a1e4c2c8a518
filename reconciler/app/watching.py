"""Watches of the ports for where nobody looks, or one looks at many."""

import threading
from collections.abc import Callable
from typing import Final

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

    def notice(self, text: str) -> None:
        """Hear a sentence."""

    def done(self) -> None:
        """Hear that it is over."""


class OfMany(Nobody):
    """Passes on the waits of many that work side by side, and each sentence once (a Watch of the ports)."""

    def __init__(self, *, waiting: Waiting, notice: Callable[[str], None]) -> None:
        self._waiting = waiting
        self._notice = notice
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def waiting(self, seconds: float, reason: str) -> None:
        """Hear of a wait."""
        self._waiting(seconds, reason)

    def notice(self, text: str) -> None:
        """Hear a sentence."""
        with self._lock:
            is_new = text not in self._told
            self._told.add(text)
        if is_new:
            self._notice(text)


NOBODY: Final[Watch] = Nobody()
