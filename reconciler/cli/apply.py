"""`reconciler apply`."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from reconciler.app.apply import Applied
from reconciler.app.approve import Approved
from reconciler.app.ending import applied_exit_code
from reconciler.cli.approving import approve
from reconciler.cli.ending import BrokenRunError, say_error
from reconciler.cli.planning import asked_for, planning_options
from reconciler.cli.progress import Telling
from reconciler.cli.session import Session, emit, format_option, pass_session, say
from reconciler.cli.show import read_document
from reconciler.core.codec.apply import to_document as outcomes_document
from reconciler.core.codec.plan import violation
from reconciler.core.guarding.acknowledgement import Acknowledgement, acknowledgement
from reconciler.errors import ExitCode, UsageError
from reconciler.model.errand import Asked
from reconciler.stopping import stopped
from reconciler.view.apply_text import apply_text
from reconciler.view.documents import error_part, json_text
from reconciler.view.plan_text import plan_text
from reconciler.wiring.applying import Reviewed, apply_anew, asked_by
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
        asked = asked_by(workspace, given, asked)
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
    format_ = manner.format_
    reviewed = Reviewed(document=manner.given, digest=manner.expect, acknowledged=manner.acknowledged)

    def agree(approved: Approved) -> None:
        approve(session, workspace, approved, format_, ask_first=not manner.yes)

    with Telling(session, workspace, silent=session.quiet or format_ == "json") as telling:
        emergency = manner.emergency and session.root / manner.emergency
        ended = apply_anew(workspace, asked, reviewed, telling, agree=agree, emergency=emergency)
    if ended.applied is None:
        return _report_plan(session, workspace, ended.approved, format_)
    return _report_applied(session, workspace, ended.approved, ended.applied, format_)


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
    return plan.exit_code(detailed=False)


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
