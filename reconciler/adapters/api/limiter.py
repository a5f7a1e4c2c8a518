"""At most so many requests in any rolling window, over all threads that share the limiter.

There are as many slots as requests are allowed in a window. A slot is free again one window after the *answer* to its
last request: only then is it sure that the server, which counts arrivals, sees no two of them within one window.
"""

import heapq
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Limiter:
    """Hand out slots. No limit where `requests` is 0."""

    def __init__(
        self,
        *,
        requests: int,
        seconds: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._is_limited = requests > 0
        self._seconds = seconds
        self._now = now
        self._sleep = sleep
        # A heap of the moments at which the slots that nobody holds are free again.
        self._free = [float("-inf")] * requests
        self._given_back = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait until a request may leave, and hold its slot until the block ends, which is when the answer is there."""
        if not self._is_limited:
            yield
            return
        delay = self._take() - self._now()
        if delay > 0:
            self._sleep(delay)
        try:
            yield
        finally:
            with self._given_back:
                heapq.heappush(self._free, self._now() + self._seconds)
                self._given_back.notify()

    def _take(self) -> float:
        with self._given_back:
            self._given_back.wait_for(lambda: self._free)
            return heapq.heappop(self._free)
