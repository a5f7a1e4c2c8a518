"""The unit of work of a fleet: one organisation, and one thing to do in it; and what came of it.

Both are plain values, so that the same ones go to a thread or to another machine. Neither holds a key: whoever does the
work takes keys and the endpoint from where it runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final, TypeAlias

from reconciler.errors import ExitCode
from reconciler.model.drift import Report
from reconciler.model.drift_set import Correction
from reconciler.model.fleet import KeySource, Organisation
from reconciler.model.fleet_run import Spent
from reconciler.model.guards import Override
from reconciler.model.outcome import Outcome
from reconciler.model.plan import Plan, Refresh
from reconciler.model.plan_set import Failure

# Kinds of failures that only errands have.
NOT_BEGUN: Final = "not_begun"
STOPPED: Final = "stopped"
LOST: Final = "lost"
STALE: Final = "stale"
INTERNAL: Final = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a plan is asked for; None and False where nothing was said."""

    refresh: Refresh | None = None
    only: tuple[str, ...] = ()
    adopt: bool = False
    overrides: tuple[Override, ...] = ()
    undo: str | None = None

    @property
    def is_anything(self) -> bool:
        """Tell whether anything was asked for at all."""
        return self.refresh is not None or bool(self.only) or self.adopt or bool(self.overrides)


@dataclass(frozen=True, slots=True)
class ToPlan:
    """Plan it; nothing is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToApply:
    """Carry out the plan of this digest, and no other one.

    `document` is the reviewed plan, where it is at hand: of a plan that only live has moved away from, the rest may
    then go on. `acknowledged` is the class of risk that somebody answers for. `is_resumed`: a part of it was perhaps
    carried out, and what is left of it may be; then the document is needed. `needs_state`: that was while its state lay
    elsewhere, so that without one here nobody knows what was written.
    """

    digest: str
    document: Mapping[str, Any] | None = None
    acknowledged: str | None = None
    is_resumed: bool = False
    needs_state: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToLook:
    """Look at what is live: `budget` sequences at most, all without one.

    With `known_only` of these only what an earlier look has not found as recorded; with `corrects` what its
    environment allows is set back.
    """

    budget: int | None = None
    known_only: bool = False
    corrects: bool = False


Task: TypeAlias = ToPlan | ToApply | ToLook


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What to do for one organisation, `environment` being what it derives from.

    `variables` and `labels` are all that hold for it. `now` is the moment (RFC 3339) that plans of a fleet are decided
    by, one for all.
    """

    fleet: str
    organisation: str
    environment: str
    state: str
    key: KeySource | None
    variables: Mapping[str, str]
    labels: tuple[str, ...]
    asked: Asked
    now: str
    task: Task

    @property
    def may_write(self) -> bool:
        """Tell whether anything is written to the API: of one that was lost, nobody knows then how far it came."""
        return isinstance(self.task, ToApply) or (isinstance(self.task, ToLook) and self.task.corrects)

    @classmethod
    def of(cls, fleet: str, organisation: Organisation, *, asked: Asked, now: str, task: Task) -> "Errand":
        """Return the errand for an organisation as it was described."""
        environment = organisation.environment
        return cls(
            fleet=fleet,
            organisation=organisation.name,
            environment=organisation.base,
            state=environment.state,
            key=organisation.key,
            variables=environment.variables,
            labels=environment.labels,
            asked=asked,
            now=now,
            task=task,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan and its digest. Where it was to be applied, it was not: it is refused, or nothing is to do."""

    plan: Plan
    digest: str

    @property
    def exit_code(self) -> ExitCode:
        """What it comes to."""
        return self.plan.exit_code(detailed=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What came of a plan that was carried out: an outcome for each change that had something to do.

    `failure` is what ended the run before its end, where anything did; `exit_code` is that of all of it.
    """

    digest: str
    outcomes: tuple[Outcome, ...]
    exit_code: ExitCode
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """What a look found, and what came of setting back, where that was begun.

    `failure` is what cut the look short, or why nothing was set back; `exit_code` is that of all of it.
    """

    look: Report
    correction: Correction | None
    exit_code: ExitCode
    failure: Failure | None = None


# What came of an errand. A failure: nothing was written, unless it was lost.
Result: TypeAlias = Planned | Carried | Surveyed | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of an errand: one for each, whatever happens."""

    organisation: str
    result: Result
    spent: Spent = field(default_factory=Spent)

    @property
    def exit_code(self) -> ExitCode:
        """What it comes to."""
        return self.result.exit_code

    @property
    def failure(self) -> Failure | None:
        """What ended it before its end, where anything did."""
        match self.result:
            case Planned():
                return None
            case Carried() | Surveyed():
                return self.result.failure
            case Failure():
                return self.result

    @property
    def is_stopped(self) -> bool:
        """Tell whether it was under way when somebody stopped it."""
        return self.failure is not None and self.failure.kind == STOPPED

    @property
    def is_begun(self) -> bool:
        """Tell whether anything was done at all."""
        return self.failure is None or self.failure.kind != NOT_BEGUN


def not_begun(errand: Errand, why: Failure) -> Done:
    """Return what came of an errand that was stopped before it began."""
    failure = Failure(kind=NOT_BEGUN, exit_code=why.exit_code, message=f"not begun: {why.message}", hint=why.hint)
    return Done(organisation=errand.organisation, result=failure)


def broken(bug: BaseException) -> Failure:
    """Return what a bug comes to. Only its type and place: a message may hold somebody's values."""
    trace = bug.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    message = f"internal error ({type(bug).__name__}{place}): a bug of this tool"
    return Failure(kind=INTERNAL, exit_code=ExitCode.INTERNAL, message=message, hint=None)
