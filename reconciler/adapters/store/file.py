"""A backend in a folder of this machine: the state file, and beside it the lock, the journal and what is remembered.

`X` is the document, `X.lock` the lock, `X.journal` the journal; each is replaced whole, and what changes the folder is
done under a short `flock` of `.X.guard`, which the system lets go of with the process: comparing and replacing are one
step for everybody. Reading takes no guard and writes nothing.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from reconciler.adapters.store import durable
from reconciler.adapters.store.backend import Held, MovedError, Version
from reconciler.adapters.store.durable import UnconfirmedError, replace_file, sync_folder
from reconciler.adapters.store.past import Past
from reconciler.adapters.store.trouble import trouble
from reconciler.errors import StateError
from reconciler.model.state import Saved

# Seconds that somebody else may be at it; a swap or an append takes milliseconds, a stopped process for ever.
PATIENCE: Final = 10.0
_PAUSE: Final = 0.005
_HEAD_SIZE: Final = 4096


class FileBackend:
    """State in the file at `path` (a Backend)."""

    def __init__(self, path: Path) -> None:
        self.where = str(path)
        self._path = path
        self._lock = path.with_name(path.name + ".lock")
        self._journal = path.with_name(path.name + ".journal")
        self._guard_file = path.with_name(f".{path.name}.guard")
        self._past = Past(path)
        self._ours: bytes | None = None  # the lock that this process took
        self._ours_at: Version | None = None

    def read_state(self) -> Held | None:
        """Return the document; StateError where it was lost or rolled back since this machine saw it last."""
        before: tuple[Held | None] | None = None
        while True:
            held = self._read_document()
            refusal = self._past.against(None if held is None else held.data)
            if refusal is None:
                return held
            # A run that saves between the two looks makes the old document look lost; nobody saves for ever.
            if before == (held,):
                raise refusal
            before = (held,)

    def write_state(self, data: bytes, *, expected: Version | None, saved: Saved) -> Version:
        """Replace the document, and keep a copy in the history."""
        with self._guarded(f"cannot save state in {self._path.parent}: cannot write"):
            self._refuse_robbed()
            if _version(self._path) != expected:
                raise MovedError(f"{self._path} was changed by somebody else meanwhile", hint="plan again, then apply")
            try:
                replace_file(self._path, data)
                if expected is None:
                    sync_folder(self._path.parent.parent)  # whoever made the folder may not have
            except UnconfirmedError as error:
                raise StateError(
                    f"{self._path} was replaced but is not confirmed durable: {error.strerror}",
                    hint="the new state is in place; copy the folder to a sound disk before anything else",
                ) from error
            self._past.keep(data, saved)
            self._past.see(data)
            written = _version(self._path)
        if written is None:
            raise StateError(f"{self._path} was removed while it was being saved", hint="run nothing else there")
        return written

    def read_lock(self) -> Held | None:
        """Return the lock."""
        data = _read(self._lock)
        return None if data is None else Held(data, _digest(data))

    def swap_lock(self, data: bytes | None, *, expected: Version | None) -> None:
        """Replace the lock."""
        with self._guarded("cannot write the lock"):
            held = _read(self._lock)
            if (None if held is None else _digest(held)) != expected:
                raise MovedError(f"the lock of {self._path} has changed hands")
            if data is not None:
                self._replace_lock(data, held)
                self._ours, self._ours_at = data, _version(self._lock)
                return
            self._lock.unlink(missing_ok=True)
            if held == self._ours:
                self._ours = None
            sync_folder(self._path.parent)

    def read_journal(self) -> Held | None:
        """Return the journal."""
        data = _read(self._journal)
        return None if data is None else Held(data, _end(data[:_HEAD_SIZE], len(data)))

    def start_journal(self, data: bytes, *, expected: Version | None) -> Version:
        """Replace the journal."""
        with self._guarded("cannot write the journal"):
            self._refuse_robbed()
            self._refuse_moved_journal(expected)
            replace_file(self._journal, data)
            document = self._read_document()
            if document is not None:
                self._past.see(document.data)
        return _end(data[:_HEAD_SIZE], len(data))

    def append_journal(self, data: bytes, *, expected: Version) -> Version:
        """Add to the journal; what could only be written in part is taken back."""
        with self._guarded("cannot write the journal"):
            self._refuse_robbed()
            descriptor = self._open_journal()
            try:
                head, size = _head(descriptor)
                if _end(head, size) != expected:
                    raise self._moved_journal()
                try:
                    durable.write_all(descriptor, data)
                    os.fsync(descriptor)
                except BaseException:
                    with suppress(OSError):
                        os.ftruncate(descriptor, size)
                    raise
            finally:
                os.close(descriptor)
        return _end((head + data)[:_HEAD_SIZE], size + len(data))

    def drop_journal(self, *, expected: Version) -> None:
        """Remove the journal."""
        with self._guarded("cannot remove the journal"):
            self._refuse_robbed()
            self._refuse_moved_journal(expected)
            self._journal.unlink()
            sync_folder(self._path.parent)

    def require_room(self, size: int) -> None:
        """Write and sync so many bytes in the folder, and clear away what killed processes left of theirs."""
        with self._guarded(f"there is no room for the state ({_amount(size)} are needed): cannot write"):
            for path in (self._path, self._lock, self._journal):
                durable.sweep(path)
            durable.reserve(self._path.parent, size, prefix=durable.stray_prefix(self._path))

    def history(self) -> Sequence[Saved]:
        """Return what is known of the last versions that were saved by this machine."""
        return self._past.versions()

    def recall(self, serial: int) -> bytes | None:
        """Return the document of one of them."""
        return self._past.recall(serial)

    @contextmanager
    def _guarded(self, doing: str) -> Iterator[None]:
        """Be alone with the folder; OSErrors become StateErrors that begin with `doing`."""
        try:
            descriptor = self._open_guard()
            try:
                self._wait_for(descriptor)
                yield
            finally:
                os.close(descriptor)
        except OSError as error:
            raise trouble(doing, self._path.parent, error) from error

    def _open_guard(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.open(self._guard_file, flags, durable.PRIVATE)
        except FileNotFoundError:
            durable.make_folder(self._path.parent)
            return os.open(self._guard_file, flags, durable.PRIVATE)

    def _wait_for(self, descriptor: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StateError(
                        f"another process has been in the middle of writing beside {self._path} for {PATIENCE:.0f} s",
                        hint=f"see which process has {self._guard_file} open, and why it does not go on",
                    ) from None
                time.sleep(_PAUSE)

    def _refuse_robbed(self) -> None:
        """MovedError where this process took the lock and somebody took it away since.

        A lock is replaced by another file, never written to: while it is the same one, it need not be read.
        """
        if self._ours is None or (self._ours_at is not None and _version(self._lock) == self._ours_at):
            return
        if _read(self._lock) != self._ours:
            raise MovedError(f"the lock of {self._path} was taken away from this run", hint="see who writes there now")

    def _replace_lock(self, data: bytes, held: bytes | None) -> None:
        try:
            replace_file(self._lock, data)
        except UnconfirmedError:
            if held is None:
                self._lock.unlink(missing_ok=True)
            raise

    def _read_document(self) -> Held | None:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise trouble("cannot read", self._path, error) from error
        try:
            with os.fdopen(descriptor, "rb") as file:
                return Held(file.read(), _version_of(os.fstat(descriptor)))
        except OSError as error:
            raise trouble("cannot read", self._path, error) from error

    def _open_journal(self) -> int:
        try:
            return os.open(self._journal, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise self._moved_journal() from None

    def _refuse_moved_journal(self, expected: Version | None) -> None:
        held = self.read_journal()
        if (None if held is None else held.version) != expected:
            raise self._moved_journal()

    def _moved_journal(self) -> MovedError:
        return MovedError(f"{self._journal} is no longer the one that this run writes", hint="see who writes there now")


def _read(path: Path) -> bytes | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise trouble("cannot read", path, error) from error
    try:
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            return file.readall()
    except OSError as error:
        raise trouble("cannot read", path, error) from error


def _digest(data: bytes) -> Version:
    return hashlib.sha256(data).hexdigest()


def _version(path: Path) -> Version | None:
    try:
        return _version_of(path.stat())
    except FileNotFoundError:
        return None


def _version_of(facts: os.stat_result) -> Version:
    return f"{facts.st_dev}:{facts.st_ino}:{facts.st_mtime_ns}:{facts.st_size}"


def _head(descriptor: int) -> tuple[bytes, int]:
    return os.pread(descriptor, _HEAD_SIZE, 0), os.fstat(descriptor).st_size


def _end(head: bytes, size: int) -> Version:
    """Name a journal's end: its first line, which names the hold that writes it, and its size."""
    first_line, _, _ = head.partition(b"\n")
    return f"{_digest(first_line)}:{size}"


def _amount(size: int) -> str:
    return f"{max(size // 1024, 1)} KiB"
