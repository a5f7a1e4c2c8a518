"""Rows about state: what one outcome costs to save, with few records and with many, and what loading costs."""

import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.context import ROOT, Context
from benchmarks.measure import Ended, Series, interleaved, run
from benchmarks.table import Row


def saving(context: Context) -> Iterator[Row]:
    """Compare saving an outcome with 10,000 records to 10, and to writing and syncing the same bytes."""
    few, many = 10, context.size(10_000)
    states = context.recorded(few).state, context.recorded(many).state
    arguments = (*states, context.folder / "bare", str(context.size(500)))
    figures = [tuple(map(float, _program("append", *arguments).stdout.split())) for _ in range(1 + context.runs)]
    at_few, at_many, bare = (Series(column) for column in zip(*figures[1:], strict=True))
    for floor, floor_is, bound in (
        (at_few, f"the same, {few} records", 1.2),
        (bare, "write and fsync of the same bytes", 1.5),
    ):
        yield Row(
            what=f"save one outcome, {many:,} records",
            ours=at_many,
            floor=floor,
            unit="s",
            floor_is=floor_is,
            bound=bound,
            judged=not context.quick,
        )


def loading(context: Context) -> Iterator[Row]:
    """Compare loading state with the standard library's decoding of the same bytes."""
    count = context.size(10_000)
    state = context.recorded(count).state
    ours, floor = interleaved(
        context.runs,
        lambda: float(_program("load", state).stdout),
        lambda: float(context.floor("load_json", state).stdout),
    )
    yield Row(
        what=f"load state, {count:,} records",
        ours=ours,
        floor=floor,
        unit="s",
        floor_is="read and json.loads",
        bound=3,
        judged=not context.quick,
    )


def _program(*arguments: str | Path) -> Ended:
    return run([sys.executable, "-m", "benchmarks.store_program", *arguments], cwd=ROOT)
