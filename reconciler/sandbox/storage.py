"""The sandbox's SQLite file: one connection for a process's threads, safe beside other processes.

Everything is done inside `transaction`, which holds the file's write lock from its first read to its last write, so
what was decided on is still so when it is written.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FORMAT: Final = 1
_BUSY_SECONDS: Final = 30.0
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys (
    hash TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, org_id TEXT NOT NULL, scopes TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sequences (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, org_id TEXT NOT NULL, custom_id TEXT, version TEXT NOT NULL,
    stale INTEGER NOT NULL, before_custom_id TEXT, before TEXT);
CREATE INDEX IF NOT EXISTS sequences_by_custom_id ON sequences (custom_id);
CREATE INDEX IF NOT EXISTS sequences_by_before ON sequences (before_custom_id) WHERE before_custom_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS ledger (
    number INTEGER PRIMARY KEY, time REAL NOT NULL, actor TEXT NOT NULL, key_name TEXT, method TEXT NOT NULL,
    path TEXT NOT NULL, body BLOB, status INTEGER NOT NULL, mutation TEXT, sequence_id TEXT, custom_id TEXT);
CREATE INDEX IF NOT EXISTS ledger_by_key ON ledger (key_name, time) WHERE key_name IS NOT NULL AND status <> 429;
"""


class Storage:
    """An open sandbox file. `path` is created with its folder; ValueError if it is something else."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(path)
        except sqlite3.DatabaseError as error:
            self.close()
            raise ValueError(f"{path} cannot be used as a sandbox: {error}; move it away") from error
        except ValueError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the file's write lock; what was done is kept when the block ends and undone when it raises."""
        with self._lock:
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _prepare(self, path: Path) -> None:
        self._use_wal()
        # A simulator need not survive a power cut, and a sync per request would cost more than all the rest.
        self._connection.execute("PRAGMA synchronous=OFF")
        with self.transaction() as connection:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            if found not in {0, FORMAT}:
                raise ValueError(f"{path} is a sandbox of format {found}, this program knows {FORMAT}; move it away")
            if found == 0:
                for statement in filter(str.strip, _TABLES.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={FORMAT}")

    def _use_wal(self) -> None:
        # Two processes that open a new file at once both want to switch it, and SQLite answers the loser at once
        # that the file is locked, whatever the timeout.
        deadline = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return
