"""Many processes with their threads on one thread of the system and a virtual clock: who goes next is a seed's choice.

A task is a greenlet that belongs to a process. It gives way only at a seam (a wait, a request, a stored byte), so the
order of everything is decided by the seed. Killing a process drops its tasks where they are: clean-up code that still
runs cannot do anything, since every seam refuses the dead.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from greenlet import getcurrent, greenlet

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
