"""Ctrl-C and SIGTERM at any moment: what is in flight is finished or accounted for, saved, and let go of."""

import random
import signal
from collections import Counter
from collections.abc import Callable

import pytest

from tests.kills.kill_bench import Bench, in_turn
from tests.kills.kill_door import Strike
from tests.kills.test_kills import whole

_SEED = 20260101
_EACH = 10


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("plot", ["creates", "creates, no look-up", "mixed"])
def test_a_signal_at_a_random_moment(
    plot: str, number: int, code: int, benches: Callable[..., tuple[Bench, ...]], tally: "Counter[tuple[str, str]]"
) -> None:
    both = benches(plot)
    unharmed = whole(both[0])
    chosen = random.Random(f"{_SEED} {plot} {number}")  # noqa: S311 - the same moments in each run
    strikes = [Strike(step=chosen.randint(1, len(unharmed.steps)), number=number) for _ in range(_EACH)] + [
        Strike(request=chosen.randint(1, len(unharmed.requests)), answered=chosen.random() < 0.5, number=number)
        for _ in range(_EACH)
    ]

    def judge(bench: Bench, strike: Strike) -> None:
        bench.restore()
        ended = bench.run("apply", "--yes", strike=strike)
        with bench.explained(strike, ended):
            assert ended.code in (0, 9, code)
            state = bench.load()
            assert bench.left_over() == []
            assert state is None or ended.code == 9 or not state.pending
            tally[f"signal, exit {ended.code}", "step" if strike.step else "request"] += 1
            bench.finish(ended)

    in_turn(both, strikes, judge)
