"""Rows, for information, about what applying to a fleet costs beside reading it."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.context import Context
from benchmarks.farm_program import SEEN, key_of
from benchmarks.farms import farm_of
from benchmarks.fleets import NAME, SEQUENCES, FleetRepository, key_variable
from benchmarks.measure import Series, interleaved, peak_megabytes
from benchmarks.repository import our_command
from benchmarks.table import Row

_LATENCY: Final = 0.05  # seconds
_ORGANISATIONS: Final = 100
_READ: Final = ("fleet", "plan", NAME, "--refresh", "all")
_APPLY: Final = ("fleet", "apply", NAME, "--refresh", "all", "--yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cost:
    """What one command took: seconds of CPU, and requests."""

    cpu: float
    requests: int


def applying(context: Context) -> Iterator[Row]:
    """Compare the CPU, the requests and the peak of applying a tenth of a fleet with those of a plan that reads it."""
    count = context.size(_ORGANISATIONS)
    fleet = FleetRepository.create(context.folder / "fleet-apply", count, api=context.silence.url)
    costs: dict[tuple[str, ...], list[_Cost]] = {_READ: [], _APPLY: []}

    def measure(command: tuple[str, ...]) -> float:
        cost = _cost(fleet, count, command)
        costs[command].append(cost)
        return cost.cpu

    ours, floor = interleaved(context.runs, lambda: measure(_APPLY), lambda: measure(_READ), warm=False)
    sent, read = (costs[each][-1].requests for each in (_APPLY, _READ))
    what = f"fleet apply, {count} x {SEQUENCES}, a tenth changed"
    yield Row(
        what=f"{what}: CPU",
        ours=ours,
        floor=floor,
        unit="s",
        floor_is=f"a plan that reads all: {read:,} requests; to apply takes {sent:,}",
    )
    yield Row(
        what=f"{what}: peak memory",
        ours=Series((_peak(fleet, count, _APPLY),)),
        floor=Series((_peak(fleet, count, _READ),)),
        unit="MB",
        floor_is="a plan that reads all",
    )


def _cost(fleet: FleetRepository, count: int, command: tuple[str, ...]) -> _Cost:
    copy = _copied(fleet)
    with farm_of(copy, latency=_LATENCY) as url:
        copy.limit(url, requests=0)
        cpu = copy.run(*command, keys=dict(_keys(count))).cpu
    told = json.loads((copy.root / SEEN).read_text(encoding="utf-8"))
    return _Cost(cpu=cpu, requests=sum(map(len, told["arrivals"].values())))


def _peak(fleet: FleetRepository, count: int, command: tuple[str, ...]) -> float:
    copy = _copied(fleet)
    with farm_of(copy, latency=_LATENCY) as url:
        copy.limit(url, requests=0)
        keys = {key_variable(name): key for name, key in _keys(count)}
        return peak_megabytes([*our_command(), *command], cwd=copy.root, env={**copy.environment, **keys})


def _copied(fleet: FleetRepository) -> FleetRepository:
    """Return a copy to which nothing was applied yet; there is one at a time."""
    root = Path(f"{fleet.root}-copy")
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(fleet.root, root)
    return FleetRepository(root)


def _keys(count: int) -> Iterator[tuple[str, str]]:
    for number in range(count):
        name = f"org-{number:05}"
        yield name, key_of(name)
