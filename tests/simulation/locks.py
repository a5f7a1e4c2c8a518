"""Locks whose waiters are tasks, in the place of those of `threading`, which would stop the one thread that there is.

With them, whoever writes a journal gives way in the middle of it, and others queue behind it as they do in threads.
"""

import threading
from collections.abc import Callable

from greenlet import getcurrent

from tests.simulation.scheduler import Scheduler


class _Locked:
    """A lock whose waiters are tasks."""

    scheduler: Scheduler | None = None  # the one that runs in this process

    def __init__(self) -> None:
        self._holder: object = None
        self._depth = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        me = getcurrent()
        if self._holder is me and self._reentrant:
            self._depth += 1
            return True
        while self._holder is not None:
            if not blocking:
                return False
            if _Locked.scheduler is None or _Locked.scheduler.current is None:
                raise RuntimeError("a deadlock: outside of all tasks somebody waits for a lock")
            _Locked.scheduler.wait(self)
        self._holder, self._depth = me, 1
        return True

    def release(self) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._holder = None
            if _Locked.scheduler is not None:
                _Locked.scheduler.notify(self)

    def locked(self) -> bool:
        return self._holder is not None

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    _reentrant = False


class Lock(_Locked):
    """In the place of threading.Lock."""


class RLock(_Locked):
    """In the place of threading.RLock."""

    _reentrant = True


class Condition:
    """In the place of threading.Condition."""

    def __init__(self, lock: _Locked | None = None) -> None:
        self._lock = lock or RLock()
        self.acquire, self.release = self._lock.acquire, self._lock.release
        self._told = [0]

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def wait(self, timeout: float | None = None) -> bool:
        scheduler = _Locked.scheduler
        assert scheduler is not None
        before = self._told[0]
        self._lock.release()
        try:
            scheduler.wait(self._told, timeout)
        finally:
            self._lock.acquire()
        return self._told[0] > before

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        end = None if timeout is None else _now() + timeout
        while not predicate():
            if end is not None and _now() >= end:
                return False
            self.wait(None if end is None else end - _now())
        return True

    def notify(self, n: int = 1) -> None:
        # Waking too many is allowed: each looks again.
        self._told[0] += 1
        if _Locked.scheduler is not None:
            _Locked.scheduler.notify(self._told)

    def notify_all(self) -> None:
        self.notify()


def _now() -> float:
    assert _Locked.scheduler is not None
    return _Locked.scheduler.now


def run_in(scheduler: Scheduler | None) -> None:
    """Say which scheduler the locks of this process wait on."""
    _Locked.scheduler = scheduler


def take_over_locks() -> None:
    """Have `threading` hand out locks whose waiters are tasks; before anything of the package is imported."""
    threading.Lock = Lock  # type: ignore[assignment, misc]
    threading.RLock = RLock  # type: ignore[assignment, misc]
    threading.Condition = Condition  # type: ignore[assignment, misc]
