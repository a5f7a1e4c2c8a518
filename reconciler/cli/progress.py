"""Progress on stderr: one line that keeps up on a terminal, one line a sequence in a log."""

import sys
from types import TracebackType
from typing import Self

from reconciler.cli.session import Session, draw, say, width
from reconciler.model.outcome import Outcome
from reconciler.model.plan import Plan
from reconciler.view.apply_text import outcome_line
from reconciler.view.terminal import one_line
from reconciler.view.words import counted


class Meter:
    """Shows how many changes of a plan have come to an end."""

    def __init__(self, session: Session, plan: Plan, *, silent: bool) -> None:
        self._total = sum(bool(change.operation or change.record) for change in plan.changes)
        self._done = 0
        self._silent = silent
        self._live = not silent and sys.stderr.isatty()
        self._paint = session.paint(sys.stderr)

    def __enter__(self) -> Self:
        self._draw("")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def settled(self, outcome: Outcome) -> None:
        """Count one outcome and show it."""
        self._done += 1
        if self._live:
            self._draw(outcome.custom_id)
        elif not self._silent:
            say(f"[{self._done}/{self._total}] {outcome_line(outcome, self._paint)}")

    def stopping(self, flying: int) -> None:
        """Tell that a signal has come and how many requests are waited for; a second signal would not wait."""
        if not self._silent:
            self._clear()
            say(f"stopping: finishing {counted(flying, 'change')} in flight; once more stops at once")

    def _clear(self) -> None:
        if self._live:
            draw("\r\x1b[K")

    def _draw(self, name: str) -> None:
        if not self._live:
            return
        filled = 20 * self._done // max(self._total, 1)
        bar = "█" * filled + "░" * (20 - filled)
        line = one_line(f"Applying {bar} {self._done} of {self._total}  {name}", longest=width() - 1)
        draw(f"\r\x1b[K{line}")
