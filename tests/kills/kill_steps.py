"""What runs inside of a process that is to be killed: it counts the process's steps and strikes at one of them.

A step is the moment right before something that outlives the process: a file of the watched folder is opened for
writing, written, cut, synced, renamed, linked or removed, a folder in it is made or synced, a socket connects, sends or
receives. What leaves nothing behind, such as a lock that ends with its process, is none. Every write gives one step
more, in which half of it is done. Each step is written to a log before it counts, so that the log of a process that is
gone ends with the step at which it went.
"""

import os
import pickle
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SUFFIXES: Final = {".tmp": "temp", ".journal": "journal", ".lock": "lock", ".json": "state"}


def kind_of(path: str) -> str:
    """Name what a path stands for in a table of steps."""
    if os.path.isdir(path):  # noqa: PTH112 - this runs in the process under test, at each of its steps
        return "folder"
    return _SUFFIXES.get(os.path.splitext(path)[1], "file")  # noqa: PTH122


class Steps:
    """Counts steps, and at step number `at` sends this process the signal `number`."""

    def __init__(self, watched: str, log: Path, *, at: int | None, number: int) -> None:
        self._watched = watched
        self._at = at
        self._number = number
        self._count = 0
        self._lock = threading.RLock()
        self._inside = threading.local()
        self._write: Callable[[int, Any], int] = os.write
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def step(self, name: str) -> bool:
        """Take one step; strike if it is the one, and tell so where this process has outlived it."""
        with self._lock:
            self._count += 1
            self._write(self._log, f"{name}\n".encode())
            struck = self._count == self._at
        if struck:
            os.kill(os.getpid(), self._number)
        return struck

    def is_watched(self, path: str) -> bool:
        return path.startswith(self._watched) and ".sqlite3" not in path and not path.endswith(".guard")

    def path_of(self, descriptor: int) -> str:
        try:
            return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - as above
        except OSError:
            return ""

    def install(self) -> None:
        """Begin to count: from here on every step of this process is one."""
        self._around_descriptors()
        self._around_paths()
        self._around_sockets()
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: Sequence[Any]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes) and (arguments[2] or 0) & _WRITES:
            path = os.fsdecode(arguments[0])
            if self.is_watched(path):
                self.step(f"open {kind_of(path)}")

    def _around_descriptors(self) -> None:
        for name in ("fsync", "fdatasync", "ftruncate"):
            self._replace(os, name, self._on_descriptor(name, getattr(os, name)))
        for name in ("write", "pwrite"):
            self._replace(os, name, self._on_write(name, getattr(os, name)))

    def _on_descriptor(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(descriptor: int, *rest: Any) -> Any:
            path = self.path_of(descriptor)
            if self.is_watched(path):
                self.step(f"{name} {kind_of(path)}")
            return real(descriptor, *rest)

        return call

    def _on_write(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(descriptor: int, data: Any, *rest: Any) -> Any:
            path = self.path_of(descriptor)
            if not self.is_watched(path):
                return real(descriptor, data, *rest)
            self.step(f"{name} {kind_of(path)}")
            if self._at == self._count + 1:
                # A write that is cut short by the kill, or by a signal, which leaves the rest to the caller.
                done = real(descriptor, bytes(data)[: len(data) // 2], *rest)
                self.step(f"half {name} {kind_of(path)}")
                return done
            self.step(f"half {name} {kind_of(path)}")
            return real(descriptor, data, *rest)

        return call

    def _around_paths(self) -> None:
        for name in ("rename", "replace", "link", "unlink", "remove", "mkdir", "rmdir"):
            self._replace(os, name, self._on_path(name, getattr(os, name)))

    def _on_path(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*paths: Any, **options: Any) -> Any:
            last = os.fsdecode(paths[1] if name in ("rename", "replace", "link") else paths[0])
            if self.is_watched(last) and not (name == "mkdir" and os.path.isdir(last)):  # noqa: PTH112 - as above
                self.step(f"{name} {kind_of(last)}")
            return real(*paths, **options)

        return call

    def _around_sockets(self) -> None:
        for name in ("connect", "send", "sendall", "recv", "recv_into"):
            self._replace(socket.socket, name, self._on_socket(name, getattr(socket.socket, name)))

    def _on_socket(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(self_: socket.socket, *rest: Any) -> Any:
            if self_.family in (socket.AF_INET, socket.AF_INET6):
                self.step(f"{name.removesuffix('all').removesuffix('_into')} socket")
            return real(self_, *rest)

        return call

    def _replace(self, place: Any, name: str, wrapped: Callable[..., Any]) -> None:
        setattr(place, name, wrapped)


class Recording(Steps):
    """Also keeps what the watched folder held after each step, what was synced, and what was acknowledged.

    The log is a row of pickles: ("files", {folder: {name: file}}, {file: bytes}), ("synced", file, bytes),
    ("synced folder", folder, {name: file}), ("begun", entry), ("kept", entry).
    """

    def __init__(self, watched: str, log: Path, events: Path) -> None:
        super().__init__(watched, log, at=None, number=0)
        self._events = events.open("wb")
        self._numbers: dict[int, int] = {}
        self._next = 0
        self._last: object = None

    def step(self, name: str) -> bool:
        with self._lock:
            self._look()
            return super().step(name)

    def note(self, *event: Any) -> None:
        """Enter something, after what the folder holds by now."""
        with self._lock:
            self._look()
            self._enter(event)

    def _enter(self, event: tuple[Any, ...]) -> None:
        pickle.dump(event, self._events)
        self._events.flush()

    def _look(self) -> tuple[dict[str, dict[str, int]], dict[int, bytes]]:
        folders: dict[str, dict[str, int]] = {}
        files: dict[int, bytes] = {}
        inodes: dict[int, int] = {}
        for folder, _, names in os.walk(self._watched):
            entries = folders.setdefault(folder, {})
            for name in names:
                if ".sqlite3" in name:
                    continue
                path = Path(folder) / name
                inode = path.lstat().st_ino
                if inode not in inodes:
                    inodes[inode] = self._numbers.get(inode) or self._new_number()
                    files[inodes[inode]] = path.read_bytes()
                entries[name] = inodes[inode]
        self._numbers = inodes  # the number of a file that is gone is never given to another one
        if self._last != (folders, files):
            self._last = (folders, files)
            self._enter(("files", folders, files))
        return folders, files

    def _new_number(self) -> int:
        self._next += 1
        return self._next

    def _on_descriptor(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        counted = super()._on_descriptor(name, real)
        if name == "ftruncate":
            return self._locked(counted)

        def call(descriptor: int, *rest: Any) -> Any:
            path = self.path_of(descriptor)
            with self._lock:
                folders, files = self._look()
                done = counted(descriptor, *rest)
                if path in folders:
                    self._enter(("synced folder", path, folders[path]))
                else:
                    number = self._numbers.get(os.fstat(descriptor).st_ino)
                    if number is not None:
                        self._enter(("synced", number, files[number]))
                return done

        return call

    def _on_write(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        return self._locked(super()._on_write(name, real))

    def _on_path(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        return self._locked(super()._on_path(name, real))

    def _locked(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Have nothing else happen from the look before a call to the one after it."""

        def locked(*arguments: Any, **options: Any) -> Any:
            with self._lock:
                done = call(*arguments, **options)
                self._look()
                return done

        return locked
