"""Law 6: an apply that is killed at any moment, and run again, ends where it would have ended, with nothing doubled."""

import os
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from typing import Final

import pytest

from tests.kills.kill_bench import Bench, Ended, in_turn
from tests.kills.kill_door import Strike
from tests.kills.kill_plots import PLOTS

Benches = Callable[..., tuple[Bench, ...]]
Tally = Counter[tuple[str, str]]
# Of the steps before anything is begun, while there is only reading, this part is struck; of all, unless told
# otherwise: KILLS_EVERY=1 strikes each step of each plot.
_READING: Final = 5
_EVERY: Final = {"creates, no look-up": 2, "mixed": 2, "mixed, no look-up": 4, "retires": 2}


def steps_to_strike(plot: str, whole: Ended) -> list[int]:
    """Return the numbers of the steps worth a kill, and a few more, since threads do not always take as many."""
    begins = next(number for number, name in enumerate(whole.steps, 1) if "socket" not in name)
    every = int(os.environ.get("KILLS_EVERY") or _EVERY.get(plot, 1))
    return [*range(1, begins - 1, _READING), *range(begins - 1, len(whole.steps) + 3, every)]


def whole(bench: Bench) -> Ended:
    """Let the apply through unharmed, and see that the judge has nothing against that."""
    bench.restore()
    ended = bench.apply()
    assert ended.code == 0, ended
    assert bench.finish(ended) == 1
    return ended


@pytest.mark.parametrize(("plot", "embedded"), [*((name, False) for name in PLOTS), ("mixed", True)])
def test_a_kill_at_any_step(plot: str, embedded: bool, benches: Benches, tally: Tally) -> None:
    both = benches(plot, embedded=embedded)
    killed: list[int] = []

    def judge(bench: Bench, strike: Strike) -> None:
        bench.restore()
        ended = bench.apply(strike)
        assert ended.code in (0, -signal.SIGKILL), ended
        if ended.code != 0:
            killed.append(ended.code)
            tally["kill", ended.steps[-1]] += 1
        with bench.explained(strike):
            bench.finish(ended)

    steps = steps_to_strike(plot, whole(both[0]))
    in_turn(both, (Strike(step=number) for number in steps), judge)
    assert len(killed) > 0.8 * len(steps)


@pytest.mark.parametrize("plot", ["creates, no look-up", "updates", "mixed", "retires"])
def test_a_kill_before_or_after_any_answer(plot: str, benches: Benches, tally: Tally) -> None:
    both = benches(plot)

    def judge(bench: Bench, strike: Strike) -> None:
        bench.restore()
        ended = bench.apply(strike)
        method = ended.requests[strike.request - 1] if len(ended.requests) >= (strike.request or 0) else "nothing"
        # The last answer may be in before the kill is.
        assert ended.code in (0, -signal.SIGKILL), ended
        tally["kill", f"{'after' if strike.answered else 'before'} {method}"] += 1
        with bench.explained(strike, method):
            bench.finish(ended)

    requests = whole(both[0]).requests
    in_turn(
        both,
        (
            Strike(request=number, answered=answered)
            for number in range(1, len(requests) + 1)
            for answered in (False, True)
        ),
        judge,
    )


def _can_trace() -> bool:
    command = ["strace", "-f", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:signal=KILL:when=1", "true"]
    return shutil.which("strace") is not None and subprocess.run(command, check=False).returncode == 0


@pytest.mark.parametrize("call", ["fsync", "rename", "unlink"])
def test_a_kill_at_a_system_call(call: str, benches: Benches, tally: Tally) -> None:
    """The same where nothing of ours looks on: the system itself kills a process that was started as any other."""
    if not _can_trace():
        pytest.skip("strace is not here, or may not trace")
    both = benches("mixed")
    killed: list[int] = []

    def judge(bench: Bench, strike: Strike) -> None:
        bench.restore()
        ended = bench.traced("-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={strike.step}")
        assert ended.code in (0, -signal.SIGKILL), ended
        if ended.code != 0:
            killed.append(ended.code)
            tally["kill", f"{call} by strace"] += 1
        with bench.explained(call, strike):
            bench.finish(ended)

    in_turn(both, (Strike(step=number) for number in range(1, 5)), judge)
    assert killed, f"{call} was never called"
