"""What the operating system says when a file cannot be used, as a StateError that says what to do about it."""

import errno
from pathlib import Path
from typing import Final

from reconciler.errors import StateError

_FULL: Final = "make room there, then run it again"
_HINTS: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "your quota is used up: make room there, then run it again",
    errno.EIO: "the disk reports failures: copy the folder to a sound one before anything else",
    errno.EROFS: "the file system is mounted read-only: make it writable, or keep state elsewhere",
    errno.EACCES: "check the permissions of the folder and of the files in it",
    errno.EPERM: "check the permissions of the folder and of the files in it",
    errno.EMFILE: "too many files are open in this process: raise the limit (`ulimit -n`)",
    errno.ENFILE: "too many files are open on this machine: close some programs",
    errno.ENOTDIR: "a file stands where a folder is needed: move it, or keep state elsewhere",
}


def trouble(doing: str, path: Path, error: OSError) -> StateError:
    """Return the error to raise; `doing` is a verb phrase such as `cannot read`."""
    reason = error.strerror or type(error).__name__
    hint = _HINTS.get(error.errno or 0, "check the folder, its permissions and its space")
    return StateError(f"{doing} {path}: {reason}", hint=hint)
