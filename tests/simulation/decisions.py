"""What only people decide, decided truthfully: they look in the dashboard, and then type what the tool told them to."""

from typing import Any

from reconciler.model.state import Pending, State
from reconciler.sandbox.switches import Duplicates, Finished, Lookup
from tests.simulation import acts, manifests
from tests.simulation.invariants import created, custom_id_of
from tests.simulation.world import World

_OVER = ("complete", "canceled")


def decide(world: World) -> bool:
    """Answer one round of questions; False where there is none."""
    state = acts.store_of(world, world.process("look"), fails=False).load() or State(lineage="none", serial=0)
    there = {str(each["id"]): each for each in world.live()}
    return (
        _unknown_creates(world, state)
        or _named_and_gone(world, state, there)
        or _same_names(world, state)
        or _over_and_not_recorded(world, state, there)
        or _gone_or_over(world, state, there)
    )


def _unknown_creates(world: World, state: State) -> bool:
    """Say what became of each create that got no answer."""
    creates = {name: each for name, each in sorted(state.pending.items()) if each.id is None}
    for custom_id, pending in creates.items():
        _resolve(world, custom_id, pending.payload.encoded)
    return bool(creates)


def _named_and_gone(world: World, state: State, there: dict[str, Any]) -> bool:
    """Let go of what was made and told its id, in a run that was killed, and that somebody deleted since."""
    gone = [name for name, each in sorted(state.pending.items()) if _is_named_and_gone(state, name, each, there)]
    for custom_id in gone:
        if custom_id in world.stuck:
            continue
        if _let_go(world, custom_id, str(state.pending[custom_id].id)):
            return True
        world.stuck.add(custom_id)
        world.violations.append(f"I8: neither forget nor resolve lets go of {custom_id}, which was made and is gone")
    return False


def _is_named_and_gone(state: State, custom_id: str, pending: Pending, there: dict[str, Any]) -> bool:
    recorded = {record.id for record in state.records.values()}
    return pending.id is not None and pending.id not in recorded and pending.id not in there


def _let_go(world: World, custom_id: str, id_: str) -> bool:
    run = world.do("forget", lambda process, run: acts.forget(world, run, process, custom_id))
    world.wait_for(run)
    if run.error is not None:
        run = world.do("resolve", lambda process, run: acts.resolve(world, run, process, custom_id, None))
        world.wait_for(run)
    if run.error is not None:
        return False
    world.allowed[custom_id] += 1
    world.forgotten.add(id_)
    return True


def _same_names(world: World, state: State) -> bool:
    """Delete what somebody made by hand under a name that a manifest wants, where the API takes no second of that name.

    Only what a look-up shows could be adopted in the place of creating, and nothing in the place of renaming.
    """
    if world.switches.duplicates is Duplicates.ACCEPTED:
        return False
    ours = {sent.sequence_id for sent in created(world)}
    hidden = world.switches.lookup is Lookup.OFF
    asked = {
        name for name, each in world.manifests.items() if name not in state.records and (hidden or each.renamed_from)
    }
    others = [str(each["id"]) for each in world.live() if each["custom_id"] in asked and each["id"] not in ours]
    for id_ in others:
        _delete(world, id_)
    return bool(others)


def _over_and_not_recorded(world: World, state: State, there: dict[str, Any]) -> bool:
    """Ask no more for what exists, is over for good and takes no write."""
    over = {each["custom_id"] for each in there.values() if _is_closed(world, each)}
    names = sorted(
        name
        for name, each in world.manifests.items()
        if over & {name, each.renamed_from} and not state.records.keys() & {name, each.renamed_from}
    )
    for custom_id in names:
        world.manifests = manifests.without(world.manifests, custom_id)
    return bool(names)


def _gone_or_over(world: World, state: State, there: dict[str, Any]) -> bool:
    """Forget what is gone, or over for good and takes no write, and ask for it no more."""
    asked = {each.renamed_from or name for name, each in world.manifests.items()} | set(world.manifests)
    names = [
        name
        for name, record in sorted(state.records.items())
        if record.id not in there or (name in asked and _is_closed(world, there[record.id]))
    ]
    for custom_id in names:
        _give_up(world, custom_id, state.records[custom_id].id)
    return bool(names)


def _is_closed(world: World, live: dict[str, Any]) -> bool:
    return world.switches.finished is Finished.REFUSED and live["status"] in _OVER


def _give_up(world: World, custom_id: str, id_: str) -> None:
    for name, each in list(world.manifests.items()):
        if custom_id in (name, each.renamed_from):
            world.manifests = manifests.without(world.manifests, name)
    world.forgotten.add(id_)
    world.allowed[custom_id] += 1
    run = world.do("forget", lambda process, run: acts.forget(world, run, process, custom_id))
    world.wait_for(run)
    if run.error is not None:
        world.violations.append(f"I8: {custom_id} could not be forgotten: {run.error}")


def _resolve(world: World, custom_id: str, body: bytes) -> None:
    there = {str(each["id"]): each for each in world.live()}
    made = [sent for sent in created(world) if custom_id_of(sent) == custom_id and sent.body == body]
    here = [sent for sent in made if sent.sequence_id in there and there[sent.sequence_id]["custom_id"] == custom_id]
    id_ = here[-1].sequence_id if here else None
    run = world.do("resolve", lambda process, run: acts.resolve(world, run, process, custom_id, id_))
    world.wait_for(run)
    if run.error is None:
        if made and not here:
            world.allowed[custom_id] += 1  # it was made, and somebody deleted it since
            world.forgotten |= {str(sent.sequence_id) for sent in made}
        return
    # Somebody made one of the same name by hand: the person does away with that.
    others = [str(each["id"]) for each in world.live() if each["custom_id"] == custom_id and each["id"] != id_]
    if id_ is None and others:
        _delete(world, others[0])
        return
    world.violations.append(f"I8: {custom_id} could not be resolved: {run.error}")


def _delete(world: World, id_: str) -> None:
    world.touch("delete", id_, lambda: world.simulator.delete(id_))
