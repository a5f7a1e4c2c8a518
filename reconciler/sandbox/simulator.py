"""The simulator: one SQLite file that answers as the API would, and that a person can poke by hand.

Several simulators, in several processes, may have the same file open; each request is one transaction on it.
"""

import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from reconciler.sandbox import keys, ledger, sequences
from reconciler.sandbox.api import Answer, Exchange, Request
from reconciler.sandbox.contract import Contract
from reconciler.sandbox.editing import edited
from reconciler.sandbox.jsonbody import JsonObject, encode
from reconciler.sandbox.keys import DEFAULT_ORG, Key
from reconciler.sandbox.ledger import Entry, Mutation
from reconciler.sandbox.lifecycle import born
from reconciler.sandbox.operations import Operations
from reconciler.sandbox.sequences import Stored
from reconciler.sandbox.storage import Storage
from reconciler.sandbox.switches import Switches


class Simulator:
    """The simulated server, kept in the file at `path`, which is created with two keys and the default switches.

    `schema` is the published OpenAPI document; `now` is the server's clock, in seconds since the epoch. Close it, or
    use it as a context manager. Threads may share it.
    """

    def __init__(self, path: Path, *, schema: Path, now: Callable[[], float] = time.time) -> None:
        self._contract = _contract(schema)
        self._now = now
        self._storage = Storage(path)
        with self._storage.transaction() as connection:
            if _setting(connection) is None:
                _clear(connection, Switches())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._storage.close()

    def answer(self, request: Request, *, limit: int | None = None) -> Answer:
        """Answer one request and enter it in the ledger; `limit` overrides the switch of that name."""
        with self._operations() as operations:
            return Exchange(request, operations, limit=operations.switches.limit if limit is None else limit).run()

    @property
    def switches(self) -> Switches:
        """How the server behaves; kept in the file, and setting it takes effect with the next request."""
        with self._storage.transaction() as connection:
            return _switches(connection)

    @switches.setter
    def switches(self, switches: Switches) -> None:
        with self._storage.transaction() as connection:
            _set(connection, switches)

    def reset(self, switches: Switches | None = None) -> None:
        """Make the file as good as new: no sequences, no ledger, the two default keys. None keeps the switches."""
        with self._storage.transaction() as connection:
            _clear(connection, switches or _switches(connection))

    def add_key(self, key: str, org_id: str, scopes: Collection[str], *, name: str | None = None) -> str:
        """Let a key in and return its name in the ledger; ValueError for an unknown scope or a taken name."""
        with self._storage.transaction() as connection:
            known: int = connection.execute("SELECT count(*) FROM keys").fetchone()[0]
            added = Key(name=name or f"key-{known + 1}", org_id=org_id, scopes=keys.checked(scopes))
            keys.insert(connection, key, added)
        return added.name

    def sequences(self, org_id: str = DEFAULT_ORG) -> list[JsonObject]:
        """Return an organisation's sequences as GET would answer them without lag, in the order of their creation."""
        with self._operations() as operations:
            return [operations.shown(stored) for stored in sequences.everything(operations.connection, org_id)]

    def find(self, reference: str, *, org_id: str = DEFAULT_ORG) -> JsonObject | None:
        """Return one sequence by its id or custom_id (the oldest that has it); None where there is none."""
        with self._operations() as operations:
            stored = _look_up(operations, reference, org_id)
            return None if stored is None else operations.shown(stored)

    def edit(self, reference: str, changes: Mapping[str, Any], *, org_id: str = DEFAULT_ORG) -> JsonObject:
        """Set the value at each JSON pointer, as a person in the dashboard would, and return the sequence.

        A pointer may end in `-`, which adds to a list. LookupError when there is no such sequence; ValueError when a
        pointer leads nowhere, the contract forbids the result, or another sequence has the custom_id.
        """
        with self._operations() as operations:
            old = _required(operations, reference, org_id)
            body = edited(old.version.content, changes)
            new = operations.edit(old, body)
            _enter(operations, "PATCH", new, mutation="update", body=encode(body))
            return operations.shown(new)

    def place(self, sequence_id: str, body: JsonObject, *, org_id: str = DEFAULT_ORG) -> None:
        """Have a sequence there as if it had been created long ago under this id; the ledger has nothing of it.

        The body is whole and allowed by the contract: nobody looks at it.
        """
        with self._operations() as operations:
            stored = Stored(id=sequence_id, org_id=org_id, version=born(body, operations.now))
            sequences.insert(operations.connection, stored, lag=0)

    def start(self, reference: str, *, org_id: str = DEFAULT_ORG) -> JsonObject:
        """Start a one-off, as a person would, and return it; LookupError, or ValueError when it cannot be started."""
        with self._operations() as operations:
            new = operations.start(_required(operations, reference, org_id))
            _enter(operations, "PUT", new, mutation="start", verb="/start")
            return operations.shown(new)

    def cancel(self, reference: str, *, org_id: str = DEFAULT_ORG) -> JsonObject:
        """Cancel a sequence for good, as a person would, and return it; LookupError, ValueError if it is complete."""
        with self._operations() as operations:
            old = _required(operations, reference, org_id)
            new = operations.cancel(old)
            _enter(operations, "PUT", new, mutation=None if new is old else "cancel", verb="/cancel")
            return operations.shown(new)

    def delete(self, reference: str, *, org_id: str = DEFAULT_ORG) -> None:
        """Remove a sequence, as a person would: every later read answers that it is not there. LookupError."""
        with self._operations() as operations:
            old = _required(operations, reference, org_id)
            sequences.delete(operations.connection, old)
            _enter(operations, "DELETE", old, mutation="delete")

    def ledger(self, *, after: int = 0) -> list[Entry]:
        """Return what happened, in order; only the entries numbered above `after`."""
        with self._storage.transaction() as connection:
            return ledger.entries(connection, after=after)

    @contextmanager
    def _operations(self) -> Iterator[Operations]:
        with self._storage.transaction() as connection:
            yield Operations(
                connection=connection, contract=self._contract, switches=_switches(connection), now=self._now()
            )


@lru_cache(maxsize=8)
def _contract(schema: Path) -> Contract:
    """Return the compiled contract: it takes a tenth of a second, and a farm has thousands of simulators."""
    return Contract(schema)


def _look_up(operations: Operations, reference: str, org_id: str) -> Stored | None:
    by_id = sequences.newest(operations.connection, org_id, reference)
    return by_id or sequences.newest_by_custom_id(operations.connection, org_id, reference)


def _required(operations: Operations, reference: str, org_id: str) -> Stored:
    stored = _look_up(operations, reference, org_id)
    if stored is None:
        raise LookupError(f"the sandbox has no sequence `{reference}`")
    return stored


def _enter(
    operations: Operations,
    method: str,
    stored: Stored,
    *,
    mutation: Mutation | None,
    verb: str = "",
    body: bytes | None = None,
) -> None:
    ledger.append(
        operations.connection,
        time=operations.now,
        actor="person",
        key_name=None,
        method=method,
        path=f"/sequences/{stored.id}{verb}",
        body=body,
        status=200,
        mutation=mutation,
        sequence_id=stored.id,
        custom_id=stored.custom_id,
    )


def _clear(connection: sqlite3.Connection, switches: Switches) -> None:
    for table in ("sequences", "ledger", "keys"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand one line above
    keys.insert_defaults(connection)
    _set(connection, switches)


def _set(connection: sqlite3.Connection, switches: Switches) -> None:
    settings = " ".join(switches.settings())
    connection.execute("INSERT OR REPLACE INTO settings VALUES ('switches', ?)", (settings,))


def _setting(connection: sqlite3.Connection) -> str | None:
    row = connection.execute("SELECT value FROM settings WHERE name = 'switches'").fetchone()
    return None if row is None else row[0]


def _switches(connection: sqlite3.Connection) -> Switches:
    # Read anew each time, because another process may have thrown one; parsed only when it has.
    return _parsed(_setting(connection) or "")


@lru_cache(maxsize=16)
def _parsed(settings: str) -> Switches:
    return Switches.parse(settings.split())
