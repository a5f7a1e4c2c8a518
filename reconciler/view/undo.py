"""The runs that are kept, for people and for programs."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from reconciler.core.runs import short, written
from reconciler.core.spelling import first_few
from reconciler.model.plan import FORMAT_VERSION
from reconciler.model.state import Run
from reconciler.view.terminal import Paint, inert_line
from reconciler.view.words import counted

_MOST_NAMED = 4


def runs_document(environment: str, runs: Iterable[Run]) -> dict[str, Any]:
    """Return the runs that are kept, the newest first, without what stood there before."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "runs": [
            {
                "run": short(run.plan.digest),
                "digest": run.plan.digest,
                "since": run.plan.since,
                "by": run.plan.by,
                "writes": [{"custom_id": name, "id": write.id, "what": kind} for name, write, kind in written(run)],
            }
            for run in reversed(tuple(runs))
        ],
    }


def runs_text(environment: str, runs: Iterable[Run], paint: Paint) -> str:
    """Return two lines for each run that is kept, the newest first."""
    return "\n".join(_lines(environment, tuple(runs), paint)) + "\n"


def _lines(environment: str, runs: tuple[Run, ...], paint: Paint) -> Iterator[str]:
    if not runs:
        yield f"No run is kept that wrote anything to {inert_line(environment)}."
        return
    yield paint(f"Runs that wrote to {inert_line(environment)}, the newest first", "bold")
    for run in reversed(runs):
        named = [inert_line(name) for name, _, _ in written(run)]
        kinds = Counter(kind for _, _, kind in written(run))
        what = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
        head = paint(short(run.plan.digest), "yellow")
        yield f"  {head}  {inert_line(run.plan.since)}  {paint(f'by {inert_line(run.plan.by)}', 'dim')}"
        yield f"    {what}: {first_few(named, _MOST_NAMED)}"
    yield (
        paint(f"{counted(len(runs), 'run')} kept. ", "bold")
        + "`reconciler undo RUN` plans to put back what stood there."
    )
