"""The executors of one process: errands in threads, many organisations at a time, or one after the other.

One organisation's trouble is nobody else's: each has its own thread, its own limit and its own end, and one that only
waits for its limit gives its turn to another.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import copy_context
from queue import SimpleQueue
from typing import Final, Protocol

from reconciler.app.stop import Stop
from reconciler.app.watching import OfMany
from reconciler.model.errand import Done, Errand, broken, not_begun
from reconciler.model.plan_set import Failure
from reconciler.ports import Watch

# Organisations at a time, unless somebody says otherwise.
PARALLEL: Final = 16
# Organisations that are begun at the most, those included that wait for their limit.
MOST: Final = 512
# Threads that send requests, of all organisations that are worked on at a time, unless those are more: what Python
# spends on handing its one lock from thread to thread grows with them, until nothing else is done.
HANDS: Final = 64


class Perform(Protocol):
    """Does an errand, and raises nothing for it."""

    def __call__(self, errand: Errand, *, watch: Watch, stop: Stop) -> Done:
        """Return what came of it."""
        ...


class InTurn:
    """Does each errand when its end is asked for, in the thread that asks (an Executor of the ports).

    Where nothing far away is waited for, threads would only be in each other's way.
    """

    def __init__(self, perform: Perform, watch: Watch) -> None:
        self._perform = perform
        self._watch = watch
        self._stop = Stop()

    def run(self, errands: Iterable[Errand]) -> Iterator[Done]:
        """Return what came of each."""
        for errand in errands:
            why = self._stop.why
            yield not_begun(errand, why) if why else self._perform(errand, watch=self._watch, stop=self._stop)

    def stop(self, why: Failure) -> None:
        """Begin nothing more."""
        self._stop.set(why)


class Threads:
    """Does errands in threads, `parallel` organisations at a time (an Executor of the ports).

    The threads are daemons, so that a process can end without waiting for an organisation that nobody answers for.
    """

    def __init__(self, perform: Perform, watch: Watch, *, parallel: int = PARALLEL, most: int = MOST) -> None:
        self._perform = perform
        self._watch = watch
        self._parallel = parallel
        self._most = max(most, parallel)
        self._stop = Stop(hands=max(1, HANDS // parallel))

    def run(self, errands: Iterable[Errand]) -> Iterator[Done]:
        """Return what came of each as it comes."""
        return _Running(self._perform, self._watch, self._stop, errands, self._parallel, self._most)

    def stop(self, why: Failure) -> None:
        """Begin nothing more, and have what is under way wind up."""
        self._stop.set(why)


class _Running:
    """One run of errands in threads."""

    def __init__(
        self, perform: Perform, watch: Watch, stop: Stop, errands: Iterable[Errand], parallel: int, most: int
    ) -> None:
        self._perform = perform
        self._watch = watch
        self._stop = stop
        self._left = deque(errands)
        self._parallel = parallel
        self._most = most
        self._expected = len(self._left)
        self._ended: SimpleQueue[Done] = SimpleQueue()
        # The moment until which each errand that is under way does nothing but wait; 0 for one that works.
        self._waits: dict[int, float] = {}
        self._lock = threading.Lock()
        self._context = copy_context()
        self._fill()

    def __iter__(self) -> Iterator[Done]:
        return self

    def __next__(self) -> Done:
        if not self._expected:
            raise StopIteration
        done = self._ended.get()
        self._expected -= 1
        return done

    def _fill(self) -> None:
        """Begin errands as long as there is a turn for them."""
        with self._lock:
            now = time.monotonic()
            while self._left and len(self._waits) < self._most and self._working(now) < self._parallel:
                errand = self._left.popleft()
                self._waits[id(errand)] = 0.0
                context = self._context.copy()
                threading.Thread(target=context.run, args=(self._one, errand), daemon=True).start()

    def _working(self, now: float) -> int:
        return sum(until <= now for until in self._waits.values())

    def _one(self, errand: Errand) -> None:
        """Do an errand, and then have the next one begin."""
        try:
            done = self._done(errand)
        except BaseException as bug:  # noqa: BLE001 - whoever waits for its end gets one
            done = Done(organisation=errand.organisation, result=broken(bug))
        with self._lock:
            del self._waits[id(errand)]
        self._ended.put(done)
        self._fill()

    def _done(self, errand: Errand) -> Done:
        why = self._stop.why
        if why is not None:
            return not_begun(errand, why)
        watch = OfMany(
            waiting=self._giving_way(errand),
            notice=self._watch.notice,
            requested=lambda: self._watch.requested(is_throttled=False),
        )
        return self._perform(errand, watch=watch, stop=self._stop)

    def _giving_way(self, errand: Errand) -> Callable[[float, str], None]:
        def waiting(seconds: float, reason: str) -> None:
            with self._lock, suppress(KeyError):
                self._waits[id(errand)] = max(self._waits[id(errand)], time.monotonic() + seconds)
            self._fill()
            self._watch.waiting(seconds, reason)

        return waiting
