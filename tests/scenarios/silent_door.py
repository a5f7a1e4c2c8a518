"""A sandbox that falls silent: requests that are dropped before or after they were done, and answers of its own."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.sandbox.ledger import Entry
from reconciler.sandbox.simulator import Simulator
from tests.scenarios.workbench import SCHEMA, Document, Door, Repository, remote

# What becomes of a request: nothing special, dropped, done and then dropped, done late, or an answer of the door's own
# and whether it is done as well.
ANSWERED, BEFORE, AFTER, LATE = "answered", "dropped before", "dropped after", "done late"
Own = tuple[int, str, bytes]
Fate = str | tuple[Own, bool]


class DroppedError(Exception):
    """The connection ends without an answer."""


class SilentDoor(Door):
    """A door that asks `fate` of each request: (method, path, how many of this method and path so far).

    What is done late is done when `late_at` looks (GET of anything) more have come.
    """

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self.fate: Callable[[str, str, int], Fate] = lambda _method, _path, _nth: ANSWERED
        self.late_at = 1
        self.arrived: Counter[tuple[str, str]] = Counter()
        self._late: list[tuple[str, str, str | None, bytes]] = []
        self._looks = 0
        self._guard = threading.Lock()
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]

    def answer(self, method: str, path: str, authorization: str | None, body: bytes) -> Own:
        with self._guard:
            self.arrived[method, path] += 1
            self._do_late(method)
        fate = self.fate(method, path, self.arrived[method, path])
        if fate == LATE:
            self._late.append((method, path, authorization, body))
        if fate in (BEFORE, LATE):
            raise DroppedError
        if isinstance(fate, tuple):
            own, is_done = fate
            if is_done:
                super().answer(method, path, authorization, body)
            return own
        answer = super().answer(method, path, authorization, body)
        if fate == AFTER:
            raise DroppedError
        return answer

    def _do_late(self, method: str) -> None:
        self._looks += method == "GET" and bool(self._late)
        if self._late and self._looks >= self.late_at:
            super().answer(*self._late.pop())

    def sent(self, method: str) -> int:
        return sum(count for (each, _), count in self.arrived.items() if each == method)


@contextmanager
def silent(folder: Path) -> Iterator[tuple[Repository, SilentDoor]]:
    """A repository on a sandbox behind a silent door, with waits that a test can afford."""
    with Simulator(folder / "behind" / "sandbox.sqlite3", schema=SCHEMA) as simulator:
        door = SilentDoor(simulator)
        try:
            repository = remote(folder / "a repository", door.url, simulator)
            limits = "rate_limit = { requests = 0 }\ntimeouts = { settle = 0.2, request = 1 }\n"
            repository.configure(f'[environments.remote]\napi = "{door.url}"\n{limits}')
            yield repository, door
        finally:
            door.close()


def own(status: int, body: bytes = b'{"message": "no"}', kind: str = "application/json", *, done: bool = False) -> Fate:
    return (status, kind, body), done


PAGE = b"<html>please log in</html>"


def only_outcome(document: Document) -> Document:
    (outcome,) = document["outcomes"]
    found: Document = outcome
    return found


def mutations(entries: list[Entry], custom_id: str) -> list[str]:
    """What the API did to a sequence, in order."""
    return [
        str(each.mutation) for each in entries if each.mutation and each.actor == "api" and each.custom_id == custom_id
    ]
