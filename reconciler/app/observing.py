"""What is told of planning, applying and looking: model values as spans and metrics. Nothing here decides anything."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from reconciler.core.moments import seconds_since
from reconciler.core.snapshot import Request
from reconciler.model import metrics
from reconciler.model.change import Action, Change
from reconciler.model.drift import Coverage, Report
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan import Plan
from reconciler.model.risk import RiskClass
from reconciler.ports import Progress, Span, Telemetry

_WITHIN: Final[Mapping[int, str]] = {86_400: "day", 604_800: "week", 2_592_000: "month"}


@contextmanager
def planning(telemetry: Telemetry, request: Request) -> Iterator["Planning"]:
    """Tell of planning; the time until all is applied begins here."""
    telemetry.begin()
    with telemetry.span("plan", {"reconciler.refresh": request.refresh.value}) as span:
        yield Planning(telemetry, span)


@dataclass(frozen=True, slots=True)
class Planning:
    """A plan that is being made."""

    telemetry: Telemetry
    span: Span

    def made(self, plan: Plan) -> Plan:
        """Tell what the plan comes to, and hand it back."""
        if not self.telemetry.listens:
            return plan
        self.span.put(
            {
                "reconciler.plan.changes": sum(each.has_work for each in plan.changes),
                "reconciler.plan.requests": plan.requests,
                "reconciler.risk": plan.risk.name,
            }
        )
        if not plan.can_apply:
            self.span.fail("refused")
        for action in Action:
            self.telemetry.tell(metrics.PLANNED, plan.count(action), {"reconciler.action": action.value})
        classes = Counter(each.assessment.risk for each in plan.changes if each.assessment is not None)
        for risk in RiskClass:
            self.telemetry.tell(metrics.PLANNED_RISK, classes[risk], {"reconciler.risk": risk.name})
        return plan


@contextmanager
def applying(telemetry: Telemetry, changes: int) -> Iterator["Applying"]:
    """Tell of a run that carries out so many changes."""
    with telemetry.span("apply", {"reconciler.plan.changes": changes}) as span:
        yield Applying(telemetry, span)


@dataclass(slots=True)
class Applying:
    """A run: its outcomes are counted as they come, each once."""

    telemetry: Telemetry
    span: Span
    counted: set[str] = field(default_factory=set)
    statuses: Counter[Status] = field(default_factory=Counter)
    converged: float | None = None

    def settled(self, tell: Progress) -> Progress:
        """Return a Progress that counts an outcome before it is told to somebody else."""

        def settle(outcome: Outcome) -> None:
            self._count(outcome)
            tell(outcome)

        return settle

    def ended(self, outcomes: tuple[Outcome, ...], failure: BaseException | None) -> None:
        """Count what has not been yet, and tell how the run ended; `failure` is what cut it short."""
        for each in outcomes:
            if each.custom_id not in self.counted:
                self._count(each)
        self.span.put({f"reconciler.outcomes.{status.value}": count for status, count in self.statuses.items()})
        is_complete = failure is None and set(self.statuses) <= {Status.APPLIED}
        if not is_complete:
            self.span.fail("incomplete" if failure is None else type(failure).__name__)
        if self.converged is not None:
            self.telemetry.tell(metrics.CONVERGENCE, self.converged, {"reconciler.complete": is_complete})

    def _count(self, outcome: Outcome) -> None:
        self.counted.add(outcome.custom_id)
        self.statuses[outcome.status] += 1
        if outcome.status is Status.APPLIED:
            self.converged = self.telemetry.passed()
        attributes = {"reconciler.action": outcome.action.value, "reconciler.status": outcome.status.value}
        self.telemetry.tell(metrics.OUTCOMES, 1, attributes)


@contextmanager
def changing(telemetry: Telemetry, change: Change) -> Iterator["Changing"]:
    """Tell of carrying one change out."""
    attributes = {"reconciler.custom_id": change.custom_id, "reconciler.action": change.action.value}
    if change.assessment is not None:
        attributes["reconciler.risk"] = change.assessment.risk.name
    with telemetry.span(f"change {change.action.value}", attributes) as span:
        yield Changing(span)


@dataclass(frozen=True, slots=True)
class Changing:
    """A change that is being carried out."""

    span: Span

    def ended(self, outcome: Outcome) -> Outcome:
        """Tell how it ended, and hand the outcome back; its detail may quote the API, and is not told."""
        self.span.put({"reconciler.status": outcome.status.value})
        if not outcome.succeeded:
            self.span.fail(outcome.status.value)
        return outcome


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
        telemetry.tell(metrics.COVERAGE, share, {"reconciler.within": within})
    if coverage.oldest is not None:
        telemetry.tell(metrics.OLDEST_LOOK, seconds_since(coverage.oldest, report.moment))
    found = {
        "in_step": report.in_step,
        "drifted": len(report.drifted),
        "gone": len(report.gone),
        "unreadable": len(report.unreadable),
        "unsettled": len(report.unsettled),
    }
    for standing, count in found.items():
        telemetry.tell(metrics.STANDING, count, {"reconciler.standing": standing})


def _shares(coverage: Coverage) -> Iterator[tuple[str, float]]:
    """Return which share was looked at, now, in each span of time, and ever; all of nothing is all of it."""
    counts = {"look": coverage.read, **{_WITHIN[span]: count for span, count in coverage.within}, "ever": coverage.ever}
    for within, count in counts.items():
        yield within, count / coverage.recorded if coverage.recorded else 1.0
