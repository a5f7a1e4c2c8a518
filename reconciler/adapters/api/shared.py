"""Slots that every process of a user on this machine shares: one small file for each endpoint and key.

The file holds a header (what it is, which start of the machine its moments are of, how often it was written, the hold)
and one number for each slot. It lies where only its owner can read and write, and its name does not tell the key. It is
locked (`flock`) for some microseconds at a time. What is not whole counts as used up just now; what an earlier start of
the machine left, as used up when this one began.
"""

import fcntl
import math
import os
import secrets
import stat
import struct
import subprocess
import sys
import threading
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from reconciler.adapters.api.limiter import Limiter, Page
from reconciler.core.budget import Limit
from reconciler.model.settings import Environment

_MAGIC: Final = b"reconciler\x00lim1\x00"
_HEADER: Final = struct.Struct("=16s16sQQd")
_SLOT: Final = struct.Struct("=d")
_LARGEST: Final = 2**24
# Bytes of slots that are written in one piece with the header, which costs less than a second call of the system.
_AT_ONCE: Final = 2**14
_FEW: Final = 32
# Seconds that another process may hold the file's lock.
_PATIENCE: Final = 3.0
_TRIES: Final = 10
# Seconds that a moment can at most lie ahead beyond windows and requests, as a Retry-After makes it.
_AHEAD: Final = 3600.0


def state_folder(variables: Mapping[str, str]) -> Path | None:
    """Return the folder for what a user's programs keep, of this program; None where there is no such place."""
    given, home = variables.get("XDG_STATE_HOME", ""), variables.get("HOME", "")
    if given.startswith("/"):
        return Path(given) / "reconciler" / "limits"
    return Path(home) / ".local" / "state" / "reconciler" / "limits" if home.startswith("/") else None


def file_name(endpoint: str, key: str) -> str:
    """Return the name of the file for an endpoint and a key."""
    return sha256(b"reconciler limit\n" + endpoint.encode() + b"\n" + key.encode()).hexdigest()[:40]


def machine_start() -> bytes:
    """Return 16 bytes that are others after each start of the machine; OSError where it does not tell."""
    if sys.platform == "darwin":
        asked = ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]
        told = subprocess.run(asked, capture_output=True, check=False, timeout=5).stdout  # noqa: S603 - fixed words
    else:
        told = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    if len(told.strip()) < 16:
        raise OSError(0, "this machine does not tell when it started")
    return sha256(told.strip()).digest()[:16]


@contextmanager
def shared_limiter(
    environment: Environment, variables: Mapping[str, str], notice: Callable[[str], None]
) -> Iterator[Limiter]:
    """Return the limit of an environment's endpoint and key, shared with every process of the user on this machine."""
    rate, timeouts = environment.rate_limit, environment.timeouts
    requests = 0 if environment.is_sandbox else rate.requests
    limit = Limit(requests=requests, seconds=rate.seconds, patience=timeouts.request + timeouts.settle)
    name = file_name(environment.api, variables.get(environment.api_key_env, ""))
    slots = SharedSlots(state_folder(variables), name, limit=limit, notice=notice) if requests else None
    try:
        yield Limiter(limit, slots=slots)
    finally:
        if slots is not None:
            slots.close()


class SharedSlots:
    """Slots in a file (a Slots). Where that cannot be used, `notice` is told why, once, and they are this process's."""

    def __init__(self, folder: Path | None, name: str, *, limit: Limit, notice: Callable[[str], None]) -> None:
        self._path, self._limit, self._notice = folder and folder / name, limit, notice
        self._lock = threading.Lock()
        self._page = Page()
        self._hold = 0.0
        # How often the file had been written when it held what `_page` does; below 0 where that is not known.
        self._written = -1
        self._is_alone = False
        self._fd = -1
        self._start = b""

    @contextmanager
    def opened(self, now: float) -> Iterator[Page]:
        """Give the page to one thread of one process alone."""
        with self._lock:
            try:
                yield self._read(now)
                self._write()
            except BaseException:
                self._written = -1
                raise
            finally:
                self._unlock()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _read(self, now: float) -> Page:
        """Lock the file and read what others wrote; where that fails, go on without one."""
        if self._is_alone:
            return self._page
        try:
            if self._lock_file():
                self._use_up(now)
            elif self._written < 0 or os.pread(self._fd, _HEADER.size, 0) != self._header():
                self._take_over(now)
        except (OSError, subprocess.SubprocessError) as error:
            self._go_alone(error)
        self._hold = self._page.hold
        return self._page

    def _lock_file(self) -> bool:
        """Lock the file that others find too, and tell whether the one that was known was removed meanwhile."""
        self._start = self._start or machine_start()
        for attempt in range(_TRIES):
            if self._fd < 0:
                self._fd = _open(self._path, self._start)
            self._wait_for_lock()
            if os.fstat(self._fd).st_nlink:
                return attempt > 0
            self._close()
        raise OSError(0, "it is removed again and again")

    def _wait_for_lock(self) -> None:
        """Lock the file, which others do for a moment only; OSError where one of them stands still with it."""
        until, pause = time.monotonic() + _PATIENCE, 0.0002
        while True:
            try:
                return fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise OSError(0, "another process holds its lock and does not go on") from None
            time.sleep(pause)
            pause = min(2 * pause, 0.02)

    def _take_over(self, now: float) -> None:
        latest = now + self._limit.window * 2 + self._limit.patience + _AHEAD
        found = _found(os.pread(self._fd, _LARGEST, 0), self._start, latest=latest)
        if found is None:
            self._use_up(now)
        else:
            self._written, self._page = found

    def _use_up(self, now: float) -> None:
        """Count every slot as used just now, since what was known of them is lost."""
        uses = [now] * max(self._limit.requests, len(self._page.uses))
        self._page = Page(uses, touched=set(range(len(uses))))
        self._written = secrets.randbits(32)  # nobody has seen this number

    def _header(self) -> bytes:
        return _HEADER.pack(_MAGIC, self._start, self._written, len(self._page.uses), self._page.hold)

    def _write(self) -> None:
        """Write what was changed. The header comes first: whoever knows it would not look for a new slot."""
        page, touched = self._page, tuple(self._page.touched)
        page.touched.clear()
        if self._is_alone or (not touched and page.hold == self._hold):
            return
        self._written += 1
        slots = array("d", page.uses).tobytes()
        try:
            if len(slots) <= _AT_ONCE or len(touched) > _FEW:
                os.pwrite(self._fd, self._header() + slots, 0)
            else:
                os.pwrite(self._fd, self._header(), 0)
                for slot in touched:
                    os.pwrite(self._fd, _SLOT.pack(page.uses[slot]), _HEADER.size + slot * _SLOT.size)
            if len(touched) == len(page.uses):
                os.ftruncate(self._fd, _HEADER.size + len(slots))
        except OSError as error:
            self._go_alone(error)

    def _go_alone(self, error: Exception) -> None:
        self._close()
        self._is_alone = True
        said = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        self._notice(f"the request limit is counted for this process alone, since its file cannot be used: {said}")

    def _unlock(self) -> None:
        if self._fd >= 0:
            with suppress(OSError):
                fcntl.flock(self._fd, fcntl.LOCK_UN)

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            self._written = -1


def _open(path: Path | None, start: bytes) -> int:
    """Open a file of our own in a folder of our own, both made where there are none; OSError for anything else."""
    if path is None:
        raise OSError(0, "there is no home folder")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _refuse_others(os.fstat(folder), "the folder is not this user's alone")
        _make(path.name, start, folder)
        fd = os.open(path.name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        _refuse_others(os.fstat(fd), "the file is not this user's alone")
    except OSError:
        os.close(fd)
        raise
    return fd


def _make(name: str, start: bytes, folder: int) -> None:
    """Make the file where there is none, whole from the first moment: an empty one has lost what it held."""
    if name in os.listdir(folder):
        return
    new = f"{name}.{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(new, flags, 0o600, dir_fd=folder)
    try:
        os.write(fd, _HEADER.pack(_MAGIC, start, 0, 0, 0.0))
        with suppress(FileExistsError):
            os.link(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        os.close(fd)
        os.unlink(new, dir_fd=folder)


def _refuse_others(facts: os.stat_result, said: str) -> None:
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o077:
        raise OSError(0, said)
    if not stat.S_ISREG(facts.st_mode) and not stat.S_ISDIR(facts.st_mode):
        raise OSError(0, "it is no file")


def _found(data: bytes, start: bytes, *, latest: float) -> tuple[int, Page] | None:
    """Return how often a file was written and what it holds; None where that is not whole, or cannot be."""
    if len(data) < _HEADER.size:
        return None
    magic, of_start, written, count, hold = _HEADER.unpack_from(data)
    if magic != _MAGIC or len(data) != _HEADER.size + count * _SLOT.size:
        return None
    uses = array("d", data[_HEADER.size :]).tolist()
    if of_start != start:
        return written, Page([0.0] * len(uses), touched=set(range(len(uses))))
    is_sound = math.isfinite(hold + sum(uses)) and max(hold, *uses, 0.0) <= latest
    return (written, Page(uses, hold)) if is_sound else None
