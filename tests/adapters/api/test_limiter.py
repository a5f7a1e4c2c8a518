"""The limit on a clock of the test's own: never more in any window, no less than is allowed, and nobody starves."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adapters.api.limiter import Limiter, OwnSlots, Page
from reconciler.core.budget import NEVER, Limit, Turn
from reconciler.core.classify import Reply
from reconciler.core.sent import Failure, NoReply, no_reply
from reconciler.errors import RefusedError
from reconciler.wiring.clock import SystemClock
from tests.adapters.api.conftest import VirtualClock, caller_of

FINE = Reply(status=200, body={}, is_json=True)


class Line:
    """A server that a request takes some time to reach, and as long to come back from."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.there = self.back = 0.0
        self.arrived: list[float] = []
        self.answer: Reply | NoReply = FINE

    def exchange(self, method: str, path: str, body: bytes | None) -> Reply | NoReply:
        self.clock.now += self.there
        self.arrived.append(self.clock.now)
        self.clock.now += self.back
        return self.answer


def limiter_of(requests: int, seconds: float, slots: OwnSlots | None = None) -> Limiter:
    return Limiter(Limit(requests=requests, seconds=seconds, patience=65), slots=slots)


def most_in_a_window(moments: list[float], seconds: float) -> int:
    return max(sum(start <= each < start + seconds for each in moments) for start in moments)


@given(
    requests=st.integers(1, 20),
    seconds=st.sampled_from([1.0, 60.0]),
    steps=st.lists(st.tuples(st.floats(0, 90), st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=120),
)
def test_the_server_never_sees_more_than_the_limit_in_a_window(
    requests: int, seconds: float, steps: list[tuple[float, float, float]]
) -> None:
    clock = VirtualClock()
    line = Line(clock)
    caller = caller_of(line, clock=clock, limiter=limiter_of(requests, seconds))
    for pause, line.there, line.back in steps:
        clock.now += pause
        caller.call("PATCH", "/x", b"{}")
    assert most_in_a_window(line.arrived, seconds) <= requests


def test_at_the_limit_each_window_is_full() -> None:
    clock = VirtualClock()
    line = Line(clock)
    told: list[tuple[float, str]] = []
    caller = caller_of(line, clock=clock, limiter=limiter_of(100, 60), told=told)
    for _ in range(1000):
        caller.call("GET", "/x")
    assert 9 * 60 < clock.now - 1000 < 9 * 60 * 1.002
    assert {reason for _, reason in told} == {"the limit of 100 in 60 s is reached"}


def test_without_a_limit_nobody_waits() -> None:
    clock = VirtualClock()
    caller = caller_of(Line(clock), clock=clock, limiter=limiter_of(0, 60))
    for _ in range(1000):
        caller.call("GET", "/x")
    assert clock.slept == []


@pytest.mark.parametrize(
    ("failure", "use"),
    [
        (Failure.REFUSED, NEVER),
        (Failure.MALFORMED, NEVER),
        (Failure.READ, 1000.0),
        (Failure.PROTOCOL, 1000.0),
        (Failure.READ_TIMEOUT, 1065.0),
        (Failure.UNKNOWN, 1065.0),
    ],
)
def test_a_request_counts_for_as_long_as_the_server_may_see_it(failure: Failure, use: float) -> None:
    """One that never left does not count; bytes of one that was given up may lie on the way."""
    clock, page = VirtualClock(), Page()
    line = Line(clock)
    line.answer = no_reply(failure, "")
    caller_of(line, clock=clock, limiter=limiter_of(1, 60, OwnSlots(page)), deadline=1000.1).call("PATCH", "/x", b"{}")
    assert page.uses == [use]


def test_a_request_that_is_refused_before_it_leaves_does_not_count() -> None:
    class Refusing(Line):
        def exchange(self, method: str, path: str, body: bytes | None) -> Reply | NoReply:
            raise RefusedError("another path")

    clock = VirtualClock()
    limiter = limiter_of(1, 60)
    with pytest.raises(RefusedError):
        caller_of(Refusing(clock), clock=clock, limiter=limiter).call("GET", "/x")
    assert limiter.take(object(), 1000.0) == Turn(at=1000.0, use=1065.0, before=-1e12, slot=0)


def test_whoever_waits_for_longer_is_served_first() -> None:
    """With one slot and three who ask again and again, each is served in turn."""
    limiter = limiter_of(1, 60)
    now, served = 0.0, []
    waiting = {"ann": 0.0, "bob": 0.0, "cy": 0.0}
    while len(served) < 12:
        now = max(now, min(waiting.values()))
        for name in sorted(waiting, key=lambda each: waiting[each]):
            if waiting[name] > now:
                continue
            asked = limiter.take(name, now)
            if isinstance(asked, Turn):
                served.append((name, asked.at))
                limiter.settle(asked, asked.at)  # answered at once
                now = asked.at
                waiting[name] = now
            else:
                assert asked > now
                waiting[name] = asked
    counts = {name: sum(each == name for each, _ in served) for name in waiting}
    assert set(counts.values()) == {4}
    assert served[-1][1] == pytest.approx(11 * 60, rel=0.002)


def test_a_hold_is_obeyed_by_all_that_share_the_slots_also_by_those_who_have_a_turn() -> None:
    slots = OwnSlots()
    mine, theirs = limiter_of(5, 60, slots), limiter_of(5, 60, slots)
    early = mine.take("me", 0.0)
    assert isinstance(early, Turn)
    theirs.hold(30.0, 1.0)
    later = mine.confirm(early, 2.0)
    assert (later.at, later.use) == (30.0, 95.0)
    assert mine.confirm(later, 31.0) is later
    mine.settle(later, 33.0)
    asked = [mine.take(object(), 40.0) for _ in range(5)]
    assert [each.at for each in asked if isinstance(each, Turn)][-1] == pytest.approx(93.0, abs=0.1)


def test_a_hold_that_comes_while_one_waits_for_a_turn_is_waited_for_too() -> None:
    page = Page()

    class Holding(VirtualClock):
        def sleep(self, seconds: float) -> None:
            page.hold = 1100.0
            super().sleep(seconds)

    clock = Holding()
    line = Line(clock)
    caller = caller_of(line, clock=clock, limiter=limiter_of(1, 60, OwnSlots(page)))
    caller.call("GET", "/x")
    caller.call("GET", "/x")
    assert line.arrived == [1000.0, 1100.0]
    assert page.uses == [1100.0]


def test_threads_share_one_limit_on_the_real_clock_and_no_request_is_lost() -> None:
    slots, line = OwnSlots(Page()), Line(VirtualClock())
    caller = caller_of(line, clock=SystemClock(), limiter=limiter_of(3, 0.02, slots))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: caller.call("GET", "/x"), range(40)))
    assert answers == [FINE] * 40
    assert len(line.arrived) == 40
