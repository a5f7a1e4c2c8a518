"""Rows about drawing: a plan of 1,000 changes in each format, compared with the planning itself."""

import json
import sys
from collections.abc import Iterator
from typing import Any, Final

from benchmarks.context import ROOT, Context
from benchmarks.measure import Series, run
from benchmarks.repository import Repository
from benchmarks.table import Row

_FORMATS: Final = ("text", "json", "markdown", "html")


def views(context: Context) -> Iterator[Row]:
    """Compare drawing a plan, in which every name and body changed, with making it; RuntimeError if it is empty."""
    count = context.size(1_000)
    repository = Repository.create(context.folder / "views", count, api=context.silence.url).record_all()
    repository.revise(count, 2)
    for path in repository.manifests.rglob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("<p>", "<p>By the way: "), encoding="utf-8")
    told: list[dict[str, Any]] = []
    for _ in range(1 + context.runs):
        command = [sys.executable, "-m", "benchmarks.view_program", str(repository.root)]
        told.append(json.loads(run(command, cwd=ROOT, env={"RECONCILER_NO_CACHE": "1"}).stdout))
    if not all(each["changes"] for each in told):
        raise RuntimeError("the plan to be drawn has no changes")
    for name in _FORMATS:
        yield Row(
            what=f"draw {told[0]['changes']:,} changes as {name}",
            ours=Series(tuple(each["seconds"][name] for each in told[1:])),
            floor=Series(tuple(each["seconds"]["plan"] for each in told[1:])),
            unit="s",
            floor_is="making the plan",
            bound=1.0,
            judged=not context.quick,
        )
