"""State in S3-compatible object storage, by conditional writes alone; no other service is needed.

`KEY` is the document and `KEY.lock` the lock, replaced by their ETag; `KEY.journal/NUMBER` are the journal's batches;
`KEY.history/SERIAL-...` are copies of the last versions. A lock that was let go of stays as an object that says so: not
every service can remove an object on a condition, and every one that serves here can replace it on one.
"""

import base64
import json
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from reconciler.adapters.store.backend import Held, MovedError, Version
from reconciler.adapters.store.s3_settings import require_place
from reconciler.errors import ConfigurationError, StateError
from reconciler.model.state import Saved

if TYPE_CHECKING:
    from reconciler.adapters.store.s3_objects import Objects

KEPT: Final = 20
_HELD: Final = b"held "
_FREE: Final = b"free "
_NO_ETAG: Final = f'"{"0" * 32}"'
_LONGEST_BY: Final = 120


class S3Backend:
    """State in the object `key` of a bucket (a Backend). Service and credentials come from the AWS_* variables."""

    def __init__(
        self, bucket: str, key: str, *, request: float = 30, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """`request` is how many seconds one request may take, and `sleep` what waits before a write is repeated.

        ConfigurationError where the extra is not installed, or the place or the environment cannot be meant.
        """
        require_place(bucket, key)
        objects = _open(bucket, request, sleep)
        from reconciler.adapters.store.s3_journal import NumberedJournal

        self.where = f"s3://{bucket}/{key}"
        self._objects = objects
        self._key = key
        self._journal = NumberedJournal(objects, f"{key}.journal", where=f"{self.where}.journal")

    def read_state(self) -> Held | None:
        """Return the document; StateError where there is none any more, although there was one."""
        held = self._objects.read(self._key)
        if held is None and (self._copies() or self._journal.was_used()):
            raise StateError(
                f"{self.where} is missing, but what lies beside it says that there was a state",
                hint=f"bring it back, from {self.where}.history/ or from the bucket's versions; it is never taken for "
                "empty, since everything would be created a second time",
            )
        return held

    def write_state(self, data: bytes, *, expected: Version | None, saved: Saved) -> Version:
        """Replace the document, and keep a copy in the history as far as that goes."""
        if expected is None:
            version = self._objects.create(self._key, data)
        else:
            version = self._objects.replace(self._key, data, expected=expected)
        with suppress(StateError):
            self._keep(data, saved)
        return version

    def read_lock(self) -> Held | None:
        """Return the lock."""
        found = self._objects.read(self._lock)
        if found is None or found.data.startswith(_FREE):
            return None
        head, _, data = found.data.partition(b"\n")
        # One that somebody wrote by hand is a lock all the same.
        return Held(data if head.startswith(_HELD) else found.data, found.version)

    def swap_lock(self, data: bytes | None, *, expected: Version | None) -> None:
        """Replace the lock."""
        try:
            if expected is not None:
                self._objects.replace(self._lock, _marked(data), expected=expected, is_unique=True)
            else:
                self._take_lock(data)
        except MovedError:
            raise self._lock_moved() from None

    def read_journal(self) -> Held | None:
        """Return the journal."""
        return self._journal.read()

    def start_journal(self, data: bytes, *, expected: Version | None) -> Version:
        """Replace the journal."""
        return self._journal.start(data, expected=expected)

    def append_journal(self, data: bytes, *, expected: Version) -> Version:
        """Add to the journal."""
        return self._journal.append(data, expected=expected)

    def drop_journal(self, *, expected: Version) -> None:
        """End the journal."""
        self._journal.drop(expected=expected)

    def require_room(self, size: int) -> None:  # noqa: ARG002 - a service has room; whether we may write is the question
        """See that the credentials can write and remove, and that the service keeps to conditions."""
        key = f"{self._key}.probe-{uuid.uuid4().hex[:12]}"
        self._objects.create(key, b"first", is_unique=True)
        try:
            self._require_condition(key, None, "If-None-Match")
            self._require_condition(key, _NO_ETAG, "If-Match")
        finally:
            self._objects.remove([key])

    def history(self) -> Sequence[Saved]:
        """Return what is known of the last versions, from the names of their copies."""
        return [saved for saved, _ in self._copies()]

    def recall(self, serial: int) -> bytes | None:
        """Return the document of one of them."""
        for saved, key in self._copies():
            if saved.serial == serial:
                held = self._objects.read(key)
                return None if held is None else held.data
        return None

    @property
    def _lock(self) -> str:
        return f"{self._key}.lock"

    def _take_lock(self, data: bytes | None) -> None:
        """Take the lock that nobody holds."""
        found = self._objects.read(self._lock)
        if found is not None and not found.data.startswith(_FREE):
            raise self._lock_moved()
        if data is None:
            return
        if found is None:
            self._objects.create(self._lock, _marked(data), is_unique=True)
        else:
            self._objects.replace(self._lock, _marked(data), expected=found.version, is_unique=True)

    def _lock_moved(self) -> MovedError:
        return MovedError(f"the lock of {self.where} has changed hands")

    def _require_condition(self, key: str, expected: Version | None, header: str) -> None:
        """See that a write is refused whose condition does not hold: on that, everything here stands."""
        with suppress(MovedError):
            if expected is None:
                self._objects.create(key, b"second")
            else:
                self._objects.replace(key, b"third", expected=expected)
            raise StateError(
                f"{self.where} cannot hold state: its service passes over {header}, so that two runs could overwrite "
                "each other",
                hint="use a service with conditional writes, or state = git:refs/reconciler/NAME",
            )

    def _keep(self, data: bytes, saved: Saved) -> None:
        self._objects.create(f"{self._folder}/{_copy_name(saved)}", data)
        self._objects.remove(key for _, key in self._copies()[KEPT:])

    @property
    def _folder(self) -> str:
        return f"{self._key}.history"

    def _copies(self) -> list[tuple[Saved, str]]:
        """Return the copies in the history with their keys, the newest first."""
        found = ((_saved(key.rpartition("/")[2]), key) for key in self._objects.names(self._folder))
        known = [(saved, key) for saved, key in found if saved is not None]
        return sorted(known, key=lambda each: (each[0].serial, each[0].since), reverse=True)


def _open(bucket: str, request: float, sleep: Callable[[float], None]) -> "Objects":
    """Return the bucket. The library is only loaded here: who keeps state elsewhere neither has it nor waits for it."""
    try:
        from reconciler.adapters.store.s3_objects import Objects
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "obstore":
            raise
        raise ConfigurationError(
            "state in s3:// needs the extra: pip install 'reconciler[s3]'", hint="or keep state elsewhere: git:, file:"
        ) from None
    return Objects(bucket, request=request, sleep=sleep)


def _marked(data: bytes | None) -> bytes:
    """Return the lock's object: a line that no other write has, so that finding it again proves who wrote it."""
    token = uuid.uuid4().hex.encode() + b"\n"
    return _FREE + token if data is None else _HELD + token + data


def _copy_name(saved: Saved) -> str:
    """Return the name of a copy, which says all that the history shows: one listing is enough to read it."""
    facts = json.dumps([saved.since, saved.by[:_LONGEST_BY]]).encode()
    return f"{saved.serial:010d}-{base64.urlsafe_b64encode(facts).decode()}"


def _saved(name: str) -> Saved | None:
    """Read the name of a copy; None where it is not one."""
    serial, _, facts = name.partition("-")
    try:
        since, by = json.loads(base64.urlsafe_b64decode(facts))
        return Saved(serial=int(serial), since=str(since), by=str(by))
    except (ValueError, TypeError):
        return None
