"""How a command ends: every failure becomes one message and one exit code, here and nowhere else."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import click

from reconciler import __version__
from reconciler.cli.formats import asked_format, wants_json
from reconciler.cli.session import emit, is_ascii, say, wants_color, width
from reconciler.errors import ExitCode, ReconcilerError, UsageError
from reconciler.model.invalid import InvalidManifestsError
from reconciler.signals import signal_behind
from reconciler.stopping import stopped
from reconciler.view.terminal import Paint, inert_line


class BugError(ReconcilerError):
    """Something that should never happen; `message` says where its report is."""

    kind = "internal"


class BrokenRunError(Exception):
    """A bug, which is the cause of this one, ended a run; what was done until then is told all the same."""

    def __init__(self, exit_code: ExitCode, document: Mapping[str, Any]) -> None:
        super().__init__()
        self.exit_code = exit_code
        self.document = document


def report(error: BaseException, arguments: Sequence[str]) -> int:
    """Say what went wrong, in the way that was asked for, and return the exit code."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else ExitCode.INTERNAL
    if isinstance(error, BrokenPipeError):
        # Only help is written past `emit`; whoever was reading it has seen enough.
        return ExitCode.DONE
    expected = _expected(error.__cause__ or error if isinstance(error, BrokenRunError) else error, arguments)
    if wants_json(arguments):
        _emit_json(expected, error.document if isinstance(error, BrokenRunError) else {})
    elif not _emit_report(expected, arguments):
        _say(expected, arguments)
    return int(error.exit_code if isinstance(error, BrokenRunError) else expected.exit_code)


def _expected(error: BaseException, arguments: Sequence[str]) -> ReconcilerError:
    if isinstance(error, ReconcilerError):
        return error
    if isinstance(error, click.Abort):
        return stopped(error)
    if isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "reconciler"
        return UsageError(
            _sentence(error.format_message()), hint=_misplaced(error) or f"`{command} --help` shows how it is used"
        )
    signal = signal_behind(error)
    if signal is not None:
        return stopped(signal)
    if "--debug" in arguments:
        import traceback

        traceback.print_exception(error)
    return BugError(f"internal error ({type(error).__name__}): a bug of this tool; {_write_report(error)}")


def _misplaced(error: click.ClickException) -> str | None:
    """Return what to do about an option that exists, but before the command."""
    if isinstance(error, click.NoSuchOption) and error.option_name in _BEFORE_THE_COMMAND:
        example = f"reconciler {_BEFORE_THE_COMMAND[error.option_name]} plan"
        return f"`{error.option_name}` goes before the command, as in `{example}`"
    return None


_BEFORE_THE_COMMAND: Final = {
    "-C": "-C DIR",
    "--env": "--env NAME",
    "--color": "--color never",
    "-v": "-v",
    "--verbose": "-v",
    "-q": "-q",
    "--quiet": "-q",
    "--debug": "--debug",
}


def _sentence(text: str) -> str:
    """Return click's words in the way in which the other messages are written."""
    flat = re.sub(r"'([^']*)'", r"`\1`", " ".join(text.split()).rstrip("."))
    return flat[:1].lower() + flat[1:] if flat[1:2].islower() else flat


def _emit_json(error: ReconcilerError, done: Mapping[str, Any]) -> None:
    from reconciler.view.documents import diagnostics_document, error_document, json_text

    document = {**done, **error_document(error)}
    if isinstance(error, InvalidManifestsError):
        document = {**document, **diagnostics_document(error.files, error.diagnostics)}
    emit(json_text(document))


def _emit_report(error: ReconcilerError, arguments: Sequence[str]) -> bool:
    """Tell of a failure of `validate` in a format that other programs read; False where people read it."""
    format_ = asked_format(arguments)
    if format_ is None or "validate" not in arguments:
        return False
    from reconciler.view.failures import failure_text

    text = failure_text(format_, error)
    if text is not None:
        emit(text)
    return text is not None


def _say(error: ReconcilerError, arguments: Sequence[str]) -> None:
    paint = Paint(wants_color(_asked_color(arguments), sys.stderr, os.environ))
    if isinstance(error, InvalidManifestsError):
        from reconciler.view.diagnostics_text import Telling, diagnostics_text

        telling = Telling(paint=paint, width=width(), breaks=sys.stderr.isatty(), is_ascii=is_ascii(sys.stderr))
        say(diagnostics_text(error.files, error.diagnostics, error.excerpts, telling).rstrip("\n"))
    say_error(error, paint)


def say_error(error: ReconcilerError, paint: Paint) -> None:
    """Say what went wrong and what to do about it, a line for each."""
    say(f"{paint('error:', 'red', 'bold')} {inert_line(error.message)}")
    if error.hint:
        say(f"{paint('hint:', 'cyan')} {inert_line(error.hint)}")


def _asked_color(arguments: Sequence[str]) -> str:
    for each, following in pairwise([*arguments, ""]):
        if each.startswith("--color="):
            return each.partition("=")[2]
        if each == "--color":
            return following
    return "auto"


def _write_report(error: BaseException) -> str:
    """Write what a maintainer needs to a file: types and places, never a message, which may hold somebody's values."""
    # Imported here, with what they import: nearly every run ends without a bug.
    import platform
    import tempfile

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
    import traceback

    frames = traceback.extract_tb(trace)
    return [f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}" for frame in frames]
