"""Setting drift back: what the environment allows of it, through the same plan, guards and run as `apply`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.app.answering import acknowledging
from reconciler.app.apply import Applied
from reconciler.app.approve import Approved, refuse_unless_same
from reconciler.app.ending import applied_exit_code
from reconciler.cli.approving import approve
from reconciler.cli.ending import say_error
from reconciler.cli.looking import Looking, Seen
from reconciler.cli.progress import Telling
from reconciler.cli.session import emit, say
from reconciler.core import custody
from reconciler.core.codec.apply import to_document as outcomes_document
from reconciler.core.codec.drift import left_document
from reconciler.core.codec.plan import violation
from reconciler.core.correcting import decide, marked, settled
from reconciler.core.drifting import plan_back
from reconciler.errors import ExitCode, RefusedError, UsageError
from reconciler.model.drift import Left
from reconciler.model.outcome import Outcome, Status
from reconciler.model.state import Entry, Looked
from reconciler.stopping import stopped
from reconciler.view.apply_text import apply_text
from reconciler.view.documents import error_part
from reconciler.view.drift_text import left_text
from reconciler.view.plan_text import plan_text
from reconciler.wiring.api import Api
from reconciler.wiring.carrying import Purpose, carry_out
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.state import open_store


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


def may_be_asked(*, yes: bool, format_: str) -> None:
    """Refuse to begin where nobody could say yes, or what came of it could not be told."""
    if not yes and not sys.stdin.isatty():
        raise UsageError("nobody can be asked here, so nothing was done", hint="add --yes, or run it on a terminal")
    if format_ not in ("text", "json"):
        raise UsageError(f"--correct tells what came of it as text or json, not as {format_}")


def correct(looking: Looking, seen: Seen, api: Api, telling: Telling, *, format_: str, yes: bool) -> Corrected:
    """Set back what may be set back. RefusedError where the manifests do not tell which fields are handed off."""
    if looking.manifests is None and seen.report.drifted:
        raise RefusedError(
            "the manifests cannot be read, so nobody knows which fields are handed off; nothing was set back",
            hint="`reconciler validate` says what is wrong",
        )
    session, workspace = looking.session, looking.workspace
    store, now = open_store(workspace, notice=telling.notice), SystemClock.moment()
    state = custody.require(store.load())
    decided = decide(
        seen.report.drifted,
        state.looks,
        allowed=workspace.environment.drift.correct,
        now=now,
        ended_too=any(each.guard == "ended" for each in looking.wanted.request.overrides),
    )
    if format_ == "text":
        emit(left_text(decided.left, session.drawing(workspace.rate_limit)))
    if not decided.names:
        return Corrected(left=decided.left)
    readings = {name: seen.swept.readings[name] for name in decided.names}
    plan = plan_back(looking.wanted.request, state, looking.manifests, readings)
    approved = refuse_unless_same(plan, given=None, expected=None)
    approved = acknowledging(approved, workspace.environment.guards, None)
    if not approved.plan.can_apply:
        return Corrected(left=decided.left, approved=approved)
    if format_ == "text":
        emit("\n")
    approve(session, workspace, approved, format_, ask_first=not yes)
    chosen = [each for each in seen.report.drifted if each.custom_id in decided.names]
    marks = marked(chosen, state.looks, now=now)

    def closing(outcomes: Sequence[Outcome]) -> Entry:
        return Looked(looks=settled(outcomes, state.looks, marks, now=SystemClock.moment()))

    purpose = Purpose(name="drift --correct", opening=Looked(looks=marks), closing=closing)
    applied = carry_out(workspace, approved, state, api, store, telling, purpose=purpose)
    return Corrected(left=decided.left, approved=approved, applied=applied)


def say_corrected(looking: Looking, corrected: Corrected) -> None:
    """Tell what came of it, for people."""
    drawing = looking.session.drawing(looking.workspace.rate_limit)
    approved, applied = corrected.approved, corrected.applied
    if approved is None:
        return
    if applied is None:
        emit("\n" + plan_text(approved.plan, approved.digest, drawing) + "Nothing was sent.\n")
        return
    emit(apply_text(looking.workspace.environment.name, applied.outcomes, drawing))
    if applied.error is not None:
        say_error(applied.error, looking.session.paint(sys.stderr))
    if applied.stopped_by is not None:
        say(stopped(applied.stopped_by).message)


def corrected_document(environment: str, corrected: Corrected) -> dict[str, Any]:
    """Return what came of it, as a part of the report's document."""
    document: dict[str, Any] = {"left": left_document(corrected.left)}
    if corrected.approved is None:
        return document
    outcomes = () if corrected.applied is None else corrected.applied.outcomes
    told = outcomes_document(environment, corrected.approved.digest, outcomes)
    document |= {key: told[key] for key in ("digest", "summary", "outcomes")}
    refusals = [violation(each) for each in corrected.approved.plan.violations]
    error = None if corrected.applied is None else corrected.applied.error
    return {
        **document,
        **({"violations": refusals} if refusals else {}),
        **({} if error is None else error_part(error)),
    }
