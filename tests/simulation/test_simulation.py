"""The whole apply path on a virtual clock: random schedules of faults, and two long stories without any."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from reconciler.model.guards import Guards, Period
from reconciler.model.plan import Refresh
from reconciler.sandbox.switches import Lists, Numbers, Strings, Switches, Timestamps
from tests.simulation import acts, soak
from tests.simulation.calm import calm_down
from tests.simulation.faults import Faults
from tests.simulation.invariants import at_the_end
from tests.simulation.manifests import Manifest
from tests.simulation.schedule import play
from tests.simulation.scheduler import EPOCH
from tests.simulation.world import Run, Settings, World

SCHEDULES = 2000
DAY = 86_400.0


@contextmanager
def a_world(
    settings: Settings | None = None, *, behaviour: Switches | None = None, manifests: int = 3
) -> Iterator[World]:
    chance = Random(0)  # noqa: S311 - chance that can be repeated
    world = World(0, settings or Settings(), Faults(chance), behaviour or Switches())
    with closing(world):
        for number in range(manifests):
            world.manifests[f"s{number}"] = Manifest(custom_id=f"s{number}", reach=number % 3)
        yield world


def begin(world: World) -> Run:
    return world.do("apply", lambda process, run: acts.apply(world, run, process, refresh=Refresh.ALL))


def writes(world: World) -> int:
    return sum(entry.mutation is not None for entry in world.simulator.ledger())


def test_every_invariant_holds_over_random_schedules_of_faults_and_every_fault_is_met() -> None:
    tally = soak.run(seed=1_000_000, jobs=2, schedules=SCHEDULES, seconds=None)
    told = soak.table(tally)
    sys.stdout.write("\n" + told)
    assert tally.schedules == SCHEDULES
    assert not tally.violations, told
    assert soak.never_met(tally) == []


def test_a_seed_gives_the_same_events_in_each_process_whatever_the_hash_seed() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-m", "tests.simulation.soak", "--replay", *(str(seed) for seed in range(40, 60))],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            cwd=soak.ROOT,
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert told[0].count("calm: no faults") == 20


def test_another_seed_is_another_schedule() -> None:
    assert play(1, gives_way=False).scheduler.log != play(2, gives_way=False).scheduler.log


@pytest.mark.parametrize(
    "behaviour",
    [
        Switches(lists=Lists.REORDERED, timestamps=Timestamps.OFFSET, strings=Strings.TRIMMED, numbers=Numbers.FLOATS),
        Switches(timestamps=Timestamps.REFORMATTED, lag=2),
    ],
    ids=["rewrites everything", "rewrites instants and lags"],
)
def test_a_server_that_rewrites_is_written_to_once_in_a_thousand_days(behaviour: Switches) -> None:
    with a_world(behaviour=behaviour) as world:
        for _ in range(1000):
            run = begin(world)
            world.wait_for(run)
            assert run.error is None
            world.scheduler.rest(DAY)
        assert writes(world) == 3
        assert world.scheduler.now > 1000 * DAY
        assert list(at_the_end(world)) == []


@pytest.mark.parametrize("limit", [3, 10])
def test_runs_shortly_after_each_other_share_one_budget_and_use_all_of_it(limit: int) -> None:
    with a_world(Settings(limit=limit, deadline=10_000), manifests=5) as world:
        for number in range(3):
            world.wait_for(begin(world))
            world.manifests["s0"] = Manifest(custom_id="s0", text=number + 10)
        times = [entry.time for entry in world.simulator.ledger()]
        assert len(times) > 20
        assert all(later - first >= 60 for first, later in zip(times, times[limit:], strict=False))
        # A window that is full is followed by the next one at once: the answer's way and a margin, no more.
        assert times[-1] - times[0] <= 62 * (len(times) / limit)


def test_runs_at_the_same_time_share_one_budget() -> None:
    with a_world(Settings(limit=4, deadline=10_000), manifests=5) as world:
        world.wait_for(begin(world), begin(world), begin(world))
        times = [entry.time for entry in world.simulator.ledger()]
        assert all(later - first >= 60 for first, later in zip(times, times[4:], strict=False))
        assert writes(world) == 5


def test_nothing_that_writes_leaves_once_a_freeze_has_begun_and_all_of_it_does_afterwards() -> None:
    """A run that has to wait for the limit, over a freeze of one hour that begins while it waits."""
    begin_after, limit, manifests = 400.0, 8, 30  # planning takes 30 looks, which is 240 s
    utc = ZoneInfo("UTC")
    freezes = datetime.fromtimestamp(EPOCH + begin_after, utc).replace(tzinfo=None)
    freeze = Period(begin=freezes, end=freezes + timedelta(hours=1), zone=utc)
    settings = Settings(limit=limit, deadline=100_000, guards=Guards(freeze=(freeze,)))
    with a_world(settings, manifests=manifests) as world:
        run = begin(world)
        world.wait_for(run)
        assert run.applied is not None
        times = [entry.time - EPOCH for entry in world.simulator.ledger() if entry.mutation is not None]
        statuses = [outcome.status.value for outcome in run.applied.outcomes]
        assert 0 < len(times) == statuses.count("applied") < manifests
        assert statuses.count("not_sent") == manifests - len(times)
        # What has left just before is on its way for a moment.
        assert max(times) < begin_after + 1
        assert run.ended is not None
        assert run.ended < begin_after + 120  # the others do not wait for their turns only to be refused
        refused = begin(world)
        world.wait_for(refused)
        assert refused.plan is not None
        assert [each.rule for each in refused.plan.violations] == ["freeze"]
        world.scheduler.rest(3600)
        world.wait_for(begin(world))
        assert writes(world) == manifests
        assert list(at_the_end(world)) == []


def test_the_end_of_a_schedule_sees_what_is_wrong() -> None:
    """What the invariants are for: a server that changed behind everybody's back is not called clean."""
    with a_world() as world:
        world.wait_for(begin(world))
        made = world.server.sent[-1].path.rpartition("/")[2]
        world.simulator.delete(made)  # not told to the world, so that nobody decides about it
        world.server.entries += 1
        found = dict(world.manifests)
        calm_down(world)
        assert world.manifests != found  # the person gave up what is gone
        world.documents.append(world.documents[0])
        assert any(each.startswith("I9") for each in at_the_end(world))
