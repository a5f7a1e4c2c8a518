"""A row about how much faster four workers of an engine are than one, where both wait for the API and not for a CPU."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

from benchmarks.context import Context
from benchmarks.farm_program import key_of
from benchmarks.farms import farm_of
from benchmarks.fleets import NAME, FleetRepository, key_variable
from benchmarks.measure import Series, interleaved
from benchmarks.table import Row
from tests.engine.cluster import Cluster

_LATENCY: Final = 0.4  # seconds
_ORGANISATIONS: Final = 96
_SEQUENCES: Final = 10
# Of each worker: few, so that all of them together leave two CPUs idle most of the time.
_THREADS: Final = 2
_WORKERS: Final = 4
_LEAST: Final = 3.5


def workers(context: Context) -> Iterator[Row]:
    """Compare reading a whole fleet with four workers with a quarter of what one worker takes.

    It is the whole command, from start to exit. Both clusters run all the time, and each has read the fleet before.
    """
    count = context.size(_ORGANISATIONS)
    root = context.folder / "engine"
    fleet = FleetRepository.create(root, count, api=context.silence.url, sequences=_SEQUENCES)
    keys = {key_variable(name): key_of(name) for name in (f"org-{number:05}" for number in range(count))}
    with ExitStack() as stack:
        fleet.limit(stack.enter_context(farm_of(fleet, latency=_LATENCY)), requests=0)
        one, four = (
            stack.enter_context(Cluster(root / f".cluster-{number}", settings={**fleet.environment, **keys}))
            for number in (1, _WORKERS)
        )
        one.add_workers(1, threads=_THREADS)
        four.add_workers(_WORKERS, threads=_THREADS)
        ours, single = interleaved(
            context.runs,
            lambda: _read(fleet, four.address),
            lambda: _read(fleet, one.address),
            warm=not context.quick,
        )
    floor = Series(tuple(each / _WORKERS for each in single.runs))
    yield Row(
        what=f"fleet plan, {count} organisations read by {_WORKERS} workers of an engine",
        ours=ours,
        floor=floor,
        unit="s",
        floor_is=f"a quarter of one worker's; {single.middle / ours.middle:.2f} times as fast",
        bound=round(_WORKERS / _LEAST, 3),
        judged=not context.quick,
    )


def _read(fleet: FleetRepository, engine: str) -> float:
    return fleet.run("fleet", "plan", NAME, "--refresh", "all", "--engine", engine, keys={}).seconds
