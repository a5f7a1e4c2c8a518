"""Reading files of a repository that others may have written: regular files only, no links, never more than a bound.

Every part of a path is opened below the folder before it and without following links, so that neither a link in the
tree nor one that appears meanwhile leads out of the manifests folder.
"""

import errno
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from reconciler.adapters.manifests.document import Refusal
from reconciler.model import rules

MAX_MANIFEST: Final = 2**20
MAX_BODY: Final = 2**18

# Not blocking: opening a pipe that nobody writes to would wait for ever.
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_LINK_OR_NOT_A_FOLDER: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EMLINK})


def read_below(folder: Path, parts: Sequence[str], *, limit: int) -> bytes | Refusal:
    """Return the bytes of the file at `parts` below the folder, or why it is not read."""
    with Below(folder) as below:
        return below.read(parts, limit=limit)


class Below:
    """Reads files below one folder. The folder of the last one stays open: the next is nearly always in it too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._above: Sequence[str] = ()
        self._opened: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def read(self, parts: Sequence[str], *, limit: int) -> bytes | Refusal:
        """Return the bytes of the file at `parts`, or why it is not read."""
        try:
            return _read(os.open(parts[-1], _FILE, dir_fd=self._open(parts[:-1])), limit)
        except OSError as error:
            return refusal_of(error)

    def _open(self, above: Sequence[str]) -> int:
        if self._opened is None or above != self._above:
            self._close()
            self._opened, self._above = _open_folder(self._folder, above), above
        return self._opened

    def _close(self) -> None:
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None


def _open_folder(folder: Path, parts: Sequence[str]) -> int:
    opened = os.open(folder, _FOLDER & ~os.O_NOFOLLOW)
    for part in parts:
        try:
            below = os.open(part, _FOLDER, dir_fd=opened)
        finally:
            os.close(opened)
        opened = below
    return opened


def refusal_of(error: OSError) -> Refusal:
    """Say why the system refused a file."""
    if error.errno in _LINK_OR_NOT_A_FOLDER:
        return Refusal(rules.NOT_REGULAR, "it is a link, or lies behind one, and links are not followed", _COPY)
    if error.errno == errno.ENXIO:
        return _IRREGULAR
    reason = (error.strerror or type(error).__name__).lower()
    return Refusal(rules.UNREADABLE, f"it cannot be read: {reason}", "check that it exists and may be read")


_COPY: Final = "put the file itself there"
_IRREGULAR: Final = Refusal(rules.NOT_REGULAR, "it is not a regular file", _COPY)


def _read(descriptor: int, limit: int) -> bytes | Refusal:
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return _IRREGULAR
        size = status.st_size
        if size <= limit:
            data = os.read(descriptor, size + 1)
            # A file that grows while it is read, or one that is given in pieces; else its end has been seen.
            while len(data) not in (size, limit + 1) and (more := os.read(descriptor, limit + 1 - len(data))):
                data += more
            size = len(data)
            if size <= limit:
                return data
    finally:
        os.close(descriptor)
    return too_large(limit)


def too_large(limit: int) -> Refusal:
    """Say that something has more bytes than the bound."""
    return Refusal(rules.TOO_LARGE, f"it is larger than {limit // 1024:,} KiB", "shorten it, or split it")
