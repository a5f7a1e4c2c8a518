"""`python -m tests.simulation.days`: drift on a schedule for simulated days, seed after seed, and what it came to.

Each day one to four looks with a budget, a correction after each, a person in the dashboard, and a server that
reformats what it is sent and changes its habits. In the end the person leaves, and everything must come clean.
"""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random

from reconciler.model.plan import Refresh
from reconciler.sandbox import switches as kinds
from reconciler.sandbox.switches import Switches
from tests.simulation import acts, looks
from tests.simulation.dashboard import DAY, Person
from tests.simulation.days_oracle import judge
from tests.simulation.faults import Faults
from tests.simulation.invariants import at_the_end
from tests.simulation.looks import Seen
from tests.simulation.manifests import Manifest
from tests.simulation.world import Settings, World


@dataclass
class Life:
    """So many days in one world: its looks and corrections, in order."""

    world: World
    person: Person
    budget: int
    looks: list[Seen] = field(default_factory=list)
    corrections: list[Seen] = field(default_factory=list)

    @property
    def met(self) -> Counter[str]:
        """Count what happened."""
        return self.world.happened


def live(seed: int, days: int) -> Life:
    """Live so many days and return them, judged: the world has the violations."""
    random = Random(seed)  # noqa: S311 - chance that can be repeated
    settings = Settings(limit=random.choice((0, 4, 4, 100)))
    world = World(seed, settings, Faults(random), _server(random))
    often, stubborn = random.choice((0.05, 0.3, 0.9)), random.choice((0.1, 0.5, 1.0))
    life = Life(world, Person(world, random, often, stubborn), budget=random.randint(1, 6))
    try:
        _live(life, days)
        world.violations += [*at_the_end(world), *judge(life.world, life.looks, life.corrections)]
    except Exception as bug:  # noqa: BLE001 - a simulation that breaks is a finding too
        world.violations.append(f"the simulation broke: {bug!r}")
        world.trouble = bug
    finally:
        world.close()
    return life


def _server(random: Random) -> Switches:
    return Switches(
        omitted=random.choice(list(kinds.Omitted)),
        lists=random.choice(list(kinds.Lists)),
        timestamps=random.choice(list(kinds.Timestamps)),
        strings=random.choice(list(kinds.Strings)),
        numbers=random.choice(list(kinds.Numbers)),
        lag=random.choice((0, 0, 0, 1)),
    )


def _live(life: Life, days: int) -> None:
    world, random = life.world, life.world.random
    for number in range(random.randint(3, 9)):
        name = f"s{number}"
        world.manifests[name] = Manifest(custom_id=name, text=number, reach=number % 3, hands_off=number == 1)
    _apply(life)
    for _ in range(days):
        _day(life)
    life.person.leave()
    _settle(life)


def _day(life: Life) -> None:
    world, random = life.world, life.world.random
    begin = world.scheduler.now
    life.person.live_a_day(begin)
    if random.random() < 0.01:
        _throw_a_switch(life)
    # As a schedule of CI keeps to its hour: about. On some days somebody starts it by hand as well.
    more = [random.uniform(0.3, 1) for _ in range(random.choice((0, 0, 0, 1, 3)))]
    for share in sorted([0.25 + random.uniform(0, 120) / DAY, *more]):
        _rest_until(world, begin + share * DAY)
        _shift(life)
    _rest_until(world, begin + DAY)


def _rest_until(world: World, moment: float) -> None:
    if moment > world.scheduler.now:
        world.scheduler.rest(moment - world.scheduler.now)


def _throw_a_switch(life: Life) -> None:
    """Have the server change how it answers; what it makes of a text on its way in stays as it was."""
    world, random = life.world, life.world.random
    name, kind = random.choice(
        (
            ("lists", kinds.Lists),
            ("timestamps", kinds.Timestamps),
            ("strings", kinds.Strings),
            ("numbers", kinds.Numbers),
        )
    )
    world.switches = replace(world.switches, **{name: random.choice(list(kind))})
    world.simulator.switches = world.switches
    world.happened["the server changes a habit"] += 1
    world.scheduler.tell(f"server: {world.switches}")


def _shift(life: Life) -> None:
    """The two jobs of the scheduled workflow: a look, and a correction of what is known to have drifted."""
    life.looks.append(_look(life, budget=life.budget))
    # A second apart, as two jobs are.
    life.world.scheduler.rest(2.0)
    life.corrections.append(_correct(life))
    life.world.scheduler.rest(2.0)


def _look(life: Life, *, budget: int | None) -> Seen:
    world, seen = life.world, []

    def work(process: acts.Process, run: acts.Run) -> None:
        seen.append(Seen(run=run, budget=budget))
        looks.look(world, process, seen[0])

    world.wait_for(world.do("look", work))
    return seen[0]


def _correct(life: Life) -> Seen:
    world, seen = life.world, []

    def work(process: acts.Process, run: acts.Run) -> None:
        seen.append(Seen(run=run))
        looks.correct(world, process, seen[0])

    world.wait_for(world.do("correct", work))
    return seen[0]


def _apply(life: Life) -> acts.Run:
    run = life.world.do("apply", lambda process, run: acts.apply(life.world, run, process, refresh=Refresh.ALL))
    life.world.wait_for(run)
    return run


def _settle(life: Life) -> None:
    """Without the person: the schedule sets back what it may and no more, an apply the rest, and then all is empty."""
    world = life.world
    for _ in range(4 + 2 * len(world.manifests)):
        _rest_until(world, world.scheduler.now + DAY)
        _shift(life)
    left = _look(life, budget=None).report
    assert left is not None
    for each in left.drifted:
        if each.risk <= looks.ALLOWED:
            world.violations.append(
                f"{each.custom_id} has drift of {each.risk.value} left, and nobody insists any more"
            )
    _apply(life)
    writes = sum(sent.writes for sent in world.server.sent)
    run = _apply(life)
    if run.plan is None or run.plan.has_work or run.plan.violations:
        world.violations.append("a plan of unchanged manifests is not empty after an apply")
    _correct(life)
    after = _look(life, budget=None).report
    if after is None or not after.is_settled:
        world.violations.append(f"a look finds differences after an apply: {after}")
    if sum(sent.writes for sent in world.server.sent) != writes:
        world.violations.append("something was written though nothing differed")


def summary(met: Counter[str]) -> str:
    """Return what happened how often, as text."""
    return "".join(f"  {name:44}{number:>10,}\n" for name, number in sorted(met.items()))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.days", description=__doc__)
    parser.add_argument("--days", type=int, default=1000, help="how many, of each seed")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--log", action="store_true", help="tell every event")
    asked = parser.parse_args(arguments)
    met: Counter[str] = Counter()
    broken = 0
    for seed in range(asked.seed, asked.seed + asked.seeds):
        world = live(seed, asked.days).world
        met += world.happened
        broken += bool(world.violations)
        if asked.log:
            sys.stdout.write("\n".join(world.scheduler.log) + "\n")
        if world.violations:
            sys.stdout.write(f"seed {seed}, {asked.days} days:\n")
            sys.stdout.writelines(f"  {each}\n" for each in world.violations[:20])
    told = summary(met)
    sys.stdout.write(f"{asked.seeds:,} times {asked.days:,} days, {broken:,} of them with violations\n{told}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
