"""The arithmetic of the limit: any schedule of turns, answers, crashes and changed limits, never too many arrivals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.budget import NEVER, Limit, Turn, added, held, most_out, next_turn, slot_of

PATIENCE = 5.0


def limit_of(requests: int, seconds: float = 60.0) -> Limit:
    return Limit(requests=requests, seconds=seconds, patience=PATIENCE)


def most_in_a_window(moments: list[float], seconds: float) -> int:
    return max((sum(start <= each < start + seconds for each in moments) for start in moments), default=0)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "take", "answer", "crash", "cancel", "grow", "hold"]),
        st.floats(0, 40),  # time that passes first
        st.floats(0, 1),  # where in its flight a request arrives; which of those that are out is meant
    ),
    max_size=80,
)


@given(requests=st.integers(1, 6), seconds=st.sampled_from([1.0, 10.0, 60.0]), steps=STEPS)
def test_no_window_sees_more_arrivals_than_the_limit(
    requests: int, seconds: float, steps: list[tuple[str, float, float]]
) -> None:
    """Two processes with limits of their own share the slots: the higher of the two bounds the arrivals."""
    limits = [limit_of(requests, seconds), limit_of(requests + 2, seconds)]
    uses: list[float] = []
    out: list[Turn] = []
    arrived: list[float] = []
    now, hold, whose = 1000.0, 0.0, 0
    for what, passed, part in steps:
        now += passed
        if what == "grow":
            whose = 1 - whose
        elif what == "hold":
            hold = max(hold, now + part * 20)
        elif what == "take":
            uses += added(uses, limits[whose].requests)
            turn = next_turn(uses, limits[whose], now=now, hold=hold)
            if isinstance(turn, Turn):
                assert turn.at >= max(now, hold)
                uses[turn.slot] = turn.use
                out.append(turn)
            else:
                assert turn > now
        elif out:
            turn = out.pop(int(part * (len(out) - 1)))
            slot = slot_of(uses, turn)
            if slot is None:  # it was out for so long that it counts as over, and its slot has gone to another
                assert turn.use <= now
            if what == "crash" or slot is None:  # its request arrives all the same, by the end of its patience
                arrived.append(turn.at + part * PATIENCE)
            elif what == "cancel":
                uses[slot] = turn.before
            else:
                answered = max(turn.at, min(now, turn.use))
                arrived.append(turn.at + part * (answered - turn.at))
                now = max(now, answered)
                uses[slot] = answered
    arrived += [turn.use for turn in out]
    assert most_in_a_window(arrived, seconds) <= requests + 2


@given(requests=st.integers(1, 30), latencies=st.lists(st.floats(0, 3), min_size=1, max_size=100))
def test_no_turn_is_later_than_the_limit_makes_it(requests: int, latencies: list[float]) -> None:
    limit, now = limit_of(requests), 0.0
    uses, answered = added([], requests), []
    for latency in latencies:
        turn = next_turn(uses, limit, now=now, hold=0.0)
        assert isinstance(turn, Turn)
        one_window_ago = answered[-requests] + 60 * 1.001 if len(answered) >= requests else 0.0
        assert turn.at == pytest.approx(max(now, one_window_ago))
        now = uses[turn.slot] = turn.at + latency
        answered.append(now)


def test_while_every_slot_is_out_one_asks_again_when_one_can_be_free_at_the_earliest() -> None:
    limit = limit_of(2)
    assert next_turn([104.0, 103.0], limit, now=100.0, hold=0.0) == pytest.approx(160.06)
    assert next_turn([104.0, 103.0], limit, now=100.0, hold=0.0, ahead=1) == pytest.approx(160.06)
    assert next_turn([104.0, 103.0], limit, now=100.0, hold=0.0, ahead=2) == pytest.approx(220.12)
    assert next_turn([104.0, 50.0], limit, now=100.0, hold=0.0, ahead=1) == pytest.approx(160.06)


def test_who_came_later_leaves_the_free_slot_to_who_came_before() -> None:
    uses, limit = [90.0, 104.0], limit_of(2)
    assert isinstance(next_turn(uses, limit, now=100.0, hold=0.0, ahead=0), Turn)
    assert isinstance(next_turn(uses, limit, now=100.0, hold=0.0, ahead=1), float)


def test_a_lower_limit_counts_the_newest_uses_and_a_higher_one_gets_no_slot_for_nothing() -> None:
    uses = [10.0, 20.0, 30.0, 40.0]
    turn = next_turn(uses, limit_of(2), now=50.0, hold=0.0)
    assert turn == Turn(at=pytest.approx(90.06), use=pytest.approx(95.06), before=10.0, slot=0)
    assert added(uses, 6) == [10.0, 10.0]
    assert added(uses, 3) == []
    assert added([], 2) == [NEVER, NEVER]


def test_a_hold_moves_a_turn_and_only_to_later() -> None:
    turn = Turn(at=10.0, use=15.0, before=0.0, slot=3)
    assert held(turn, limit_of(1), 10.0) is turn
    assert held(turn, limit_of(1), 12.0) == Turn(at=12.0, use=17.0, before=0.0, slot=3)


def test_a_slot_is_found_where_it_was_or_where_it_is_and_else_left_alone() -> None:
    turn = Turn(at=10.0, use=15.0, before=0.0, slot=1)
    assert slot_of([1.0, 15.0, 15.0], turn) == 1
    assert slot_of([15.0, 1.0], turn) == 0
    assert slot_of([15.0], turn) == 0
    assert slot_of([1.0, 1.0], turn) is None


@pytest.mark.parametrize(
    ("requests", "seconds", "out"),
    [(1, 3600, 8), (100, 60, 8), (300, 1, 8), (400, 1, 10), (1000, 1, 25), (60_000, 60, 25), (10**6, 1, 32)],
)
def test_a_high_limit_is_worked_towards_by_more_at_a_time(requests: int, seconds: float, out: int) -> None:
    assert most_out(requests, seconds) == out
