"""Time and parallel work as the package asks for them (ports.Clock, ports.Crew), on a scheduler."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Generic, TypeVar

from reconciler.app.stop import Stop
from tests.simulation.scheduler import Killed, Process, Scheduler

Result = TypeVar("Result")


class Clock:
    """The clock of the ports, told by a scheduler."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def monotonic(self) -> float:
        return self._scheduler.now

    def moment(self) -> str:
        moment = datetime.fromtimestamp(self._scheduler.moment(), UTC)
        return moment.isoformat(timespec="seconds").replace("+00:00", "Z")

    def sleep(self, seconds: float) -> None:
        self._scheduler.seam("sleep")
        self._scheduler.sleep(seconds)


class Pause:
    """Waits of a caller that can be ended."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._ended = False

    def wait(self, seconds: float) -> None:
        self._scheduler.seam("wait")
        end = self._scheduler.now + seconds
        while not self._ended and self._scheduler.now < end:
            self._scheduler.wait(self, end - self._scheduler.now)

    def end(self) -> None:
        self._ended = True
        self._scheduler.notify(self)


class Crew(Generic[Result]):
    """A crew of the ports, whose workers are tasks of the process that made it."""

    def __init__(self, scheduler: Scheduler, process: Process, stop: Stop, size: int) -> None:
        self._scheduler = scheduler
        self._process = process
        self._stop = stop
        self._size = size
        self._queue: list[Callable[[], Result]] = []
        self._free = 0
        self._working = 0
        self._workers = 0
        self._stopped = False
        self._finished: list[tuple[Result | None, BaseException | None]] = []
        self._owed = 0

    def submit(self, work: Callable[[], Result]) -> None:
        self._queue.append(work)
        self._owed += 1
        if self._workers < self._size:
            self._workers += 1
            self._scheduler.spawn(self._process, self._work)
        else:
            self._scheduler.notify(self)

    def results(self) -> Iterator[Result]:
        with self._stop.waking(lambda _why: self._scheduler.notify(self._finished)):
            while self._owed:
                while not self._finished and self._stop.why is None:
                    self._scheduler.wait(self._finished)
                self._stop.check()
                result, error = self._finished.pop(0)
                self._owed -= 1
                if error is not None:
                    raise error
                yield result  # type: ignore[misc]

    def stop(self) -> int:
        self._stopped = True
        self._owed -= len(self._queue)
        self._queue.clear()
        self._scheduler.notify(self)
        return self._working

    def linger(self, seconds: float | None) -> None:
        end = None if seconds is None else self._scheduler.now + seconds
        while self._working and (end is None or self._scheduler.now < end):
            self._scheduler.wait(self._finished, None if end is None else end - self._scheduler.now)

    def _work(self) -> None:
        while True:
            while not self._queue:
                if self._stopped:
                    return
                self._scheduler.wait(self)
            work = self._queue.pop(0)
            task = self._scheduler.current
            assert task is not None
            task.note.clear()
            self._working += 1
            try:
                self._finished.append((work(), None))
            except Killed:
                raise
            except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
                self._finished.append((None, error))
            finally:
                self._working -= 1
            self._scheduler.notify(self._finished)
