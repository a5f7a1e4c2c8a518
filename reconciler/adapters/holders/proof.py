"""What proves that a lock's holder is gone. Any doubt is no proof: then a person decides with `state unlock`."""

import os
import re
import socket
from collections.abc import Mapping
from typing import Final

from reconciler.adapters.holders.github import is_completed
from reconciler.adapters.holders.identity import PROC, machine, run_identity, running_process
from reconciler.model.hold import Hold

_GITHUB: Final = re.compile(r"github:([\w.-]+/[\w.-]+)/([1-9]\d*)/([1-9]\d*)", re.ASCII)
_PROCESS: Final = re.compile(r"(.+):([1-9]\d*):(\d+)", re.ASCII)


def proof(hold: Hold, *, variables: Mapping[str, str]) -> str | None:
    """Return what proves that the holder is gone, as the rest of a sentence; None where nothing does."""
    return _process_is_gone(hold) or _run_is_over(hold, variables)


def _process_is_gone(hold: Hold) -> str | None:
    """The id of a process says nothing on another machine, in another namespace, or since the machine was restarted."""
    match = _PROCESS.fullmatch(hold.process or "")
    if match is None or match[1] != machine() or hold.host != socket.gethostname():
        return None
    pid, start = int(match[2]), int(match[3])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "that process is gone"
    except (OSError, OverflowError):
        pass  # somebody else's: /proc may still tell
    running = running_process(pid)
    if running is None:
        return None
    if running.start != start:
        return "that process is gone, and another one has its id now"
    return "that process has ended" if _has_ended(pid, running.state) else None


def _has_ended(pid: int, state: str) -> bool:
    """A zombie does nothing any more, unless only its first thread has ended."""
    if state not in ("Z", "X"):
        return False
    try:
        return {each.name for each in (PROC / str(pid) / "task").iterdir()} <= {str(pid)}
    except OSError:
        return False


def _run_is_over(hold: Hold, variables: Mapping[str, str]) -> str | None:
    theirs = _GITHUB.fullmatch(hold.run or "")
    if theirs is None:
        return None
    repository, run, attempt = theirs[1], theirs[2], int(theirs[3])
    ours = _GITHUB.fullmatch(run_identity(variables) or "")
    # GitHub runs a workflow again only after the attempt before has ended.
    if ours is not None and (ours[1], ours[2]) == (repository, run) and int(ours[3]) > attempt:
        return f"that was attempt {attempt} of this run, which is attempt {ours[3]}"
    return "that CI run is completed" if is_completed(repository, run, variables) else None
