"""Rows about live that was read already: comparing it with what is recorded, and planning with it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.context import ROOT, Context
from benchmarks.measure import Series, run
from benchmarks.table import Row

_HASHING: Final = "canonical JSON and sha256 of the same bodies"


def drift(context: Context) -> Iterator[Row]:
    """Compare live bodies, a hundredth of them drifted, with hashing them; and a plan with one without changes."""
    count = context.size(10_000)
    yield _row(context, "compare", f"compare {count:,} live bodies with what is recorded", _HASHING, 3)
    yield _row(context, "rewritten", f"the same, each stored otherwise than it was sent, {count:,}", _HASHING, 3)
    yield _row(
        context, "plan", f"plan {count:,} with live, a hundredth changed", "plan with live, nothing changed", 1.5
    )


def _row(context: Context, what: str, title: str, floor_is: str, bound: float) -> Row:
    folder = context.recorded(context.size(10_000)).root
    program: list[str | Path] = [sys.executable, "-m", "benchmarks.drift_program", what, folder, str(context.runs)]
    pairs = [tuple(map(float, line.split())) for line in run(program, cwd=ROOT).stdout.splitlines()]
    ours, floor = (Series(tuple(pair[side] for pair in pairs)) for side in (0, 1))
    return Row(what=title, ours=ours, floor=floor, unit="s", floor_is=floor_is, bound=bound, judged=not context.quick)
