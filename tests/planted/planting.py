"""Planting one bug in a private copy of the repository, and running the tests that should find it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
# Seconds that the tests may take to find one bug; a hang is not what a test says of a bug.
PATIENCE: Final = 900
_WHOLE_SUITE: Final = ("tests", "--ignore=tests/planted", "--ignore=tests/benchmarks")
_FIRST_FAILURE: Final = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
# pytest: 1 where tests failed, 2 where one could not be collected, which an import error in the package comes to.
_FOUND: Final = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """A mistake that somebody could make: `old`, which stands in `file` exactly once, becomes `new`.

    `tests` is what should find it: files or folders below tests/. Where those do not, the whole suite is asked.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


class Result(Enum):
    CAUGHT = "caught"
    MISSED = "MISSED"
    STALE = "STALE"
    BROKEN = "BROKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of one bug: `by` is the first test that failed, or what is wrong."""

    bug: Bug
    result: Result
    by: str
    seconds: float


def planted(bug: Bug, root: Path) -> str:
    """Return the file's text with the bug in it; LookupError where it does not apply any more."""
    path = root / bug.file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    count = text.count(bug.old)
    if not path.exists() or count != 1:
        raise LookupError(f"{bug.file} {'is gone' if not path.exists() else f'has its text {count} times, not once'}")
    mistaken = text.replace(bug.old, bug.new)
    try:
        compile(mistaken, bug.file, "exec")
    except SyntaxError as error:
        raise LookupError(f"{bug.file} would be no Python any more: {error}") from error
    return mistaken


@contextmanager
def copy_of_repository() -> Iterator[Path]:
    """Copy what git tracks and what it does not ignore, so that the tree that people work in is never touched."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        for name in set(os.fsdecode(listed.stdout).split("\0")) - {""}:
            source, target = ROOT / name, Path(folder) / name
            if source.exists():  # not one that was removed and is still in the index
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)
        yield Path(folder)


def look_for(bug: Bug, root: Path, *, asks_all: bool = True) -> Finding:
    """Plant a bug in a copy, run its tests, and take it out again; where they miss it, all tests unless told not to."""
    started = time.monotonic()

    def finding(result: Result, by: str) -> Finding:
        return Finding(bug=bug, result=result, by=by, seconds=time.monotonic() - started)

    try:
        mistaken = planted(bug, root)
    except LookupError as error:
        return finding(Result.STALE, str(error.args[0]))
    path = root / bug.file
    original = path.read_bytes()
    path.write_text(mistaken, encoding="utf-8")
    try:
        code, said = run_tests(bug.tests, root)
        if code == 0 and asks_all:
            code, said = run_tests(_WHOLE_SUITE, root)
    except subprocess.TimeoutExpired:
        return finding(Result.BROKEN, f"the tests did not end within {PATIENCE} seconds")
    finally:
        path.write_bytes(original)
    first = _FIRST_FAILURE.search(said)
    if code in _FOUND and first is not None:
        if run_tests((first[1],), root)[0] != 0:
            return finding(Result.BROKEN, f"{first[1]} fails without the bug too")
        return finding(Result.CAUGHT, first[1])
    if code == 0:
        return finding(Result.MISSED, " ".join(bug.tests))
    return finding(Result.BROKEN, f"pytest ended with {code}: {said.strip().splitlines()[-1] if said.strip() else ''}")


def run_tests(tests: tuple[str, ...], root: Path) -> tuple[int, str]:
    """Run tests of a copy until the first one fails; return pytest's exit code and its output."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout
