"""Runs of the tool as far as state goes, each in a process of its own: `python -m tests.adapters.store.s3_client`.

Each line of its input is a JSON list, WHAT, URL, BUCKET, KEY, NUMBER: it forks a process that does that, and answers
with its id. The line `wait` waits for all of them, and is answered with their exit codes. Forking saves loading Python
for each of them, and is sound since nothing here has used the network before.
"""

import json
import os
import sys
import traceback

from reconciler.adapters.store.backend import MovedError
from reconciler.adapters.store.s3 import S3Backend
from reconciler.model.state import Saved
from tests.adapters.store.s3_service import environment

PARTS = [b"part 1\n", b"part 2\n"]
FIRST, SECOND = b"state 1", b"state 2"
HEAD = b"head\n"


def saved(serial: int) -> Saved:
    return Saved(serial=serial, since="2026-01-01T00:00:00Z", by="ann@host")


def live(backend: S3Backend) -> None:
    """One run: the lock, a first state, a journal, a second state."""
    backend.swap_lock(b"lock of the first run", expected=None)
    version = backend.write_state(FIRST, expected=None, saved=saved(1))
    end = backend.start_journal(HEAD, expected=None)
    for part in PARTS:
        end = backend.append_journal(part, expected=end)
    backend.write_state(SECOND, expected=version, saved=saved(2))
    backend.drop_journal(expected=end)
    held = backend.read_lock()
    assert held is not None
    backend.swap_lock(None, expected=held.version)


def count(backend: S3Backend, times: int) -> None:
    """Raise the number in the state so many times, each under the lock, as other processes do too."""
    done = 0
    while done < times:
        try:
            backend.swap_lock(b"lock of %d" % os.getpid(), expected=None)
        except MovedError:
            continue
        lock = backend.read_lock()
        assert lock is not None
        assert lock.data == b"lock of %d" % os.getpid()
        state = backend.read_state()
        end = backend.start_journal(HEAD, expected=None)
        end = backend.append_journal(PARTS[0], expected=end)
        journal = backend.read_journal()
        assert journal is not None
        assert journal == (HEAD + PARTS[0], end)
        number = int(state.data) + 1 if state else 1
        backend.write_state(b"%d" % number, expected=state and state.version, saved=saved(number))
        backend.drop_journal(expected=end)
        backend.swap_lock(None, expected=lock.version)
        done += 1


def begin(what: str, url: str, bucket: str, key: str, number: int) -> None:
    os.environ.update(environment(url))
    backend = S3Backend(bucket, key)
    live(backend) if what == "live" else count(backend, number)


def forked(task: str) -> int:
    """Do a task in a process of its own, and return its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        begin(*json.loads(task))
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)


def main() -> None:
    children: list[int] = []
    for line in sys.stdin:
        if line == "wait\n":
            ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
            children.clear()
            sys.stdout.write(f"{json.dumps(ended)}\n")
        else:
            children.append(forked(line))
            sys.stdout.write(f"{children[-1]}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    import reconciler.adapters.store.s3_journal  # noqa: F401 - loaded once, for all who are forked

    main()
