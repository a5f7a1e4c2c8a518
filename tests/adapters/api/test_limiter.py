"""The limiter on a clock of the test's own: never more than the limit in any window, and no less than it allows."""

import threading

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
    pauses=st.lists(st.floats(0, 90), min_size=1, max_size=120),
)
def test_no_window_holds_more_than_the_limit(requests: int, seconds: float, pauses: list[float]) -> None:
    clock = Clock()
    limiter = Limiter(requests=requests, seconds=seconds, now=clock.now, sleep=clock.sleep)
    left = []
    for pause in pauses:
        clock.sleep(pause)
        limiter.wait()
        left.append(clock.now())
    assert most_in_a_window(left, seconds) <= requests


def test_at_the_limit_each_window_is_full() -> None:
    clock = Clock()
    limiter = Limiter(requests=100, seconds=60, now=clock.now, sleep=clock.sleep)
    for _ in range(1000):
        limiter.wait()
    assert clock.now() - 1000 == 9 * 60


def test_without_a_limit_nobody_waits() -> None:
    clock = Clock()
    limiter = Limiter(requests=0, seconds=60, now=clock.now, sleep=clock.sleep)
    for _ in range(1000):
        limiter.wait()
    assert clock.now() == 1000


def test_threads_share_one_limit() -> None:
    booked: list[float] = []
    limiter = Limiter(requests=10, seconds=60, now=lambda: 0.0, sleep=booked.append)
    threads = [threading.Thread(target=lambda: [limiter.wait() for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(booked) == [60.0 * window for window in range(1, 8) for _ in range(10)]
