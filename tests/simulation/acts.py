"""What people and CI have the tool do, each in a process of its own, put together as the command line does it."""

from collections.abc import Mapping
from typing import Any

from reconciler.adapters.api.caller import Caller
from reconciler.adapters.api.client import ApiReader, ApiWriter
from reconciler.adapters.store.emergency import EmergencyCopy
from reconciler.adapters.store.store import Store
from reconciler.app.apply import Applied, apply_plan
from reconciler.app.approve import (
    Approved,
    prove_organisation,
    read_saved_plan,
    refuse_bad_bodies,
    refuse_unless_left,
    refuse_unless_same,
    refuse_used,
    stale,
)
from reconciler.app.means import Means
from reconciler.app.purpose import APPLYING, Purpose
from reconciler.app.stop import NEVER, Stop
from reconciler.core import custody
from reconciler.core.codec.apply import to_document as outcomes_document
from reconciler.core.codec.plan import to_document
from reconciler.core.guarding.writing import WriteGuards
from reconciler.errors import StateError
from reconciler.model.hold import Hold
from reconciler.model.plan import Refresh
from reconciler.model.state import Begun, State, UsedPlan
from reconciler.view.apply_text import apply_text
from reconciler.view.plan_text import Drawing
from reconciler.view.terminal import Paint
from tests.simulation.scheduler import Process
from tests.simulation.world import Run, World, body_checker

_PLAIN = Drawing(paint=Paint(enabled=False), width=100, verbose=True, limit=None)


def store_of(world: World, process: Process, *, fails: bool = True) -> Store:
    """Return the store as a process opens it."""

    def me(purpose: str) -> Hold:
        nonce = f"{world.random.getrandbits(64):016x}"
        return Hold(
            nonce=nonce, purpose=purpose, since=world.clock.moment(), who="ci", host="runner", process=process.name
        )

    return Store(
        world.backend(fails=fails),
        me=me,
        now=world.clock.moment,
        is_gone=world.word,
        emergency=(world.folder,),
        new_lineage=lambda: f"lineage-{world.random.getrandbits(64):016x}",
    )


def plan_only(world: World, run: Run, process: Process, *, refresh: Refresh) -> None:
    """`reconciler plan --out`: it can only read."""
    state = store_of(world, process).load()
    reader = None if refresh is Refresh.NONE else ApiReader(world.caller(process, run))
    run.plan = world.plan(process, reader, state, refresh=refresh, adopt=False)
    run.digest = to_document(run.plan)["digest"]


def apply(
    world: World,
    run: Run,
    process: Process,
    *,
    refresh: Refresh = Refresh.CHANGED,
    adopt: bool = False,
    given: Mapping[str, Any] | None = None,
    is_resumed: bool = False,
    stop: Stop = NEVER,
) -> None:
    """`reconciler apply --yes`, with or without a saved plan; or an errand of a fleet, perhaps one to go on with."""
    store = store_of(world, process)
    state = run.state = store.load()
    if given is not None and not is_resumed:
        refuse_used(state, [given["digest"]])
    caller = world.caller(process, run)
    reader = ApiReader(caller)
    with stop.waking(lambda why: caller.halt(why.message)):
        plan = run.plan = world.plan(process, reader, state, refresh=refresh, adopt=adopt, stop=stop)
    stop.check()
    approved = (
        refuse_unless_left(plan, read_saved_plan(given), state)
        if is_resumed
        else refuse_unless_same(plan, given=given, expected=None)
    )
    run.plan, run.digest = approved.plan, approved.digest
    if approved.returned and not approved.plan.has_work:
        run.applied = Applied(outcomes=approved.returned, error=stale(approved))
        return
    if not approved.plan.can_apply or not approved.plan.has_work:
        return
    refuse_bad_bodies(approved.plan, lambda payload: body_checker().check(payload.value))
    with stop.waking(lambda why: caller.halt(why.message)):
        prove_organisation(approved.plan, state, reader)
    stop.check()
    carry_out(world, run, process, store, approved, caller, stop=stop)


def carry_out(
    world: World,
    run: Run,
    process: Process,
    store: Store,
    approved: Approved,
    caller: Caller,
    *,
    purpose: Purpose = APPLYING,
    stop: Stop = NEVER,
) -> None:
    """Carry an approved plan out, as `apply` and `drift --correct` do."""
    plan, state = approved.plan, run.state
    guards = WriteGuards(world.settings.guards, plan.basis.overrides)
    session = store.begin(state, purpose.name)
    means = Means(
        reader=ApiReader(caller),
        writer=ApiWriter(caller).unless(lambda: guards.frozen(world.clock.moment())),
        session=session,
        clock=world.clock,
        org_id=plan.org_id if state is None else state.org_id or plan.org_id,
        settle=world.settings.settle,
        halt=caller.halt,
        crew=world.crew(process, stop),
        guards=guards,
    )
    run.stage = "apply"
    ids = {} if state is None else {name: record.id for name, record in state.records.items()}
    try:
        if purpose.opening is not None:
            session.append(purpose.opening)
        session.append(Begun(plan=UsedPlan(digest=run.digest, since=world.clock.moment(), by=session.by)))
        run.applied = apply_plan(plan, means, ids=ids, settled=_nobody, stopping=_nobody, returned=approved.returned)
        closing = purpose.closing(run.applied.outcomes)
        if closing is not None:
            session.append(closing)
    except BaseException:
        session.finish()
        raise
    run.told = apply_text(plan.environment, run.applied.outcomes, _PLAIN)
    run.told += str(outcomes_document(plan.environment, run.digest, run.applied.outcomes))
    session.finish()


def _nobody(_: object) -> None:
    """Tell nobody."""


def save(world: World, process: Process, state: State, purpose: str) -> None:
    """Save what a named command makes of state."""
    store = store_of(world, process)
    base = store.load()
    if base is None or base.serial != state.serial or base.lineage != state.lineage:
        raise StateError("state was changed by somebody else meanwhile; nothing was saved", hint="try again")
    store.begin(base, purpose).finish(state)


def resolve(world: World, run: Run, process: Process, custom_id: str, id_: str | None) -> None:
    """`reconciler state resolve`."""
    state = custody.require(store_of(world, process).load())
    custody.unresolved(state, custom_id)
    reader = ApiReader(world.caller(process, run))
    if id_ is not None:
        resolved = custody.resolve_created(state, custom_id, reader.read(id_), id_=id_)
    else:
        resolved = custody.resolve_not_created(state, custom_id, reader.find(custom_id))
    save(world, process, resolved, "state resolve")


def forget(world: World, run: Run, process: Process, custom_id: str) -> None:
    """`reconciler state forget`."""
    state = custody.require(store_of(world, process).load())
    save(world, process, custody.forget(state, custom_id), "state forget")


def unlock(world: World, run: Run, process: Process, nonce: str) -> None:
    """`reconciler state unlock`."""
    store_of(world, process).unlock(nonce)


def recover(world: World, run: Run, process: Process, copy: EmergencyCopy) -> None:
    """`reconciler state recover`."""
    store_of(world, process).recover(copy)
