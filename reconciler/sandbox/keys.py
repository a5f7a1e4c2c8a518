"""Bearer keys: kept as hashes, each belonging to one organisation and carrying scopes."""

import hashlib
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What a key may do."""

    READ = "sequences:read"
    WRITE = "sequences:write"


DEFAULT_ORG: Final = "5a4d8b0c-0000-4000-8000-000000000001"
# Every fresh sandbox knows these two; they open nothing but a simulator on this machine.
FULL_KEY: Final = "sandbox-key"
READ_KEY: Final = "sandbox-read-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key, except the key."""

    name: str
    org_id: str
    scopes: frozenset[str]


def insert(connection: sqlite3.Connection, secret: str, key: Key) -> None:
    """Add a key; ValueError when there is already one with that secret or name."""
    try:
        connection.execute(
            "INSERT INTO keys (hash, name, org_id, scopes) VALUES (?, ?, ?, ?)",
            (_hashed(secret), key.name, key.org_id, " ".join(sorted(key.scopes))),
        )
    except sqlite3.IntegrityError as error:
        raise ValueError(f"the sandbox already has the key `{key.name}`, or one with its secret") from error


def insert_defaults(connection: sqlite3.Connection) -> None:
    """Add the two keys of a fresh sandbox."""
    insert(connection, FULL_KEY, Key(name="full", org_id=DEFAULT_ORG, scopes=frozenset(Scope)))
    insert(connection, READ_KEY, Key(name="read-only", org_id=DEFAULT_ORG, scopes=frozenset({Scope.READ})))


def checked(scopes: Collection[str]) -> frozenset[str]:
    """Return the scopes; ValueError for one that the API does not have."""
    for scope in sorted(scopes):
        if scope not in set(Scope):
            raise ValueError(f"there is no scope `{scope}`; the scopes are {' and '.join(Scope)}")
    return frozenset(scopes)


def find(connection: sqlite3.Connection, authorization: str | None) -> Key | None:
    """Return the key that an Authorization header presents; None when it presents none that is known."""
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    row = connection.execute(
        "SELECT name, org_id, scopes FROM keys WHERE hash = ?", (_hashed(secret.strip()),)
    ).fetchone()
    return None if row is None else Key(name=row[0], org_id=row[1], scopes=frozenset(row[2].split()))


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
