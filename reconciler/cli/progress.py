"""Progress on stderr: one line that keeps up on a terminal, one line a sequence in a log, and every long wait told."""

import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

from reconciler.cli.session import Session, draw, say, width
from reconciler.core.lowering import REQUESTS_FOR_A_WRITE
from reconciler.model.outcome import Outcome
from reconciler.view.apply_text import outcome_line
from reconciler.view.terminal import inert_line, one_line
from reconciler.view.words import Pace, counted, time_left
from reconciler.wiring.workspace import Workspace

# Seconds from which a wait is worth a line in a log.
_LONG: Final = 5.0
# Seconds for which nobody needs to be shown what is read.
_SHORT: Final = 0.5
_READING: Final = "Reading"
_BAR: Final = 20


class Meter:
    """Shows how much of `total` is done, when the rest will be, and what is being waited for.

    `pace` is what the request limit allows, where there is one; not `at_once` draws nothing in the first moment. Safe
    to call from several threads.
    """

    def __init__(
        self,
        session: Session,
        label: str,
        total: int,
        *,
        silent: bool,
        pace: Pace | None = None,
        at_once: bool = True,
    ) -> None:
        self._label = label
        self._total = total
        self._pace = pace
        self._done = 0
        self._name = ""
        self._wait = ""
        self._told_until = 0.0
        self._began = time.monotonic()
        self._from = self._began + (0 if at_once else _SHORT)
        self._lock = threading.RLock()
        self._silent = silent
        self._live = not silent and sys.stderr.isatty()
        self._paint = session.paint(sys.stderr)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Show that nothing is done yet."""
        self._draw()

    def close(self) -> None:
        """Wipe the line; nothing is drawn any more."""
        with self._lock:
            self._clear()
            self._live = False

    def step(self, name: str, line: Callable[[], str] | None = None) -> None:
        """Count one as done: its name is shown on a terminal, its line (if any) in a log."""
        with self._lock:
            self._done += 1
            self._name, self._wait = name, ""
            if self._live:
                self._draw()
            elif line is not None and not self._silent:
                say(f"[{self._done}/{self._total}] {line()}")

    def settled(self, outcome: Outcome) -> None:
        """Count one outcome and show it."""
        self.step(outcome.custom_id, lambda: outcome_line(outcome, self._paint))

    def waiting(self, seconds: float, reason: str) -> None:
        """Tell that nothing goes on for so many seconds, and why; of several threads that wait alike one tells it."""
        end = time.monotonic() + seconds
        with self._lock:
            if self._silent or seconds < 1 or end <= self._told_until + 1:
                return
            self._told_until = end
            self._wait = f"{inert_line(reason)}, until {_clock(seconds)}"
            if self._live:
                self._draw()
            elif seconds >= _LONG:
                say(f"{self._label.lower()}: {self._wait}; {self._left() or f'{self._done} of {self._total} done'}")

    def stopping(self, flying: int) -> None:
        """Tell that a signal has come and how many requests are waited for; a second signal would not wait."""
        if not self._silent:
            self._clear()
            say(f"stopping: finishing {counted(flying, 'change')} in flight; once more stops at once")

    def notice(self, text: str) -> None:
        """Say a sentence beside the line."""
        with self._lock:
            self._clear()
            if not self._silent:
                say(inert_line(text))
            self._draw()

    def _left(self) -> str:
        seconds = time_left(self._done, self._total, time.monotonic() - self._began, self._pace)
        return "" if seconds is None else f"{self._total - self._done:,} left, until about {_clock(seconds)}"

    def _clear(self) -> None:
        if self._live:
            draw("\r\x1b[K")

    def _draw(self) -> None:
        if not self._live or time.monotonic() < self._from:
            return
        filled = _BAR * self._done // max(self._total, 1)
        bar = "█" * filled + "░" * (_BAR - filled)
        parts = [f"{self._label} {bar} {self._done:,} of {self._total:,}", self._left(), self._wait or self._name]
        line = one_line("  ".join(part for part in parts if part), longest=width() - 1)
        draw(f"\r\x1b[K{line}")


class Telling:
    """What a command tells while it works: the meter of what goes on, waits, and sentences (a Watch of the ports)."""

    def __init__(self, session: Session, workspace: Workspace, *, silent: bool) -> None:
        self._session = session
        self._workspace = workspace
        self._silent = silent
        self._meter: Meter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.done()

    def notice(self, text: str) -> None:
        """Say a sentence beside the meter."""
        if self._meter is not None:
            self._meter.notice(text)
        elif not self._silent:
            say(inert_line(text))

    def requested(self, *, is_throttled: bool) -> None:
        """One organisation's line counts sequences, not requests."""

    def waiting(self, seconds: float, reason: str) -> None:
        """Tell that nothing goes on for so many seconds, and why."""
        if self._meter is not None:
            self._meter.waiting(seconds, reason)

    def reading(self, total: int) -> Callable[[str], None]:
        """Begin to show what is read, where it is much, and return what is told of each read."""
        self._meter = self._begun(_READING, total, each=1)
        return self._meter.step

    def applying(self, total: int) -> None:
        """Begin to show what is carried out."""
        self.done()
        self._meter = self._begun("Applying", total, each=REQUESTS_FOR_A_WRITE)
        self._meter.open()

    def settled(self, outcome: Outcome) -> None:
        """Count one outcome and show it."""
        if self._meter is not None:
            self._meter.settled(outcome)

    def stopping(self, flying: int) -> None:
        """Tell that a signal has come, and how many changes are waited for."""
        if self._meter is not None:
            self._meter.stopping(flying)

    def done(self) -> None:
        """Wipe the meter."""
        if self._meter is not None:
            self._meter.close()
            self._meter = None

    def _begun(self, label: str, total: int, *, each: int) -> Meter:
        environment = self._workspace.environment
        limit = environment.rate_limit
        pace = None if environment.is_sandbox else Pace(limit.requests, limit.seconds, each)
        return Meter(self._session, label, total, silent=self._silent, pace=pace, at_once=label != _READING)


def _clock(seconds: float) -> str:
    """Return the local time so many seconds from now; with the day where that is not today."""
    today = datetime.now().astimezone()
    end = today + timedelta(seconds=seconds)
    shown = "%H:%M:%S" if seconds < 120 else "%H:%M"
    return end.strftime(shown if end.date() == today.date() else f"%d %B, {shown}")
