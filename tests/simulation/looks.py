"""A look at live and setting back what it found, put together as `reconciler drift` does it."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.adapters.api.caller import Caller
from reconciler.adapters.api.client import ApiReader
from reconciler.adapters.store.store import Store
from reconciler.app import correcting as steps
from reconciler.app import looking as app_looking
from reconciler.app.apply import Applied
from reconciler.app.approve import Approved, prove_organisation, refuse_bad_bodies
from reconciler.app.drift import Wanted
from reconciler.app.looking import Looking
from reconciler.app.purpose import Purpose
from reconciler.core import custody
from reconciler.core.drifting import said_by
from reconciler.core.snapshot import Request
from reconciler.errors import StateError
from reconciler.model.drift import Left, Report
from reconciler.model.plan import Refresh
from reconciler.model.risk import RiskClass
from reconciler.model.settings import RateLimit
from reconciler.model.state import State
from tests.simulation.acts import carry_out, store_of
from tests.simulation.scheduler import Process
from tests.simulation.world import ENDPOINT, Run, World, body_checker

# What is set back unless told otherwise.
ALLOWED = RiskClass.R1


@dataclass
class Seen:
    """What one look came to; `left` is what a correction left of it, and `at` when it began."""

    run: Run
    budget: int | None = None
    report: Report | None = None
    left: tuple[Left, ...] | None = None
    at: float = 0.0


def look(world: World, process: Process, seen: Seen) -> None:
    """`reconciler drift`, with or without a budget."""
    store = store_of(world, process)
    _look(world, process, seen, store, Wanted(request=_request(world), budget=seen.budget, limit=_rate(world)))


def correct(world: World, process: Process, seen: Seen) -> None:
    """`reconciler drift --known --correct --yes`, the second job of the scheduled workflow."""
    wanted = Wanted(request=_request(world), budget=None, limit=_rate(world), known_only=True)
    store = store_of(world, process)
    looking, looked, caller = _look(world, process, seen, store, wanted)
    seen.at = world.scheduler.now
    assert looked.can_be_answered
    hand = _Hand(world, process, seen, store, caller)
    steps.correct(looking, looked, store, hand, allowed=ALLOWED, clock=world.clock)


@dataclass
class _Hand:
    """Sets back without anybody who could be asked (a Hand of `app/correcting`)."""

    world: World
    process: Process
    seen: Seen
    store: Store
    caller: Caller

    def left(self, left: Sequence[Left]) -> None:
        self.seen.left = tuple(left)

    def approve(self, approved: Approved) -> None:
        self.seen.run.plan, self.seen.run.digest = approved.plan, approved.digest

    def carry_out(self, approved: Approved, state: State, purpose: Purpose) -> Applied:
        self.seen.run.state = state
        refuse_bad_bodies(approved.plan, lambda payload: body_checker().check(payload.value))
        prove_organisation(approved.plan, state, ApiReader(self.caller))
        carry_out(self.world, self.seen.run, self.process, self.store, approved, self.caller, purpose=purpose)
        assert self.seen.run.applied is not None
        return self.seen.run.applied


def _look(
    world: World, process: Process, seen: Seen, store: Store, wanted: Wanted
) -> tuple[Looking, app_looking.Seen, Caller]:
    state = seen.run.state = custody.require(store.load())
    caller = world.caller(process, seen.run)
    looking = Looking(wanted=wanted, state=state, manifests=said_by(wanted.request, world.desired(), state))
    looked = app_looking.look(
        looking, ApiReader(caller), store, is_relied_on=True, clock=world.clock, crew=world.crew(process)
    )
    seen.report = looked.report
    if not looked.is_kept:
        raise StateError(looked.report.warnings[-1].message)
    return looking, looked, caller


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
