"""One piece of work in a second process, where that is safe: a single-threaded process on Linux with a CPU to spare.

The child inherits everything and sends back bytes through memory, so nothing needs to be importable or picklable. A
child that dies is no failure: there is no answer, and the parent does the work itself.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias, TypeVar

Work: TypeAlias = Callable[[], bytes]
Answer: TypeAlias = Callable[[], bytes | None]
Given = TypeVar("Given")
Done = TypeVar("Done")


def can_fork() -> bool:
    """Tell whether a second process is safe and of use: a fork copies one thread only, with all locks as they are."""
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        return False
    return sum(1 for _ in Path("/proc/self/task").iterdir()) == 1


def halved(
    given: Sequence[Given],
    work: Callable[[Sequence[Given]], Sequence[Done]],
    *,
    encode: Callable[[Sequence[Done]], bytes],
    decode: Callable[[bytes], Sequence[Done]],
) -> list[Done]:
    """Do the work on one half here and on the other in a child; the results are in the order of what is given."""
    # Every second one: neighbours in a folder are alike, so both halves are the same work.
    mine, others = given[::2], given[1::2]
    with forked(lambda: encode(work(others))) as answer:
        done = work(mine)
        data = answer()
    rest = work(others) if data is None else decode(data)
    return [(done if position % 2 == 0 else rest)[position // 2] for position in range(len(given))]


@contextmanager
def forked(work: Work) -> Iterator[Answer]:
    """Begin the work in a child; calling the answer waits for its bytes, None where the child failed.

    The child does not outlive the block.
    """
    results = os.memfd_create("reconciler", os.MFD_CLOEXEC)
    try:
        child = os.fork()
        if child == 0:
            _serve(work, results)
        finished = False

        def answer() -> bytes | None:
            nonlocal finished
            _, status = os.waitpid(child, 0)
            finished = True
            if status != 0:
                return None
            with os.fdopen(os.dup(results), "rb") as stream:
                stream.seek(0)
                return stream.read()

        try:
            yield answer
        finally:
            if not finished:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
    finally:
        os.close(results)


def _serve(work: Work, results: int) -> None:
    """Do the work and end this process, whatever happens: nothing of the parent's may run twice."""
    status = 1
    try:
        # The parent's handlers save state and release locks; that is not the child's to do.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        with os.fdopen(results, "wb", closefd=False) as stream:
            stream.write(work())
        status = 0
    finally:
        os._exit(status)
