"""A latch that is set once, with a reason, and that wakes whoever waits for it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

_Why = TypeVar("_Why")


class Latch(Generic[_Why]):
    """Whether work is to stop, and why; the first reason stays. Safe to share between threads."""

    def __init__(self) -> None:
        self._why: _Why | None = None
        self._wakes: list[Callable[[_Why], object]] = []
        self._lock = threading.Lock()

    @property
    def why(self) -> _Why | None:
        """Why work is to stop; None where it may go on."""
        return self._why

    def set(self, why: _Why) -> None:
        """Have the work stop."""
        with self._lock:
            if self._why is not None:
                return
            self._why = why
            wakes = tuple(self._wakes)
        for wake in wakes:
            wake(why)

    @contextmanager
    def waking(self, wake: Callable[[_Why], object]) -> Iterator[None]:
        """Have `wake` called if work is to stop before the block ends, at once if it is already."""
        with self._lock:
            self._wakes.append(wake)
            why = self._why
        try:
            if why is not None:
                wake(why)
            yield
        finally:
            with self._lock:
                self._wakes.remove(wake)
