"""One schedule: a world made from a seed, a few steps in it, then calm, and the invariants."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from reconciler.adapters.store.encoding import decode
from reconciler.core.codec.plan import to_document
from reconciler.errors import StateError
from reconciler.model.plan import Refresh
from reconciler.model.state import State
from reconciler.sandbox import switches as kinds
from reconciler.sandbox.switches import Switches
from tests.simulation import acts, invariants, manifests
from tests.simulation.calm import calm_down, recover
from tests.simulation.faults import FOR_WRITE, Faults
from tests.simulation.people import edit_live, edit_manifests
from tests.simulation.world import Run, Settings, World

_MOST_SEAMS: Final = 90


def play(seed: int, *, gives_way: bool) -> World:
    """Play one schedule and return its world with the violations found; `gives_way` where locks wait in tasks."""
    random = Random(seed)  # noqa: S311 - chance that can be repeated
    world = World(seed, settings_of(random, gives_way=gives_way), faults_of(random), switches_of(random))
    try:
        _play(world)
    except Exception as bug:  # noqa: BLE001 - a simulation that breaks is a finding too
        world.violations.append(f"the simulation broke: {bug!r}")
        world.scheduler.tell(f"broken: {bug!r}")
        world.trouble = bug
    finally:
        world.close()
    return world


def settings_of(random: Random, *, gives_way: bool) -> Settings:
    return Settings(
        limit=random.choice((0, 4, 10, 30, 100)),
        settle=random.choice((2.0, 5.0, 30.0)),
        timeout=random.choice((5.0, 60.0)),
        deadline=random.choice((300.0, 900.0, 3600.0)),
        on_disk=random.random() < 0.04,
        gives_way=gives_way,
    )


def faults_of(random: Random) -> Faults:
    faults = Faults(
        random,
        network=random.choice((0.0, 0.03, 0.1, 0.1, 0.3, 0.5)),
        store=random.choice((0.0, 0.0, 0.02, 0.1)),
    )
    if random.random() < 0.3:
        # A few kinds, which come so often that they meet each other.
        faults.chosen = frozenset(random.sample(FOR_WRITE, 4))
        faults.network = min(1.0, faults.network * 4)
    if random.random() < 0.05:
        begin = random.uniform(0, 200)
        faults.outage = (begin, begin + random.uniform(5, 400))
    return faults


def switches_of(random: Random) -> Switches:
    limit = random.choice((0, 0, 0, 4, 20))
    return Switches(
        omitted=random.choice(list(kinds.Omitted)),
        lists=random.choice(list(kinds.Lists)),
        timestamps=random.choice(list(kinds.Timestamps)),
        strings=random.choice(list(kinds.Strings)),
        numbers=random.choice(list(kinds.Numbers)),
        lookup=random.choice(list(kinds.Lookup)),
        duplicates=random.choice(list(kinds.Duplicates)),
        finished=random.choice(list(kinds.Finished)),
        missing=kinds.Missing.WRAPPED if random.random() < 0.03 else kinds.Missing.PLAIN,
        lag=random.choice((0, 0, 0, 0, 0, 0, 1, 2, 4)),
        limit=limit,
    )


def _play(world: World) -> None:
    random = world.random
    world.manifests = manifests.first(random)
    for _ in range(random.randint(2, 4)):
        edit_manifests(world)
        if random.random() < 0.25:
            edit_live(world)
        step = random.choices([step for step, _ in _STEPS], [weight for _, weight in _STEPS])[0]
        world.happened[f"step: {step.__name__}"] += 1
        world.scheduler.tell(f"step: {step.__name__}")
        step(world)
        recover(world)
        if not world.copies():
            world.violations += invariants.between_runs(world, state_now(world))
        world.scheduler.rest(random.choice((0.1, 10.0, 100.0, 1000.0)))
    calm_down(world)
    world.violations += invariants.at_the_end(world)


def state_now(world: World) -> State | None:
    """Return state as it lies there, through no fault."""
    try:
        return acts.store_of(world, world.process("look"), fails=False).load()
    except StateError as error:
        if "rollback" not in world.weakened:
            world.violations.append(f"I9: state cannot be read: {error.message}")
        return None


def _busy_person(world: World) -> None:
    """Have somebody edit live while a run goes on."""
    for _ in range(world.random.randint(1, 4)):
        world.scheduler.at(world.random.choice((1, 2, 8, 70)) * world.random.random(), lambda: edit_live(world))


# Steps.


def begin_apply(world: World, **how: Any) -> Run:
    """Begin an apply in a process of its own."""
    refresh = world.random.choice((Refresh.CHANGED, Refresh.CHANGED, Refresh.ALL))
    how = {"refresh": refresh, "adopt": world.random.random() < 0.3, **how}
    return world.do("apply", lambda process, run: acts.apply(world, run, process, **how))


def applied(world: World) -> None:
    """An apply, from begin to end."""
    world.wait_for(begin_apply(world))


def applied_while_edited(world: World) -> None:
    """An apply while somebody edits live."""
    _busy_person(world)
    world.wait_for(begin_apply(world))


def killed(world: World) -> None:
    """An apply that is killed somewhere, and perhaps another one at once."""
    run = begin_apply(world)
    run.process.fuse = world.random.randrange(_MOST_SEAMS)
    world.wait_for(run)
    world.happened["killed"] += not run.process.alive and run.ended is None
    if run.process.died_at:
        world.killed_at[run.process.died_at] += 1
    if world.random.random() < 0.5:
        world.scheduler.rest(world.settings.timeout + world.settings.settle)
        world.wait_for(begin_apply(world))


def signalled(world: World) -> None:
    """An apply that Ctrl-C reaches, once or twice."""
    run = begin_apply(world)
    run.process.signal_fuse = world.random.randrange(_MOST_SEAMS)
    if world.random.random() < 0.3:
        world.scheduler.at(
            world.random.uniform(0, 20),
            lambda: world.scheduler.signal(run.process, KeyboardInterrupt) if run.process.alive else None,
        )
    world.wait_for(run)


def two_at_once(world: World) -> None:
    """Two applies that begin at the same time."""
    world.wait_for(begin_apply(world), begin_apply(world))


def saved_plan(world: World) -> None:
    """A plan that is applied later, when the world may have moved; and perhaps once more."""
    refresh = world.random.choice((Refresh.CHANGED, Refresh.ALL))
    planning = world.do("plan", lambda process, run: acts.plan_only(world, run, process, refresh=refresh))
    world.wait_for(planning)
    if planning.plan is None:
        return
    document = to_document(planning.plan)
    if world.random.random() < 0.4:
        world.random.choice((edit_live, edit_manifests, applied))(world)
    for _ in range(world.random.choice((1, 1, 2))):
        world.wait_for(begin_apply(world, refresh=refresh, adopt=False, given=document))


def offline(world: World) -> None:
    """A plan without a key."""
    run = world.do("plan", lambda process, run: acts.plan_only(world, run, process, refresh=Refresh.NONE))
    run.is_offline = True
    world.wait_for(run)


def robbed(world: World) -> None:
    """An apply that stands still, loses its lock to somebody who is sure that it is gone, and goes on."""
    run = begin_apply(world)
    world.paused.add(run.name)
    wait = world.random.uniform(0, 3)

    def pause() -> None:
        run.process.paused = run.process.alive

    world.scheduler.at(wait, pause)
    world.scheduler.rest(wait + world.settings.timeout)
    held = acts.store_of(world, world.process("look"), fails=False).holder()
    if run.process.paused and held is not None and held.process == run.process.name:
        world.weakened.add("robbed")
        world.happened["robbed"] += 1
        unlocking = world.do("unlock", lambda process, other: acts.unlock(world, other, process, held.nonce))
        world.wait_for(unlocking)
        if unlocking.error is None:
            world.robbed.add(run.process.name)
        if world.random.random() < 0.7:
            world.wait_for(begin_apply(world))
    run.process.paused = False
    world.wait_for(run)


def rolled_back(world: World) -> None:
    """Somebody copies an older state over the one there, then applies."""
    documents = [each for each in world.documents if each != b"rollback"]
    if world.settings.on_disk or len(documents) < 2 or world.disk.state is None:
        return
    data = world.random.choice(documents[:-1])
    world.disk.state = world.disk.state._replace(data=data, version=world.disk.version())
    world.documents.append(b"rollback")
    world.weakened.add("rollback")
    world.happened["rolled back"] += 1
    world.scheduler.tell(f"state is rolled back to serial {decode(data, where='').serial}")
    world.wait_for(begin_apply(world))


def resolved(world: World) -> None:
    """Somebody says what became of a create, without having looked."""
    state = state_now(world)
    creates = [] if state is None else sorted(name for name, each in state.pending.items() if each.id is None)
    if not creates:
        applied(world)
        return
    name, there = world.random.choice(creates), world.live()
    id_ = str(world.random.choice(there)["id"]) if there and world.random.random() < 0.5 else None
    world.weakened.add("wrong resolve")
    world.happened["resolved at random"] += 1
    world.wait_for(world.do("resolve", lambda process, run: acts.resolve(world, run, process, name, id_)))


_STEPS: tuple[tuple[Callable[[World], None], float], ...] = (
    (applied, 5),
    (applied_while_edited, 2),
    (killed, 4),
    (signalled, 1.5),
    (two_at_once, 1.5),
    (saved_plan, 2),
    (offline, 0.3),
    (robbed, 0.8),
    (rolled_back, 0.3),
    (resolved, 0.5),
)
