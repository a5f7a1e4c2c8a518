"""Setting drift back, step by step: what the environment allows of it, through the same plan and run as `apply`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from reconciler.app.answering import acknowledging
from reconciler.app.apply import Applied
from reconciler.app.approve import Approved, refuse_unless_same
from reconciler.app.ending import applied_exit_code, ending_of
from reconciler.app.looking import Looking, Seen
from reconciler.app.purpose import Purpose
from reconciler.core import custody
from reconciler.core.correcting import Decided, decide, marked, settled
from reconciler.core.drifting import plan_back
from reconciler.errors import ExitCode, RefusedError, gravest
from reconciler.model.drift import Left
from reconciler.model.drift_set import Correction
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan_set import Failure
from reconciler.model.risk import RiskClass
from reconciler.model.state import Entry, Looked, State
from reconciler.ports import Clock, StateStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What came of setting back: what was left and why, the plan (None: nothing was to do), and the run, if any."""

    left: tuple[Left, ...]
    approved: Approved | None = None
    applied: Applied | None = None

    @property
    def is_done(self) -> bool:
        """Tell whether nothing of what drifted is left."""
        outcomes = () if self.applied is None else self.applied.outcomes
        return not self.left and all(each.status is Status.APPLIED for each in outcomes) and self._was_carried_out

    @property
    def _was_carried_out(self) -> bool:
        return self.approved is None or self.applied is not None

    @property
    def exit_code(self) -> ExitCode:
        """What it comes to."""
        if self.applied is not None:
            return applied_exit_code(self.applied)
        return ExitCode.DONE if self.approved is None else self.approved.plan.exit_code(detailed=False)

    @property
    def is_stopped(self) -> bool:
        """Tell whether somebody stopped it."""
        return self.applied is not None and self.applied.stopped_by is not None

    @property
    def told(self) -> Correction:
        """What came of it, as it is told."""
        if self.approved is None:
            return Correction(left=self.left)
        error = None if self.applied is None else self.applied.error
        return Correction(
            left=self.left,
            digest=self.approved.digest,
            outcomes=() if self.applied is None else self.applied.outcomes,
            violations=self.approved.plan.violations,
            failure=None if error is None else Failure.of(error),
        )


def outcome(seen: Seen, corrected: Corrected | None, *others: ExitCode) -> ExitCode:
    """Return what a look comes to, with what was set back and whatever else came of it."""
    if seen.swept.stopped_by is not None:
        return ending_of(seen.swept.stopped_by).exit_code
    if corrected is None:
        return gravest([seen.report.exit_code, *others])
    if corrected.is_stopped:
        return corrected.exit_code
    return gravest([seen.report.exit_code, *others, corrected.exit_code])


class Hand(Protocol):
    """Who sets back: shown what is left and what is about to be done, and the one who does it."""

    def left(self, left: Sequence[Left]) -> None:
        """Be told what is not set back, and why, before anything is."""
        ...

    def approve(self, approved: Approved) -> None:
        """Be shown the plan; RefusedError where the answer is no."""
        ...

    def carry_out(self, approved: Approved, state: State, purpose: Purpose) -> Applied:
        """Carry the plan out, on top of that state."""
        ...


def correct(
    looking: Looking, seen: Seen, store: StateStore, hand: Hand, *, allowed: RiskClass | None, clock: Clock
) -> Corrected:
    """Set back what may be set back; `allowed` is the gravest class of it, None for none at all.

    RefusedError where the manifests do not tell which fields are handed off.
    """
    if looking.manifests is None and seen.report.drifted:
        raise RefusedError(
            "the manifests cannot be read, so nobody knows which fields are handed off; nothing was set back",
            hint="`reconciler validate` says what is wrong",
        )
    now = clock.moment()
    state = custody.require(store.load())
    overrides = looking.wanted.request.overrides
    ended_too = any(each.guard == "ended" for each in overrides)
    decided = decide(seen.report.drifted, state.looks, allowed=allowed, now=now, ended_too=ended_too)
    hand.left(decided.left)
    if not decided.names:
        return Corrected(left=decided.left)
    approved = _approved(looking, seen, state, decided)
    if not approved.plan.can_apply:
        return Corrected(left=decided.left, approved=approved)
    hand.approve(approved)
    applied = hand.carry_out(approved, state, _purpose(seen, state, decided, now, clock))
    return Corrected(left=decided.left, approved=approved, applied=applied)


def _approved(looking: Looking, seen: Seen, state: State, decided: Decided) -> Approved:
    """Return the plan that sets back what may be, with what refuses it: nobody has answered for its risk."""
    request = looking.wanted.request
    readings = {name: seen.swept.readings[name] for name in decided.names}
    plan = plan_back(request, state, looking.manifests, readings)
    return acknowledging(refuse_unless_same(plan, given=None, expected=None), request.guards, None)


def _purpose(seen: Seen, state: State, decided: Decided, now: str, clock: Clock) -> Purpose:
    """Return what the run records beside its writes: that each field has its one try, and what came of it."""
    chosen = [each for each in seen.report.drifted if each.custom_id in decided.names]
    marks = marked(chosen, state.looks, now=now)

    def closing(outcomes: Sequence[Outcome]) -> Entry:
        return Looked(looks=settled(outcomes, state.looks, marks, now=clock.moment()))

    return Purpose(name="drift --correct", opening=Looked(looks=marks), closing=closing)
