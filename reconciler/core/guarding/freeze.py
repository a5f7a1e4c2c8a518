"""Windows in which nothing is written, in the wall time of a zone.

Where a clock is set forward or back, a local time happens twice or never. A window then begins at the earlier moment
that it can mean and ends at the later one: in doubt nothing is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from reconciler.core.guarding.proposal import Finding, Proposal
from reconciler.model.guards import Freeze, Guards, Period

# A weekly window that holds now began today or yesterday; clocks have been set across a date line, too.
_BEGAN: Final = (-2, -1, 0, 1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A moment within a window. `number` is the window's position in `freeze`, from 1; both times are local ones."""

    number: int
    windows: int
    now: datetime
    until: datetime
    custom_id: str | None = None
    remedy: str = "wait until then"

    @property
    def fact(self) -> str:
        """What time it is there, and when the window ends."""
        zone = self.now.tzinfo
        return (
            f"nothing is written now: in {zone} it is {self.now:%Y-%m-%d %H:%M}, and freeze {self.number} of "
            f"{self.windows} lasts until {self.until:%Y-%m-%d %H:%M}"
        )


@dataclass(frozen=True, slots=True)
class Timeless:
    """No moment to judge by, where there are windows to judge: that refuses."""

    custom_id: str | None = None
    fact: str = "nothing tells what time it is, so no freeze can be ruled out"
    remedy: str = "set the clock of this machine"


def check(proposal: Proposal) -> Iterator[Finding]:
    """Refuse a plan that writes while a window lasts."""
    if proposal.writes:
        found = frozen(proposal.guards, proposal.now)
        if found is not None:
            yield found


def frozen(guards: Guards, now: str | None) -> Frozen | Timeless | None:
    """Return the window that a moment (RFC 3339) lies in, the one that ends last; None where it lies in none."""
    if not guards.freeze:
        return None
    moment = _instant(now)
    if moment is None:
        return Timeless()
    found = [
        Frozen(
            number=number,
            windows=len(guards.freeze),
            now=moment.astimezone(window.zone),
            until=end.astimezone(window.zone),
        )
        for number, window in enumerate(guards.freeze, start=1)
        for begin, end in _stretches(window, moment)
        if begin <= moment < end
    ]
    return max(found, key=lambda each: each.until, default=None)


def _instant(now: str | None) -> datetime | None:
    try:
        moment = None if now is None else datetime.fromisoformat(now)
    except ValueError:
        return None
    return None if moment is None or moment.tzinfo is None else moment


def _stretches(window: Freeze, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Return the stretches of a window that can hold a moment, from the first instant up to the last, in UTC."""
    if isinstance(window, Period):
        yield _first(window.begin, window.zone), _last(window.end, window.zone)
        return
    today = moment.astimezone(window.zone).date()
    for days in _BEGAN:
        day = today + timedelta(days=days)
        if day.weekday() in window.days:
            yield _of_day(day, window.begin, window.end, window.zone)


def _of_day(day: date, begin: time, end: time, zone: tzinfo) -> tuple[datetime, datetime]:
    last = day if end > begin else day + _DAY
    return _first(datetime.combine(day, begin), zone), _last(datetime.combine(last, end), zone)


def _first(local: datetime, zone: tzinfo) -> datetime:
    return min(_readings(local, zone))


def _last(local: datetime, zone: tzinfo) -> datetime:
    return max(_readings(local, zone))


def _readings(local: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the two instants that a local time can mean; they are one but where clocks are set."""
    early, late = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return early, late
