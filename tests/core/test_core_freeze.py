"""Windows of local time: over midnight, and where clocks are set forward or back."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.guarding.freeze import Frozen, frozen
from reconciler.model.guards import Day, Freeze, Guards, Period, Weekly
from tests.core.core_values import BERLIN, at, local

APIA = ZoneInfo("Pacific/Apia")
WEEKEND = (Day.SAT, Day.SUN)


def is_frozen(window: Freeze, text: str) -> bool:
    return frozen(Guards(freeze=(window,)), at(text)) is not None


NIGHTS = Weekly(days=WEEKEND, begin=time(18), end=time(8), zone=BERLIN)
DAYS = Weekly(days=(Day.MON,), begin=time(9), end=time(17), zone=BERLIN)
WHOLE = Weekly(days=WEEKEND, zone=BERLIN)
EARLY = Weekly(days=(Day.SUN,), begin=time(1), end=time(2, 30), zone=BERLIN)
LATE = Weekly(days=(Day.SUN,), begin=time(2, 30), end=time(4), zone=BERLIN)


@pytest.mark.parametrize(
    ("window", "text", "expected"),
    [
        # Saturday 28 and Sunday 29 November 2026: a night belongs to the day that it begins on.
        (NIGHTS, "2026-11-28T17:59:59+01:00", False),
        (NIGHTS, "2026-11-28T18:00:00+01:00", True),
        (NIGHTS, "2026-11-29T07:59:59+01:00", True),
        (NIGHTS, "2026-11-29T08:00:00+01:00", False),
        (NIGHTS, "2026-11-29T18:00:00+01:00", True),
        (NIGHTS, "2026-11-30T07:59:59+01:00", True),
        (NIGHTS, "2026-11-30T08:00:00+01:00", False),
        (NIGHTS, "2026-11-28T07:00:00+01:00", False),
        (NIGHTS, "2026-11-28T16:59:59Z", False),
        (NIGHTS, "2026-11-28T17:00:00Z", True),
        (DAYS, "2026-11-30T09:00:00+01:00", True),
        (DAYS, "2026-11-30T16:59:59+01:00", True),
        (DAYS, "2026-11-30T17:00:00+01:00", False),
        (DAYS, "2026-12-01T12:00:00+01:00", False),
        (WHOLE, "2026-11-27T23:59:59+01:00", False),
        (WHOLE, "2026-11-28T00:00:00+01:00", True),
        (WHOLE, "2026-11-29T23:59:59+01:00", True),
        (WHOLE, "2026-11-30T00:00:00+01:00", False),
        # On 25 October 2026 the hour from 2 to 3 is there twice: the window ends with the second half past two.
        (EARLY, "2026-10-25T00:59:59+02:00", False),
        (EARLY, "2026-10-25T02:29:59+02:00", True),
        (EARLY, "2026-10-25T02:45:00+02:00", True),
        (EARLY, "2026-10-25T02:29:59+01:00", True),
        (EARLY, "2026-10-25T02:30:00+01:00", False),
        # It begins with the first one.
        (LATE, "2026-10-25T02:29:59+02:00", False),
        (LATE, "2026-10-25T02:30:00+02:00", True),
        (LATE, "2026-10-25T02:15:00+01:00", True),
        (LATE, "2026-10-25T03:59:59+01:00", True),
        (LATE, "2026-10-25T04:00:00+01:00", False),
        # On 29 March 2026 the hour from 2 to 3 is not there: half past two means the earlier moment or the later one.
        (EARLY, "2026-03-29T01:59:59+01:00", True),
        (EARLY, "2026-03-29T03:29:59+02:00", True),
        (EARLY, "2026-03-29T03:30:00+02:00", False),
        (LATE, "2026-03-29T01:29:59+01:00", False),
        (LATE, "2026-03-29T01:30:00+01:00", True),
        (LATE, "2026-03-29T03:59:59+02:00", True),
        (LATE, "2026-03-29T04:00:00+02:00", False),
    ],
)
def test_a_weekly_window(window: Weekly, text: str, expected: bool) -> None:
    assert is_frozen(window, text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-23T23:59:59+01:00", False),
        ("2026-12-24T00:00:00+01:00", True),
        ("2026-12-23T23:00:00Z", True),
        ("2027-01-01T23:59:59+01:00", True),
        ("2027-01-02T00:00:00+01:00", False),
    ],
)
def test_a_period_holds_from_its_first_moment_up_to_its_last(text: str, expected: bool) -> None:
    assert (
        is_frozen(Period(begin=local("2026-12-24T00:00"), end=local("2027-01-02T00:00"), zone=BERLIN), text) is expected
    )


def test_a_day_that_a_zone_left_out_does_not_end_a_window() -> None:
    # In Samoa there was no 30 December 2011.
    window = Weekly(days=(Day.THU,), begin=time(18), end=time(8), zone=APIA)
    assert is_frozen(window, "2011-12-29T23:59:59-10:00")
    assert is_frozen(window, "2011-12-31T07:59:59+14:00")
    assert not is_frozen(window, "2011-12-31T09:00:00+14:00")


def test_the_window_that_ends_last_is_the_one_that_is_told() -> None:
    short = Period(begin=local("2026-11-28T00:00"), end=local("2026-11-28T12:00"), zone=BERLIN)
    found = frozen(Guards(freeze=(short, WHOLE)), at("2026-11-28T10:00:00+01:00"))
    assert isinstance(found, Frozen)
    assert (found.number, found.windows, f"{found.until:%a %H:%M}") == (2, 2, "Sun 00:00")
    assert "in Europe/Berlin it is 2026-11-28 10:00, and freeze 2 of 2 lasts until 2026-11-29 00:00" in found.fact


ZONES = st.sampled_from([ZoneInfo(name) for name in ("Europe/Berlin", "America/Santiago", "Asia/Beirut", "UTC")])
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30, 59]))


@given(zone=ZONES, moment=MOMENTS, begin=TIMES, end=TIMES)
def test_what_a_wall_clock_shows_within_a_window_is_never_let_through(
    zone: ZoneInfo, moment: datetime, begin: time, end: time
) -> None:
    window = Weekly(days=tuple(Day), begin=begin, end=end, zone=zone)
    now = moment.astimezone(zone).time()
    by_the_wall = begin <= now < end if begin < end else now >= begin or now < end
    assert not by_the_wall or frozen(Guards(freeze=(window,)), moment.isoformat()) is not None


@given(zone=ZONES, moment=MOMENTS, begin=TIMES, minutes=st.integers(1, 60 * 20))
def test_a_window_is_longer_than_it_says_only_where_clocks_are_set(
    zone: ZoneInfo, moment: datetime, begin: time, minutes: int
) -> None:
    start = datetime.combine(moment.date(), begin)
    window = Period(begin=start, end=start + timedelta(minutes=minutes), zone=zone)
    found = frozen(Guards(freeze=(window,)), moment.isoformat())
    shown = moment.astimezone(zone).replace(tzinfo=None)
    if found is not None:
        assert window.begin - timedelta(hours=1) <= shown < window.end + timedelta(hours=1)
