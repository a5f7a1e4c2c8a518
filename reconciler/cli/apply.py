"""`reconciler apply`."""

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from reconciler.app.answering import acknowledging, begun
from reconciler.app.apply import Applied, apply_plan
from reconciler.app.approve import (
    Approved,
    prove_organisation,
    read_saved_plan,
    refuse_bad_bodies,
    refuse_unless_same,
    refuse_used,
    stale,
)
from reconciler.app.means import Means
from reconciler.cli.ending import BrokenRunError, say_error
from reconciler.cli.plan import exit_code
from reconciler.cli.planning import Asked, asked_for, gather, overridden, planning_options, request_for
from reconciler.cli.progress import Telling, connected
from reconciler.cli.session import Session, ask, emit, format_option, pass_session, say
from reconciler.cli.show import read_document
from reconciler.cli.signals import Terminated
from reconciler.cli.stopping import stopped
from reconciler.core.budget import most_out
from reconciler.core.codec.apply import exit_code as outcomes_exit_code
from reconciler.core.codec.apply import to_document as outcomes_document
from reconciler.core.codec.plan import violation
from reconciler.core.guarding.acknowledgement import acknowledgement
from reconciler.core.guarding.writing import WriteGuards
from reconciler.core.undisturbed import undisturbed
from reconciler.errors import ExitCode, LockedError, RefusedError, StateError, UsageError, gravest
from reconciler.model.plan import Plan
from reconciler.model.state import Begun, State
from reconciler.ports import Session as StoreSession
from reconciler.ports import StateStore
from reconciler.view.apply_text import apply_text, returned_text
from reconciler.view.documents import error_part, json_text
from reconciler.view.plan_text import plan_text
from reconciler.wiring.api import Api
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import Workspace, body_checker

_CUT_SHORT: Final = StateError(
    "a second signal came before state was saved: the lock and the journal stay, and nothing of what was done is lost",
    hint="the next `reconciler apply` takes them in",
)


@click.command("apply")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@planning_options
@click.option("--expect", metavar="DIGEST", help="Refuse any plan but the one with this digest.")
@click.option("--acknowledge", metavar="CLASS:DIGEST", help="Name the plan whose risk, as R3, was weighed.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can be asked.")
@click.option(
    "--emergency-dir",
    "emergency",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where a copy goes if state cannot be saved. [default: $RUNNER_TEMP, else the temporary folder]",
)
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    *,
    plan_file: Path | None,
    refresh: str | None,
    only: tuple[str, ...],
    adopt: bool,
    override: tuple[str, ...],
    reason: tuple[str, ...],
    expect: str | None,
    acknowledge: str | None,
    yes: bool,
    emergency: Path | None,
    format_: str,
) -> ExitCode:
    """Make the plan anew and carry it out; with PLAN or --expect, only if it is still that very plan."""
    if not yes and not sys.stdin.isatty():
        raise UsageError("nobody can be asked here, so nothing was done", hint="add --yes, or run it on a terminal")
    asked = asked_for(refresh, only, override, reason, adopt=adopt)
    acknowledged = acknowledgement(acknowledge)
    given = None if plan_file is None else read_document(session.root / plan_file)
    workspace = session.workspace()
    if given is not None:
        asked = _of_given(workspace, given, asked)
    gathered = gather(workspace)
    refuse_used(gathered.state, [each for each in (expect, given and given.get("digest")) if each])
    silent = session.quiet or format_ == "json"
    with Telling(session, silent=silent) as telling, connected(workspace, telling) as api:
        plan = gathered.plan(request_for(workspace, asked), api.reader, telling.reading(workspace))
        telling.done()
        approved = refuse_unless_same(plan, given=given, expected=expect)
        approved = acknowledging(approved, workspace.environment.guards, acknowledged)
        if approved.returned and not approved.plan.has_work:
            applied = Applied(outcomes=approved.returned, error=stale(approved))
            return _report_applied(session, workspace, approved, applied, format_)
        if _is_refused_or_empty(approved.plan):
            if approved.plan.can_apply:
                _tidied(workspace, gathered.state, telling)
            return _report_plan(session, workspace, approved, format_)
        _approve(session, workspace, approved, format_, ask_first=not yes)
        store = open_store(workspace, notice=telling.notice, emergency=emergency and session.root / emergency)
        applied = _carry_out(workspace, approved, gathered.state, api, store, telling)
    return _report_applied(session, workspace, approved, applied, format_)


def _of_given(workspace: Workspace, given: Any, asked: Asked) -> Asked:
    """Return the options that a saved plan brings along; RefusedError where it is for another environment."""
    if asked.is_anything:
        raise UsageError("a saved plan brings its own --refresh, --only, --adopt and --override", hint="leave them out")
    saved = read_saved_plan(given)
    if saved.environment != workspace.environment.name:
        raise RefusedError(
            f"the plan is for environment `{saved.environment}`, not `{workspace.environment.name}`; nothing was sent",
            hint=f"if it is meant, say so with --env {saved.environment}",
        )
    basis = saved.basis
    overrides = overridden([each.guard for each in basis.overrides], [each.reason for each in basis.overrides])
    return Asked(refresh=basis.refresh, only=basis.only, adopt=basis.adopt, overrides=overrides)


def _is_refused_or_empty(plan: Plan) -> bool:
    return not plan.can_apply or not plan.has_work


def _approve(session: Session, workspace: Workspace, approved: Approved, format_: str, *, ask_first: bool) -> None:
    """Show the plan, and ask about it where nobody has said yes yet: never about a plan that was not shown."""
    is_shown = format_ == "text" and not session.quiet
    if is_shown or ask_first:
        show = emit if is_shown else say
        drawing = session.drawing(workspace)
        text = returned_text(approved.returned, drawing) + plan_text(approved.plan, approved.digest, drawing)
        show(text + ("\n" if is_shown else ""))
    if ask_first and not ask("Apply this plan?"):
        raise RefusedError("not applied, since the answer was not `y`; nothing was sent")


def _report_plan(session: Session, workspace: Workspace, approved: Approved, format_: str) -> ExitCode:
    """Show a plan that is not carried out: because it is refused, or because there is nothing to do."""
    plan, digest = approved.plan, approved.digest
    if format_ == "json":
        document = outcomes_document(plan.environment, digest, ())
        refusals = [violation(each) for each in plan.violations]
        emit(json_text({**document, **({"violations": refusals} if refusals else {})}))
    else:
        emit(plan_text(plan, digest, session.drawing(workspace)) + ("" if plan.can_apply else "Nothing was sent.\n"))
    return exit_code(plan, detailed=False)


def _carry_out(
    workspace: Workspace, approved: Approved, state: State | None, api: Api, store: StateStore, telling: Telling
) -> Applied:
    plan, clock = approved.plan, SystemClock()
    guards = WriteGuards(workspace.environment.guards, plan.basis.overrides)
    refuse_bad_bodies(plan, body_checker())
    prove_organisation(plan, state, api.reader)
    session: StoreSession | None = None
    try:
        with undisturbed():
            session = store.begin(state, "apply")
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
        applied = _applied(workspace, approved, state, means, opening, telling)
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


def _tidied(workspace: Workspace, state: State | None, telling: Telling) -> None:
    """Take in what a run that is gone has left, though there is nothing to do; one that still lives is left alone."""
    store = open_store(workspace, notice=telling.notice)
    if state is not None and store.holder() is not None:
        with suppress(LockedError), undisturbed():
            store.begin(state, "apply").finish()


def _saved(store: StoreSession) -> StateError | None:
    """Fold what was done into state; an error is handed back, since what was done must be told all the same."""
    try:
        store.finish()
    except StateError as error:
        return error
    return None


def _report_applied(
    session: Session, workspace: Workspace, approved: Approved, applied: Applied, format_: str
) -> ExitCode:
    """Tell what was done, whatever ended it, and return the exit code of it all; BrokenRunError where a bug did."""
    code = _exit_code(applied)
    document = outcomes_document(approved.plan.environment, approved.digest, applied.outcomes)
    if format_ == "text":
        _say_applied(session, workspace, applied)
    if applied.bug is not None:
        raise BrokenRunError(code, document) from applied.bug
    if format_ == "json":
        error = applied.error or (None if applied.stopped_by is None else stopped(applied.stopped_by))
        emit(json_text({**document, **({} if error is None else error_part(error))}))
    return code


def _say_applied(session: Session, workspace: Workspace, applied: Applied) -> None:
    emit(apply_text(workspace.environment.name, applied.outcomes, session.drawing(workspace)))
    if applied.error is not None:
        say_error(applied.error, session.paint(sys.stderr))
    if applied.stopped_by is not None:
        say(stopped(applied.stopped_by).message)


def _exit_code(applied: Applied) -> ExitCode:
    codes = [outcomes_exit_code(applied.outcomes)]
    if applied.bug is not None:
        return ExitCode.UNKNOWN if ExitCode.UNKNOWN in codes else ExitCode.INTERNAL
    if applied.error is not None:
        codes.append(applied.error.exit_code)
    if applied.stopped_by is not None and not {ExitCode.UNKNOWN, ExitCode.STATE_UNUSABLE} & set(codes):
        return stopped(applied.stopped_by).exit_code
    return gravest(codes)
