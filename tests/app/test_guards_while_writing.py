"""Guards right before each write: a freeze that begins in the middle of a run, and what somebody stopped meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from reconciler.app.apply import apply_plan
from reconciler.core.guarding.writing import WriteGuards
from reconciler.core.planner import build_plan
from reconciler.errors import ExitCode
from reconciler.model.guards import Guards, Override, Period
from reconciler.model.outcome import Answer, NotSent, Outcome, Status
from reconciler.model.plan import Plan, Refresh
from reconciler.model.sequence import Payload
from tests.app.small_world import BEGINNING, World
from tests.core.core_values import BERLIN, desired, live, record, snapshot

NAMES = ("a", "b", "c", "d")


@dataclass
class OneByOne:
    """A Crew of the ports that does one piece of work after the other."""

    count: int
    waiting: list[Callable[[], Outcome]] = field(default_factory=list)

    def submit(self, work: Callable[[], Outcome]) -> None:
        self.waiting.append(work)

    def results(self) -> Iterator[Outcome]:
        while self.waiting:
            yield self.waiting.pop(0)()

    def stop(self) -> int:
        self.waiting.clear()
        return 0

    def linger(self, seconds: float | None) -> None:
        pass


def frozen_from(seconds: float) -> Guards:
    """A freeze of one hour that begins so many seconds after the run did."""
    begin = (BEGINNING + timedelta(seconds=1000 + seconds)).astimezone(BERLIN).replace(tzinfo=None)
    return Guards(freeze=(Period(begin=begin, end=begin + timedelta(hours=1), zone=BERLIN),))


def world_of(*statuses: str) -> tuple[World, Plan]:
    """A plan that writes to each of these sequences, one after the other, ten seconds each."""
    world = World()
    names = NAMES[: len(statuses)]
    for name, status in zip(names, statuses, strict=True):
        world.sequences[name] = replace(live(name), status=status)

    def slow(_method: str, _name: str, _body: Payload) -> Answer | None:
        world.clock.sleep(10)
        return None

    world.answers = slow
    taken = snapshot(
        *(desired(name, name="B") for name in names),
        records={name: record(name) for name in names},
        refresh=Refresh.NONE,
    )
    return world, build_plan(taken)


def run(world: World, plan: Plan, guards: Guards, *overridden: str) -> tuple[Outcome, ...]:
    overrides = tuple(Override(guard=each, reason="because") for each in overridden)
    means = world.means(settle=5.0, guards=WriteGuards(guards, overrides), crew=OneByOne)
    applied = apply_plan(plan, means, ids={}, settled=lambda _: None, stopping=lambda _: None)
    assert (applied.error, applied.bug) == (None, None)
    return applied.outcomes


def statuses(outcomes: tuple[Outcome, ...]) -> list[Status]:
    return [each.status for each in outcomes]


def patched(world: World) -> list[str]:
    return [what.removeprefix("PATCH ") for _, what in world.log if what.startswith("PATCH")]


def test_a_freeze_that_begins_in_the_middle_of_a_run_stops_all_that_is_left() -> None:
    world, plan = world_of("active", "active", "active", "active")
    outcomes = run(world, plan, frozen_from(15))
    assert statuses(outcomes) == [Status.APPLIED, Status.APPLIED, Status.NOT_SENT, Status.NOT_SENT]
    assert patched(world) == ["a", "b"]
    third, fourth = outcomes[2:]
    assert "freeze 1 of 1 lasts until 2026-01-01 02:16" in third.detail
    assert fourth.detail.startswith("stopped after `c`: nothing is written now")
    assert {third.cause, fourth.cause} == {ExitCode.REFUSED}
    # What was not begun has left no intent either.
    assert {each.split()[1] for _, each in world.log if each.startswith("intent")} == {"a", "b"}


def test_a_run_within_a_freeze_writes_and_records_nothing() -> None:
    world, plan = world_of("active", "active")
    assert statuses(run(world, plan, frozen_from(-10))) == [Status.NOT_SENT] * 2
    assert (patched(world), world.entries) == ([], [])


def test_a_freeze_that_is_overridden_stops_nothing() -> None:
    world, plan = world_of("active", "active", "active")
    assert statuses(run(world, plan, frozen_from(15), "freeze")) == [Status.APPLIED] * 3


def test_nothing_is_created_in_a_freeze_either() -> None:
    world = World()
    assert statuses(run(world, build_plan(snapshot(desired("a"))), frozen_from(-10))) == [Status.NOT_SENT]
    assert world.sequences == {}


def test_what_somebody_stopped_since_the_plan_was_made_is_left_alone_and_the_others_go_on() -> None:
    world, plan = world_of("active", "canceled", "complete", "active")
    outcomes = run(world, plan, Guards())
    assert statuses(outcomes) == [Status.APPLIED, Status.NOT_SENT, Status.NOT_SENT, Status.APPLIED]
    assert patched(world) == ["a", "d"]
    assert "it is canceled" in outcomes[1].detail
    assert "--override ended" in outcomes[1].detail
    assert outcomes[1].cause is ExitCode.REFUSED


def test_an_end_that_is_overridden_is_written_to() -> None:
    world, plan = world_of("canceled")
    assert statuses(run(world, plan, Guards(), "ended")) == [Status.APPLIED]


def test_a_freeze_that_is_met_where_a_write_is_about_to_leave_takes_its_intent_back() -> None:
    world, plan = world_of("active", "active")
    world.answers = lambda _method, _name, _body: NotSent("nothing is written now", cause=ExitCode.REFUSED)
    assert statuses(run(world, plan, Guards())) == [Status.NOT_SENT] * 2
    taken = snapshot(records={name: record(name) for name in NAMES}).state
    assert taken is not None
    assert world.folded(taken).pending == {}
