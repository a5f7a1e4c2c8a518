"""Work in parallel on daemon threads: a process can end without waiting for a request that nobody answers.

Python joins the threads of a ThreadPoolExecutor when it ends, so a signal would not stop it before the answer came.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

_Result = TypeVar("_Result")


class Workers(Generic[_Result]):
    """Runs what is submitted on at most `count` threads, in the order of submission."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._tasks: SimpleQueue[tuple[Future[_Result], Callable[[], _Result]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, work: Callable[[], _Result]) -> Future[_Result]:
        """Have `work` called on one of the threads."""
        future: Future[_Result] = Future()
        self._tasks.put((future, work))
        if len(self._threads) < self._count:
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def stop(self) -> None:
        """Cancel what has not begun; what has is neither stopped nor waited for."""
        try:
            while True:
                task = self._tasks.get_nowait()
                if task is not None:
                    task[0].cancel()
        except Empty:
            for _ in self._threads:
                self._tasks.put(None)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, work = task
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
                future.set_exception(error)
