"""`reconciler state`: what is recorded, and the named commands that decide what is never inferred."""

import re
from pathlib import Path

import click

from reconciler.adapters.schemas.overlay import CUSTOM_ID, UUID_SHAPE
from reconciler.adapters.store.durable import replace_file
from reconciler.adapters.store.emergency import read_emergency
from reconciler.adapters.store.encoding import decode, encode
from reconciler.cli.completing import lock_nonces, manifest_ids, pending_ids, recorded_ids
from reconciler.cli.group import Group
from reconciler.cli.session import Session, emit, format_option, pass_session, say
from reconciler.core import custody
from reconciler.core.normalise import is_id
from reconciler.core.undisturbed import undisturbed
from reconciler.errors import ExitCode, UsageError
from reconciler.model.state import State
from reconciler.ports import StateStore
from reconciler.view.documents import json_text
from reconciler.view.state_documents import history_document, list_document, record_document
from reconciler.view.state_text import forgotten_words, history_text, hold_words, list_text, record_text
from reconciler.view.terminal import inert_line
from reconciler.view.words import counted
from reconciler.wiring.api import connect
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import Workspace

_name = click.argument("custom_id", metavar="CUSTOM_ID", shell_complete=recorded_ids)
_file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))


@click.group("state", cls=Group)
def command() -> None:
    """Look into what is recorded, and decide what is never inferred."""


@command.command("list", short_help="List what is recorded.")
@format_option("text", "json")
@pass_session
def list_(session: Session, format_: str) -> ExitCode:
    """List every sequence that is recorded, what waits for an answer, and who holds the lock."""
    workspace = session.workspace()
    store = open_store(workspace)
    state, hold = custody.require(store.load()), store.holder()
    name = workspace.environment.name
    if format_ == "json":
        emit(json_text(list_document(name, state, hold)))
    else:
        emit(list_text(name, state, hold, session.paint()))
    return ExitCode.DONE


@command.command("show", short_help="Show all that is known of one sequence.")
@_name
@format_option("text", "json")
@pass_session
def show(session: Session, *, custom_id: str, format_: str) -> ExitCode:
    """Show what was last applied to one sequence, and what of it waits for an answer."""
    workspace = session.workspace()
    state = custody.require(open_store(workspace).load())
    pending = state.pending.get(custom_id)
    record = state.records.get(custom_id) if pending else custody.record_of(state, custom_id)
    if format_ == "json":
        emit(json_text(record_document(workspace.environment.name, custom_id, record, pending)))
    else:
        emit(record_text(custom_id, record, pending, session.paint()))
    return ExitCode.DONE


@command.command("forget", short_help="Drop a record; the sequence is left alone.")
@_name
@pass_session
def forget(session: Session, custom_id: str) -> ExitCode:
    """Drop a record. The sequence itself is left alone: it still exists and may still send."""
    store, base = _opened(session.workspace())
    record = custody.record_of(base, custom_id)
    unanswered = custody.unanswered(base, record)
    _save(store, base, custody.forget(base, custom_id), "state forget")
    emit(f"`{inert_line(custom_id)}` is forgotten. {record.id} was left alone: {forgotten_words(unanswered)}.\n")
    return ExitCode.DONE


@command.command("move", short_help="Record a sequence under another custom_id.")
@click.argument("former", metavar="CUSTOM_ID", shell_complete=recorded_ids)
@click.argument("custom_id", metavar="NEW_CUSTOM_ID", shell_complete=manifest_ids)
@pass_session
def move(session: Session, *, former: str, custom_id: str) -> ExitCode:
    """Record a sequence under another custom_id. Nothing is written to the API: the next plan shows what would be."""
    store, base = _opened(session.workspace())
    _require_custom_id(custom_id)
    _save(store, base, custody.move(base, former, custom_id), "state move")
    emit(f"`{inert_line(former)}` is recorded as `{custom_id}` now; `reconciler plan` shows what that changes.\n")
    return ExitCode.DONE


@command.command("resolve", short_help="Say what became of a create that got no answer.")
@click.argument("custom_id", metavar="CUSTOM_ID", shell_complete=pending_ids)
@click.option("--id", "id_", metavar="UUID", help="It was created, as this sequence.")
@click.option("--not-created", is_flag=True, help="It was not created; the next plan may create it.")
@pass_session
def resolve(session: Session, *, custom_id: str, id_: str | None, not_created: bool) -> ExitCode:
    """Say what became of a create that got no answer, after having looked for it in the dashboard."""
    if (id_ is None) is not not_created:
        raise UsageError(
            "say either --id UUID or --not-created",
            hint=f"look for custom_id `{custom_id}` in the dashboard first; if it is there, copy its id",
        )
    if id_ is not None and not is_id(id_):
        raise UsageError("what --id names is no id", hint="copy the sequence's id from the dashboard: a uuid")
    workspace = session.workspace()
    store, base = _opened(workspace)
    custody.unresolved(base, custom_id)
    with connect(workspace) as api:
        if id_ is not None:
            resolved = custody.resolve_created(base, custom_id, api.reader.read(id_), id_=id_)
        else:
            resolved = custody.resolve_not_created(base, custom_id, api.reader.find(custom_id))
    _save(store, base, resolved, "state resolve")
    what = f"is recorded as {id_}" if id_ else "counts as not created"
    emit(f"`{inert_line(custom_id)}` {what}; `reconciler plan` shows what is left to do.\n")
    return ExitCode.DONE


@command.command("unlock", short_help="Take a lock away from a run that is gone.")
@click.argument("nonce", metavar="NONCE", shell_complete=lock_nonces)
@pass_session
def unlock(session: Session, nonce: str) -> ExitCode:
    """Take the lock with this NONCE away. `reconciler state list` shows who holds it: be sure that this run is gone."""
    hold = open_store(session.workspace()).unlock(nonce)
    emit(f"The lock held {hold_words(hold)} was taken away. Should that run still live, it stops before it writes.\n")
    return ExitCode.DONE


@command.command("history", short_help="List the versions that were saved.")
@format_option("text", "json")
@pass_session
def history(session: Session, format_: str) -> ExitCode:
    """List the versions of state that are kept, the newest first; `state pull --serial N` brings one out."""
    workspace = session.workspace()
    versions = open_store(workspace).history()
    document = history_document(workspace.environment.name, versions)
    emit(json_text(document) if format_ == "json" else history_text(versions))
    return ExitCode.DONE


@command.command("pull", short_help="Write the state document out.")
@click.option("--serial", type=click.IntRange(1), help="An earlier version.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="A file, not stdout.")
@pass_session
def pull(session: Session, *, serial: int | None, out: Path | None) -> ExitCode:
    """Write the state document to stdout or a file, with what a stopped run left in its journal taken in."""
    store = open_store(session.workspace())
    data = encode(custody.require(store.load()) if serial is None else store.recall(serial))
    if out is None:
        emit(data.decode("ascii"))
        return ExitCode.DONE
    try:
        replace_file((session.root / out).resolve(), data)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}", hint="name another file with --out") from error
    return ExitCode.DONE


@command.command("push", short_help="Put a whole state document in the place of the one there.")
@_file
@click.option("--as-next", is_flag=True, help="An older version is meant: it gets the next serial.")
@pass_session
def push(session: Session, *, file: Path, as_next: bool) -> ExitCode:
    """Put the state document in FILE in the place of the one there. Refused for another lineage or an older serial."""
    workspace = session.workspace()
    try:
        data = (session.root / file).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}", hint="name a file that `state pull` wrote") from error
    store = open_store(workspace, notice=say)
    base = store.load()
    given = custody.pushed(base, decode(data, where=str(file)), as_next=as_next)
    _say_saved(workspace, _save(store, base, given, "state push"))
    return ExitCode.DONE


@command.command("recover", short_help="Take an emergency copy back.")
@_file
@pass_session
def recover(session: Session, file: Path) -> ExitCode:
    """Take back what a run did that could not save its state, from the emergency copy that it named."""
    workspace = session.workspace()
    with undisturbed():
        saved = open_store(workspace, notice=say).recover(read_emergency(session.root / file))
    _say_saved(workspace, saved)
    return ExitCode.DONE


def _opened(workspace: Workspace) -> tuple[StateStore, State]:
    """Return the store and what it holds, which whatever is decided is saved on top of."""
    store = open_store(workspace, notice=say)
    return store, custody.require(store.load())


def _save(store: StateStore, base: State | None, state: State, purpose: str) -> State:
    """Save a whole state on top of what was read; a signal that comes meanwhile ends the command once it is saved."""
    with undisturbed():
        return store.begin(base, purpose).finish(state)


def _say_saved(workspace: Workspace, state: State) -> None:
    recorded = counted(len(state.records), "sequence")
    emit(f"State of {inert_line(workspace.environment.name)} has serial {state.serial}: {recorded} recorded.\n")


def _require_custom_id(custom_id: str) -> None:
    if not re.search(CUSTOM_ID, custom_id) or re.search(UUID_SHAPE, custom_id):
        raise UsageError(
            f"`{custom_id}` cannot be a custom_id",
            hint="1 to 50 letters, digits, `_` and `-`; begins and ends with a letter or digit; not a uuid",
        )
