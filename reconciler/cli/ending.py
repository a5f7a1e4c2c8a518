"""How a command ends: every failure becomes one message and one exit code, here and nowhere else."""

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import click

from reconciler import __version__
from reconciler.cli.session import emit, say, wants_color
from reconciler.errors import ExitCode, ReconcilerError, UsageError
from reconciler.model.diagnostic import Diagnostic
from reconciler.view.terminal import Paint, inert


class InvalidManifestsError(ReconcilerError):
    """The manifests have errors; nothing else is done while they do."""

    exit_code = ExitCode.INVALID
    kind = "invalid"

    def __init__(self, files: int, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("the manifests are invalid, so nothing was planned", hint="`reconciler validate` checks them")
        self.files = files
        self.diagnostics = tuple(diagnostics)


class BugError(ReconcilerError):
    """Something that should never happen; `message` says where its report is."""

    kind = "internal"


def report(error: BaseException, arguments: Sequence[str], *, terminated: bool) -> int:
    """Say what went wrong, in the way that was asked for, and return the exit code."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if terminated:
        return _stopped("SIGTERM", ExitCode.TERMINATED)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return _stopped("Ctrl-C", ExitCode.INTERRUPTED)
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else ExitCode.INTERNAL
    expected = _expected(error, arguments)
    if _wants_json(arguments):
        _emit_json(expected)
    else:
        _say(expected, arguments)
    return int(expected.exit_code)


def _stopped(by: str, code: ExitCode) -> int:
    say(f"stopped by {by}")
    return int(code)


def _expected(error: BaseException, arguments: Sequence[str]) -> ReconcilerError:
    if isinstance(error, ReconcilerError):
        return error
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "reconciler"
        return UsageError(_sentence(error.format_message()), hint=f"`{command} --help` shows how it is used")
    if "--debug" in arguments:
        traceback.print_exception(error)
    return BugError(f"internal error ({type(error).__name__}): a bug of this tool; {_write_report(error)}")


def _sentence(text: str) -> str:
    flat = " ".join(text.split()).rstrip(".")
    return flat[:1].lower() + flat[1:] if flat[1:2].islower() else flat


def _wants_json(arguments: Sequence[str]) -> bool:
    """Tell whether JSON was asked for, also where the command line could not be understood any further."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(each == "--format=json" or (each, following) == ("--format", "json") for each, following in pairs)


def _emit_json(error: ReconcilerError) -> None:
    from reconciler.view.documents import diagnostics_document, error_document, json_text

    document: dict[str, Any] = error_document(error)
    if isinstance(error, InvalidManifestsError):
        document = {**document, **diagnostics_document(error.files, error.diagnostics)}
    emit(json_text(document))


def _say(error: ReconcilerError, arguments: Sequence[str]) -> None:
    paint = Paint(wants_color(_asked_color(arguments), sys.stderr, os.environ))
    if isinstance(error, InvalidManifestsError):
        from reconciler.view.diagnostics_text import diagnostics_text

        say(diagnostics_text(error.files, error.diagnostics, paint).rstrip("\n"))
    say(f"{paint('error:', 'red', 'bold')} {inert(error.message)}")
    if error.hint:
        say(f"{paint('hint:', 'cyan')} {inert(error.hint)}")


def _asked_color(arguments: Sequence[str]) -> str:
    for each, following in zip(arguments, [*arguments[1:], ""], strict=True):
        if each.startswith("--color="):
            return each.partition("=")[2]
        if each == "--color":
            return following
    return "auto"


def _write_report(error: BaseException) -> str:
    """Write what a maintainer needs to a file: types and places, never a message, which may hold somebody's values."""
    lines = [f"reconciler {__version__}, Python {platform.python_version()}, {platform.system()}", ""]
    current: BaseException | None = error
    while current is not None:
        lines += [type(current).__name__, *_frames(current.__traceback__), ""]
        current = current.__cause__ or current.__context__
    try:
        descriptor, name = tempfile.mkstemp(prefix="reconciler-report-", suffix=".txt")
        os.close(descriptor)
        Path(name).write_text("\n".join(lines), encoding="utf-8")
    except OSError:
        return "its report could not be written; --debug shows the traceback"
    return f"a report without any of your values is in {name}"


def _frames(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)
    return [f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
