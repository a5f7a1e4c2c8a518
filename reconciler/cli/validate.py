"""`reconciler validate`."""

import os
from collections.abc import Iterable
from pathlib import Path

import click

from reconciler.cli.session import Session, emit, format_option, pass_session
from reconciler.errors import ExitCode, UsageError
from reconciler.model.diagnostic import Severity
from reconciler.view.diagnostics_text import diagnostics_text
from reconciler.view.documents import diagnostics_document, json_text
from reconciler.wiring.workspace import load_manifests, manifest_paths


@click.command("validate")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@format_option("text", "json")
@pass_session
def command(session: Session, paths: tuple[Path, ...], format_: str) -> ExitCode:
    """Check all manifests; show everything that is wrong with them, each at its place.

    With PATHs, only what is wrong in these files and folders is shown. All manifests are read all the same, since some
    mistakes, like a custom_id that is taken twice, show only when they are seen together.
    """
    workspace = session.workspace()
    loaded = load_manifests(workspace)
    files, diagnostics = loaded.files, loaded.diagnostics
    if paths:
        chosen = _chosen(workspace.settings.root, paths, [*manifest_paths(workspace), *(d.file for d in diagnostics)])
        files = len(chosen & set(manifest_paths(workspace)))
        diagnostics = tuple(each for each in diagnostics if each.file in chosen)
    if format_ == "json":
        emit(json_text(diagnostics_document(files, diagnostics)))
    else:
        emit(diagnostics_text(files, diagnostics, session.paint()))
    return ExitCode.INVALID if any(each.severity is Severity.ERROR for each in diagnostics) else ExitCode.DONE


def _chosen(root: Path, paths: tuple[Path, ...], files: Iterable[str]) -> set[str]:
    """Return which files are meant, by their path or a folder above; UsageError for a path that means none."""
    known = set(files)
    chosen: set[str] = set()
    for path in paths:
        # Not only `resolve`: a symbolic link in the manifests folder is itself what a diagnostic is about.
        wanted = {path.resolve(), Path(os.path.abspath(path)), Path(os.path.abspath(root / path))}  # noqa: PTH100
        meant = {file for file in known if wanted & {root / file, *(root / file).parents}}
        if not meant:
            raise UsageError(
                f"{path} is no manifest, and no folder with manifests", hint="manifests end in .yaml or .yml"
            )
        chosen |= meant
    return chosen
