"""Rows about how near one process comes to the sum of the limits of many organisations, as their server saw it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.context import Context
from benchmarks.farm_program import SEEN, key_of
from benchmarks.farms import farm_of
from benchmarks.fleets import NAME, FleetRepository
from benchmarks.measure import Series
from benchmarks.table import Row

_LATENCY: Final = 0.05
# How many organisations share which sum of limits, in requests a second.
_FLEETS: Final = ((10, 100), (10, 200), (10, 400), (10, 800), (80, 800))
# Windows of a second that are looked at, and those before and after, in which requests are free or left over.
_WINDOWS: Final = 8
_MARGIN: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a run looked like: the requests a second of all organisations together, and CPU for each request in ms."""

    rate: float
    cpu: float
    server_cpu: float


def reads(context: Context) -> Iterator[Row]:
    """Compare the rate at which a fleet's sequences are read with the sum of the organisations' limits.

    Each organisation may send so many requests a second, and has nine times as many sequences. RuntimeError where more
    than the limit arrive in any window.
    """
    for organisations, total in _FLEETS:
        limit = total // organisations
        count = limit * (_WINDOWS + _MARGIN)
        fleet = FleetRepository.create(
            context.folder / f"throughput-{organisations}-{total}",
            organisations,
            api=context.silence.url,
            sequences=count,
        )
        seen = [read_all(fleet, organisations, limit) for _ in range(1 if context.quick else context.runs)]
        yield Row(
            what=f"fleet plan, {organisations} organisations read, {total} requests a second in all",
            ours=Series(tuple(total / each.rate for each in seen)),
            floor=Series((1.0,)),
            unit="s",
            floor_is=f"a second's worth; CPU a request: {min(each.cpu for each in seen):.2f} ms, "
            f"the server's {min(each.server_cpu for each in seen):.2f}",
            bound=round(1 / 0.9, 3),
            judged=not context.quick,
        )


def read_all(fleet: FleetRepository, organisations: int, limit: int) -> Seen:
    """Read every sequence of every organisation, and return what the server saw."""
    names = [f"org-{number:05}" for number in range(organisations)]
    offline = fleet.plan().cpu
    with farm_of(fleet, latency=_LATENCY) as url:
        fleet.limit(url, requests=limit)
        ended = fleet.run(
            *("fleet", "plan", NAME, "--refresh", "all", "--parallel", str(organisations)),
            keys={each: key_of(each) for each in names},
        )
    told = json.loads((fleet.root / SEEN).read_text(encoding="utf-8"))
    arrivals: Mapping[str, Sequence[float]] = told["arrivals"]
    requests = sum(map(len, arrivals.values()))
    return Seen(
        rate=sum(_rate(sorted(each), limit) for each in arrivals.values()),
        cpu=(ended.cpu - offline) / requests * 1000,
        server_cpu=told["cpu"] / requests * 1000,
    )


def _rate(times: Sequence[float], limit: int) -> float:
    """Return requests a second over a whole number of windows, so that it does not matter where in one they begin."""
    most = max(sum(start <= time < start + 1 for time in times[first:]) for first, start in enumerate(times))
    if most > limit:
        raise RuntimeError(f"{most} requests arrived within a second; the limit is {limit}")
    first = limit // 2
    return _WINDOWS * limit / (times[first + _WINDOWS * limit] - times[first])
