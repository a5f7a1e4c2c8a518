"""At most so many requests in any rolling window, over all threads that share the limiter."""

import threading
import time
from collections import deque
from collections.abc import Callable


class Limiter:
    """`wait` returns when one more request may leave. No limit where `requests` is 0."""

    def __init__(
        self,
        *,
        requests: int,
        seconds: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._requests = requests
        self._seconds = seconds
        self._now = now
        self._sleep = sleep
        self._left: deque[float] = deque(maxlen=max(requests, 1))
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Block until a request may leave, and count it."""
        if self._requests == 0:
            return
        delay = self._reserve()
        if delay > 0:
            self._sleep(delay)

    def _reserve(self) -> float:
        """Book the next free moment: as soon as the request that lies a whole limit back is a whole window old."""
        with self._lock:
            now = self._now()
            full = len(self._left) == self._requests
            moment = max(now, self._left[0] + self._seconds) if full else now
            self._left.append(moment)
            return moment - now
