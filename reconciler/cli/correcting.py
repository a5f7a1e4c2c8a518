"""Setting drift back: asked about and told. The steps of it are in `app/correcting`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.app import correcting as steps
from reconciler.app.apply import Applied
from reconciler.app.approve import Approved
from reconciler.app.correcting import Corrected
from reconciler.app.looking import Looking, Seen
from reconciler.app.purpose import Purpose
from reconciler.cli.approving import approve
from reconciler.cli.ending import say_error
from reconciler.cli.progress import Telling
from reconciler.cli.session import Session, emit, say
from reconciler.errors import UsageError
from reconciler.model.drift import Left
from reconciler.model.state import State
from reconciler.ports import StateStore
from reconciler.stopping import stopped
from reconciler.view.apply_text import apply_text
from reconciler.view.drift_text import left_text
from reconciler.view.plan_text import plan_text
from reconciler.wiring.api import Api
from reconciler.wiring.carrying import carry_out
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import Workspace


def may_be_asked(*, yes: bool, format_: str) -> None:
    """Refuse to begin where nobody could say yes, or what came of it could not be told."""
    if not yes and not sys.stdin.isatty():
        raise UsageError("nobody can be asked here, so nothing was done", hint="add --yes, or run it on a terminal")
    if format_ not in ("text", "json"):
        raise UsageError(f"--correct tells what came of it as text or json, not as {format_}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hand:
    """Sets back in front of whoever runs the command (a Hand of `app/correcting`)."""

    session: Session
    workspace: Workspace
    api: Api
    store: StateStore
    telling: Telling
    format_: str
    yes: bool

    def left(self, left: Sequence[Left]) -> None:
        if self.format_ == "text":
            emit(left_text(left, self.session.drawing(self.workspace.rate_limit)))

    def approve(self, approved: Approved) -> None:
        if self.format_ == "text":
            emit("\n")
        approve(self.session, self.workspace, approved, self.format_, ask_first=not self.yes)

    def carry_out(self, approved: Approved, state: State, purpose: Purpose) -> Applied:
        return carry_out(self.workspace, approved, state, self.api, self.store, self.telling, purpose=purpose)


def correct(
    session: Session,
    workspace: Workspace,
    looking: Looking,
    seen: Seen,
    api: Api,
    telling: Telling,
    *,
    format_: str,
    yes: bool,
) -> Corrected:
    """Set back what may be set back. RefusedError where the manifests do not tell which fields are handed off."""
    store = open_store(workspace, notice=telling.notice)
    hand = _Hand(session=session, workspace=workspace, api=api, store=store, telling=telling, format_=format_, yes=yes)
    return steps.correct(looking, seen, store, hand, allowed=workspace.environment.drift.correct, clock=SystemClock())


def say_corrected(session: Session, workspace: Workspace, corrected: Corrected) -> None:
    """Tell what came of it, for people."""
    drawing = session.drawing(workspace.rate_limit)
    approved, applied = corrected.approved, corrected.applied
    if approved is None:
        return
    if applied is None:
        emit("\n" + plan_text(approved.plan, approved.digest, drawing) + "Nothing was sent.\n")
        return
    emit(apply_text(workspace.environment.name, applied.outcomes, drawing))
    if applied.error is not None:
        say_error(applied.error, session.paint(sys.stderr))
    if applied.stopped_by is not None:
        say(stopped(applied.stopped_by).message)
