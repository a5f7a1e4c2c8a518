"""Several workers of one fleet on the virtual clock: they are killed, retired and stopped, and others take over.

The oracle is what it is for one organisation, for each of them: its server's ledger.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random

import pytest

from reconciler.errors import LockedError
from reconciler.model.outcome import Status
from reconciler.sandbox.switches import Switches
from tests.simulation.calm import calm_down
from tests.simulation.faults import Faults
from tests.simulation.fleet import Done, Engine, Fate, reviewed
from tests.simulation.fleet_schedule import play
from tests.simulation.invariants import at_the_end
from tests.simulation.manifests import Manifest
from tests.simulation.world import Settings, World

SCHEDULES = 120
SEQUENCES = 3


@contextmanager
def organisations(*faults: Faults) -> Iterator[list[World]]:
    """An organisation for each, with three sequences to create in it."""
    worlds: list[World] = []
    for number, each in enumerate(faults):
        world = World(number, Settings(), each, Switches(), beside=worlds[0] if worlds else None)
        world.name = f"org-{number}"
        for sequence in range(SEQUENCES):
            world.manifests[f"s{sequence}"] = Manifest(custom_id=f"s{sequence}", reach=sequence)
        worlds.append(world)
    try:
        yield worlds
    finally:
        for world in worlds:
            world.close()


def quiet(number: int) -> list[Faults]:
    chance = Random(0)  # noqa: S311 - chance that can be repeated
    return [Faults(chance)] * number


def carried_out(worlds: list[World], *, workers: int, fuse: int | None = None, gives_word: bool = True) -> list[Done]:
    """What became of each organisation, where the first worker is perhaps killed at a seam."""
    errands = reviewed(worlds)
    engine = Engine(worlds, workers=workers, tag="a")
    for world in worlds:
        world.word = engine.word if gives_word else lambda _hold: None
    engine.workers[0].fuse = fuse
    engine.submit(errands)
    engine.finish()
    assert Counter(each.errand.name for each in engine.done) == Counter(world.name for world in worlds)
    return engine.done


def writes(world: World) -> int:
    return sum(entry.mutation is not None for entry in world.simulator.ledger())


def test_every_invariant_holds_in_each_organisation_over_random_schedules() -> None:
    happened: Counter[str] = Counter()
    killed_at: Counter[str] = Counter()
    violations = {}
    for seed in range(SCHEDULES):
        fleet = play(seed)
        happened.update(fleet.happened)
        happened.update(done.fate.value for ended in fleet.rounds for done in ended)
        killed_at.update(fleet.killed_at)
        if fleet.violations:
            violations[seed] = fleet.violations
    assert violations == {}
    # It all happened, or it was not tried.
    told = ("taken over", "worker retired", "the engine forgot", *(fate.value for fate in Fate))
    assert [each for each in told if not happened[each]] == []
    where = ("request in write", "append_journal", "swap_lock", "read_lock", "write_state", "errand")
    assert [each for each in where if not any(seam.startswith(each) for seam in killed_at)] == []


def test_a_seed_gives_the_same_events_again() -> None:
    first = play(29).log
    assert any("is killed" in line for line in first)
    assert play(29).log == first


@pytest.mark.parametrize("are_there", [False, True], ids=["creates", "updates"])
def test_a_worker_that_is_killed_anywhere_leads_to_a_takeover_that_doubles_nothing(are_there: bool) -> None:
    taken_over = 0
    for fuse in range(0, 100, 2):
        with organisations(*quiet(2)) as worlds:
            if are_there:
                carried_out(worlds, workers=1)
                for world in worlds:
                    world.manifests = {name: replace(each, text=5) for name, each in world.manifests.items()}
            for each in carried_out(worlds, workers=2, fuse=fuse):
                taken_over += len(each.errand.runs) > 1
                # A create whose answer died with its worker is for a person to look into; all else is done.
                assert each.run is not None
                doubts = [] if each.run.plan is None else each.run.plan.violations
                assert each.is_settled or {doubt.rule for doubt in doubts} == {"outcome-unknown"}, (fuse, each.run)
            for world in worlds:
                world.word = world.is_gone
                calm_down(world)
                assert [*world.violations, *at_the_end(world)] == [], fuse
                assert writes(world) == SEQUENCES * (2 if are_there else 1)
    assert taken_over > 20


def test_without_the_engines_word_the_lock_of_a_worker_stays_and_nothing_is_written() -> None:
    locked = 0
    for fuse in range(20, 60, 4):
        with organisations(*quiet(1)) as worlds:
            (done,) = carried_out(worlds, workers=1, fuse=fuse, gives_word=False)
            assert done.run is not None
            if len(done.errand.runs) == 1 or done.is_settled:
                continue
            locked += isinstance(done.run.error, LockedError)
            assert not [sent for sent in worlds[0].server.sent if sent.run == done.run.name and sent.writes]
    assert locked > 3


def test_the_trouble_of_one_organisation_delays_no_other() -> None:
    chance = Random(0)  # noqa: S311 - chance that can be repeated
    down = Faults(chance)
    with organisations(down, *[Faults(chance)] * 5) as worlds:
        errands = reviewed(worlds)
        down.outage = (0.0, 1e9)
        engine = Engine(worlds, workers=2, tag="a")
        engine.submit(errands)
        engine.finish()
        assert [each.errand.name for each in engine.done][-1] == "org-0"
        assert [each.is_settled for each in engine.done] == [True] * 5 + [False]
        *others, last = [each.run.ended for each in engine.done if each.run and each.run.ended]
        assert max(others) < last / 2


def test_a_stop_ends_what_is_under_way_and_begins_nothing_more() -> None:
    with organisations(*quiet(6)) as worlds:
        errands = reviewed(worlds)
        engine = Engine(worlds, workers=1, tag="a")
        engine.submit(errands)
        before = worlds[0].scheduler.now
        worlds[0].scheduler.at(1.2, engine.stop)
        engine.finish()
        fates = Counter(each.fate for each in engine.done)
        assert fates == {Fate.ENDED: 2, Fate.NOT_BEGUN: 4}
        assert worlds[0].scheduler.now - before < 10
        for each in engine.done:
            outcomes = () if each.run is None or each.run.applied is None else each.run.applied.outcomes
            made = {sent.custom_id for sent in each.errand.world.simulator.ledger() if sent.mutation}
            assert made == {outcome.custom_id for outcome in outcomes if outcome.status is Status.APPLIED}
            assert list(at_the_end(each.errand.world)) == []


def test_the_invariants_see_an_engine_that_says_of_the_living_that_they_are_gone() -> None:
    """What they are for: two workers that both believe to hold the lock are not called right."""
    with organisations(*quiet(1)) as worlds:
        (errand,) = reviewed(worlds)
        world = worlds[0]
        world.word = lambda _hold: "the engine is wrong"
        engines = [Engine(worlds, workers=1, tag=tag) for tag in "ab"]
        for engine in engines:
            engine.submit([errand])
        for engine in engines:
            engine.finish()
        assert any(each.startswith("I5") for each in world.violations), world.violations
