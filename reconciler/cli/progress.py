"""Progress on stderr: one line that keeps up on a terminal, one line a sequence in a log, and every long wait told."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

from reconciler.cli.session import Session, draw, say, width
from reconciler.core.lowering import REQUESTS_FOR_A_WRITE
from reconciler.model.outcome import Outcome
from reconciler.model.plan import Plan
from reconciler.view.apply_text import outcome_line
from reconciler.view.terminal import inert_line, one_line
from reconciler.view.words import Pace, counted, time_left
from reconciler.wiring.api import Api, connect
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
        self._draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

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
    """What a command tells while it works: the meter of what goes on, waits, and sentences that are told once."""

    def __init__(self, session: Session, *, silent: bool) -> None:
        self._session = session
        self._silent = silent
        self._meter: Meter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.done()

    def via(self, proxy: str | None) -> None:
        """Tell that requests go through a proxy."""
        if proxy is not None:
            self.notice(f"via proxy {proxy}")

    def notice(self, text: str) -> None:
        """Say a sentence beside the meter."""
        if self._meter is not None:
            self._meter.notice(text)
        elif not self._silent:
            say(inert_line(text))

    def waiting(self, seconds: float, reason: str) -> None:
        """Tell that nothing goes on for so many seconds, and why."""
        if self._meter is not None:
            self._meter.waiting(seconds, reason)

    def reading(self, workspace: Workspace) -> Callable[[int], Callable[[str], None]]:
        """Return what a plan tells of its reads; the meter is drawn for long ones only."""

        def begin(total: int) -> Callable[[str], None]:
            self._meter = self._begun(_READING, total, workspace, each=1)
            return self._meter.step

        return begin

    def applying(self, workspace: Workspace, plan: Plan) -> Meter:
        """Return the meter of an apply."""
        self.done()
        total = sum(change.has_work for change in plan.changes)
        self._meter = self._begun("Applying", total, workspace, each=REQUESTS_FOR_A_WRITE)
        return self._meter

    def done(self) -> None:
        """Wipe the meter."""
        if self._meter is not None:
            self._meter.close()
            self._meter = None

    def _begun(self, label: str, total: int, workspace: Workspace, *, each: int) -> Meter:
        limit = workspace.environment.rate_limit
        pace = None if workspace.environment.is_sandbox else Pace(limit.requests, limit.seconds, each)
        return Meter(self._session, label, total, silent=self._silent, pace=pace, at_once=label != _READING)


@contextmanager
def connected(workspace: Workspace, telling: Telling) -> Iterator[Api]:
    """Open the environment's API, and tell what there is to tell of it."""
    with connect(workspace, waiting=telling.waiting, notice=telling.notice) as api:
        telling.via(api.via)
        yield api


def _clock(seconds: float) -> str:
    """Return the local time so many seconds from now; with the day where that is not today."""
    today = datetime.now().astimezone()
    end = today + timedelta(seconds=seconds)
    shown = "%H:%M:%S" if seconds < 120 else "%H:%M"
    return end.strftime(shown if end.date() == today.date() else f"%d %B, {shown}")
