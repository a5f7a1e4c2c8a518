"""The plan of a fleet: a plan for each organisation, or why there is none, under one name."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.errors import ExitCode, ReconcilerError, gravest
from reconciler.model.change import Action
from reconciler.model.plan import Plan
from reconciler.model.risk import RiskClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no plan for an organisation: an expected failure of its own, which stops no other one."""

    kind: str
    exit_code: ExitCode
    message: str
    hint: str | None

    @classmethod
    def of(cls, error: ReconcilerError) -> "Failure":
        """Return a failure as a value."""
        return cls(kind=error.kind, exit_code=error.exit_code, message=error.message, hint=error.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What became of one organisation: its plan, with the plan's digest, or its failure; never both."""

    organisation: str
    labels: tuple[str, ...]
    plan: Plan | None = None
    digest: str | None = None
    failure: Failure | None = None

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """Return what this part comes to: a failure, a refusal, or (if asked for) differences."""
        if self.plan is None:
            return ExitCode.INTERNAL if self.failure is None else self.failure.exit_code
        return self.plan.exit_code(detailed=detailed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSet:
    """The parts of a fleet's plan, sorted by organisation.

    `only` are the organisations that were asked for, `shard` the part of the fleet; both where it was not all.
    """

    fleet: str
    parts: tuple[Part, ...]
    digest: str
    only: tuple[str, ...] = ()
    shard: str | None = None

    @property
    def planned(self) -> Iterator[tuple[Part, Plan]]:
        """The parts that have a plan, each with it."""
        return ((part, part.plan) for part in self.parts if part.plan is not None)

    @property
    def failed(self) -> tuple[Part, ...]:
        """The parts that have none."""
        return tuple(part for part in self.parts if part.failure is not None)

    @property
    def refused(self) -> tuple[Part, ...]:
        """The parts whose plan something refuses."""
        return tuple(part for part, plan in self.planned if plan.violations)

    @property
    def changing(self) -> int:
        """How many organisations have something to do or to say."""
        return sum(plan.has_differences for _, plan in self.planned)

    @property
    def risk(self) -> RiskClass:
        """The gravest class of all plans."""
        return max((plan.risk for _, plan in self.planned), default=RiskClass.R0)

    @property
    def requests(self) -> int:
        """How many requests all plans take."""
        return sum(plan.requests for _, plan in self.planned)

    @property
    def drifted(self) -> int:
        """How many sequences were moved behind the tool's back, in all organisations."""
        return sum(plan.drifted for _, plan in self.planned)

    def counts(self) -> Counter[Action]:
        """How many sequences get each action, in all organisations."""
        counts: Counter[Action] = Counter()
        for _, plan in self.planned:
            counts.update(change.action for change in plan.changes)
            counts[Action.KEEP] += plan.kept
        return counts

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """Return what the whole comes to: the gravest of its parts."""
        return gravest(part.exit_code(detailed=detailed) for part in self.parts)
