"""One `validate` of one input, in a process of its own with 256 MB more than it begins with."""

import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import reconciler
from reconciler.__main__ import main

MEMORY: Final = 256 * 2**20
# What is waited for beyond this hangs.
_HANGS_AFTER: Final = 120
_ANSWERS: Final = frozenset({0, 3})
# Clients of object stores bring threads of their own along, which do not outlive a fork.
_NOT_HERE: Final = ("reconciler.__main__", "reconciler.adapters.store.s3", "reconciler.adapters.engine")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit code, or minus the signal; the CPU seconds that it took; what it wrote."""

    code: int
    seconds: float
    out: bytes
    err: bytes


def import_everything() -> None:
    """Import what any run may need, so that a run is measured by what it does and not by what it imports."""
    for module in pkgutil.walk_packages(reconciler.__path__, "reconciler."):
        if not module.name.startswith(_NOT_HERE):
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


def validate(root: Path, format_: str) -> Ended:
    """Run the command in a fork of this process, which must have one thread."""
    out, err = root / ".out", root / ".err"
    process = os.fork()
    if process == 0:
        _become(["-C", str(root), "validate", "--format", format_], out, err)
    _, status, usage = os.wait4(process, 0)
    code = os.waitstatus_to_exitcode(status)
    return Ended(code, usage.ru_utime + usage.ru_stime, out.read_bytes(), err.read_bytes())


def _become(arguments: list[str], out: Path, err: Path) -> None:
    code = 70
    try:
        for descriptor, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
        signal.alarm(_HANGS_AFTER)
        limit = _address_space() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        sys.argv = ["reconciler", *arguments]
        try:
            main()
        except SystemExit as ending:
            code = int(ending.code or 0)
    except BaseException:  # noqa: BLE001 - nothing may get out of here into the parent's own loop
        sys.excepthook(*sys.exc_info())
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def complaint(ended: Ended, format_: str, patience: float) -> str | None:
    """Return what is wrong with how a run ended, None where it answered as it should."""
    if ended.code not in _ANSWERS:
        return f"ended with {ended.code}: {(ended.out + ended.err)[-500:].decode('utf-8', 'replace')}"
    if ended.seconds > patience:
        return f"took {ended.seconds:.1f} s of CPU"
    if b"Traceback" in ended.out + ended.err:
        return "wrote a traceback"
    if b"\x1b" in ended.out + ended.err:
        return "wrote an escape sequence of its input"
    return _wrong_document(ended) if format_ == "json" else None


def _wrong_document(ended: Ended) -> str | None:
    document: dict[str, Any] = json.loads(ended.out)
    diagnostics = document["diagnostics"]
    errors = [each for each in diagnostics if each["severity"] == "error"]
    if bool(errors) is not (ended.code == 3):
        return f"ended with {ended.code} and {len(errors)} errors"
    for each in diagnostics:
        begin, end = (each["line"], each["column"]), (each["end_line"], each["end_column"])
        if not ((1, 1) <= begin <= end and each["message"] and each["rule"]):
            return f"said something that is no diagnostic: {each}"
    return None
