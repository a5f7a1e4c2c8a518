"""A thousand simulated days of drift on a schedule, with a person in the dashboard and a server that reformats."""

import sys

import pytest

from tests.simulation.days import live, summary

# Lives of which each has another server, another person and another pace; `make days` goes on from any seed.
LIVES = ((21, 250), (118, 250), (502, 250), (505, 250))


@pytest.mark.parametrize(("seed", "days"), LIVES)
def test_no_field_is_set_back_twice_a_day_and_everything_is_looked_at_in_time(seed: int, days: int) -> None:
    life = live(seed, days)
    sys.stdout.write(summary(life.world.happened))
    assert life.world.violations == []
    assert len(life.looks) >= days
    for kind in ("left: somebody insists", "left: graver than allowed", "set back: applied"):
        assert life.world.happened[kind], kind
