"""The gate of a run: what its threads still may do once the run has ended without waiting for them.

It also keeps which changes had a write begun, since those can no longer be called "not sent".
"""

import threading
from dataclasses import dataclass, field

from reconciler.errors import ExitCode, StateError
from reconciler.model.outcome import Answer, NotSent
from reconciler.model.state import Entry
from reconciler.ports import Recorder, Writer


@dataclass(slots=True)
class Gate:
    """Open until `close`: what has not passed by then does not pass any more."""

    begun: set[str] = field(default_factory=set)
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    # Of its own, so that nobody who only begins has to wait until another one's entry is on the disk.
    _appending: threading.Lock = field(default_factory=threading.Lock)

    def close(self) -> None:
        """Let nothing through from now on; what is being appended is let finish."""
        with self._appending, self._lock:
            self._closed = True

    def begin(self, custom_id: str) -> bool:
        """Note that a write begins, and tell whether it may."""
        with self._lock:
            if not self._closed:
                self.begun.add(custom_id)
            return not self._closed

    def append(self, session: Recorder, entry: Entry) -> None:
        """Pass an entry on to the session, which is about to be folded once the gate is closed."""
        with self._appending:
            if self._closed:
                raise StateError("the run had ended before this could be recorded")
            session.append(entry)


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
        return self.writer.create(body) if self.gate.begin(self.custom_id) else _ENDED

    def update(self, sequence_id: str, body: bytes) -> Answer:
        """PATCH, while the run lasts."""
        return self.writer.update(sequence_id, body) if self.gate.begin(self.custom_id) else _ENDED


_ENDED = NotSent("the run had ended", cause=ExitCode.REFUSED)
