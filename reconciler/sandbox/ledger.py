"""The ledger: every request and every mutation, in order, as the oracle that tests read."""

import math
import sqlite3
from dataclasses import dataclass, fields
from typing import Final, Literal, TypeAlias

Actor: TypeAlias = Literal["api", "person"]
Mutation: TypeAlias = Literal["create", "update", "start", "cancel", "delete"]

WINDOW_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request that was answered, or one thing that a person did in the dashboard.

    `body` holds the bytes exactly as they were received, None where there were none. `mutation` is None unless
    something was changed. `key_name` is the name of the key, never the key.
    """

    number: int
    time: float
    actor: Actor
    key_name: str | None
    method: str
    path: str
    body: bytes | None
    status: int
    mutation: Mutation | None
    sequence_id: str | None
    custom_id: str | None


def append(
    connection: sqlite3.Connection,
    *,
    time: float,
    actor: Actor,
    key_name: str | None,
    method: str,
    path: str,
    body: bytes | None,
    status: int,
    mutation: Mutation | None,
    sequence_id: str | None,
    custom_id: str | None,
) -> None:
    """Add an entry; its number is one more than the last one's."""
    connection.execute(
        "INSERT INTO ledger (time, actor, key_name, method, path, body, status, mutation, sequence_id, custom_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (time, actor, key_name, method, path, body, status, mutation, sequence_id, custom_id),
    )


def entries(connection: sqlite3.Connection, *, after: int) -> list[Entry]:
    """Return the entries whose number is greater than `after`, in order."""
    names = [field.name for field in fields(Entry)]
    rows = connection.execute("SELECT * FROM ledger WHERE number > ? ORDER BY number", (after,))
    return [Entry(**dict(zip(names, row, strict=True))) for row in rows]


def wait_for(connection: sqlite3.Connection, *, key_name: str, limit: int, now: float) -> int | None:
    """Return how many whole seconds a key must wait before its next request, None when it may go on.

    In no 60 seconds are more than `limit` requests of a key let through. The ones that were answered 429 do not count,
    or a client that keeps asking would wait for ever.
    """
    row = connection.execute(
        "SELECT time FROM ledger WHERE key_name = ? AND key_name IS NOT NULL AND status <> 429 AND time > ?"
        " ORDER BY time DESC LIMIT 1 OFFSET ?",
        (key_name, now - WINDOW_SECONDS, limit - 1),
    ).fetchone()
    return None if row is None else max(1, math.ceil(row[0] + WINDOW_SECONDS - now))
