"""The table of sequences: finding, reading and writing rows inside a transaction that the caller holds.

A write may leave the version before it behind for a number of reads (the `lag` switch). `read` and `read_by_custom_id`
are the reads that see it; everything else sees the newest version.
"""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.lifecycle import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A sequence and one of its versions."""

    id: str
    org_id: str
    version: Version

    @property
    def custom_id(self) -> str | None:
        """The custom_id of this version."""
        custom_id: str | None = self.version.content["custom_id"]
        return custom_id


_SELECT = "SELECT id, org_id, version, stale, before FROM sequences"


def insert(connection: sqlite3.Connection, stored: Stored, *, lag: int) -> None:
    """Add a new sequence; for `lag` reads it is not there yet."""
    connection.execute(
        "INSERT INTO sequences (id, org_id, custom_id, version, stale) VALUES (?, ?, ?, ?, ?)",
        (stored.id, stored.org_id, stored.custom_id, _encode(stored.version), lag),
    )


def replace(connection: sqlite3.Connection, old: Stored, version: Version, *, lag: int) -> Stored:
    """Write a new version of a sequence; for `lag` reads the old one is answered."""
    new = Stored(id=old.id, org_id=old.org_id, version=version)
    before = (old.custom_id, _encode(old.version)) if lag else (None, None)
    connection.execute(
        "UPDATE sequences SET custom_id = ?, version = ?, stale = ?, before_custom_id = ?, before = ? WHERE id = ?",
        (new.custom_id, _encode(version), lag, *before, new.id),
    )
    return new


def delete(connection: sqlite3.Connection, stored: Stored) -> None:
    """Remove a sequence: no read finds it any more."""
    connection.execute("DELETE FROM sequences WHERE id = ?", (stored.id,))


def newest(connection: sqlite3.Connection, org_id: str, sequence_id: str) -> Stored | None:
    """Return an organisation's sequence by its id."""
    row = _row(connection, org_id, sequence_id)
    return None if row is None else _newest(row)


def newest_by_custom_id(connection: sqlite3.Connection, org_id: str, custom_id: str) -> Stored | None:
    """Return an organisation's sequence with the custom_id, the oldest where several have it."""
    row = connection.execute(
        _SELECT + " WHERE custom_id = ? AND org_id = ? ORDER BY number LIMIT 1", (custom_id, org_id)
    ).fetchone()
    return None if row is None else _newest(row)


def everything(connection: sqlite3.Connection, org_id: str) -> list[Stored]:
    """Return all sequences of an organisation in the order of their creation."""
    rows = connection.execute(_SELECT + " WHERE org_id = ? ORDER BY number", (org_id,))
    return [_newest(row) for row in rows]


def read(connection: sqlite3.Connection, org_id: str, sequence_id: str) -> Stored | None:
    """Return what a read by id sees, and count it as a read."""
    row = _row(connection, org_id, sequence_id)
    return None if row is None else _seen(connection, row)


def read_by_custom_id(connection: sqlite3.Connection, org_id: str, custom_id: str) -> Stored | None:
    """Return the oldest sequence that a read sees under the custom_id, and count it as a read of all that might be."""
    rows = connection.execute(
        _SELECT + " WHERE (custom_id = ? OR before_custom_id = ?) AND org_id = ? ORDER BY number",
        (custom_id, custom_id, org_id),
    ).fetchall()
    seen = [_seen(connection, row) for row in rows]
    return next((stored for stored in seen if stored is not None and stored.custom_id == custom_id), None)


def _row(connection: sqlite3.Connection, org_id: str, sequence_id: str) -> tuple[Any, ...] | None:
    rows = connection.execute(_SELECT + " WHERE id = ? AND org_id = ?", (sequence_id.lower(), org_id))
    row: tuple[Any, ...] | None = rows.fetchone()
    return row


def _seen(connection: sqlite3.Connection, row: tuple[Any, ...]) -> Stored | None:
    sequence_id, org_id, _version, stale, before = row
    if not stale:
        return _newest(row)
    connection.execute("UPDATE sequences SET stale = stale - 1 WHERE id = ?", (sequence_id,))
    return None if before is None else Stored(id=sequence_id, org_id=org_id, version=_decode(before))


def _newest(row: tuple[Any, ...]) -> Stored:
    return Stored(id=row[0], org_id=row[1], version=_decode(row[2]))


def _encode(version: Version) -> str:
    # ASCII, because SQLite keeps no half surrogates and a sandbox should not be the first to stumble over one.
    return json.dumps(version.to_json())


def _decode(text: str) -> Version:
    return Version(**json.loads(text))
