"""Finds the manifests below a folder: `.yaml` and `.yml`, regular files, no links followed, hidden entries left out.

What looks like a manifest and is none (a link, a pipe, a folder named `x.yaml`) is named, never passed over: a manifest
that is silently missing would look like one that was deleted.
"""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.adapters.manifests.document import Refusal
from reconciler.adapters.manifests.files import refusal_of
from reconciler.errors import ConfigurationError
from reconciler.model import rules

MAX_FILES: Final = 20_000
_SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry below the folder that is not read, by its relative path with `/`."""

    path: str
    refusal: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """The manifests' paths relative to the folder, with `/`, sorted; and what was refused."""

    paths: tuple[str, ...]
    refused: tuple[Refused, ...]


def discover(folder: Path, *, also: Iterable[str] = ()) -> Discovered:
    """Find the manifests below the folder; ConfigurationError where there is no such folder.

    `also` are paths that count as manifests whether they are there or not.

    A folder that is missing is not a folder without manifests: that would ask for every sequence to be an orphan.
    """
    if not folder.is_dir():
        raise ConfigurationError(
            f"the manifests folder `{folder}` does not exist",
            hint="create it, or name another with `manifests` in reconciler.toml",
        )
    paths: list[str] = []
    refused: list[Refused] = []
    for found in _walk(folder):
        if isinstance(found, Refused):
            refused.append(found)
        else:
            paths.append(found)
    kept, clashes = _without_clashes(sorted({*paths, *also}))
    if len(kept) > MAX_FILES:
        too_many = Refusal(
            rules.TOO_MANY_FILES, f"the folder holds more than {MAX_FILES:,} manifests", "split the repository"
        )
        refused.append(Refused("", too_many))
        kept = []
    return Discovered(paths=tuple(kept), refused=tuple(sorted((*refused, *clashes), key=lambda each: each.path)))


def _walk(folder: Path) -> Iterator[str | Refused]:
    open_folders = [""]
    while open_folders:
        relative = open_folders.pop()
        try:
            with os.scandir(folder / relative) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    path = relative + entry.name
                    if entry.is_dir(follow_symlinks=False) and not entry.name.endswith(_SUFFIXES):
                        open_folders.append(path + "/")
                    elif (found := _classify(entry, path)) is not None:
                        yield found
        except OSError as error:
            yield Refused(relative.rstrip("/"), refusal_of(error))


def _classify(entry: os.DirEntry[str], path: str) -> str | Refused | None:
    """Return the path of a manifest, a refusal of what only looks like one, None for anything else."""
    if entry.is_symlink():
        # A linked folder may be full of manifests that someone expects to be read.
        matters = entry.name.lower().endswith(_SUFFIXES) or _leads_to_a_folder(entry)
        link = Refusal(rules.NOT_REGULAR, "it is a link, and links are not followed", "put the file itself there")
        return Refused(_printable(path), link) if matters else None
    if not entry.name.lower().endswith(_SUFFIXES):
        return None
    if not entry.is_file(follow_symlinks=False):
        irregular = Refusal(rules.NOT_REGULAR, "it is named like a manifest and is not a regular file", "rename it")
        return Refused(_printable(path), irregular)
    if not path.isprintable():
        unfit = Refusal(rules.BAD_NAME, "its path holds a character that cannot be shown", "rename it")
        return Refused(_printable(path), unfit)
    if not entry.name.endswith(_SUFFIXES):
        return Refused(path, Refusal(rules.BAD_NAME, "its ending is not in small letters", "end it in .yaml or .yml"))
    return path


def _leads_to_a_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:  # it leads to itself, and must not keep its neighbours from being read
        return False


def _printable(path: str) -> str:
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in path)


def _without_clashes(paths: list[str]) -> tuple[list[str], list[Refused]]:
    first_of: dict[str, str] = {}
    clashes: list[Refused] = []
    for path in paths:
        plain = path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()
        first = first_of.setdefault(plain, path)
        if first is not path:
            same = Refusal(
                rules.NAME_CLASH,
                f"its path differs from `{first}` only in case or in Unicode form, and some systems take them for one",
                "rename one of the two",
            )
            clashes.append(Refused(path, same))
    return list(first_of.values()), clashes
