"""A fleet on the virtual clock: organisations beside each other, workers that do their errands, and an engine.

A worker is one process that does several errands at a time; killed, it takes all of them along. The engine hands out
errands, notices after a while that a worker is gone, and gives what that one had begun to another. Its word is what
lets a lock pass: nothing here says that a worker is gone which is not.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from reconciler.app.stop import Stop
from reconciler.core.codec.plan import to_document
from reconciler.errors import ReconcilerError, TerminatedRunError
from reconciler.model.hold import Hold
from reconciler.model.plan import Refresh
from reconciler.model.plan_set import Failure
from tests.simulation import acts
from tests.simulation.scheduler import Process, Scheduler
from tests.simulation.world import Run, World

STOPPED = Failure.of(TerminatedRunError("the fleet's run was stopped"))
# How often an errand may lose its worker.
MOST_LOSSES = 3
_AT_A_TIME = 2


class Fate(StrEnum):
    """What whoever handed an errand out hears of it."""

    ENDED = "ended"
    NOT_BEGUN = "not begun"
    LOST = "lost"


@dataclass
class Errand:
    """Carry out the reviewed plan of one organisation. `runs` are its tries, one for each worker that it had."""

    world: World
    document: dict[str, Any]
    is_resumed: bool = False
    runs: list[Run] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.world.name

    @property
    def is_again(self) -> bool:
        """Tell whether a part of it was perhaps done before."""
        return self.is_resumed or bool(self.runs)


@dataclass
class Done:
    """The one end of an errand."""

    errand: Errand
    fate: Fate

    @property
    def run(self) -> Run | None:
        """The try that ended; None where none did."""
        return self.errand.runs[-1] if self.fate is Fate.ENDED else None

    @property
    def is_settled(self) -> bool:
        """Tell whether all of the plan was done."""
        run = self.run
        if run is None or run.error is not None or run.plan is None or run.plan.violations:
            return False
        return run.applied is None or all(each.succeeded for each in run.applied.outcomes)


class Engine:
    """Hands errands to workers until each has its one end. `tag` names its workers apart from those of others."""

    def __init__(self, worlds: list[World], *, workers: int, tag: str) -> None:
        first = worlds[0]
        self._scheduler: Scheduler = first.scheduler
        self._random = first.random
        self._worlds = worlds
        self._tag = tag
        self._queue: deque[Errand] = deque()
        self._under_way: dict[str, list[Errand]] = {}
        self._stops: dict[str, Stop] = {}
        self._gone: set[str] = set()
        self._expected = 0
        self._is_stopped = False
        self.done: list[Done] = []
        self.happened: Counter[str] = Counter()
        self.killed_at: Counter[str] = Counter()
        self.workers = [self._start() for _ in range(workers)]

    # What whoever hands out errands calls.

    def submit(self, errands: list[Errand]) -> None:
        """Have errands done."""
        self._queue.extend(errands)
        self._expected += len(errands)
        self._scheduler.notify(self)

    def stop(self) -> None:
        """Begin nothing more, and have what is under way wind up."""
        self._is_stopped = True
        self._scheduler.tell("the engine is told to stop")
        while self._queue:
            self._end(self._queue.popleft(), fate=None)
        for stop in self._stops.values():
            stop.set(STOPPED)

    def finish(self) -> None:
        """Let time pass until each errand has its end, and end the workers, which have nothing left to do."""

        def is_over() -> bool:
            self._replace()
            return len(self.done) == self._expected

        self._scheduler.run(is_over)
        self._is_stopped = True
        self._scheduler.notify(self)
        self._scheduler.run(lambda: not any(worker.alive for worker in self.workers))

    def forget(self) -> None:
        """Know nobody of before: as a scheduler that was started anew, whose silence proves nothing."""
        self._scheduler.tell("the engine forgets who is gone")
        self._gone.clear()
        self.happened["the engine forgot"] += 1

    # What workers rely on.

    def word(self, hold: Hold) -> str | None:
        """Return the engine's word that a worker is gone; None where it does not say so."""
        return "the engine says that its worker is gone" if hold.process in self._gone else None

    def _start(self) -> Process:
        worker = self._worlds[0].process(f"{self._tag}-worker")
        self._under_way[worker.name] = []
        self._stops[worker.name] = Stop()
        self._scheduler.spawn(worker, lambda: self._life(worker), is_main=True)
        return worker

    def _life(self, worker: Process) -> None:
        threads = [self._scheduler.spawn(worker, lambda: self._serve(worker)) for _ in range(_AT_A_TIME)]
        for thread in threads:
            while not thread.done:
                self._scheduler.wait(thread)

    def _serve(self, worker: Process) -> None:
        while not self._is_stopped and self._stops[worker.name].why is None:
            if not self._queue:
                self._scheduler.wait(self)
                continue
            errand = self._queue.popleft()
            self._under_way[worker.name].append(errand)
            self._do(errand, worker)
            self._scheduler.seam("errand, after")  # the dead tell nobody
            self._under_way[worker.name].remove(errand)
            self._end(errand, fate=Fate.ENDED)

    def _do(self, errand: Errand, worker: Process) -> None:
        world, is_again = errand.world, errand.is_again
        run = world.run(f"{worker.name}/{errand.name}/{len(world.runs)}", "apply", worker)
        errand.runs.append(run)
        self.happened["taken over" if is_again else "begun"] += 1
        self._scheduler.tell(f"{run.name} begins" + (", again" if is_again else ""))
        refresh = Refresh(errand.document["basis"]["refresh"])

        def work(process: Process, run: Run) -> None:
            acts.apply(
                world,
                run,
                process,
                refresh=refresh,
                given=errand.document,
                is_resumed=is_again,
                stop=self._stops[worker.name],
            )

        world.live_through(run, work)

    def _end(self, errand: Errand, fate: Fate | None) -> None:
        """Write down the end of an errand; None where it was not begun by this worker, but perhaps by one before."""
        self.done.append(Done(errand, fate or (Fate.LOST if errand.runs else Fate.NOT_BEGUN)))
        self._scheduler.notify(self.done)

    # What befalls workers.

    def retire(self, worker: Process) -> None:
        """Have a worker end in order, as when its machine is to be switched off: what it does winds up."""
        if worker.alive:
            self._scheduler.tell(f"{worker.name} is to end")
            self.happened["worker retired"] += 1
            self._stops[worker.name].set(STOPPED)
            self._scheduler.notify(self)

    def _replace(self) -> None:
        """Notice, some time after, each worker that is gone, and start another one in its place."""
        for worker in [each for each in self.workers if not each.alive]:
            self.workers.remove(worker)
            if worker.died_at:
                self.killed_at[worker.died_at] += 1
            self._scheduler.at(self._random.choice((0.5, 5.0, 60.0)), lambda worker=worker: self._notice(worker))
            if not self._is_stopped:
                self.workers.append(self._start())

    def _notice(self, worker: Process) -> None:
        self._gone.add(worker.name)
        self._scheduler.tell(f"the engine notices that {worker.name} is gone")
        for errand in self._under_way.pop(worker.name):
            self.happened["worker lost"] += 1
            if self._is_stopped or len(errand.runs) >= MOST_LOSSES:
                self._end(errand, fate=None)
            else:
                self._queue.appendleft(errand)
        self._scheduler.notify(self)


def reviewed(worlds: list[World]) -> list[Errand]:
    """Plan every organisation, as somebody does who reviews all of it, and return what is to be applied."""
    refresh = worlds[0].random.choice((Refresh.CHANGED, Refresh.ALL))
    plans = [
        world.do("plan", lambda process, run, world=world: acts.plan_only(world, run, process, refresh=refresh))
        for world in worlds
    ]
    worlds[0].wait_for(*plans)
    errands = []
    for world, run in zip(worlds, plans, strict=True):
        if run.plan is not None and run.plan.has_work and not run.plan.violations:
            errands.append(Errand(world, to_document(run.plan)))
        elif run.error is not None and not isinstance(run.error, ReconcilerError):
            world.violations.append(f"planning broke: {run.error!r}")
    return errands
