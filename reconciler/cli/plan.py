"""`reconciler plan`."""

import os
from pathlib import Path

import click

from reconciler.adapters.store.durable import replace_file
from reconciler.app.answering import acknowledging
from reconciler.app.approve import Approved
from reconciler.cli.drawn import FORMATS, drawn
from reconciler.cli.planning import asked_for, planning_options
from reconciler.cli.progress import Telling
from reconciler.cli.session import Session, emit, format_option, pass_session
from reconciler.core.codec.plan import to_document
from reconciler.errors import ExitCode, UsageError
from reconciler.model.errand import Asked
from reconciler.model.plan import Plan
from reconciler.view.documents import json_text
from reconciler.wiring.planning import gather, plan_anew, request_for
from reconciler.wiring.workspace import Workspace


@click.command("plan")
@planning_options
@format_option(*FORMATS)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the JSON plan there too."
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are differences.")
@pass_session
def command(
    session: Session,
    *,
    refresh: str | None,
    only: tuple[str, ...],
    adopt: bool,
    override: tuple[str, ...],
    reason: tuple[str, ...],
    format_: str,
    out: Path | None,
    detailed_exitcode: bool,
) -> ExitCode:
    """Compare manifests, recorded state and (where read) live, and show what applying would change.

    Nothing is written. Exit code 7 when something refuses the plan.
    """
    asked = asked_for(refresh, only, override, reason, adopt=adopt)
    plan = plan_asked(session, session.workspace(), asked, format_, out=out)
    return plan.exit_code(detailed=detailed_exitcode)


def plan_asked(session: Session, workspace: Workspace, asked: Asked, format_: str, *, out: Path | None) -> Plan:
    """Make the plan that was asked for, draw it, and return it; with `out` it is saved there, too."""
    with Telling(session, workspace, silent=session.quiet or format_ == "json") as telling:
        plan = plan_anew(workspace, request_for(workspace, asked), gather, telling)
    document = to_document(plan)
    unanswered = acknowledging(Approved(plan=plan, digest=document["digest"]), workspace.environment.guards, None)
    if unanswered.plan is not plan:
        plan, document = unanswered.plan, to_document(unanswered.plan)
    if out is not None:
        write_plan(session.root / out, json_text(document))
    emit(drawn(session, plan, document, format_))
    return plan


def write_plan(path: Path, text: str) -> None:
    """Write a plan's file whole or not at all; a device or a pipe is written to, never replaced."""
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="ascii")
            return
        replace_file(path.resolve(), text.encode("ascii"), mode=new_file_mode())
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="name another file with --out") from error


def new_file_mode() -> int:
    """Return the mode of a file that others may read as this user has it with any new file."""
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask
