"""What is told of a look at live: how much was looked at, and what was found. Nothing here decides anything."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from reconciler.core.moments import seconds_since
from reconciler.model.drift import Coverage, Report
from reconciler.model.metrics import COVERAGE, OLDEST_LOOK, STANDING
from reconciler.ports import Span, Telemetry

_WITHIN: Final[Mapping[int, str]] = {86_400: "day", 604_800: "week", 2_592_000: "month"}


@contextmanager
def looking(telemetry: Telemetry, *, budget: int | None) -> Iterator[Span]:
    """Tell of reading live; the time until all is set back begins here."""
    telemetry.begin()
    with telemetry.span("drift", {} if budget is None else {"reconciler.drift.budget": budget}) as span:
        yield span


def looked(telemetry: Telemetry, report: Report) -> None:
    """Tell what a look at live has found, and how much of what is recorded has been looked at."""
    coverage = report.coverage
    for within, share in _shares(coverage):
        telemetry.tell(COVERAGE, share, {"reconciler.within": within})
    if coverage.oldest is not None:
        telemetry.tell(OLDEST_LOOK, seconds_since(coverage.oldest, report.moment))
    found = {
        "in_step": report.in_step,
        "drifted": len(report.drifted),
        "gone": len(report.gone),
        "unreadable": len(report.unreadable),
        "unsettled": len(report.unsettled),
    }
    for standing, count in found.items():
        telemetry.tell(STANDING, count, {"reconciler.standing": standing})


def _shares(coverage: Coverage) -> Iterator[tuple[str, float]]:
    """Return which share was looked at, now, in each span of time, and ever; all of nothing is all of it."""
    counts = {"look": coverage.read, **{_WITHIN[span]: count for span, count in coverage.within}, "ever": coverage.ever}
    for within, count in counts.items():
        yield within, count / coverage.recorded if coverage.recorded else 1.0
