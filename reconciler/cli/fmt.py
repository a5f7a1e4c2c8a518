"""`reconciler fmt`."""

import sys
from pathlib import Path
from typing import Final

import click

from reconciler.cli.session import Session, emit, emit_bytes, is_ascii, pass_session, say, width
from reconciler.errors import ConfigurationError, ExitCode, UsageError
from reconciler.view.diagnostics_text import Telling, diagnostics_text
from reconciler.view.format_text import format_diff
from reconciler.view.terminal import inert_line
from reconciler.view.words import counted
from reconciler.wiring.formatting import Formatting, format_files, formatter, read_stream, write_formatted

STDIN: Final = Path("-")


@click.command("fmt")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit with 3 when a manifest would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--stdin-filename", default="stdin", metavar="NAME", help="How to call what comes from stdin.")
@pass_session
def command(session: Session, *, paths: tuple[Path, ...], check: bool, diff: bool, stdin_filename: str) -> ExitCode:
    """Write manifests in canonical form: keys in the schema's order, two spaces a level, comments where they belong.

    What a manifest means never changes: a file is replaced only by what reads back to the same value, and texts in
    blocks keep every character. With PATHs, only these files, folders and patterns; `-` formats stdin to stdout.
    """
    if STDIN in paths:
        if len(paths) > 1:
            raise UsageError("`-` stands for stdin and goes alone", hint="name files, or `-`")
        return _stdin(session, stdin_filename, check=check, diff=diff)
    done: list[Formatting] = []
    for file, formatting in format_files(session.root, paths or _all(session)):
        done.append(formatting)
        if not formatting.is_changed:
            continue
        if diff:
            emit(_diff(session, formatting))
        elif not check:
            write_formatted(file, formatting)
        if not diff and not session.quiet:
            emit(f"{'would format' if check else 'formatted'} {inert_line(formatting.file)}\n")
    _complain(session, done)
    if not session.quiet:
        say(_summary(done, wrote=not (check or diff)))
    return _exit_code(done, check=check)


def _all(session: Session) -> tuple[Path, ...]:
    manifests = session.workspace().settings.manifests
    if not (session.root / manifests).is_dir():
        raise ConfigurationError(
            f"there is no folder `{manifests}` in {session.root}", hint="`reconciler init` lays out a repository"
        )
    return (Path(manifests),)


def _stdin(session: Session, name: str, *, check: bool, diff: bool) -> ExitCode:
    formatting = formatter()(name, read_stream(sys.stdin.buffer))
    _complain(session, [formatting])
    if diff:
        emit(_diff(session, formatting))
    elif not check:
        emit_bytes(formatting.after)
    return _exit_code([formatting], check=check)


def _diff(session: Session, formatting: Formatting) -> str:
    before, after = formatting.before.decode(), formatting.after.decode()
    return format_diff(formatting.file, before, after, session.paint())


def _complain(session: Session, done: list[Formatting]) -> None:
    diagnostics = [each for formatting in done for each in formatting.diagnostics]
    if diagnostics:
        excerpts = [each for formatting in done for each in formatting.excerpts]
        telling = Telling(
            paint=session.paint(sys.stderr),
            width=width(),
            breaks=sys.stderr.isatty(),
            is_ascii=is_ascii(sys.stderr),
            quiet=True,
        )
        say(diagnostics_text(len(done), diagnostics, excerpts, telling).rstrip("\n"))


def _summary(done: list[Formatting], *, wrote: bool) -> str:
    changed = sum(each.is_changed for each in done)
    broken = sum(bool(each.diagnostics) for each in done)
    verb = "formatted" if wrote else "would be formatted"
    facts = ((changed, verb), (len(done) - changed - broken, "in canonical form already"), (broken, "left alone"))
    return ", ".join(f"{counted(many, 'manifest')} {what}" for many, what in facts if many) or "There are no manifests."


def _exit_code(done: list[Formatting], *, check: bool) -> ExitCode:
    if any(each.diagnostics for each in done) or (check and any(each.is_changed for each in done)):
        return ExitCode.INVALID
    return ExitCode.DONE
