"""A look at live and setting back what it found, put together as `reconciler drift` does it."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.adapters.api.caller import Caller
from reconciler.adapters.api.client import ApiReader
from reconciler.adapters.store.store import Store
from reconciler.app.answering import acknowledging
from reconciler.app.approve import prove_organisation, refuse_bad_bodies, refuse_unless_same
from reconciler.app.drift import Swept, Wanted, remember, report_of, sweep
from reconciler.core import custody
from reconciler.core.correcting import Decided, decide, marked, settled
from reconciler.core.drifting import plan_back, said_by
from reconciler.core.snapshot import Request
from reconciler.model.drift import Report
from reconciler.model.outcome import Outcome
from reconciler.model.plan import Refresh
from reconciler.model.risk import RiskClass
from reconciler.model.settings import RateLimit
from reconciler.model.state import Entry, Looked
from reconciler.wiring.carrying import Purpose
from tests.simulation.acts import carry_out, store_of
from tests.simulation.scheduler import Process
from tests.simulation.world import ENDPOINT, Run, World, body_checker

# What is set back unless told otherwise.
ALLOWED = RiskClass.R1


@dataclass
class Seen:
    """What one look came to; `decided` is what a correction made of it, and `at` when."""

    run: Run
    budget: int | None = None
    report: Report | None = None
    swept: Swept | None = None
    decided: Decided | None = None
    at: float = 0.0


def look(world: World, process: Process, seen: Seen) -> None:
    """`reconciler drift`, with or without a budget."""
    _look(world, process, seen, Wanted(request=_request(world), budget=seen.budget, limit=_rate(world)))


def correct(world: World, process: Process, seen: Seen) -> None:
    """`reconciler drift --known --correct --yes`, the second job of the scheduled workflow."""
    wanted = Wanted(request=_request(world), budget=None, limit=_rate(world), known_only=True)
    store, caller = _look(world, process, seen, wanted)
    assert seen.report is not None
    assert seen.swept is not None
    seen.at = world.scheduler.now
    run, now = seen.run, world.clock.moment()
    state = run.state = custody.require(store.load())
    decided = seen.decided = decide(seen.report.drifted, state.looks, allowed=ALLOWED, now=now)
    if not decided.names:
        return
    readings = {name: seen.swept.readings[name] for name in decided.names}
    plan = plan_back(wanted.request, state, said_by(wanted.request, world.desired(), state), readings)
    approved = acknowledging(refuse_unless_same(plan, given=None, expected=None), world.settings.guards, None)
    run.plan, run.digest = approved.plan, approved.digest
    if not approved.plan.can_apply:
        return
    refuse_bad_bodies(approved.plan, lambda payload: body_checker().check(payload.value))
    prove_organisation(approved.plan, state, ApiReader(caller))
    marks = marked([each for each in seen.report.drifted if each.custom_id in decided.names], state.looks, now=now)

    def closing(outcomes: Sequence[Outcome]) -> Entry:
        return Looked(looks=settled(outcomes, state.looks, marks, now=world.clock.moment()))

    purpose = Purpose(name="drift --correct", opening=Looked(looks=marks), closing=closing)
    carry_out(world, run, process, store, approved, caller, purpose=purpose)


def _look(world: World, process: Process, seen: Seen, wanted: Wanted) -> tuple[Store, Caller]:
    store = store_of(world, process)
    state = seen.run.state = custody.require(store.load())
    caller = world.caller(process, seen.run.name)
    seen.swept = sweep(wanted, state, ApiReader(caller), clock=world.clock, crew=world.crew(process))
    manifests = said_by(wanted.request, world.desired(), state)
    seen.report, found = report_of(wanted, state, manifests, seen.swept, now=world.clock.moment())
    remember(store, found)
    return store, caller


def _request(world: World) -> Request:
    return Request(
        environment="production",
        endpoint=ENDPOINT,
        schema="sha256:0",
        refresh=Refresh.ALL,
        guards=world.settings.guards,
        now=world.clock.moment(),
    )


def _rate(world: World) -> RateLimit:
    return RateLimit(requests=world.settings.limit, seconds=60)
