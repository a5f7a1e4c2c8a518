"""The gate of a run: what its threads still may do once it stops, and once it has ended without waiting for them.

It also keeps which changes had a write begun, since those can no longer be called "not sent".
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from reconciler.errors import ExitCode, StateError
from reconciler.model.outcome import Answer, NotSent
from reconciler.model.state import Entry
from reconciler.ports import Clock, Recorder, Writer

# Seconds that a wait goes on at most after the run was told to hurry.
_SLICE: Final = 0.5


@dataclass(slots=True)
class Gate:
    """Open until `stop`, which lets no further change begin to write; what has begun may be brought to its end.

    After `hurry` nothing is written any more and nothing is waited for; after `close` nothing is recorded either.
    `opening` is recorded before the first entry: a run that does nothing leaves nothing.
    """

    opening: Entry | None = None
    begun: set[str] = field(default_factory=set)
    is_hurried: bool = False
    _stopped: NotSent | None = None
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    # Of its own, so that nobody who only begins has to wait until another one's entry is on the disk. It is not held
    # while an entry is: what several threads bring at a time, the session makes durable at once.
    _appending: threading.Condition = field(default_factory=threading.Condition)
    _entering: int = 0

    def stop(self, reason: str, cause: ExitCode) -> None:
        """Let no further change begin to write; the first reason stays."""
        with self._lock:
            self._stopped = self._stopped or NotSent(reason, cause=cause)

    def hurry(self) -> None:
        """Let nothing more be written, and no wait go on."""
        self.stop("the run was stopped", ExitCode.REFUSED)
        with self._lock:
            self.is_hurried = True

    def close(self) -> None:
        """Let nothing through from now on; what is being appended is let finish."""
        self.stop("the run had ended", ExitCode.REFUSED)
        with self._appending:
            with self._lock:
                self._closed = True
            self._appending.wait_for(lambda: not self._entering)

    def write(self, custom_id: str, send: Callable[[], Answer]) -> Answer:
        """Send a write of a change, or tell why it is not sent; what provably did not leave has not begun."""
        with self._lock:
            again = custom_id in self.begun
            shut = self._closed or self.is_hurried or (self._stopped is not None and not again)
            if shut:
                return self._stopped or NotSent("the run had ended", cause=ExitCode.REFUSED)
            self.begun.add(custom_id)
        answer = send()
        if isinstance(answer, NotSent) and not again:
            with self._lock:
                self.begun.discard(custom_id)
        return answer

    def append(self, session: Recorder, entry: Entry) -> None:
        """Pass an entry on to the session, which is about to be folded once the gate is closed."""
        with self._appending:
            if self._closed:
                raise StateError("the run had ended before this could be recorded")
            if self.opening is not None:
                session.append(self.opening)
                self.opening = None
            self._entering += 1
        try:
            session.append(entry)
        finally:
            with self._appending:
                self._entering -= 1
                self._appending.notify_all()


@dataclass(frozen=True, slots=True)
class GatedSession:
    """A session behind a gate."""

    session: Recorder
    gate: Gate

    def append(self, entry: Entry) -> None:
        """Make an entry durable, while the run lasts."""
        self.gate.append(self.session, entry)


@dataclass(frozen=True, slots=True)
class GatedWriter:
    """A writer behind a gate, for one change."""

    writer: Writer
    gate: Gate
    custom_id: str

    def create(self, body: bytes) -> Answer:
        """POST, while the run lasts."""
        return self.gate.write(self.custom_id, lambda: self.writer.create(body))

    def update(self, sequence_id: str, body: bytes) -> Answer:
        """PATCH, while the run lasts."""
        return self.gate.write(self.custom_id, lambda: self.writer.update(sequence_id, body))

    def cancel(self, sequence_id: str) -> Answer:
        """PUT the cancel of a sequence, while the run lasts."""
        return self.gate.write(self.custom_id, lambda: self.writer.cancel(sequence_id))


@dataclass(frozen=True, slots=True)
class GatedClock:
    """A clock whose waits end early once the run is told to hurry: whoever waited looks at once instead."""

    clock: Clock
    gate: Gate

    def monotonic(self) -> float:
        """Return seconds that only ever rise."""
        return self.clock.monotonic()

    def moment(self) -> str:
        """Return the moment as RFC 3339 text in UTC."""
        return self.clock.moment()

    def sleep(self, seconds: float) -> None:
        """Wait, while there is time."""
        left = seconds
        while left > 0 and not self.gate.is_hurried:
            self.clock.sleep(min(left, _SLICE))
            left -= _SLICE
