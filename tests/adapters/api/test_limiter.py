"""The limiter on a clock of the test's own: never more than the limit in any window, and no less than it allows."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adapters.api.limiter import Limiter


class Clock:
    """A clock that moves only when somebody sleeps or the test says so."""

    def __init__(self) -> None:
        self.moment = 1000.0

    def now(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += seconds


def most_in_a_window(moments: list[float], seconds: float) -> int:
    return max(sum(start <= each < start + seconds - 1e-6 for each in moments) for start in moments)


@given(
    requests=st.integers(1, 20),
    seconds=st.sampled_from([1.0, 60.0]),
    steps=st.lists(st.tuples(st.floats(0, 90), st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=120),
)
def test_the_server_never_sees_more_than_the_limit_in_a_window(
    requests: int, seconds: float, steps: list[tuple[float, float, float]]
) -> None:
    """Each request takes some time on its way there, and some on its way back."""
    clock = Clock()
    limiter = Limiter(requests=requests, seconds=seconds, now=clock.now, sleep=clock.sleep)
    arrived = []
    for pause, there, back in steps:
        clock.sleep(pause)
        with limiter.slot():
            clock.sleep(there)
            arrived.append(clock.now())
            clock.sleep(back)
    assert most_in_a_window(arrived, seconds) <= requests


def test_at_the_limit_each_window_is_full() -> None:
    clock = Clock()
    limiter = Limiter(requests=100, seconds=60, now=clock.now, sleep=clock.sleep)
    for _ in range(1000):
        with limiter.slot():
            pass
    assert clock.now() - 1000 == 9 * 60


def test_without_a_limit_nobody_waits() -> None:
    clock = Clock()
    limiter = Limiter(requests=0, seconds=60, now=clock.now, sleep=clock.sleep)
    for _ in range(1000):
        with limiter.slot():
            pass
    assert clock.now() == 1000


def test_a_request_that_failed_counts_like_any_other() -> None:
    clock = Clock()
    limiter = Limiter(requests=1, seconds=60, now=clock.now, sleep=clock.sleep)
    with pytest.raises(ValueError, match="broken"), limiter.slot():
        raise ValueError("broken")
    with limiter.slot():
        assert clock.now() == 1060


def test_threads_share_one_limit() -> None:
    """Ten slots and eighty requests on a clock that stands still: seventy have to wait, each a whole window."""
    slept: list[float] = []
    limiter = Limiter(requests=10, seconds=60, now=lambda: 0.0, sleep=slept.append)

    def ten_requests() -> None:
        for _ in range(10):
            with limiter.slot():
                pass

    threads = [threading.Thread(target=ten_requests) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slept == [60.0] * 70
