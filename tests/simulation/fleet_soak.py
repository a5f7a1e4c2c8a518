"""`python -m tests.simulation.fleet_soak`: random schedules of fleets for as long as it is told, and what happened.

It ends with 1 where an invariant was violated; `--replay SEED` tells all of a schedule.
"""

import argparse
import sys
import time
from collections import Counter

from tests.simulation.fleet_schedule import FleetWorld, play


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.fleet_soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to go on")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--replay", type=int, nargs="+", metavar="SEED", help="play a schedule and tell all of it")
    asked = parser.parse_args()
    if asked.replay:
        return max(_replayed(seed) for seed in asked.replay)
    happened: Counter[str] = Counter()
    wrong = 0
    seed, end = asked.seed, time.monotonic() + asked.seconds
    while time.monotonic() < end:
        fleet = play(seed)
        happened += _happened(fleet)
        if fleet.violations:
            wrong += 1
            sys.stdout.write("\n  ".join((f"seed {seed}", *fleet.violations)) + "\n")
        seed += 1
    told = (f"  {name:44}{number:>10,}" for name, number in sorted(happened.items()))
    sys.stdout.write("\n".join((f"{seed - asked.seed:,} schedules of fleets, {wrong:,} with violations", *told)) + "\n")
    return 1 if wrong else 0


def _happened(fleet: FleetWorld) -> Counter[str]:
    ends = Counter(f"errand {done.fate.value}" for ended in fleet.rounds for done in ended)
    return fleet.happened + ends + Counter({f"killed at {seam}": n for seam, n in fleet.killed_at.items()})


def _replayed(seed: int) -> int:
    fleet = play(seed)
    sys.stdout.write("\n".join((f"seed {seed}", *fleet.log, *fleet.violations)) + "\n")
    return 1 if fleet.violations else 0


if __name__ == "__main__":
    sys.exit(main())
