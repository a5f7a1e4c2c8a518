"""`reconciler validate`."""

import click

from reconciler.cli.session import Session, format_option, pass_session
from reconciler.cli.shortcut import FORMATS
from reconciler.cli.validating import validate
from reconciler.errors import ExitCode


@click.command("validate")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@format_option(*FORMATS)
@click.option("--stdin-filename", metavar="PATH", help="With `-` as the PATH: where what is read from stdin belongs.")
@pass_session
def command(session: Session, paths: tuple[str, ...], format_: str, stdin_filename: str | None) -> ExitCode:
    """Check all manifests; show everything that is wrong with them, each at its place.

    With PATHs, only what is wrong in these files, folders and patterns (like 'sequences/**/*.yaml') is shown. All
    manifests are read all the same, since some mistakes, like a custom_id that is taken twice, show only when they are
    seen together. A `-` reads one manifest from stdin, in the place of the one at --stdin-filename.
    """
    return validate(session, paths, format_, stdin_filename)
