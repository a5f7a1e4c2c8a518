"""One world of a schedule: a repository, a place for state, a server, a network between, and people.

`apply` is the use case as the command line puts it together, below the command line: the same parts in the same order.
"""

import os
import shutil
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any, get_type_hints

from reconciler.adapters.api.caller import Caller
from reconciler.adapters.api.client import ApiReader
from reconciler.adapters.api.limiter import Limiter, OwnSlots, Page
from reconciler.adapters.schemas.checker import RequestValidator
from reconciler.adapters.store.backend import Backend
from reconciler.adapters.store.file import FileBackend
from reconciler.adapters.store.holds import decode_hold
from reconciler.app.apply import Applied
from reconciler.app.plan import make_plan
from reconciler.app.stop import NEVER, Stop, Stopped
from reconciler.core.budget import Limit
from reconciler.core.snapshot import Request
from reconciler.errors import ReconcilerError
from reconciler.model.change import Change
from reconciler.model.guards import Guards, Override, Rule
from reconciler.model.hold import Hold
from reconciler.model.plan import Plan, Refresh
from reconciler.model.state import State
from reconciler.sandbox import operations, switches
from reconciler.sandbox.keys import DEFAULT_ORG
from reconciler.sandbox.simulator import Simulator
from reconciler.sandbox.switches import Switches
from tests.simulation import manifests as sheets
from tests.simulation.crew import Clock, Crew, Pause
from tests.simulation.faults import Faults
from tests.simulation.locks import run_in
from tests.simulation.manifests import Manifest
from tests.simulation.network import Network, Server
from tests.simulation.place import Disk, FailingBackend, MemoryBackend
from tests.simulation.scheduler import Process, Scheduler

ROOT = Path(__file__).parents[2]
SHARED_MEMORY = Path("/dev/shm")
ENDPOINT = "https://api.open.cx"
DASHBOARD_KEY = "dashboard-key"
# All manifests here say much the same: whoever plans has answered that a new one is meant.
MEANT = (Override(guard="probable-rename", reason="all say much the same"),)


@cache
def simulator(number: int) -> Simulator:
    """Return one of the simulators of this operating system process, which are made once."""
    # Switches are parsed anew for each world, and reading type hints costs more than all its requests.
    switches.get_type_hints = cache(get_type_hints)  # type: ignore[assignment]
    return Simulator(Path(":memory:"), schema=ROOT / "schemas/openapi/update-sequence.yaml", now=_moment)


# The scheduler of the world that the simulator stands in.
_clock: list[Scheduler] = []


def _moment() -> float:
    return _clock[0].moment()


@cache
def body_checker() -> RequestValidator:
    return RequestValidator(ROOT / "schemas/request.schema.json")


@dataclass
class Run:
    """One run of a use case: what it was, what it decided, and how it ended."""

    name: str
    process: Process
    kind: str
    began: float
    deadline: float
    # `plan` until everything is read that is decided from, then `apply`.
    stage: str = "plan"
    ended: float | None = None
    plan: Plan | None = None
    digest: str = ""
    state: State | None = None
    applied: Applied | None = None
    error: BaseException | None = None
    # What it told, as text.
    told: str = ""
    is_offline: bool = False

    @property
    def changes(self) -> Mapping[str, Change]:
        return {} if self.plan is None else {change.custom_id: change for change in self.plan.changes}


@dataclass
class Settings:
    """The numbers of one world."""

    limit: int = 100
    settle: float = 5.0
    timeout: float = 60.0
    deadline: float = 900.0
    on_disk: bool = False
    gives_way: bool = False
    # People cancel all the time here, and what becomes of a write to that is what a schedule is to find out.
    guards: Guards = field(default_factory=partial(Guards, ended=Rule.ALLOW))


class World:
    """Everything that a schedule acts on. `close` it."""

    def __init__(
        self, seed: int, settings: Settings, faults: Faults, behaviour: Switches, *, beside: "World | None" = None
    ) -> None:
        self.name = "the organisation"
        self.seed = seed
        self.random = faults.random
        self.settings = settings
        self.faults = faults
        # Worlds beside each other are organisations: each has a server, a state and a limit of its own.
        self.beside = [self] if beside is None else beside.beside
        if beside is not None:
            self.beside.append(self)
        self.scheduler = Scheduler(self.random) if beside is None else beside.scheduler
        self.clock = Clock(self.scheduler)
        _clock[:] = [self.scheduler]
        run_in(self.scheduler)
        self.simulator = simulator(len(self.beside))
        self.simulator.reset(behaviour)
        self.simulator.add_key(DASHBOARD_KEY, DEFAULT_ORG, ("sequences:read", "sequences:write"), name="dashboard")
        operations.uuid = _Ids(self.random)  # type: ignore[assignment]
        self.switches = behaviour
        self.server = Server(self.scheduler, self.simulator)
        self.manifests: dict[str, Manifest] = {}
        self.disk = Disk()
        # For this world alone, in memory where there is such a thing; made by whoever needs it.
        within = SHARED_MEMORY if SHARED_MEMORY.is_dir() else Path(tempfile.gettempdir())
        self.folder = within / f"reconciler-world-{os.getpid()}-{seed}"
        self.page = Page()
        self.runs: list[Run] = []
        self.processes: dict[str, Process] = {} if beside is None else beside.processes
        # What proves that the holder of a lock is gone.
        self.word = self.is_gone
        self.documents: list[bytes] = []
        self.violations: list[str] = []
        self.stuck: set[str] = set()  # custom_ids that no command lets go of
        # Names that a rename has freed: a new manifest of that name would be another sequence of the same name.
        self.retired: set[str] = set()
        # When a person touched which sequence: (when, id).
        self.touched: list[tuple[float, str]] = []
        # How often a person's decision allows one more create of a custom_id.
        self.allowed: Counter[str] = Counter()
        self.weakened: set[str] = set()
        self.forgotten: set[str] = set()  # ids that a person took out of state
        self.robbed: set[str] = set()  # processes whose lock a person has taken away
        self.paused: set[str] = set()  # runs that stood still for a while
        self.happened: Counter[str] = Counter()
        self.killed_at: Counter[str] = Counter()
        self.trouble: Exception | None = None

    def close(self) -> None:
        for process in self.processes.values():
            self.scheduler.end(process)
        self.scheduler.run(lambda: self.scheduler.is_idle)
        run_in(None)
        operations.uuid = uuid
        shutil.rmtree(self.folder, ignore_errors=True)

    def copies(self) -> list[Path]:
        """Return the emergency copies that lie there, the oldest first."""
        found = self.folder.glob("reconciler-emergency-*") if self.folder.is_dir() else ()
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    # Processes.

    def process(self, name: str) -> Process:
        """Return a new process."""
        process = Process(name=f"{name}{len(self.processes) + 1}")
        self.processes[process.name] = process
        return process

    def is_gone(self, hold: Hold) -> str | None:
        """Return, truthfully, what proves that whoever holds a lock is dead."""
        process = self.processes.get(hold.process or "")
        return "that process has ended" if process is not None and not process.alive else None

    def do(self, kind: str, work: Callable[[Process, Run], object]) -> Run:
        """Begin a run of a use case in a process of its own."""
        process = self.process(kind)
        run = self.run(process.name, kind, process)
        self.scheduler.spawn(process, lambda: self.live_through(run, work), is_main=True)
        return run

    def run(self, name: str, kind: str, process: Process) -> Run:
        """Return a new run that a process is to do."""
        run = Run(name=name, process=process, kind=kind, began=self.scheduler.now, deadline=self.settings.deadline)
        self.runs.append(run)
        return run

    def live_through(self, run: Run, work: Callable[[Process, Run], object]) -> None:
        """Do a run in the task that calls this, and write down how it ended."""
        try:
            work(run.process, run)
        except ReconcilerError as error:
            run.error = error
        except Exception as bug:  # noqa: BLE001 - judged afterwards
            run.error = bug
        except (KeyboardInterrupt, Stopped) as signal:
            run.error = signal
        finally:
            if run.process.alive:
                run.ended = self.scheduler.now
                self.scheduler.tell(f"{run.name} ends: {_ending(run)}")

    def wait_for(self, *runs: Run) -> None:
        """Let time pass until these runs have ended or were killed."""
        self.scheduler.run(lambda: all(_is_over(run) for run in runs))

    def backend(self, *, fails: bool = True) -> Backend:
        """Return the place of state, as a process sees it."""
        on_disk = self.settings.on_disk
        inner: Backend = FileBackend(self.folder / "state.json") if on_disk else MemoryBackend(self.disk)
        if not fails:
            return inner
        return FailingBackend(
            inner,
            self.scheduler,
            self.faults,
            saved=self.documents.append,
            swapped=self._swapped,
            appended=self._appended,
            gives_way=self.settings.gives_way,
        )

    def _swapped(self, before: bytes | None, after: bytes | None) -> None:
        """See that nobody takes the lock of somebody who lives, but a person who says so."""
        task = self.scheduler.current
        if before is None or task is None or task.process.name.startswith("unlock"):
            return
        holder = self.processes.get(decode_hold(before, where="").process or "")
        if holder is not None and holder.alive and holder is not task.process:
            self.violations.append(f"I5: {task.process.name} took the lock of {holder.name}, which lives")

    def _appended(self) -> None:
        """See that nobody writes whose lock was taken away."""
        task = self.scheduler.current
        if task is not None and task.process.name in self.robbed:
            self.violations.append(f"I5: {task.process.name} went on after its lock had been taken away")

    # What is known of live.

    def live(self) -> list[dict[str, Any]]:
        """Return all sequences as the server has them."""
        return self.simulator.sequences()

    def touch(self, what: str, reference: str, do: Callable[[], object]) -> bool:
        """Let a person do something to a sequence in the dashboard."""
        found = self.simulator.find(reference)
        if found is None or not self.server.poke(do):
            return False
        self.touched.append((self.scheduler.now, str(found["id"])))
        self.scheduler.tell(f"a person: {what} {reference}")
        self.happened[f"person: {what}"] += 1
        return True

    def desired(self) -> tuple[Any, ...]:
        return tuple(sheets.desired(each) for _, each in sorted(self.manifests.items()))

    def exchange(self, process: Process, run: Run) -> Network:
        return Network(
            self.server, self.faults, process, run=run, settle=self.settings.settle, timeout=self.settings.timeout
        )

    def caller(self, process: Process, run: Run) -> Caller:
        settings = self.settings
        return Caller(
            self.exchange(process, run),
            limiter=Limiter(
                Limit(requests=settings.limit, seconds=60, patience=settings.timeout + settings.settle),
                slots=OwnSlots(self.page),
            ),
            clock=self.clock,
            random=self.random.random,
            waiting=lambda _seconds, _why: None,
            deadline=self.clock.monotonic() + settings.deadline,
            pause=Pause(self.scheduler),
        )

    def crew(self, process: Process, stop: Stop = NEVER) -> Callable[[int], Crew[Any]]:
        return partial(Crew, self.scheduler, process, stop)

    def plan(
        self,
        process: Process,
        reader: ApiReader | None,
        state: State | None,
        *,
        refresh: Refresh,
        adopt: bool,
        stop: Stop = NEVER,
    ) -> Plan:
        request = Request(
            environment="production",
            endpoint=ENDPOINT,
            schema="sha256:0",
            refresh=refresh,
            adopt=adopt,
            guards=self.settings.guards,
            overrides=MEANT,
            now=self.clock.moment(),
        )
        return make_plan(request, desired=self.desired(), state=state, reader=reader, crew=self.crew(process, stop))


class _Ids:
    """What the simulator asks for new ids, in the place of `uuid`."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def uuid4(self) -> str:
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def _is_over(run: Run) -> bool:
    return run.process.tasks[0].done


def _ending(run: Run) -> str:
    if run.error is not None:
        return type(run.error).__name__
    if run.applied is None:
        return "done"
    counted = Counter(outcome.status.value for outcome in run.applied.outcomes)
    return ", ".join(f"{name} {number}" for name, number in sorted(counted.items())) or "nothing to do"
