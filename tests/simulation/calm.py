"""The end of a schedule: no faults any more, people decide truthfully what only they can, and then all must come clean.

I8: with every question answered, at most two runs lead to a plan without work; I7: one more run writes nothing.
"""

from dataclasses import replace

from reconciler.adapters.store.emergency import read_emergency
from reconciler.errors import RefusedError
from reconciler.model.plan import Plan, Refresh
from reconciler.sandbox.api import Request
from reconciler.sandbox.switches import Missing
from tests.simulation import acts
from tests.simulation.decisions import decide
from tests.simulation.world import DASHBOARD_KEY, Run, World

_MOST_RUNS = 2
_MOST_ROUNDS = 8


def calm_down(world: World) -> None:
    """End all faults, answer all questions, and see that everything comes clean."""
    world.faults.enabled = False
    world.settings.deadline = 86_400.0
    for process in world.processes.values():
        process.paused = False
    world.scheduler.tell("calm: no faults from here on")
    # Whatever is in flight lands, and what may still become visible had its time.
    world.scheduler.rest(world.settings.timeout + world.settings.settle + 700)
    _catch_up(world)
    recover(world)
    if world.weakened & {"rollback", "wrong resolve"}:
        # What people got wrong on purpose: it must not break anything, and need not come right by itself.
        world.wait_for(_apply(world))
        return
    if world.switches.missing is Missing.WRAPPED:
        # An API that answers 500 where there is nothing says nothing that could be believed: all stays undecided.
        return
    for _ in range(_MOST_ROUNDS):
        if not decide(world):
            break
    else:
        world.violations.append("I8: people's decisions never come to an end")
    for _ in range(_MOST_RUNS + 1):
        before = sum(sent.writes for sent in world.server.sent)
        run = _apply(world)
        world.wait_for(run)
        if run.plan is not None and not run.plan.has_work and not run.plan.violations:
            break
        before = -1
    else:
        world.violations.append(f"I8: not clean after {_MOST_RUNS} runs: {_left(run.plan)}")
    if before >= 0 and sum(sent.writes for sent in world.server.sent) != before:
        world.violations.append("I7: an apply without work wrote something")


def _catch_up(world: World) -> None:
    """Let reads lag no more: the simulator counts its lag in reads."""
    lag, simulator = world.switches.lag, world.simulator
    simulator.switches = replace(world.switches, lag=0, limit=0)
    for each in world.live() if lag else ():
        request = Request(method="GET", path=f"/sequences/{each['id']}", authorization=f"Bearer {DASHBOARD_KEY}")
        for _ in range(lag):
            simulator.answer(request, limit=0)
            world.server.entries += 1


def _left(plan: Plan | None) -> str:
    if plan is None:
        return "no plan could be made"
    changes = [
        f"{change.action.value} {change.custom_id} ({change.reason})"
        for change in plan.changes
        if change.operation or change.record
    ]
    return "; ".join([*changes, *(f"{each.rule} {each.custom_id}" for each in plan.violations)])


def _apply(world: World) -> Run:
    return world.do("apply", lambda process, run: acts.apply(world, run, process, refresh=Refresh.ALL, adopt=True))


def recover(world: World) -> None:
    """Take back every emergency copy that runs named, as they told people to."""
    for path in world.copies():
        copy = read_emergency(path)
        run = world.do("recover", lambda process, run, copy=copy: acts.recover(world, run, process, copy))
        world.wait_for(run)
        world.happened["recovered" if run.error is None else f"recovery: {type(run.error).__name__}"] += 1
        if run.error is None or isinstance(run.error, RefusedError):
            path.unlink()
