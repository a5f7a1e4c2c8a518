"""Our side of the rows about state, in a process of its own.

`load STATE` prints the seconds of loading. `append FEW MANY BARE COUNT` saves so many outcomes as a run would, to two
states and as bare bytes to a file, prints the median seconds of one for each, and leaves the states as they were.
"""

import os
import sys
import time
from itertools import cycle
from pathlib import Path
from statistics import median

from reconciler.adapters.store.file import FileBackend
from reconciler.adapters.store.store import Store
from reconciler.model.hold import Hold
from reconciler.model.state import Settled

MOMENT = "2026-01-01T00:00:00Z"


def store_at(path: Path) -> Store:
    return Store(
        FileBackend(path),
        me=lambda purpose: Hold(nonce=str(path), purpose=purpose, since=MOMENT, who="benchmark", host="here"),
        now=lambda: MOMENT,
    )


def load(path: Path) -> None:
    started = time.perf_counter()
    state = store_at(path).load()
    print(time.perf_counter() - started)
    assert state is not None  # noqa: S101 - so that it is a state that was loaded


def append(few: Path, many: Path, bare: Path, count: int) -> None:
    """Print the medians of saving an outcome with few and with many records, and of writing the same bytes.

    The three take turns, outcome by outcome: how long the disk takes to sync changes from one second to the next.
    """
    sessions = [_Session(few), _Session(many)]
    descriptor = os.open(bare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    taken: list[tuple[float, float, float]] = []
    for _ in range(count):
        at_few, at_many = (session.save() for session in sessions)
        line = sessions[1].last_line()
        started = time.perf_counter()
        os.write(descriptor, line)
        os.fsync(descriptor)
        taken.append((at_few, at_many, time.perf_counter() - started))
    for session in sessions:
        session.leave()
    print(*(median(column) for column in zip(*taken, strict=True)))


class _Session:
    """One run's writing to a state; `save` returns the seconds that one outcome takes."""

    def __init__(self, path: Path) -> None:
        store = store_at(path)
        state = store.load()
        assert state is not None  # noqa: S101 - the state was made for this
        self._backend = FileBackend(path)
        self._session = store.begin(state, "benchmark")
        self._outcomes = (
            Settled(custom_id=name, record=record, org_id=state.org_id) for name, record in cycle(state.records.items())
        )

    def save(self) -> float:
        entry = next(self._outcomes)
        started = time.perf_counter()
        self._session.append(entry)
        return time.perf_counter() - started

    def last_line(self) -> bytes:
        journal = self._backend.read_journal()
        assert journal is not None  # noqa: S101 - the session has begun
        return journal.data.splitlines(keepends=True)[-1]

    def leave(self) -> None:
        """Leave the state as it was: as if the session had never begun."""
        journal, lock = self._backend.read_journal(), self._backend.read_lock()
        assert journal is not None  # noqa: S101 - the session has begun
        assert lock is not None  # noqa: S101 - and nobody else has come
        self._backend.drop_journal(expected=journal.version)
        self._backend.swap_lock(None, expected=lock.version)


if __name__ == "__main__":
    if sys.argv[1] == "load":
        load(Path(sys.argv[2]))
    else:
        append(Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
