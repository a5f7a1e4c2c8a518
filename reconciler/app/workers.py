"""Work in parallel on daemon threads: a process can end without waiting for a request that nobody answers.

Python joins the threads of a ThreadPoolExecutor when it ends, so a signal would not stop it before the answer came.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

_Result = TypeVar("_Result")


class Workers(Generic[_Result]):
    """Runs what is submitted on at most `count` threads, in the order of submission (a Crew of the ports)."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._tasks: SimpleQueue[tuple[Future[_Result], Callable[[], _Result]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._flying: set[Future[_Result]] = set()
        self._done: SimpleQueue[Future[_Result]] = SimpleQueue()

    def submit(self, work: Callable[[], _Result]) -> None:
        """Have `work` called on one of the threads, in the context of whoever submits it."""
        future: Future[_Result] = Future()
        self._flying.add(future)
        future.add_done_callback(self._done.put)
        self._tasks.put((future, partial(copy_context().run, work)))
        if len(self._threads) < self._count:
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()

    def results(self) -> Iterator[_Result]:
        """Return each result as it comes, until nothing that was submitted is left; raises what the work raised."""
        while self._flying:
            future = self._done.get()
            self._flying.discard(future)
            yield future.result()

    def stop(self) -> int:
        """Cancel what has not begun, and return how many are being worked on; they are not stopped."""
        try:
            while True:
                task = self._tasks.get_nowait()
                if task is not None:
                    task[0].cancel()
        except Empty:
            for _ in self._threads:
                self._tasks.put(None)
        return sum(future.running() for future in self._flying)

    def linger(self, seconds: float | None) -> None:
        """Wait for what is being worked on, at most so long."""
        wait([future for future in self._flying if future.running()], timeout=seconds)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, work = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
                future.set_exception(error)


class Alone(Generic[_Result]):
    """Does each piece when its result is asked for, in the thread that asks (a Crew of the ports)."""

    def __init__(self) -> None:
        self._tasks: deque[Callable[[], _Result]] = deque()

    def submit(self, work: Callable[[], _Result]) -> None:
        """Have `work` called later."""
        self._tasks.append(work)

    def results(self) -> Iterator[_Result]:
        """Call each and return its result, in the order of submission; raises what it raised."""
        while self._tasks:
            yield self._tasks.popleft()()

    def stop(self) -> int:
        """Forget what has not begun."""
        self._tasks.clear()
        return 0

    def linger(self, seconds: float | None) -> None:
        """Nothing is ever under way while somebody else could wait."""
        del seconds
