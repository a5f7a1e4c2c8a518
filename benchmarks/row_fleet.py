"""Rows about fleets: work that organisations share is done once, and memory stays small and linear."""

from collections.abc import Iterator
from typing import Final

from benchmarks.context import Context
from benchmarks.fleets import NAME, SEQUENCES, SETS, FleetRepository
from benchmarks.measure import Series, interleaved
from benchmarks.table import Row, growth

_FLOOR: Final = "plan_each_set"


def planning(context: Context) -> Iterator[Row]:
    """Compare planning a fleet offline with reading its states and planning once for each set of variables."""
    count = context.size(1_000)
    for sets in (SETS, count):
        fleet = FleetRepository.create(
            context.folder / f"fleet-{count}-{sets}", count, api=context.silence.url, sets=sets
        )
        yield _planning(context, fleet, count, sets)
    context.silence.check()


def _planning(context: Context, fleet: FleetRepository, count: int, sets: int) -> Row:
    ours, floor = interleaved(
        context.runs if sets == SETS else min(context.runs, 3),
        lambda: fleet.plan().seconds,
        lambda: context.floor(_FLOOR, fleet.root, NAME).seconds,
    )
    return Row(
        what=f"fleet plan, {count:,} x {SEQUENCES}, a tenth changed, {sets:,} sets of variables",
        ours=ours,
        floor=floor,
        unit="s",
        floor_is="states read, planned once for each set",
        bound=1.3,
        judged=not context.quick,
    )


def memory(context: Context) -> Iterator[Row]:
    """Compare the peak with 1 GB, and what each organisation adds from half to all with what it adds up to half.

    Each has variables of its own here, and the whole JSON document is written: that takes the most memory.
    """
    counts = [context.size(count) for count in (200, 600, 1_000)]
    peaks = []
    for count in counts:
        root = context.folder / f"fleet-memory-{count}"
        fleet = FleetRepository.create(root, count, api=context.silence.url, sets=count)
        peaks.append(fleet.peak("--format", "json"))
    yield Row(
        what=f"fleet plan, {counts[2]:,} x {SEQUENCES}, as many sets: peak memory",
        ours=Series((peaks[2],)),
        floor=Series((1024.0,)),
        unit="MB",
        floor_is="the limit",
        bound=1.0,
    )
    yield growth("organisation", counts, peaks, judged=not context.quick)
