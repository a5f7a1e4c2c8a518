"""The journal beside a state file: one durable line for each entry of a run, folded into state when the run ends.

Saving the whole state after each outcome would cost time in proportion to all records; a line costs one fsync. The
first line names the state that the entries build on. A last line without its end was never finished: it counts for
nothing.
"""

import fcntl
import hashlib
import os
import threading
from pathlib import Path
from typing import Final

import msgspec

from reconciler.adapters.store.durable import PRIVATE, sync_folder
from reconciler.adapters.store.encoding import Header, decode_record, encode_record
from reconciler.errors import LockedError, StateError
from reconciler.model.jsonvalue import canonical
from reconciler.model.sequence import Payload
from reconciler.model.state import Entry, Intended, Settled

_CHECK_LENGTH: Final = 16


class Journal:
    """A journal that this process alone writes: the system's lock on it ends with the process, however that ends.

    `append` may be called from several threads; each entry is durable when it returns.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, made where there is none; LockedError while another process has it open."""
        self._path = path
        self._lock = threading.Lock()
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, PRIVATE)
        if not self._is_ours():
            os.close(self._descriptor)
            raise LockedError(
                f"another run is applying with this state: it writes {path}", hint="wait until it has ended"
            )

    def _is_ours(self) -> bool:
        """Take the system's lock; not ours either is a file whose last holder has removed it meanwhile."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return self._path.exists() and os.path.samestat(self._path.stat(), os.fstat(self._descriptor))

    def start(self, base: Header) -> None:
        """Begin anew on top of a saved state; what a stopped run left here must be in that state by now."""
        os.ftruncate(self._descriptor, 0)
        self._write(canonical({"lineage": base.lineage, "serial": base.serial}))
        sync_folder(self._path.parent)

    def append(self, entry: Entry) -> None:
        """Add one entry; OSError when it cannot be made durable."""
        line = _encode(entry)
        with self._lock:
            self._write(line)

    def remove(self) -> None:
        """Remove the file, whose entries are in a saved state now, and let others begin."""
        self._path.unlink(missing_ok=True)
        sync_folder(self._path.parent)
        self.close()

    def give_up(self) -> None:
        """Close without having started; a file that was made only for this goes."""
        if os.fstat(self._descriptor).st_size == 0:
            self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Close the file and leave it: its entries are not in any saved state."""
        os.close(self._descriptor)

    def _write(self, line: bytes) -> None:
        data = memoryview(_check(line) + b" " + line + b"\n")
        while data:
            data = data[os.write(self._descriptor, data) :]
        os.fsync(self._descriptor)


def read_journal(data: bytes, *, where: str) -> tuple[Header, tuple[Entry, ...]] | None:
    """Return what the entries build on, and the entries; None when not even the first line was finished.

    StateError where a finished line is damaged.
    """
    lines = data.split(b"\n")[:-1]
    if not lines:
        return None
    try:
        head, *entries = [_checked(line) for line in lines]
        return msgspec.json.decode(head, type=Header), tuple(_decode(line) for line in entries)
    except (ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
        raise StateError(
            f"{where} is damaged: a finished line in it does not fit its check",
            hint="it holds what the last run did; bring back a good copy of it before anything else",
        ) from error


def _check(line: bytes) -> bytes:
    return hashlib.sha256(line).hexdigest()[:_CHECK_LENGTH].encode()


def _checked(line: bytes) -> bytes:
    check, _, rest = line.partition(b" ")
    if check != _check(rest):
        raise ValueError(check)
    return rest


def _encode(entry: Entry) -> bytes:
    if isinstance(entry, Intended):
        head = {"entry": "intended", "custom_id": entry.custom_id, "since": entry.since}
        return canonical(head)[:-1] + b',"payload":' + entry.payload.encoded + b"}"
    facts = {"entry": "settled", "custom_id": entry.custom_id, "org_id": entry.org_id, "recorded_as": entry.recorded_as}
    record = b"null" if entry.record is None else encode_record(entry.record)
    return canonical(facts)[:-1] + b',"record":' + record + b"}"


class _Line(msgspec.Struct):
    entry: str
    custom_id: str
    since: str = ""
    payload: msgspec.Raw = msgspec.Raw(b"")
    record: msgspec.Raw = msgspec.Raw(b"null")
    org_id: str | None = None
    recorded_as: str | None = None


def _decode(data: bytes) -> Entry:
    line = msgspec.json.decode(data, type=_Line)
    if line.entry == "intended":
        return Intended(custom_id=line.custom_id, payload=Payload(bytes(line.payload)), since=line.since)
    if line.entry != "settled":
        raise ValueError(line.entry)
    record = None if bytes(line.record) == b"null" else decode_record(bytes(line.record))
    return Settled(custom_id=line.custom_id, record=record, recorded_as=line.recorded_as, org_id=line.org_id)
