"""`reconciler init`."""

import os
import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from reconciler.adapters.scaffold.ci import FORGES, REQUIREMENTS
from reconciler.adapters.scaffold.place import Placed
from reconciler.cli.session import Session, emit, pass_session, say
from reconciler.core.modeline import SCHEMA_PATH
from reconciler.errors import ExitCode, ReconcilerError, UsageError
from reconciler.model.settings import CONFIG_FILE
from reconciler.view.terminal import inert_line
from reconciler.wiring.scaffold import new_repository

# What to do about a file that is there with another content, where that matters.
_ADVICE: Final = {
    ".gitignore": "it has to keep `.reconciler/` out of git",
    SCHEMA_PATH: "`reconciler schema` prints the one of this version",
    ".gitlab-ci.yml": "lay the workflows out in an empty folder, and take over the jobs from there",
}


@click.command("init")
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--ci",
    "forge",
    type=click.Choice(FORGES),
    help="Add workflows that plan pull requests and apply what was reviewed.",
)
@pass_session
def command(session: Session, directory: Path | None, forge: str | None) -> ExitCode:
    """Lay out a new repository: a configuration, an example, its schema, settings and snippets for editors.

    A file that is there is never touched. Everything works at once on the embedded sandbox, from which nothing leaves.
    The workflows of --ci are for one environment: `reconciler --env production init --ci github`.
    """
    root = session.root / (directory or Path())
    _refuse_inside_another(root)
    made = [each for each in (root, *root.parents) if not each.exists()]
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make the folder {root}: {(error.strerror or 'unknown').lower()}") from error
    try:
        placed = new_repository(root, environment=session.environment, forge=forge)
    except ReconcilerError:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()  # only where it is empty
        raise
    for each in placed:
        emit(_line(each))
    if not session.quiet:
        say(_next_steps(placed, root) + (_ci_steps(forge) if forge and any(each.is_new for each in placed) else ""))
    return ExitCode.DONE


def _refuse_inside_another(root: Path) -> None:
    """Refuse a repository inside another: the example of one would become a manifest of the other."""
    above = next((each for each in root.resolve().parents if (each / CONFIG_FILE).exists()), None)
    if above is not None:
        raise UsageError(
            f"{root} lies inside the repository {above}", hint="name a folder outside of it, or lay out the one above"
        )


def _line(placed: Placed) -> str:
    path = inert_line(placed.path)
    if placed.is_new:
        return f"created    {path}\n"
    advice = "" if placed.is_as_written else _ADVICE.get(placed.path, "")
    return f"left alone {path}{f': {advice}' if advice else ''}\n"


def _ci_steps(forge: str) -> str:
    return (
        "\n\nThe workflows do not run yet: the tool is pinned by its hash, which only you can vouch for.\n"
        f"  make {REQUIREMENTS[forge]}: docs/ci.md of reconciler says how, and what to set on the server"
    )


def _next_steps(placed: Sequence[Placed], root: Path) -> str:
    if not any(each.is_new for each in placed):
        return "Everything was there already: nothing was written."
    way = min(os.path.relpath(root), str(root), key=len)
    there = "" if way == os.curdir else f"cd {shlex.quote(way)}\n  "
    return (
        "\nNow try it. The sandbox is a simulator on this machine: nobody is mailed.\n"
        f"  {there}reconciler validate\n  reconciler plan\n  reconciler apply"
    )
