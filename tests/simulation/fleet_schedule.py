"""One schedule of a fleet: organisations from a seed, rounds of applying with workers that die, then calm for each.

Every organisation is a world of its own, so the invariants of a single one are judged for each by its own ledger. What
only a fleet can get wrong is judged here.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

from reconciler.errors import LockedError, StateError
from reconciler.model.outcome import Status
from tests.simulation import acts, invariants, manifests
from tests.simulation.calm import calm_down, recover
from tests.simulation.faults import Faults
from tests.simulation.fleet import Done, Engine, Errand, Fate, reviewed
from tests.simulation.people import edit_live, edit_manifests
from tests.simulation.schedule import faults_of, settings_of, state_now, switches_of
from tests.simulation.world import Run, World

_MOST_SEAMS: Final = 120
_SEEDS_APART: Final = 100
_UNDONE: Final = (Status.NOT_SENT, Status.SKIPPED)


@dataclass
class FleetWorld:
    """The organisations of a schedule, and the ends of their errands in each round."""

    worlds: list[World]
    rounds: list[list[Done]] = field(default_factory=list)
    trouble: Exception | None = None
    happened: Counter[str] = field(default_factory=Counter)
    killed_at: Counter[str] = field(default_factory=Counter)

    @property
    def violations(self) -> list[str]:
        return [f"{world.name}: {each}" for world in self.worlds for each in world.violations]

    @property
    def log(self) -> list[str]:
        return self.worlds[0].scheduler.log


def play(seed: int) -> FleetWorld:
    """Play one schedule and return it with the violations found."""
    random = Random(seed)  # noqa: S311 - chance that can be repeated
    fleet = FleetWorld(_organisations(seed, random))
    first = fleet.worlds[0]
    try:
        _play(fleet, random)
    except Exception as bug:  # noqa: BLE001 - a simulation that breaks is a finding too
        first.violations.append(f"the simulation broke: {bug!r}")
        fleet.trouble = bug
    finally:
        for world in fleet.worlds:
            world.close()
    return fleet


def _organisations(seed: int, random: Random) -> list[World]:
    faults: Faults = faults_of(random)
    worlds: list[World] = []
    for number in range(random.randint(2, 5)):
        settings = settings_of(random, gives_way=False)
        beside = worlds[0] if worlds else None
        world = World(seed * _SEEDS_APART + number, settings, faults, switches_of(random), beside=beside)
        world.name = f"org-{number}"
        world.manifests = manifests.first(random)
        worlds.append(world)
    return worlds


def _play(fleet: FleetWorld, random: Random) -> None:
    worlds = fleet.worlds
    for number in range(random.randint(1, 2)):
        for world in worlds:
            edit_manifests(world)
        errands = reviewed(worlds)
        if random.random() < 0.3:
            edit_live(random.choice(worlds))
        done = _round(fleet, errands, random, tag=f"r{number}")
        if random.random() < 0.7:
            left = [each.errand for each in done if not each.is_settled]
            resumed = [Errand(each.world, each.document, is_resumed=each.is_again) for each in left]
            _round(fleet, resumed, random, tag=f"r{number}-resumed")
        worlds[0].scheduler.rest(random.choice((10.0, 1000.0)))
    for world in worlds:
        world.word = world.is_gone  # nobody of the engine is left, which whoever runs the tool now can see
        calm_down(world)
        world.violations += invariants.at_the_end(world)


def _round(fleet: FleetWorld, errands: list[Errand], random: Random, *, tag: str) -> list[Done]:
    """Have errands done by workers of which some are killed, and see that each comes to its one end."""
    scheduler = fleet.worlds[0].scheduler
    engine = Engine(fleet.worlds, workers=random.randint(1, 3), tag=tag)
    for world in fleet.worlds:
        world.word = engine.word
    engine.submit(errands)
    for worker in engine.workers:
        if random.random() < 0.6:
            worker.fuse = random.randrange(_MOST_SEAMS)
    if random.random() < 0.3:
        scheduler.at(random.choice((0.5, 3.0, 20.0)) * random.random(), engine.stop)
    if random.random() < 0.2:
        retired = random.choice(engine.workers)
        scheduler.at(random.uniform(0, 3), lambda: engine.retire(retired))
    if random.random() < 0.1:
        scheduler.at(random.uniform(0, 100), engine.forget)
    if random.random() < 0.3:
        busy = random.choice(fleet.worlds)
        scheduler.at(random.uniform(0, 10), lambda: edit_live(busy))
    engine.finish()
    for world in fleet.worlds:
        recover(world)
        world.violations += _accounted(world, errands, engine.done)
        if not world.copies():
            world.violations += invariants.between_runs(world, state_now(world))
    fleet.rounds.append(engine.done)
    fleet.happened.update(engine.happened)
    fleet.killed_at.update(engine.killed_at)
    return engine.done


def _accounted(world: World, errands: list[Errand], done: list[Done]) -> Iterator[str]:
    """F1 to F4: one end for each errand, which says what the ledger and the lock say."""
    mine = [each for each in done if each.errand.world is world]
    if len(mine) != sum(errand.world is world for errand in errands):
        yield f"F1: {len(mine)} ends of the errand"
        return
    for each in mine:
        runs = {run.name for run in each.errand.runs}
        written = [sent for sent in world.server.sent if sent.run in runs and sent.writes]
        if each.fate is Fate.NOT_BEGUN and (runs or written):
            yield "F2: it is said not to have begun, and it has"
        if each.run is not None:
            yield from _told(each.run, any(sent.run == each.run.name for sent in written))
            yield from _let_go(world, each.run)


def _told(run: Run, wrote: bool) -> Iterator[str]:
    if run.ended is None:
        yield f"F3: {run.name} is said to have ended, and it was killed"
    if run.error is not None and run.stage == "plan" and wrote:
        yield f"F3: {run.name} failed before anything, and something was written"


def _let_go(world: World, run: Run) -> Iterator[str]:
    """F4: a run that ended holds no lock any more, unless it says why."""
    if world.faults.met["moved", "lock"]:
        return  # somebody was said to have taken the lock, and nobody had
    held = acts.store_of(world, run.process, fails=False).holder()
    error = run.error or (None if run.applied is None else run.applied.error)
    if held is not None and held.process == run.process.name and not isinstance(error, StateError | LockedError):
        yield f"F4: {run.name} ended, and the lock is still held by {held.process}"
