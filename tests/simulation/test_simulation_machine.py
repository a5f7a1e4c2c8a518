"""A state machine over the same seams as the random schedules: hypothesis looks for the shortest way to a violation."""

from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from reconciler.core.codec.plan import to_document
from reconciler.model.plan import Refresh
from reconciler.sandbox import switches as kinds
from reconciler.sandbox.switches import Switches
from tests.simulation import acts, invariants, manifests, schedule
from tests.simulation.calm import calm_down, recover
from tests.simulation.faults import Faults
from tests.simulation.world import Settings, World

EXAMPLES = 60
STEPS = 12


class Repository(RuleBasedStateMachine):
    """A repository, its state, its server, and everything that people, CI and the network do to them."""

    plans = Bundle("plans")

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None

    @initialize(
        seed=st.integers(0, 2**32),
        limit=st.sampled_from([0, 5, 100]),
        lookup=st.sampled_from(list(kinds.Lookup)),
        duplicates=st.sampled_from(list(kinds.Duplicates)),
        strings=st.sampled_from(list(kinds.Strings)),
        omitted=st.sampled_from(list(kinds.Omitted)),
        on_disk=st.sampled_from([False, False, False, True]),
    )
    def begin(self, seed: int, limit: int, on_disk: bool, **behaviour: Any) -> None:
        random = Random(seed)  # noqa: S311 - chance that can be repeated
        self.world = World(seed, Settings(limit=limit, on_disk=on_disk), Faults(random), Switches(**behaviour))
        self.world.manifests = manifests.first(random)

    @property
    def there(self) -> World:
        assert self.world is not None
        return self.world

    @rule()
    def edit_manifests(self) -> None:
        schedule.edit_manifests(self.there)

    @rule()
    def edit_live(self) -> None:
        schedule.edit_live(self.there)

    @rule(rate=st.sampled_from([0.0, 0.1, 0.5]), store=st.sampled_from([0.0, 0.0, 0.1]))
    def toggle_faults(self, rate: float, store: float) -> None:
        self.there.faults.network, self.there.faults.store = rate, store

    @rule(seconds=st.sampled_from([1.0, 60.0, 700.0, 90_000.0]))
    def advance_clock(self, seconds: float) -> None:
        self.there.scheduler.rest(seconds)

    @rule(target=plans, refresh=st.sampled_from([Refresh.CHANGED, Refresh.ALL]))
    def plan(self, refresh: Refresh) -> Any:
        world = self.there
        run = world.do("plan", lambda process, run: acts.plan_only(world, run, process, refresh=refresh))
        world.wait_for(run)
        return None if run.plan is None else (refresh, to_document(run.plan))

    @rule(saved=plans)
    def apply_saved_plan(self, saved: Any) -> None:
        if saved is not None:
            refresh, document = saved
            self.there.wait_for(schedule.begin_apply(self.there, refresh=refresh, adopt=False, given=document))

    @rule()
    def apply(self) -> None:
        schedule.applied(self.there)

    @rule(seams=st.integers(0, 120))
    def kill_an_apply(self, seams: int) -> None:
        run = schedule.begin_apply(self.there)
        run.process.fuse = seams
        self.there.wait_for(run)

    @rule(seams=st.integers(0, 120))
    def interrupt_an_apply(self, seams: int) -> None:
        run = schedule.begin_apply(self.there)
        run.process.signal_fuse = seams
        self.there.wait_for(run)

    @rule()
    def apply_twice_at_once(self) -> None:
        schedule.two_at_once(self.there)

    @rule()
    def unlock_a_paused_apply(self) -> None:
        schedule.robbed(self.there)

    @precondition(lambda self: self.world is not None and len(self.world.documents) > 1)
    @rule()
    def roll_state_back(self) -> None:
        schedule.rolled_back(self.there)

    @precondition(lambda self: self.world is not None and bool(self.world.documents))
    @rule()
    def resolve_at_random(self) -> None:
        schedule.resolved(self.there)

    @invariant()
    def state_knows_what_was_made(self) -> None:
        world = self.world
        if world is None:
            return
        recover(world)
        if not world.copies():
            world.violations += invariants.between_runs(world, schedule.state_now(world))
        self.nothing_is_violated()

    def nothing_is_violated(self) -> None:
        world = self.there
        assert not world.violations, "\n".join([*world.violations, str(world.switches), *world.scheduler.log])

    def teardown(self) -> None:
        world = self.world
        if world is None:
            return
        try:
            calm_down(world)
            world.violations += invariants.at_the_end(world)
            self.nothing_is_violated()
        finally:
            world.close()


TestRepository = Repository.TestCase
TestRepository.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
