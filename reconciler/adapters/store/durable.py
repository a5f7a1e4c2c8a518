"""Writing files so that a power cut leaves the old content or the new, never a mixture."""

import errno
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600
STRAY_SUFFIX: Final = ".tmp"


class UnconfirmedError(OSError):
    """The file was replaced, but its folder could not be synced: a power cut may still bring the old content back."""


def replace_file(path: Path, data: bytes | Iterable[bytes], *, mode: int = PRIVATE, synced: bool = True) -> None:
    """Put `data`, whole or in pieces, in the place of a file: temp file beside it, fsync, rename, fsync of the folder.

    OSError when any of it fails; the temp file is gone then, and the old content is there, save for UnconfirmedError.
    What may be lost in a power cut is not `synced`.
    """
    descriptor, name = tempfile.mkstemp(prefix=stray_prefix(path), suffix=STRAY_SUFFIX, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.writelines((data,) if isinstance(data, bytes) else data)
            file.flush()
            if synced:
                os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    if not synced:
        return
    try:
        sync_folder(path.parent)
    except OSError as error:
        raise UnconfirmedError(error.errno, error.strerror, str(path)) from error


def sync_folder(folder: Path) -> None:
    """Make the folder's own entries durable: the rename is lost in a power cut without it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder, and what is missing above it, for the owner alone; a power cut takes none of them."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for each in missing:
        sync_folder(each.parent)


def stray_prefix(path: Path) -> str:
    """Return how the names of this file's temp files begin: what a killed process left of them counts for nothing."""
    return f".{path.name}."


def sweep(path: Path) -> None:
    """Remove the temp files that killed processes left of a file; only for whoever may write it, and alone."""
    for stray in path.parent.glob(f"{stray_prefix(path)}*{STRAY_SUFFIX}"):
        with suppress(OSError):
            stray.unlink()


def reserve(folder: Path, size: int, *, prefix: str) -> None:
    """Write so many bytes to a file of no name that lasts, and sync them; OSError where they do not fit."""
    descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=STRAY_SUFFIX, dir=folder)
    try:
        _allocate(descriptor, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
        Path(name).unlink()


def _allocate(descriptor: int, size: int) -> None:
    try:
        os.posix_fallocate(descriptor, 0, size)
    except (AttributeError, OSError) as error:  # not every system has it, nor every file system
        if isinstance(error, OSError) and error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            raise
        write_all(descriptor, bytes(size))


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte: a full disk may take some of them and say so only at the next write."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
