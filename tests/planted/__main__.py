"""`python -m tests.planted [NAME...]`: plant each bug in a copy of the repository; does a test find it?

Exit code 1 where a bug was missed, or its patch does not apply any more.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from tests.planted.bugs import BUGS
from tests.planted.planting import Bug, Finding, Result, copy_of_repository, look_for, run_tests


def main(arguments: Sequence[str] | None = None) -> int:
    """Look for the bugs that were named, for all of them by default, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these bugs, or those whose name begins so")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many at a time (2)")
    parser.add_argument("--list", action="store_true", help="name the bugs, and do nothing")
    parser.add_argument(
        "--quick", action="store_true", help="do not ask the whole suite where a bug's own tests miss it"
    )
    parser.add_argument("--sound", action="store_true", help="first see that the tests pass without any bug")
    given = parser.parse_args(arguments)
    chosen = [bug for bug in BUGS if not given.names or bug.name.startswith(tuple(given.names))]
    if not chosen:
        parser.error("no bug is named so; --list names them")
    if given.list:
        _say("".join(f"{bug.name}: {bug.file}\n" for bug in chosen))
        return 0
    findings = _search(chosen, given.jobs, sound=given.sound, asks_all=not given.quick)
    counts = ", ".join(f"{sum(each.result is result for each in findings)} {result.value}" for result in Result)
    _say(f"{len(findings)} planted: {counts}\n")
    return 0 if all(each.result is Result.CAUGHT for each in findings) else 1


def _search(bugs: Sequence[Bug], jobs: int, *, sound: bool, asks_all: bool) -> list[Finding]:
    copies: SimpleQueue[Path] = SimpleQueue()

    def work(bug: Bug) -> Finding:
        root = copies.get()
        try:
            found = look_for(bug, root, asks_all=asks_all)
        finally:
            copies.put(root)
        _say(f"{found.result.value:8} {found.seconds:4.0f} s  {bug.name}\n{'':18}{found.by}\n")
        return found

    with ExitStack() as stack, ThreadPoolExecutor(jobs) as threads:
        roots = [stack.enter_context(copy_of_repository()) for _ in range(jobs)]
        if sound:
            _require_sound(tuple(dict.fromkeys(each for bug in bugs for each in bug.tests)), roots[0])
        for root in roots:
            copies.put(root)
        return list(threads.map(work, bugs))


def _require_sound(tests: tuple[str, ...], root: Path) -> None:
    code, said = run_tests(tests, root)
    if code != 0:
        raise SystemExit(f"the tests fail without any bug:\n{said[-2000:]}")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
