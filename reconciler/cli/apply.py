"""`reconciler apply`."""

import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from reconciler.app.answering import acknowledging
from reconciler.app.apply import Applied
from reconciler.app.approve import (
    Approved,
    read_saved_plan,
    refuse_unless_same,
    refuse_used,
    stale,
)
from reconciler.cli.carrying import applied_exit_code, approve, carry_out
from reconciler.cli.ending import BrokenRunError, say_error
from reconciler.cli.plan import exit_code
from reconciler.cli.planning import Asked, asked_for, gather, overridden, planning_options, request_for
from reconciler.cli.progress import Telling, connected
from reconciler.cli.session import Session, emit, format_option, pass_session, say
from reconciler.cli.show import read_document
from reconciler.cli.stopping import stopped
from reconciler.core.codec.apply import to_document as outcomes_document
from reconciler.core.codec.plan import violation
from reconciler.core.guarding.acknowledgement import Acknowledgement, acknowledgement
from reconciler.core.undisturbed import undisturbed
from reconciler.errors import ExitCode, LockedError, RefusedError, UsageError
from reconciler.model.plan import Plan
from reconciler.model.state import State
from reconciler.view.apply_text import apply_text
from reconciler.view.documents import error_part, json_text
from reconciler.view.plan_text import plan_text
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import Workspace


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
    refuse_unasked(yes=yes)
    asked = asked_for(refresh, only, override, reason, adopt=adopt)
    acknowledged = acknowledgement(acknowledge)
    given = None if plan_file is None else read_document(session.root / plan_file)
    workspace = session.workspace()
    if given is not None:
        asked = _of_given(workspace, given, asked)
    manner = Manner(
        given=given, expect=expect, acknowledged=acknowledged, yes=yes, emergency=emergency, format_=format_
    )
    return apply_asked(session, workspace, asked, manner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a plan is applied: which one alone, who answers for it, whether anybody is asked, and how it is told."""

    given: Any
    expect: str | None
    acknowledged: Acknowledgement | None
    yes: bool
    emergency: Path | None
    format_: str


def refuse_unasked(*, yes: bool) -> None:
    """Refuse to apply where nobody said yes and nobody can be asked."""
    if not yes and not sys.stdin.isatty():
        raise UsageError("nobody can be asked here, so nothing was done", hint="add --yes, or run it on a terminal")


def apply_asked(session: Session, workspace: Workspace, asked: Asked, manner: Manner) -> ExitCode:
    """Make the plan that was asked for anew, have it approved, carry it out, and tell what came of it."""
    given, expect, format_, emergency = manner.given, manner.expect, manner.format_, manner.emergency
    gathered = gather(workspace)
    refuse_used(gathered.state, [each for each in (expect, given and given.get("digest")) if each])
    silent = session.quiet or format_ == "json"
    with Telling(session, silent=silent) as telling, connected(workspace, telling) as api:
        plan = gathered.plan(request_for(workspace, asked), api.reader, telling.reading(workspace))
        telling.done()
        approved = refuse_unless_same(plan, given=given, expected=expect)
        approved = acknowledging(approved, workspace.environment.guards, manner.acknowledged)
        if approved.returned and not approved.plan.has_work:
            applied = Applied(outcomes=approved.returned, error=stale(approved))
            return _report_applied(session, workspace, approved, applied, format_)
        if _is_refused_or_empty(approved.plan):
            if approved.plan.can_apply:
                _tidied(workspace, gathered.state, telling)
            return _report_plan(session, workspace, approved, format_)
        approve(session, workspace, approved, format_, ask_first=not manner.yes)
        if asked.undo is not None:
            approved = _with_not_undone(approved, gathered.state)
        store = open_store(workspace, notice=telling.notice, emergency=emergency and session.root / emergency)
        applied = carry_out(workspace, approved, gathered.state, api, store, telling)
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
    return Asked(refresh=basis.refresh, only=basis.only, adopt=basis.adopt, overrides=overrides, undo=basis.undo)


def _with_not_undone(approved: Approved, state: State | None) -> Approved:
    """Return the plan with an outcome also for each sequence that cannot be undone, beside those that came back."""
    from reconciler.core.undo import not_undone

    returned = {each.custom_id for each in approved.returned}
    left = tuple(each for each in not_undone(approved.plan, state) if each.custom_id not in returned)
    return replace(approved, returned=(*approved.returned, *left))


def _is_refused_or_empty(plan: Plan) -> bool:
    return not plan.can_apply or not plan.has_work


def _report_plan(session: Session, workspace: Workspace, approved: Approved, format_: str) -> ExitCode:
    """Show a plan that is not carried out: because it is refused, or because there is nothing to do."""
    plan, digest = approved.plan, approved.digest
    if format_ == "json":
        document = outcomes_document(plan.environment, digest, ())
        refusals = [violation(each) for each in plan.violations]
        emit(json_text({**document, **({"violations": refusals} if refusals else {})}))
    else:
        emit(
            plan_text(plan, digest, session.drawing(workspace.rate_limit))
            + ("" if plan.can_apply else "Nothing was sent.\n")
        )
    return exit_code(plan, detailed=False)


def _tidied(workspace: Workspace, state: State | None, telling: Telling) -> None:
    """Take in what a run that is gone has left, though there is nothing to do; one that still lives is left alone."""
    store = open_store(workspace, notice=telling.notice)
    if state is not None and store.holder() is not None:
        with suppress(LockedError), undisturbed():
            store.begin(state, "apply").finish()


def _report_applied(
    session: Session, workspace: Workspace, approved: Approved, applied: Applied, format_: str
) -> ExitCode:
    """Tell what was done, whatever ended it, and return the exit code of it all; BrokenRunError where a bug did."""
    code = applied_exit_code(applied)
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
    emit(apply_text(workspace.environment.name, applied.outcomes, session.drawing(workspace.rate_limit)))
    if applied.error is not None:
        say_error(applied.error, session.paint(sys.stderr))
    if applied.stopped_by is not None:
        say(stopped(applied.stopped_by).message)
