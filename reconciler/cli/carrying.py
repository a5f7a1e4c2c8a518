"""Carrying a plan out under a hold on state: what must hold before, the run itself, and saving what it did."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from reconciler.app.answering import begun
from reconciler.app.apply import Applied, apply_plan
from reconciler.app.approve import Approved, prove_organisation, refuse_bad_bodies
from reconciler.app.means import Means
from reconciler.cli.progress import Telling
from reconciler.cli.session import Session, ask, emit, say
from reconciler.cli.signals import Terminated
from reconciler.cli.stopping import stopped
from reconciler.core.budget import most_out
from reconciler.core.codec.apply import exit_code as outcomes_exit_code
from reconciler.core.guarding.writing import WriteGuards
from reconciler.core.undisturbed import undisturbed
from reconciler.errors import ExitCode, RefusedError, StateError, gravest
from reconciler.model.outcome import Outcome
from reconciler.model.state import Begun, Entry, State
from reconciler.ports import Session as StoreSession
from reconciler.ports import StateStore
from reconciler.view.apply_text import returned_text
from reconciler.view.plan_text import plan_text
from reconciler.wiring.api import Api
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.workspace import Workspace, body_checker

_CUT_SHORT: Final = StateError(
    "a second signal came before state was saved: the lock and the journal stay, and nothing of what was done is lost",
    hint="the next `reconciler apply` takes them in",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a plan is carried out for. `opening` is recorded before anything is written, `closing` after all of it."""

    name: str = "apply"
    opening: Entry | None = None
    closing: Callable[[tuple[Outcome, ...]], Entry | None] = lambda _outcomes: None


APPLYING: Final = Purpose()


def approve(session: Session, workspace: Workspace, approved: Approved, format_: str, *, ask_first: bool) -> None:
    """Show the plan, and ask about it where nobody has said yes yet: never about a plan that was not shown."""
    is_shown = format_ == "text" and not session.quiet
    if is_shown or ask_first:
        show = emit if is_shown else say
        drawing = session.drawing(workspace.rate_limit)
        text = returned_text(approved.returned, drawing) + plan_text(approved.plan, approved.digest, drawing)
        show(text + ("\n" if is_shown else ""))
    if ask_first and not ask("Apply this plan?"):
        raise RefusedError("not applied, since the answer was not `y`; nothing was sent")


def carry_out(
    workspace: Workspace,
    approved: Approved,
    state: State | None,
    api: Api,
    store: StateStore,
    telling: Telling,
    *,
    purpose: Purpose = APPLYING,
) -> Applied:
    """Carry out an approved plan; whatever ends the run, what it did is told and saved."""
    plan, clock = approved.plan, SystemClock()
    guards = WriteGuards(workspace.environment.guards, plan.basis.overrides)
    refuse_bad_bodies(plan, body_checker())
    prove_organisation(plan, state, api.reader)
    session: StoreSession | None = None
    try:
        with undisturbed():
            session = store.begin(state, purpose.name)
        rate = workspace.environment.rate_limit
        means = Means(
            reader=api.reader,
            writer=api.writer.unless(lambda: guards.frozen(clock.moment())),
            session=session,
            clock=clock,
            org_id=plan.org_id if state is None else state.org_id or plan.org_id,
            settle=workspace.environment.timeouts.settle,
            halt=api.halt,
            parallel=most_out(rate.requests, rate.seconds),
            guards=guards,
        )
        opening = begun(approved, since=clock.moment(), by=session.by)
        if purpose.opening is not None:
            session.append(purpose.opening)
        applied = _applied(workspace, approved, state, means, opening, telling)
        applied = _closed(session, applied, purpose)
    except BaseException:
        if session is not None:
            with undisturbed():
                session.finish()  # where state cannot be saved, that is graver than what ended the run
        raise
    return _finished(session, applied)


def _applied(
    workspace: Workspace, approved: Approved, state: State | None, means: Means, opening: Begun, telling: Telling
) -> Applied:
    ids = {} if state is None else {name: record.id for name, record in state.records.items()}
    with telling.applying(workspace, approved.plan) as meter:
        return apply_plan(
            approved.plan,
            means,
            ids=ids,
            settled=meter.settled,
            stopping=meter.stopping,
            returned=approved.returned,
            opening=opening,
        )


def _closed(session: StoreSession, applied: Applied, purpose: Purpose) -> Applied:
    entry = purpose.closing(applied.outcomes)
    if entry is None or applied.error is not None:
        return applied
    try:
        session.append(entry)
    except StateError as error:
        return replace(applied, error=error)
    return applied


def _finished(session: StoreSession, applied: Applied) -> Applied:
    """Save what was done; a signal that comes meanwhile ends the command once it is saved, a second one at once."""
    error: StateError | None = _CUT_SHORT
    stopped_by = applied.stopped_by
    try:
        with undisturbed():
            error = _saved(session)
    except (KeyboardInterrupt, Terminated) as signal:
        stopped_by = stopped_by or signal
    # What could not be saved in the end says more than what could not be recorded on the way.
    return replace(applied, error=error or applied.error, stopped_by=stopped_by)


def _saved(store: StoreSession) -> StateError | None:
    """Fold what was done into state; an error is handed back, since what was done must be told all the same."""
    try:
        store.finish()
    except StateError as error:
        return error
    return None


def applied_exit_code(applied: Applied) -> ExitCode:
    """Return what a run comes to, whatever ended it."""
    codes = [outcomes_exit_code(applied.outcomes)]
    if applied.bug is not None:
        return ExitCode.UNKNOWN if ExitCode.UNKNOWN in codes else ExitCode.INTERNAL
    if applied.error is not None:
        codes.append(applied.error.exit_code)
    if applied.stopped_by is not None and not {ExitCode.UNKNOWN, ExitCode.STATE_UNUSABLE} & set(codes):
        return stopped(applied.stopped_by).exit_code
    return gravest(codes)
