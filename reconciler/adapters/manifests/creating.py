"""New files below the manifests folder: written where nothing is, all of them or none, and never through a link."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from reconciler.errors import RefusedError, UsageError


def refuse_outside(folder: Path, path: str) -> None:
    """Refuse a file that would lie outside the folder because a folder above it is a link; RefusedError."""
    above = folder.joinpath(*path.split("/")[:-1])
    for each in (above, *above.parents):
        if each == folder:
            return
        if each.is_symlink():
            raise RefusedError(f"{each} is a link, and links are not followed", hint="name a folder with --out")


def create_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their paths in the folder, in their order; RefusedError where something is there already.

    A file that is created is whole: it is linked to its name once it is on disk.
    """
    for path in files:
        refuse_outside(folder, path)
        if os.path.lexists(folder / path):
            raise RefusedError(f"{folder / path} is there already, and is never overwritten")
    made: list[Path] = []
    try:
        for path, data in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            _create(file, data)
            made.append(file)
    except BaseException as error:
        for file in made:
            with suppress(OSError):
                file.unlink()
        if isinstance(error, FileExistsError):
            raise RefusedError(f"{error.filename} is there already, and is never overwritten") from error
        if isinstance(error, OSError):
            raise UsageError(
                f"cannot write {error.filename or folder}: {(error.strerror or type(error).__name__).lower()}",
                hint="nothing of this sequence was written",
            ) from error
        raise


def _create(file: Path, data: bytes) -> None:
    # The name that is taken meanwhile is one that no manifest has.
    beside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        with beside.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(beside, file)
        except FileExistsError as error:
            raise FileExistsError(error.errno, error.strerror, str(file)) from error
    finally:
        beside.unlink(missing_ok=True)
