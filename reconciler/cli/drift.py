"""`reconciler drift`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from reconciler.app.correcting import Corrected, outcome
from reconciler.app.looking import Seen
from reconciler.cli.completing import recorded_ids
from reconciler.cli.correcting import correct, may_be_asked, say_corrected
from reconciler.cli.drawn import FORMATS, drift_drawn
from reconciler.cli.ending import BrokenRunError, say_error
from reconciler.cli.issue import keep_issue, open_forge
from reconciler.cli.looking import begun, look
from reconciler.cli.plan import write_plan
from reconciler.cli.progress import Telling
from reconciler.cli.session import Session, emit, format_option, pass_session, say
from reconciler.core.codec.drift_set import looked_document
from reconciler.errors import ExitCode, ReconcilerError, UsageError
from reconciler.model.drift import Report
from reconciler.stopping import stopped
from reconciler.view.documents import error_part, json_text
from reconciler.wiring.api import connect
from reconciler.wiring.forge import Ci
from reconciler.wiring.workspace import Workspace


@click.command("drift")
@click.option("--budget", type=click.IntRange(min=1), metavar="N", help="Make N requests at most: the most urgent.")
@click.option(
    "--only",
    multiple=True,
    metavar="PATTERN",
    help="Only these custom_ids; * and ? match. Repeatable.",
    shell_complete=recorded_ids,
)
@click.option("--known", is_flag=True, help="Only what an earlier look has not found as recorded.")
@click.option("--correct", "corrects", is_flag=True, help="Set back what the environment allows.")
@click.option("--override", multiple=True, metavar="GUARD", help="Have a guard not refuse setting back. Repeatable.")
@click.option("--reason", multiple=True, metavar="TEXT", help="Why a guard is overridden; one for each --override.")
@click.option("--yes", is_flag=True, help="Do not ask before setting back; needed where nobody can be asked.")
@format_option(*FORMATS)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the JSON report there too."
)
@click.option("--issue", "keeps_issue", is_flag=True, help="Keep one issue about it, where a CI of a forge runs this.")
@click.option("--author", metavar="LOGIN", help="Whose issues count. [default: whose the token is]")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there is drift.")
@pass_session
def command(session: Session, /, **asked: Any) -> ExitCode:
    """Read live and compare it with what is recorded, whatever the manifests say.

    With --budget the reading goes on where the last look ended, on whatever machine that was. Exit code 10 where
    something could not be read.
    """
    format_ = asked["format_"]
    if asked["corrects"]:
        may_be_asked(yes=asked["yes"], format_=format_)
    if asked["corrects"] and asked["keeps_issue"]:
        raise UsageError("an issue is about what a look finds", hint="run `drift --issue` once more after setting back")
    ci = open_forge(session) if asked["keeps_issue"] else None
    workspace = session.workspace()
    looking = begun(workspace, asked)
    corrected: Corrected | None = None
    with (
        Telling(session, workspace, silent=session.quiet or format_ == "json") as telling,
        connect(workspace, telling) as api,
    ):
        seen = look(looking, workspace, api.reader, telling, is_relied_on=asked["corrects"])
        if format_ != "json":
            emit(drift_drawn(session, workspace, seen.report, format_))
        if asked["corrects"] and seen.can_be_answered:
            corrected = correct(session, workspace, looking, seen, api, telling, format_=format_, yes=asked["yes"])
    trouble = None if ci is None else _issue_kept(session, ci, seen, asked["author"])
    return _told(session, workspace, seen, corrected, asked, trouble)


def _issue_kept(session: Session, ci: Ci, seen: Seen, author: str | None) -> ReconcilerError | None:
    """Keep the issue; what goes wrong with it is told beside the report, which stands all the same."""
    if seen.swept.stopped_by is not None:
        return None
    try:
        keep_issue(session, ci, seen.report, author=author)
    except ReconcilerError as error:
        return error
    return None


def _told(
    session: Session,
    workspace: Workspace,
    seen: Seen,
    corrected: Corrected | None,
    asked: Mapping[str, Any],
    trouble: ReconcilerError | None,
) -> ExitCode:
    """Tell what was found and done, whatever ended it, and return the exit code of it all."""
    code = _exit_code(seen, corrected, detailed=asked["detailed_exitcode"], trouble=trouble)
    document = _document(seen, corrected)
    if trouble is not None:
        document |= error_part(trouble)
    if asked["out"] is not None:
        write_plan(session.root / asked["out"], json_text(document))
    if asked["format_"] == "text" and corrected is not None:
        say_corrected(session, workspace, corrected)
    if corrected is not None and corrected.applied is not None and corrected.applied.bug is not None:
        raise BrokenRunError(code, document) from corrected.applied.bug
    if asked["format_"] == "json":
        emit(json_text(document))
    elif seen.swept.stopped_by is not None:
        say(stopped(seen.swept.stopped_by).message)
    elif trouble is not None:
        say_error(trouble, session.paint(sys.stderr))
    return code


def _document(seen: Seen, corrected: Corrected | None) -> dict[str, Any]:
    report, signal = seen.report, seen.swept.stopped_by
    document = looked_document(report.environment, report, None if corrected is None else corrected.told)
    return document if signal is None else {**document, **error_part(stopped(signal))}


def _exit_code(seen: Seen, corrected: Corrected | None, *, detailed: bool, trouble: ReconcilerError | None) -> ExitCode:
    code = outcome(seen, corrected, *([] if trouble is None else [trouble.exit_code]))
    if code is ExitCode.DONE and detailed and _is_left(seen.report, corrected):
        return ExitCode.DIFFERENCES
    return code


def _is_left(report: Report, corrected: Corrected | None) -> bool:
    """Tell whether anything is still not as recorded, once what could be set back was."""
    if corrected is None:
        return report.has_differences
    return bool(report.gone or report.known) or not corrected.is_done
