"""Files for this program alone: believed where they are the user's own, and nobody else can write them."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_SAFELY: Final = os.O_NOFOLLOW | os.O_NONBLOCK


def read_own(file: Path) -> bytes | None:
    """Return a file's bytes; None where it is missing, or not to be believed."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | _SAFELY), "rb") as stream:
            return stream.read() if _is_own(os.fstat(stream.fileno())) else None
    except OSError:
        return None


def append_own(file: Path, data: bytes) -> int | None:
    """Put bytes behind those of a file and return where they begin; None where it is missing, or not to be believed."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | _SAFELY), "ab") as stream:
            status = os.fstat(stream.fileno())
            if not _is_own(status):
                return None
            stream.write(data)
            return status.st_size
    except OSError:
        return None


def replace_own(file: Path, parts: Iterable[bytes]) -> None:
    """Put a file into place as a whole, for nobody else to read; OSError where that cannot be done."""
    # Imported here: a run in which nothing changed writes nothing.
    import tempfile

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(parts)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_own(status: os.stat_result) -> bool:
    is_ours = status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_MAY_WRITE
    return is_ours and stat.S_ISREG(status.st_mode)
