"""Which manifests a command line means: by path, by a folder above them, or by a pattern."""

import glob
import os
from collections.abc import Collection, Iterator
from pathlib import Path

from reconciler.core.spelling import did_you_mean
from reconciler.errors import UsageError
from reconciler.wiring.checked import below_manifests
from reconciler.wiring.workspace import Workspace


def chosen(workspace: Workspace, paths: Collection[str], known: Collection[str]) -> set[str]:
    """Return which of the known files are meant; UsageError for a path that means nothing below the manifests folder.

    Paths are taken from where the command was started, or else from the repository's root.
    """
    root = workspace.settings.root
    below: dict[Path, set[str]] = {}
    for file in known:
        for each in (root / file, *(root / file).parents):
            below.setdefault(each, set()).add(file)
    found: set[str] = set()
    for path in paths:
        wanted = set(_meant(root, path))
        meant = {file for each in wanted for file in below.get(each, ())}
        if not meant and not _is_there(workspace, wanted):
            raise UsageError(f"{path} is no manifest, and no folder with manifests", hint=_near(workspace, path, below))
        found |= meant
    return found


def place_of(workspace: Workspace, path: str) -> str:
    """Return where below the manifests folder a file would lie, with `/`; UsageError where it would be no manifest."""
    settings = workspace.settings
    if not path.strip() or any(each.is_dir() for each in _ways(settings.root, path)):
        what = f"{path} is a folder, and" if path.strip() else "an empty name is no place:"
        raise UsageError(
            f"{what} a manifest is a file",
            hint=f"name the file, such as {settings.manifests.rstrip('/')}/welcome.yaml",
        )
    for each in _ways(settings.root, path):
        file = below_manifests(workspace, os.path.relpath(each, settings.root))
        if file is None:
            continue
        if not file.endswith((".yaml", ".yml")):
            raise UsageError(f"{path} is not named like a manifest", hint="manifests end in .yaml or .yml")
        if not file.isprintable() or any(part.startswith(".") for part in file.split("/")):
            raise UsageError(f"{path} would not be read as a manifest", hint="no part of its path begins with a dot")
        return file
    raise UsageError(
        f"{path} lies outside the manifests folder `{settings.manifests}`",
        hint="name the path that the manifest has, or will have, in the repository",
    )


def _near(workspace: Workspace, path: str, below: Collection[Path]) -> str:
    """Return which manifest or folder was probably meant."""
    root, folder = workspace.settings.root, workspace.settings.manifests
    if path.endswith((".yaml", ".yml")) and any(each.is_file() for each in _ways(root, path)):
        return f"manifests lie below `{folder}`: move it there, or name another folder in reconciler.toml"
    known = sorted(each.relative_to(root).as_posix() for each in below if each != root and root in each.parents)
    wanted = os.path.relpath(path, root) if Path(path).is_absolute() else os.path.normpath(path)
    return did_you_mean(wanted, known) or "manifests end in .yaml or .yml"


def _meant(root: Path, path: str) -> Iterator[Path]:
    exact = list(_ways(root, path))
    yield from exact
    if glob.has_magic(path) and not any(os.path.lexists(each) for each in exact):
        for base in (Path.cwd(), root):
            for match in glob.iglob(path, root_dir=base, recursive=True):  # noqa: PTH207 - takes absolute ones too
                yield Path(os.path.abspath(base / match))  # noqa: PTH100 - a link is not followed, it is what is meant


def _ways(root: Path, path: str) -> Iterator[Path]:
    """Yield what a path may mean. Not only `resolve`: a link in the manifests folder is what a diagnostic is about."""
    for each in (Path(os.path.abspath(path)), Path(os.path.abspath(root / path))):  # noqa: PTH100
        yield each
        yield each.parent.resolve() / each.name
    yield Path(path).resolve()


def _is_there(workspace: Workspace, wanted: Collection[Path]) -> bool:
    """Tell whether any of the paths is a file in the manifests folder, such as the body of a message."""
    folder = workspace.settings.root / workspace.settings.manifests
    return any(each.is_file() and folder in each.parents for each in wanted)
