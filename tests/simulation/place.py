"""The place where state is kept, as one that fails: a backend in memory, and faults around any backend."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from reconciler.adapters.store.backend import Backend, Held, MovedError, Version
from reconciler.errors import StateError
from reconciler.model.state import Saved
from tests.simulation.faults import Faults
from tests.simulation.scheduler import Scheduler

Result = TypeVar("Result")


@dataclass
class Disk:
    """What lies there, whoever wrote it."""

    state: Held | None = None
    lock: Held | None = None
    journal: Held | None = None
    saved: list[tuple[Saved, bytes]] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)

    def version(self) -> Version:
        return f"v{next(self.numbers)}"


class MemoryBackend:
    """A Backend over a Disk; whatever it does is done at once and lasts."""

    where = "memory"

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def read_state(self) -> Held | None:
        return self._disk.state

    def write_state(self, data: bytes, *, expected: Version | None, saved: Saved) -> Version:
        _require(self._disk.state, expected)
        self._disk.state = Held(data, self._disk.version())
        self._disk.saved.append((saved, data))
        return self._disk.state.version

    def read_lock(self) -> Held | None:
        return self._disk.lock

    def swap_lock(self, data: bytes | None, *, expected: Version | None) -> None:
        _require(self._disk.lock, expected)
        self._disk.lock = None if data is None else Held(data, self._disk.version())

    def read_journal(self) -> Held | None:
        return self._disk.journal

    def start_journal(self, data: bytes, *, expected: Version | None) -> Version:
        _require(self._disk.journal, expected)
        self._disk.journal = Held(data, self._disk.version())
        return self._disk.journal.version

    def append_journal(self, data: bytes, *, expected: Version) -> Version:
        _require(self._disk.journal, expected)
        assert self._disk.journal is not None
        self._disk.journal = Held(self._disk.journal.data + data, self._disk.version())
        return self._disk.journal.version

    def drop_journal(self, *, expected: Version) -> None:
        _require(self._disk.journal, expected)
        self._disk.journal = None

    def require_room(self, size: int) -> None:
        pass

    def history(self) -> Sequence[Saved]:
        return [saved for saved, _ in reversed(self._disk.saved)]

    def recall(self, serial: int) -> bytes | None:
        return next((data for saved, data in reversed(self._disk.saved) if saved.serial == serial), None)


def _require(held: Held | None, expected: Version | None) -> None:
    if (None if held is None else held.version) != expected:
        raise MovedError("something else is there than what was expected")


class FailingBackend:
    """A Backend around another one, for one process: each operation is a seam, and may fail before or after."""

    def __init__(
        self,
        inner: Backend,
        scheduler: Scheduler,
        faults: Faults,
        *,
        saved: Callable[[bytes], None],
        swapped: Callable[[bytes | None, bytes | None], None],
        appended: Callable[[], None],
        gives_way: bool,
    ) -> None:
        self._inner = inner
        # Told of each document once it is there.
        self._saved = saved
        # Told of each lock that was replaced, and by what.
        self._swapped = swapped
        self._appended = appended
        self._scheduler = scheduler
        self._faults = faults
        # Only where locks wait in tasks: the store calls these with one held.
        self._gives_way = gives_way
        self.where = inner.where

    def read_state(self) -> Held | None:
        return self._do("read_state", self._inner.read_state, writes=False)

    def write_state(self, data: bytes, *, expected: Version | None, saved: Saved) -> Version:
        def write() -> Version:
            version = self._inner.write_state(data, expected=expected, saved=saved)
            self._saved(data)
            return version

        return self._do("write_state", write)

    def read_lock(self) -> Held | None:
        return self._do("read_lock", self._inner.read_lock, writes=False)

    def swap_lock(self, data: bytes | None, *, expected: Version | None) -> None:
        def swap() -> None:
            held = self._inner.read_lock()
            self._inner.swap_lock(data, expected=expected)
            self._swapped(None if held is None else held.data, data)

        self._do("swap_lock", swap)

    def read_journal(self) -> Held | None:
        return self._do("read_journal", self._inner.read_journal, writes=False)

    def start_journal(self, data: bytes, *, expected: Version | None) -> Version:
        return self._do("start_journal", lambda: self._inner.start_journal(data, expected=expected))

    def append_journal(self, data: bytes, *, expected: Version) -> Version:
        def append() -> Version:
            version = self._inner.append_journal(data, expected=expected)
            self._appended()
            return version

        return self._do("append_journal", append)

    def drop_journal(self, *, expected: Version) -> None:
        self._do("drop_journal", lambda: self._inner.drop_journal(expected=expected))

    def require_room(self, size: int) -> None:
        self._do("require_room", lambda: self._inner.require_room(size), writes=False)

    def history(self) -> Sequence[Saved]:
        return self._inner.history()

    def recall(self, serial: int) -> bytes | None:
        return self._inner.recall(serial)

    def _do(self, name: str, do: Callable[[], Result], *, writes: bool = True) -> Result:
        phase = "lock" if name.endswith("lock") else "store"
        self._scheduler.seam(f"{name}, before")
        if self._gives_way:
            self._scheduler.pause()
        fault = self._faults.of_store(phase, writes=writes)
        if fault == "fails before":
            self._tell(name, fault)
            raise StateError(f"{name} failed (simulated); nothing was written", hint="simulated")
        if fault == "moved":
            self._tell(name, fault)
            raise MovedError(f"{name} found another version (simulated)", hint="simulated")
        done = do()
        self._scheduler.seam(f"{name}, after")
        if fault == "fails after":
            self._tell(name, fault)
            raise StateError(f"{name} failed (simulated); nobody knows whether it was written", hint="simulated")
        if self._gives_way and name != "append_journal":
            self._scheduler.pause()
        return done

    def _tell(self, name: str, fault: str) -> None:
        task = self._scheduler.current
        assert task is not None
        self._scheduler.tell(f"{task.process.name}: {name} {fault}")
