"""`reconciler undo`."""

import shlex
from pathlib import Path

import click

from reconciler.cli.apply import Manner, apply_asked, refuse_unasked
from reconciler.cli.completing import kept_runs
from reconciler.cli.drawn import FORMATS
from reconciler.cli.plan import plan_asked
from reconciler.cli.planning import only_option, override_options
from reconciler.cli.session import Session, emit, format_option, pass_session, say
from reconciler.core import custody
from reconciler.core.guarding.acknowledgement import acknowledgement
from reconciler.core.runs import find_run, short
from reconciler.errors import ExitCode, UsageError
from reconciler.model.errand import Asked
from reconciler.model.plan import Refresh
from reconciler.view.documents import json_text
from reconciler.view.undo import runs_document, runs_text
from reconciler.wiring.planning import overridden
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import Workspace

_OF_A_RESULT = ("text", "json")


@click.command("undo")
@click.argument("run", metavar="[RUN]", required=False, shell_complete=kept_runs)
@only_option
@override_options
@format_option(*FORMATS)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the JSON plan there too."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there is something to undo.")
@click.option("--apply", "carry_out", is_flag=True, help="Carry the plan out, after asking.")
@click.option("--yes", is_flag=True, help="With --apply: do not ask.")
@click.option("--expect", metavar="DIGEST", help="With --apply: refuse any plan but the one with this digest.")
@click.option("--acknowledge", metavar="CLASS:DIGEST", help="With --apply: name the plan whose risk was weighed.")
@pass_session
def command(
    session: Session,
    *,
    run: str | None,
    only: tuple[str, ...],
    override: tuple[str, ...],
    reason: tuple[str, ...],
    format_: str,
    out: Path | None,
    detailed_exitcode: bool,
    carry_out: bool,
    yes: bool,
    expect: str | None,
    acknowledge: str | None,
) -> ExitCode:
    """Plan to put back what stood there before RUN: the beginning of its digest, or `last`. Without it, list the runs.

    Nothing is written without --apply; a plan that is saved with --out is carried out by `reconciler apply FILE`.
    Manifests are left alone: revert them too, or the next apply does it again.
    """
    if run is None:
        _refuse_without_run(carry_out=carry_out, out=out, format_=format_)
        return _list(session, session.workspace(), format_)
    _refuse_contradictions(
        carry_out=carry_out, out=out, format_=format_, of_applying=yes or bool(expect or acknowledge)
    )
    if carry_out:
        refuse_unasked(yes=yes)
    overrides = overridden(override, reason)
    acknowledged = acknowledgement(acknowledge)
    workspace = session.workspace()
    digest = find_run(custody.require(open_store(workspace).load()), run).plan.digest
    asked = Asked(refresh=Refresh.ALL, only=tuple(sorted(set(only))), overrides=overrides, undo=digest)
    if carry_out:
        manner = Manner(given=None, expect=expect, acknowledged=acknowledged, yes=yes, emergency=None, format_=format_)
        return apply_asked(session, workspace, asked, manner)
    plan = plan_asked(session, workspace, asked, format_, out=out)
    if format_ == "text" and not session.quiet and plan.can_apply and plan.has_work:
        tool = "reconciler" if session.environment is None else f"reconciler --env {shlex.quote(session.environment)}"
        file = "" if out is None else f" or `{tool} apply {shlex.quote(str(out))}`"
        say(f"Nothing was written. `{tool} undo {short(digest)} --apply`{file} carries it out.")
    return plan.exit_code(detailed=detailed_exitcode)


def _list(session: Session, workspace: Workspace, format_: str) -> ExitCode:
    state = custody.require(open_store(workspace).load())
    name = workspace.environment.name
    emit(
        json_text(runs_document(name, state.runs))
        if format_ == "json"
        else runs_text(name, state.runs, session.paint())
    )
    return ExitCode.DONE


def _refuse_without_run(*, carry_out: bool, out: Path | None, format_: str) -> None:
    if carry_out or out is not None:
        raise UsageError("no run was named", hint="`reconciler undo` lists those that are kept; `last` is the last one")
    if format_ not in _OF_A_RESULT:
        raise UsageError("the runs are listed as text or json", hint="name a run to draw the plan that undoes it")


def _refuse_contradictions(*, carry_out: bool, out: Path | None, format_: str, of_applying: bool) -> None:
    if not carry_out and of_applying:
        raise UsageError("--yes, --expect and --acknowledge are about applying", hint="add --apply, or leave them out")
    if carry_out and (out is not None or format_ not in _OF_A_RESULT):
        raise UsageError(
            "a plan is either drawn and saved, or applied",
            hint="with --apply there is no --out, and --format text or json",
        )
