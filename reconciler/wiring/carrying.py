"""Carrying a plan out under a hold on state: what must hold before, the run itself, and saving what it did."""

from dataclasses import replace
from typing import Final

from reconciler.app.answering import begun
from reconciler.app.apply import Applied, apply_plan
from reconciler.app.approve import Approved, prove_organisation, refuse_bad_bodies
from reconciler.app.means import Means
from reconciler.app.purpose import APPLYING, Purpose
from reconciler.app.stop import NEVER, Stop
from reconciler.core.budget import most_out
from reconciler.core.guarding.writing import WriteGuards
from reconciler.core.undisturbed import undisturbed
from reconciler.errors import StateError
from reconciler.model.state import Begun, State
from reconciler.ports import Session, StateStore, Watch
from reconciler.signals import Terminated
from reconciler.wiring.api import Api
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.telemetry import telemetry_of
from reconciler.wiring.workspace import Workspace, body_checker

_CUT_SHORT: Final = StateError(
    "a second signal came before state was saved: the lock and the journal stay, and nothing of what was done is lost",
    hint="the next `reconciler apply` takes them in",
)


def carry_out(
    workspace: Workspace,
    approved: Approved,
    state: State | None,
    api: Api,
    store: StateStore,
    watch: Watch,
    *,
    purpose: Purpose = APPLYING,
    stop: Stop = NEVER,
) -> Applied:
    """Carry out an approved plan; whatever ends the run, what it did is told and saved.

    Stopped is raised where `stop` comes before anything is begun; later, the run winds up as on a signal.
    """
    plan, clock = approved.plan, SystemClock()
    guards = WriteGuards(workspace.environment.guards, plan.basis.overrides)
    refuse_bad_bodies(plan, body_checker())
    with stop.waking(lambda why: api.halt(why.message)):
        prove_organisation(plan, state, api.reader)
    stop.check()
    session: Session | None = None
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
            crew=stop.crew,
            telemetry=telemetry_of(workspace.environment.name),
        )
        opening = begun(approved, since=clock.moment(), by=session.by)
        if purpose.opening is not None:
            session.append(purpose.opening)
        applied = _applied(approved, state, means, opening, watch)
        applied = _closed(session, applied, purpose)
    except BaseException:
        if session is not None:
            with undisturbed():
                session.finish()  # where state cannot be saved, that is graver than what ended the run
        raise
    return _finished(session, applied)


def _applied(approved: Approved, state: State | None, means: Means, opening: Begun, watch: Watch) -> Applied:
    ids = {} if state is None else {name: record.id for name, record in state.records.items()}
    watch.applying(sum(change.has_work for change in approved.plan.changes))
    try:
        return apply_plan(
            approved.plan,
            means,
            ids=ids,
            settled=watch.settled,
            stopping=watch.stopping,
            returned=approved.returned,
            opening=opening,
        )
    finally:
        watch.done()


def _closed(session: Session, applied: Applied, purpose: Purpose) -> Applied:
    entry = purpose.closing(applied.outcomes)
    if entry is None or applied.error is not None:
        return applied
    try:
        session.append(entry)
    except StateError as error:
        return replace(applied, error=error)
    return applied


def _finished(session: Session, applied: Applied) -> Applied:
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


def _saved(store: Session) -> StateError | None:
    """Fold what was done into state; an error is handed back, since what was done must be told all the same."""
    try:
        store.finish()
    except StateError as error:
        return error
    return None
