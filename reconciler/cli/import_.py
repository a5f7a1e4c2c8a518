"""`reconciler import`."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import click

from reconciler.adapters.schemas.overlay import CUSTOM_ID
from reconciler.app.importing import Importing
from reconciler.app.keeping import Keeping
from reconciler.cli.choosing import place_of
from reconciler.cli.completing import recorded_ids
from reconciler.cli.progress import Telling
from reconciler.cli.session import Session, emit, format_option, pass_session, say
from reconciler.core.custody import require
from reconciler.core.normalise import is_uuid
from reconciler.core.snapshot import Request
from reconciler.errors import ExitCode, UsageError, gravest
from reconciler.model.errand import Asked
from reconciler.model.imported import Imported
from reconciler.model.plan import Refresh
from reconciler.view.documents import json_text
from reconciler.view.import_text import import_document, import_text
from reconciler.view.terminal import inert_line
from reconciler.wiring.api import Api, connect
from reconciler.wiring.importing import RepositoryDesk, Stage
from reconciler.wiring.planning import Gathered, gather, request_for
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import Workspace

STDIN: Final = Path("-")
MOST_BYTES: Final = 2**22


@click.command("import")
@click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=recorded_ids)
@click.option(
    "--from", "file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), metavar="FILE",
    help="Take the ids from a file, one a line; `-` is stdin.",
)  # fmt: skip
@click.option("--out", metavar="DIR", default=None, help="A folder in the manifests folder. [default: that folder]")
@click.option("--update", is_flag=True, help="Keep what was changed in live: write it into the manifests.")
@click.option(
    "--take-live", is_flag=True, help="With --update: where the manifest has changed the same field, live wins."
)
@click.option("--dry-run", is_flag=True, help="Write and record nothing; show what would be.")
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    *,
    ids: tuple[str, ...],
    file: Path | None,
    out: str | None,
    update: bool,
    take_live: bool,
    dry_run: bool,
    format_: str,
) -> ExitCode:
    """Write the manifests of live sequences, and record them: the next plan has nothing to do.

    An ID is a uuid, or a custom_id where the API still answers that. Nothing is sent, and no file is overwritten. With
    --update, what was changed in live is written into the manifests that are there, as small an edit as can be.
    """
    asked = [*ids, *(_listed(session.root, file) if file else ())]
    if not asked:
        raise UsageError("no sequence was named", hint="name uuids or custom_ids, or a file of them with --from FILE")
    if (take_live and not update) or (out is not None and update):
        raise UsageError("--take-live goes with --update, and --out without it", hint="leave one of them out")
    _refuse_odd(ids)
    workspace = session.workspace()
    request = request_for(workspace, Asked(refresh=Refresh.ALL))
    gathered = gather(workspace)
    silent = session.quiet or format_ == "json"
    with Telling(session, workspace, silent=silent) as telling, connect(workspace, telling) as api:
        step = telling.reading(len(set(asked)))
        run: Importing | Keeping
        if update:
            run, desk = _keeping(workspace, request, gathered, api, dry=dry_run, take_live=take_live)
        else:
            run, desk = _importing(workspace, request, gathered, api, dry=dry_run, out=_below(workspace, out))
        run.tell = lambda each: step(each.asked)
        try:
            run.run(_by_name(gathered, asked) if update else asked)
        except BaseException:
            desk.finish()
            telling.done()
            if format_ == "text":
                emit(import_text(run.results, session.paint()))
            raise
        desk.finish()
    return report(session, workspace, run.results, format_, _first_state(gathered, desk, dry=dry_run))


def _importing(
    workspace: Workspace, request: Request, gathered: Gathered, api: Api, *, dry: bool, out: str
) -> tuple[Importing, RepositoryDesk]:
    stage = Stage(workspace)
    desk = RepositoryDesk(workspace, stage, open_store(workspace, notice=say), gathered.state, out=out)
    run = Importing(
        request=request,
        desired=gathered.desired,
        state=gathered.state,
        reader=api.reader,
        desk=desk,
        check=stage.check,
        dry=dry,
    )
    return run, desk


def _keeping(
    workspace: Workspace, request: Request, gathered: Gathered, api: Api, *, dry: bool, take_live: bool
) -> tuple[Keeping, RepositoryDesk]:
    # Imported where it is used: most imports edit nothing.
    from reconciler.wiring.keeping import EditingDesk

    state = require(gathered.state)
    desk = EditingDesk(workspace, Stage(workspace), open_store(workspace, notice=say), state, out="")
    run = Keeping(
        request=request,
        desired=gathered.desired,
        state=state,
        reader=api.reader,
        desk=desk,
        take_live=take_live,
        dry=dry,
    )
    return run, desk


def _by_name(gathered: Gathered, asked: Sequence[str]) -> list[str]:
    """Return the custom_ids of what was asked for, of which some may have been named by their uuid."""
    names = {} if gathered.state is None else {each.id: name for name, each in gathered.state.records.items()}
    return [names.get(each.lower(), each) for each in asked]


def report(
    session: Session, workspace: Workspace, results: Sequence[Imported], format_: str, remark: str | None = None
) -> ExitCode:
    """Tell what became of each, and return the gravest of their exit codes."""
    if remark is not None and format_ == "text":
        say(remark)
    if format_ == "json":
        emit(json_text(import_document(workspace.environment.name, results)))
    else:
        emit(import_text(results, session.paint()))
    return gravest(each.exit_code for each in results)


def _first_state(gathered: Gathered, desk: RepositoryDesk, *, dry: bool) -> str | None:
    if gathered.state is not None or dry or desk.finish() is None:
        return None
    return "There was no state, so this import began one: commit it with the manifests if it is kept in the repository."


def _listed(root: Path, file: Path) -> list[str]:
    """Return the ids in a file: one a line, blank lines and comments aside; UsageError names each line that is none."""
    try:
        data = sys.stdin.buffer.read(MOST_BYTES + 1) if file == STDIN else (root / file).read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise UsageError(f"cannot read {file}: {reason}", hint="write one id a line") from error
    if len(data) > MOST_BYTES:
        raise UsageError(f"{file} is larger than {MOST_BYTES // 2**20} MiB", hint="split it")
    numbered = [(number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1)]
    found = [(number, line) for number, line in numbered if line]
    bad = [number for number, line in found if not is_possible(line)]
    if bad:
        shown = ", ".join(map(str, bad[:10])) + (" and more" if len(bad) > 10 else "")
        raise UsageError(
            f"{file}: no id stands on line {shown}" if len(bad) == 1 else f"{file}: no ids stand on lines {shown}",
            hint="write one uuid or custom_id a line; `#` begins a comment",
        )
    return [line for _, line in found]


def _refuse_odd(ids: Sequence[str]) -> None:
    for each in ids:
        if not is_possible(each):
            raise UsageError(
                f"`{inert_line(each)}` is neither a uuid nor a custom_id",
                hint="copy the id of the sequence from the dashboard",
            )


def is_possible(text: str) -> bool:
    """Tell whether a sequence can be named so."""
    return is_uuid(text) or re.search(CUSTOM_ID, text) is not None


def _below(workspace: Workspace, out: str | None) -> str:
    """Return what stands before a new manifest's name in the manifests folder; UsageError outside of it."""
    if out is None:
        return ""
    path = PurePosixPath(place_of(workspace, str(Path(out) / "new.yaml")))
    return "" if path.parent == PurePosixPath() else f"{path.parent}/"
