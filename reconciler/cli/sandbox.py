"""`reconciler sandbox`: the simulator over HTTP, looked into, or poked by hand to make drift."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import click

from reconciler.cli.completing import sandbox_ids
from reconciler.cli.group import Group
from reconciler.cli.session import Session, emit, format_option, pass_session, say
from reconciler.core.spelling import did_you_mean
from reconciler.errors import ExitCode, UsageError
from reconciler.model.plan import FORMAT_VERSION
from reconciler.sandbox.app import create_app
from reconciler.sandbox.keys import FULL_KEY, READ_KEY
from reconciler.sandbox.ledger import Entry
from reconciler.sandbox.server import serve as serve_app
from reconciler.sandbox.simulator import Simulator
from reconciler.sandbox.switches import Switches
from reconciler.view.documents import json_text
from reconciler.view.sandbox_text import ledger_text, sequences_text
from reconciler.view.terminal import inert_line
from reconciler.wiring.api import open_sandbox

DEFAULT_PORT: Final = 8787
HTTP_LIMIT: Final = 100
_VERSION: Final = {"format_version": FORMAT_VERSION}

_switch_option = click.option(
    "--switch", "settings", multiple=True, metavar="NAME=VALUE", help="How the server behaves. Repeatable."
)


@click.group("sandbox", cls=Group)
def command() -> None:
    """Use the embedded simulator of the API, which is kept in `.reconciler/sandbox.sqlite3`."""


@command.command("serve", short_help="Serve the sandbox over HTTP until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option("--limit", default=HTTP_LIMIT, show_default=True, help="Requests a minute for each key; 0 for no limit.")
@_switch_option
@pass_session
def serve(session: Session, *, host: str, port: int, limit: int, settings: tuple[str, ...]) -> ExitCode:
    """Serve the sandbox over HTTP until Ctrl-C; its address goes to stdout once it answers."""
    with _opened(session) as simulator:
        simulator.switches = Switches.parse(settings, base=simulator.switches)
        try:
            ended_by = serve_app(create_app(simulator, limit=limit), host, port, _announce)
        except OSError as error:
            raise UsageError(
                f"cannot listen on port {port} of {host}: {error.strerror or error}",
                hint="name another port with --port; 0 takes a free one",
            ) from error
    return {None: ExitCode.DONE, signal.SIGINT: ExitCode.INTERRUPTED}.get(ended_by, ExitCode.TERMINATED)


@command.command("show", short_help="Show what the sandbox holds, or what it saw.")
@click.argument("custom_id", required=False, shell_complete=sandbox_ids)
@click.option("--ledger", is_flag=True, help="Show every request and every change instead.")
@format_option("text", "json")
@pass_session
def show(session: Session, *, custom_id: str | None, ledger: bool, format_: str) -> ExitCode:
    """Show what the sandbox holds: all sequences, or one in full."""
    with _opened(session) as simulator:
        if ledger:
            entries = simulator.ledger()
            document = {**_VERSION, "ledger": [_entry(each) for each in entries]}
            emit(json_text(document) if format_ == "json" else ledger_text(entries))
            return ExitCode.DONE
        found = simulator.sequences() if custom_id is None else [_found(simulator, custom_id)]
        settings = simulator.switches.settings()
    if format_ == "json" or custom_id is not None:
        listed = {"sequences": found, "switches": settings}
        emit(json_text({**_VERSION, **(listed if custom_id is None else found[0])}))
    else:
        emit(sequences_text(found, settings))
    return ExitCode.DONE


@command.command("edit", short_help="Change a sequence behind the tool's back.")
@click.argument("custom_id", shell_complete=sandbox_ids)
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="FIELD=VALUE",
    help="As in --set name=Hello or --set /steps/0/delay_in_minutes=5.",
)
@click.option("--start", "deed", flag_value="start", help="Start a one-off.")
@click.option("--cancel", "deed", flag_value="cancel", help="Cancel it for good.")
@click.option("--delete", "deed", flag_value="delete", help="Remove it.")
@pass_session
def edit(session: Session, *, custom_id: str, changes: tuple[str, ...], deed: str | None) -> ExitCode:
    """Change a sequence as a person in the dashboard would, behind the tool's back.

    VALUE is JSON, or else a text. FIELD is a JSON pointer, or names joined by dots.
    """
    if bool(changes) == bool(deed):
        raise UsageError("say what to do: --set FIELD=VALUE, or one of --start, --cancel and --delete")
    with _opened(session) as simulator:
        _found(simulator, custom_id)
        deeds: dict[str, Callable[[str], Any]] = {
            "start": simulator.start,
            "cancel": simulator.cancel,
            "delete": simulator.delete,
        }
        if deed is None:
            simulator.edit(custom_id, dict(_assignment(each) for each in changes))
        else:
            deeds[deed](custom_id)
    emit(f"The sandbox's `{inert_line(custom_id)}` was {'edited' if deed is None else _PAST[deed]}.\n")
    return ExitCode.DONE


_PAST: Final = {"start": "started", "cancel": "canceled", "delete": "removed"}


@command.command("reset")
@_switch_option
@pass_session
def reset(session: Session, *, settings: tuple[str, ...]) -> ExitCode:
    """Empty the sandbox. Recorded state is left alone: it then speaks of sequences that are gone."""
    with _opened(session) as simulator:
        simulator.reset(Switches.parse(settings))
    emit("The sandbox was emptied.\n")
    return ExitCode.DONE


@contextmanager
def _opened(session: Session) -> Iterator[Simulator]:
    try:
        with open_sandbox(session.root) as simulator:
            yield simulator
    except UnicodeError as error:
        raise UsageError(
            "there is half a character in what was given: one of a pair of surrogates, or a byte that is not UTF-8",
            hint='write the character itself; as JSON it takes both halves, as in "\\ud83d\\ude00"',
        ) from error
    except (LookupError, ValueError) as error:
        raise UsageError(str(error.args[0]) if error.args else "that cannot be done") from error


def _found(simulator: Simulator, custom_id: str) -> dict[str, Any]:
    found = simulator.find(custom_id)
    if found is None:
        known = sorted({str(each["custom_id"]) for each in simulator.sequences() if each.get("custom_id")})
        near = did_you_mean(custom_id, known) or "`reconciler sandbox show` lists those that there are"
        raise UsageError(f"the sandbox has no sequence `{custom_id}`", hint=near)
    return dict(found)


def _assignment(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise UsageError(f"`{text}` does not set anything", hint="write --set FIELD=VALUE")
    pointer = name if name.startswith("/") else "/" + name.replace(".", "/")
    try:
        return pointer, json.loads(value)
    except ValueError:
        return pointer, value


def _announce(url: str) -> None:
    emit(url + "\n")
    say(f"The sandbox answers at {url}; stop it with Ctrl-C.")
    say(
        f'Name it in reconciler.toml as `api = "{url}"`, with the key `{FULL_KEY}` (or `{READ_KEY}`, which only reads).'
    )


def _entry(entry: Entry) -> dict[str, Any]:
    body = None if entry.body is None else entry.body.decode("utf-8", "backslashreplace")
    return {name: getattr(entry, name) for name in entry.__slots__} | {"body": body}
