"""Many processes with their threads on one operating system thread and a virtual clock: who goes next is a seed's choice.

A task is a greenlet that belongs to a process. It gives way only at a seam (a wait, a request, a stored byte), so the
order of everything is decided by the seed. Killing a process drops its tasks where they are: clean-up code that still
runs cannot do anything, since every seam refuses the dead.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any, Generic, TypeVar

from greenlet import getcurrent, greenlet

Result = TypeVar("Result")
EPOCH = 1_790_000_000.0
# Turns without time passing after which somebody must be going round in circles.
_MOST_IDLE_TURNS = 100_000


class Killed(BaseException):
    """What ends the tasks of a process that was killed; nothing but the scheduler raises it."""


@dataclass(slots=True, eq=False)
class Process:
    """One process: killed at its `fuse`-th seam, if it has one."""

    name: str
    alive: bool = True
    paused: bool = False
    fuse: int | None = None
    died_at: str = ""
    # `plan` until everything is read that is decided from, then `apply`.
    stage: str = "plan"
    signals: list[type[BaseException]] = field(default_factory=list)
    # A signal that comes at so many seams from now.
    signal_fuse: int | None = None
    tasks: list["Task"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Task:
    """One thread of a process. `note` is where the network keeps what this thread is about."""

    process: Process
    run: Callable[[], object]
    greenlet: greenlet
    is_main: bool
    note: dict[str, Any] = field(default_factory=dict)
    result: object = None
    error: BaseException | None = None
    done: bool = False
    waits_for: object = None
    turn: int = 0


class Scheduler:
    """Runs tasks until none is left, moving the clock on whenever nobody can go."""

    def __init__(self, random: Random) -> None:
        self.now = 0.0
        self.random = random
        self.log: list[str] = []
        self.current: Task | None = None
        self._ready: list[Task] = []
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self._waiting: dict[int, list[Task]] = {}
        self._hub: greenlet | None = None

    def tell(self, text: str) -> None:
        """Write a line into the event log."""
        self.log.append(f"{self.now:10.3f} {text}")

    def moment(self) -> float:
        """Return seconds since the epoch, as a server counts them."""
        return EPOCH + self.now

    def spawn(self, process: Process, work: Callable[[], object], *, is_main: bool = False) -> Task:
        """Start a thread of a process."""
        task = Task(process=process, run=work, greenlet=greenlet(lambda: self._life(task)), is_main=is_main)
        process.tasks.append(task)
        self._ready.append(task)
        return task

    def at(self, seconds: float, do: Callable[[], None]) -> None:
        """Have something done so many seconds from now, whoever lives then."""
        heapq.heappush(self._timers, (self.now + seconds, next(self._number), do))

    def run(self, until: Callable[[], bool]) -> None:
        """Let tasks go until the condition holds."""
        self._hub = getcurrent()
        idle = 0
        while not until():
            able = [task for task in self._ready if not task.process.paused]
            if able:
                idle += 1
                if idle > _MOST_IDLE_TURNS:
                    raise RuntimeError("tasks go round in circles without time passing")
                task = able[0] if len(able) == 1 else able[self.random.randrange(len(able))]
                self._ready.remove(task)
                self._resume(task)
                continue
            if not self._timers:
                raise RuntimeError("everybody waits for somebody: a deadlock")
            idle = 0
            self.now, _, do = heapq.heappop(self._timers)
            do()

    @property
    def is_idle(self) -> bool:
        """Tell whether nobody can go now."""
        return not self._ready

    def rest(self, seconds: float) -> None:
        """Let time pass; whatever is due happens."""
        end = self.now + seconds
        reached: list[bool] = []
        self.at(seconds, lambda: reached.append(True))
        self.run(lambda: bool(reached))
        self.now = max(self.now, end)

    # What tasks call.

    def pause(self) -> None:
        """Give way to whoever can go."""
        task = self._mine()
        self._ready.append(task)
        self._give_way(task)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        task = self._mine()
        if seconds <= 0:
            self.pause()
            return
        turn = task.turn
        self.at(seconds, lambda: self._wake(task, turn))
        self._give_way(task)

    def wait(self, on: object, seconds: float | None = None) -> None:
        """Wait until somebody notifies of the thing, at most so long; the caller looks again at what it waits for."""
        task = self._mine()
        self._waiting.setdefault(id(on), []).append(task)
        task.waits_for = on
        if seconds is not None:
            turn = task.turn
            self.at(seconds, lambda: self._wake(task, turn))
        self._give_way(task)

    def notify(self, on: object) -> None:
        """Wake all that wait for the thing."""
        for task in self._waiting.pop(id(on), []):
            task.waits_for = None
            self._ready.append(task)

    def seam(self, name: str) -> None:
        """Pass a point at which a process can be killed or get a signal; the dead pass none."""
        task = self._mine()
        process = task.process
        if process.fuse is not None:
            process.fuse -= 1
            if process.fuse < 0:
                process.died_at = name
                self.kill(process)
                raise Killed
        if process.signal_fuse is not None:
            process.signal_fuse -= 1
            if process.signal_fuse < 0:
                process.signal_fuse = None
                self.tell(f"{process.name} gets a signal at {name}")
                self.signal(process, KeyboardInterrupt)

    # What the world does to processes.

    def kill(self, process: Process) -> None:
        """Kill a process as SIGKILL would: from now on nothing that it does has an effect."""
        if not process.alive:
            return
        self.tell(f"{process.name} is killed" + (f" at {process.died_at}" if process.died_at else ""))
        self.end(process)

    def end(self, process: Process) -> None:
        """End a process with all its threads, as when its main thread returns."""
        process.alive = False
        process.paused = False
        for task in process.tasks:
            if not task.done and task is not self.current:
                self._make_ready(task)

    def signal(self, process: Process, kind: type[BaseException]) -> None:
        """Have the main thread of a process raise what a signal raises there."""
        process.signals.append(kind)
        for task in process.tasks:
            if task.is_main and not task.done and task is not self.current:
                self._make_ready(task)

    def _make_ready(self, task: Task) -> None:
        if task.waits_for is not None:
            self._waiting.get(id(task.waits_for), []).remove(task)
            task.waits_for = None
        if task not in self._ready:
            self._ready.append(task)

    def _mine(self) -> Task:
        task = self.current
        if task is None:
            raise RuntimeError("only a task can wait")
        self._refuse_dead(task)
        return task

    def _refuse_dead(self, task: Task) -> None:
        if not task.process.alive:
            raise Killed
        if task.is_main and task.process.signals:
            raise task.process.signals.pop(0)

    def _give_way(self, task: Task) -> None:
        assert self._hub is not None
        self._hub.switch()
        self._refuse_dead(task)

    def _wake(self, task: Task, turn: int) -> None:
        # A timer of a wait that has ended otherwise meanwhile wakes nobody.
        if not task.done and task.turn == turn:
            self._make_ready(task)

    def _resume(self, task: Task) -> None:
        task.turn += 1
        if task.done:
            return
        self.current = task
        task.greenlet.parent = getcurrent()
        try:
            task.greenlet.switch()
        finally:
            self.current = None

    def _life(self, task: Task) -> None:
        try:
            self._refuse_dead(task)
            task.result = task.run()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - whoever started the task looks at it
            task.error = error
        task.done = True
        if task.is_main and task.process.alive:
            self.end(task.process)
        self.notify(task)


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

    def __init__(self, scheduler: Scheduler, process: Process, size: int) -> None:
        self._scheduler = scheduler
        self._process = process
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
        while self._owed:
            while not self._finished:
                self._scheduler.wait(self._finished)
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
    import threading

    threading.Lock = Lock  # type: ignore[assignment, misc]
    threading.RLock = RLock  # type: ignore[assignment, misc]
    threading.Condition = Condition  # type: ignore[assignment, misc]
