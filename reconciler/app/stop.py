"""Stopping work that is under way in threads: signals reach the main thread alone.

Whoever does the work asks whether to stop, or is woken where it waits; it then winds up as on a signal.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

from reconciler.app.workers import Workers
from reconciler.core.latch import Latch
from reconciler.model.plan_set import Failure

# Seconds that requests in flight are given when a signal or a stop comes; CI kills a job 10 s after the first signal.
GRACE: Final = 5.0

_Result = TypeVar("_Result")


class Stopped(BaseException):
    """Somebody had this work stop, and `why`. Like a signal, it is no error of what was under way."""

    def __init__(self, why: Failure) -> None:
        super().__init__(why.message)
        self.why = why


class Stop(Latch[Failure]):
    """Whether work is to stop, and why. `hands` is how many threads one crew may have, where much is done beside it."""

    def __init__(self, *, hands: int | None = None) -> None:
        super().__init__()
        self._hands = hands

    def check(self) -> None:
        """Raise Stopped where work is to stop."""
        if self.why is not None:
            raise Stopped(self.why)

    def crew(self, count: int) -> "StoppableWorkers[_Result]":
        """Return a crew that stops with this."""
        return StoppableWorkers(count if self._hands is None else min(count, self._hands), self)


# Never set: for work that only signals stop.
NEVER: Final = Stop()


class StoppableWorkers(Workers[_Result], Generic[_Result]):
    """Workers whose results raise Stopped as soon as somebody has the work stop (a Crew of the ports)."""

    def __init__(self, count: int, stop: Stop) -> None:
        super().__init__(count)
        self._stop = stop

    def results(self) -> Iterator[_Result]:
        """Return each result as it comes; raises what the work raised, and Stopped."""
        woken: Future[_Result] = Future()
        with self._stop.waking(lambda _why: self._done.put(woken)):
            while self._flying:
                future = self._done.get()
                self._stop.check()
                if future is not woken:
                    self._flying.discard(future)
                    yield future.result()
