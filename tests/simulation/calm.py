"""The end of a schedule: no faults any more, people decide truthfully what only they can, and then all must come clean.

I8: with every question answered, at most two runs lead to a plan without work; I7: one more run writes nothing.
"""

from dataclasses import replace

from reconciler.adapters.store.emergency import read_emergency
from reconciler.errors import RefusedError
from reconciler.model.plan import Plan, Refresh
from reconciler.model.state import State
from reconciler.sandbox.api import Request
from reconciler.sandbox.switches import Duplicates, Finished, Lookup, Missing

from tests.simulation import acts, manifests
from tests.simulation.invariants import _custom_id, created
from tests.simulation.world import DASHBOARD_KEY, Run, World

_MOST_RUNS = 2
_MOST_ROUNDS = 8


def calm_down(world: World) -> None:
    """End all faults, answer all questions, and see that everything comes clean."""
    world.faults.enabled = False
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
        if not _decide(world):
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
    changes = [f"{change.action.value} {change.custom_id} ({change.reason})" for change in plan.changes if change.operation or change.record]
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


def _decide(world: World) -> bool:
    """Answer one round of questions, truthfully; False where there is none."""
    decided = False
    state = acts.store_of(world, world.process("look"), fails=False).load()
    state = state or State(lineage="none", serial=0)
    for custom_id, pending in sorted(state.pending.items()):
        if pending.id is None:
            _resolve(world, custom_id, pending.payload.encoded)
            decided = True
    if decided:
        return True
    there = {str(each["id"]): each for each in world.live()}
    for custom_id, pending in sorted(state.pending.items()):
        if custom_id not in state.records and pending.id is not None and pending.id not in there:
            # Created, told its id, killed before that was recorded; then somebody deleted it.
            if world.stuck:
                continue
            world.stuck = True
            for what in ("forget", "resolve"):
                if _let_go(world, what, custom_id, pending.id):
                    return True
            world.violations.append(f"I8: neither forget nor resolve lets go of {custom_id}, which was made and is gone")
    for custom_id in sorted(set(world.manifests) - set(state.records)):
        if _clear_the_way(world, custom_id):
            return True
    is_closed = world.switches.finished is Finished.REFUSED
    over = {each["custom_id"] for each in there.values() if is_closed and each["status"] in ("complete", "canceled")}
    for custom_id in sorted(over & set(world.manifests) - set(state.records)):
        # It exists, is over for good, and takes no write: nobody can ask for anything of it.
        world.manifests = manifests.without(world.manifests, custom_id)
        decided = True
    for custom_id, record in sorted(state.records.items()):
        live = there.get(record.id)
        asked = {each.renamed_from or name for name, each in world.manifests.items()} | set(world.manifests)
        is_over = live is not None and is_closed and live["status"] in ("complete", "canceled")
        if (live is None and custom_id in asked) or (is_over and custom_id in asked):
            _give_up(world, custom_id)
            decided = True
    return decided


def _let_go(world: World, what: str, custom_id: str, id_: str) -> bool:
    if what == "forget":
        run = world.do("forget", lambda process, run: acts.forget(world, run, process, custom_id))
    else:
        run = world.do("resolve", lambda process, run: acts.resolve(world, run, process, custom_id, None))
    world.wait_for(run)
    if run.error is not None:
        return False
    world.allowed[custom_id] += 1
    world.forgotten.add(id_)
    return True


def _clear_the_way(world: World, custom_id: str) -> bool:
    """Delete what somebody made by hand, where the API neither shows it by its name nor takes a second of that name."""
    switches, ours = world.switches, {sent.sequence_id for sent in created(world)}
    if switches.lookup is Lookup.ON or switches.duplicates is Duplicates.ACCEPTED:
        return False
    others = [str(each["id"]) for each in world.live() if each["custom_id"] == custom_id and each["id"] not in ours]
    return any([world.touch("delete", id_, lambda id_=id_: world.simulator.delete(id_)) for id_ in others])


def _give_up(world: World, custom_id: str) -> None:
    """Forget what is gone or over for good, and ask for it no more."""
    for name, each in list(world.manifests.items()):
        if custom_id in (name, each.renamed_from):
            world.manifests = manifests.without(world.manifests, name)
    forget(world, custom_id)


def forget(world: World, custom_id: str) -> None:
    """Have a person drop a record, for good reason."""
    state = acts.store_of(world, world.process("look"), fails=False).load()
    if state is None or custom_id not in state.records:
        return
    world.forgotten.add(state.records[custom_id].id)
    world.allowed[custom_id] += 1
    run = world.do("forget", lambda process, run: acts.forget(world, run, process, custom_id))
    world.wait_for(run)
    if run.error is not None:
        world.violations.append(f"I8: {custom_id} could not be forgotten: {run.error}")


def _resolve(world: World, custom_id: str, body: bytes) -> None:
    """Look in the dashboard whether a create happened, and say so."""
    there = {str(each["id"]): each for each in world.live()}
    made = [sent for sent in created(world) if _custom_id(sent) == custom_id and sent.body == body]
    here = [sent for sent in made if sent.sequence_id in there and there[sent.sequence_id]["custom_id"] == custom_id]
    id_ = here[-1].sequence_id if here else None
    run = world.do("resolve", lambda process, run: acts.resolve(world, run, process, custom_id, id_))
    world.wait_for(run)
    if run.error is None:
        if made and not here:
            world.allowed[custom_id] += 1  # it was made, and somebody deleted it since
            world.forgotten |= {str(sent.sequence_id) for sent in made}
        return
    # Somebody made one of the same name by hand: the person takes that one, or does away with it.
    others = [each for each in world.live() if each["custom_id"] == custom_id and each["id"] != id_]
    if id_ is None and others:
        world.touch("delete", str(others[0]["id"]), lambda: world.simulator.delete(str(others[0]["id"])))
        return
    world.violations.append(f"I8: {custom_id} could not be resolved: {run.error}")
