"""What is told of carrying a plan out: the run, its changes and their outcomes. Nothing here decides anything."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from reconciler.model.change import Change
from reconciler.model.metrics import CONVERGENCE, OUTCOMES
from reconciler.model.outcome import Outcome, Status
from reconciler.ports import Progress, Span, Telemetry


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
            self.telemetry.tell(CONVERGENCE, self.converged, {"reconciler.complete": is_complete})

    def _count(self, outcome: Outcome) -> None:
        self.counted.add(outcome.custom_id)
        self.statuses[outcome.status] += 1
        if outcome.status is Status.APPLIED:
            self.converged = self.telemetry.passed()
        attributes = {"reconciler.action": outcome.action.value, "reconciler.status": outcome.status.value}
        self.telemetry.tell(OUTCOMES, 1, attributes)


@contextmanager
def changing(telemetry: Telemetry, change: Change) -> Iterator["Changing"]:
    """Tell of carrying one change out."""
    attributes = {"reconciler.custom_id": change.custom_id, "reconciler.action": change.action.value}
    if change.assessment is not None:
        attributes["reconciler.risk"] = change.assessment.risk.value
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
