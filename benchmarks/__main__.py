"""`python -m benchmarks`: measure, print the table, and exit 1 if a bound is missed."""

import argparse
import compileall
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks import (
    row_apply,
    row_drift,
    row_engine,
    row_fleet,
    row_fleet_apply,
    row_limit,
    row_plan,
    row_saving,
    row_start,
    row_throughput,
    row_validate,
    row_views,
)
from benchmarks.context import ROOT, Context, silence
from benchmarks.table import Missing, Row, table

Measured: TypeAlias = Callable[[Context], Iterator[Row | Missing]]
ROWS: Final[Mapping[str, Measured]] = {
    "help": row_start.start,
    "plan": row_plan.nothing_changed,
    "memory": row_plan.memory,
    "apply": row_apply.updates,
    "creates": row_apply.creates,
    "limit": row_limit.at_the_limit,
    "saving": row_saving.saving,
    "validate": row_validate.validate,
    "changed": row_plan.tenth_changed,
    "loading": row_saving.loading,
    "views": row_views.views,
    "drift": row_drift.drift,
    "fleet": row_fleet.planning,
    "fleet-memory": row_fleet.memory,
    "fleet-limit": row_throughput.reads,
    "fleet-apply": row_fleet_apply.applying,
    "fleet-engine": row_engine.workers,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the rows that were asked for, all of them by default, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one of {', '.join(ROWS)}; all without any")
    parser.add_argument("--quick", action="store_true", help="a fiftieth of the sizes, one run, no bound judged")
    parser.add_argument("--runs", type=int, default=None, metavar="N", help="counted runs of each side (5; quick: 1)")
    parser.add_argument("--folder", type=Path, default=None, help="work in a new folder in this one, on a real disk")
    given = parser.parse_args(arguments)
    os.environ["RECONCILER_NO_CACHE"] = "1"  # what this process loads itself is not to be found by what it measures
    unknown = [name for name in given.rows if name not in ROWS]
    if unknown:
        parser.error(f"there is no row `{unknown[0]}`; the rows are {', '.join(ROWS)}")
    # As installing a package does, for ours as for the floor's: else each process of ours would compile its modules
    # anew where PYTHONDONTWRITEBYTECODE is set, as it is on many build machines.
    compileall.compile_dir(ROOT / "reconciler", quiet=1)
    runs = given.runs or (1 if given.quick else 5)
    with tempfile.TemporaryDirectory(prefix="reconciler-bench-", dir=given.folder) as folder, silence() as nobody:
        context = Context(folder=Path(folder), runs=runs, quick=given.quick, silence=nobody)
        rows = list(_measured(context, given.rows or list(ROWS)))
    print(f"Medians of {runs} interleaved runs of whole processes; the ratio is ours to the floor's.\n")
    print(table(rows), end="")
    return 1 if any(row.missed for row in rows) else 0


def _measured(context: Context, names: Sequence[str]) -> Iterator[Row | Missing]:
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        yield from ROWS[name](context)


if __name__ == "__main__":
    sys.exit(main())
