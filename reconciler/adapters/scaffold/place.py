"""Puts new files into a folder, and never touches one that is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A file by its path in the repository: it was written, or one was there already, with that content or another."""

    path: str
    is_new: bool
    is_as_written: bool


def place(root: Path, files: Mapping[str, bytes]) -> tuple[Placed, ...]:
    """Write the files that are not there; UsageError where that cannot be."""
    return tuple(_place(root, path, content) for path, content in files.items())


def _place(root: Path, path: str, content: bytes) -> Placed:
    file = root / path
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Created only where nothing is, whatever happens meanwhile; a link counts as something.
            with file.open("xb") as new:
                new.write(content)
        except FileExistsError:
            return Placed(path=path, is_new=False, is_as_written=_holds(file, content))
    except OSError as error:
        raise UsageError(
            f"cannot write {file}: {(error.strerror or type(error).__name__).lower()}",
            hint="what was written until then stays; run it again when it can go on",
        ) from error
    return Placed(path=path, is_new=True, is_as_written=True)


def _holds(file: Path, content: bytes) -> bool:
    try:
        return file.read_bytes() == content
    except OSError:
        return False
