"""Writing files so that a power cut leaves the old content or the new, never a mixture."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

PRIVATE: Final = 0o600


def replace_file(path: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Put `data` in the place of a file: temp file in the same folder, fsync, rename, fsync of the folder.

    OSError when any of it fails; the temp file is gone then.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the folder's own entries durable: the rename is lost in a power cut without it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
