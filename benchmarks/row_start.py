"""The row about starting: the help, which nobody should have to wait for."""

import sys
from collections.abc import Iterator

from benchmarks.context import Context
from benchmarks.measure import interleaved, run
from benchmarks.repository import our_command
from benchmarks.table import Row


def start(context: Context) -> Iterator[Row]:
    """Compare `reconciler --help` with importing click."""
    ours, floor = interleaved(
        4 * context.runs,
        lambda: run([*our_command(), "--help"], cwd=context.folder).seconds,
        lambda: run([sys.executable, "-c", "import click"], cwd=context.folder).seconds,
    )
    yield Row(
        what="reconciler --help",
        ours=ours,
        floor=floor,
        unit="s",
        floor_is='python -c "import click"',
        bound=4,
        judged=not context.quick,
    )
