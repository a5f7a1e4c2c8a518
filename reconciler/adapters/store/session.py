"""One run's exclusive hold on a state: entries go to the journal at once, and into state at the end."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.adapters.store.backend import Backend, MovedError, Version
from reconciler.adapters.store.emergency import EmergencyCopy, write_emergency
from reconciler.adapters.store.encoding import decode, decode_header, encode
from reconciler.adapters.store.holds import let_go
from reconciler.adapters.store.journal import decode_journal, entry_line
from reconciler.core.collector import paused_collector
from reconciler.core.ledger import fold
from reconciler.errors import StateError
from reconciler.model.hold import Hold
from reconciler.model.state import Entry, Intended, Saved, Settled, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a session begins with: the state, which version of the document it is, and where the journal ends.

    `is_born` where there was none before.
    """

    state: State
    version: Version
    journal: Version
    is_born: bool


@dataclass(eq=False, slots=True)
class _Waiting:
    """An entry on its way to the journal: durable once `done`, unless it `failed`."""

    entry: Entry
    line: bytes
    done: bool = False
    failed: bool = False


class StoreSession:
    """A run's writing to a backend (a Session of the ports).

    Several threads may append: what the others bring while one of them writes goes out with the next write, in one
    piece. Nobody waits for anything but that write.
    """

    def __init__(
        self, backend: Backend, start: Start, hold: Hold, *, emergency: tuple[Path, ...], now: Callable[[], str]
    ) -> None:
        self._backend = backend
        self._start = start
        self._end = start.journal
        self._hold = hold
        self._emergency = emergency
        self._now = now
        self._entries: list[Entry] = []
        self._open = set(start.state.pending)
        self._queue: list[_Waiting] = []
        self._queueing = threading.Lock()
        self._writing = threading.Lock()
        self._broken: StateError | None = None
        self._ended: State | StateError | None = None

    @property
    def by(self) -> str:
        """Who writes, for people."""
        return self._hold.url or f"{self._hold.who}@{self._hold.host}"

    def append(self, entry: Entry) -> None:
        """Make an entry durable. Once that has failed, nothing more is; what was brought is kept for `finish`."""
        waiting = _Waiting(entry, entry_line(entry))
        with self._queueing:
            self._queue.append(waiting)
        with self._writing:
            if not waiting.done:
                self._write_queue()
            broken = self._broken if waiting.failed else None
        if broken is not None:
            raise StateError(broken.message, hint=broken.hint) from broken

    def finish(self, state: State | None = None) -> State:
        """Save what the entries (or the given state) come to, drop the journal, let go of the lock."""
        with self._writing:
            if self._ended is None:
                self._ended = self._finished(state)
            if isinstance(self._ended, StateError):
                raise self._ended
            return self._ended

    def _write_queue(self) -> None:
        with self._queueing:
            batch, self._queue = self._queue, []
        try:
            self._write(batch)
        except BaseException as error:
            self._broken = error if isinstance(error, StateError) else StateError(f"cut off by {type(error).__name__}")
            self._keep_failed(batch)
            if not isinstance(error, StateError):
                raise
        else:
            self._keep(batch)
        finally:
            for each in batch:
                each.done = True

    def _write(self, batch: list[_Waiting]) -> None:
        if self._ended is not None:
            raise StateError("the run has ended: nothing more is recorded", hint="this is a bug; please report it")
        if self._broken is not None:
            raise self._broken
        self._end = self._backend.append_journal(b"".join(each.line for each in batch), expected=self._end)

    def _keep(self, batch: list[_Waiting]) -> None:
        for each in batch:
            self._entries.append(each.entry)
            if isinstance(each.entry, Intended):
                self._open.add(each.entry.custom_id)
            elif isinstance(each.entry, Settled):
                self._open.discard(each.entry.custom_id)

    def _keep_failed(self, batch: list[_Waiting]) -> None:
        """Keep what is not known to be durable. Of an intent that never was, the write never left: it is taken back.

        It is kept all the same: the journal may hold it, and then this run's entries must still be told as such.
        """
        for each in batch:
            each.failed = True
            self._entries.append(each.entry)
        for each in batch:
            if isinstance(each.entry, Intended) and each.entry.custom_id not in self._open:
                self._entries.append(Settled(custom_id=each.entry.custom_id, record=None))

    def _finished(self, given: State | None) -> State | StateError:
        """Return what was saved, or why nothing was: then the lock and the journal stay for whoever looks into it."""
        base = self._start.state
        try:
            wanted = fold(base, self._entries) if given is None else self._given(given)
            if isinstance(self._broken, MovedError):
                raise self._broken
            if wanted != base:
                self._save(wanted)
        except _UnconfirmedError as error:
            return error
        except StateError as error:
            return self._unsaved(error)
        return self._let_go() or wanted

    def _given(self, state: State) -> State:
        """Return a given state with the serial that it is saved under; its lineage counts only where none was there."""
        base = self._start.state
        if state.lineage != base.lineage and not self._start.is_born:
            raise StateError(f"the state to be saved is of another lineage than the one in {self._backend.where}")
        if replace(state, serial=base.serial, unmoved_since=base.unmoved_since) == base:
            return base
        if self._start.is_born:
            return state
        return replace(state, serial=max(state.serial, base.serial + 1), unmoved_since=None)

    def _save(self, state: State) -> None:
        data = encoded(state)
        held, base = self._backend.read_state(), self._start.state
        header = None if held is None else decode_header(held.data, where=self._backend.where)
        if header is None or (header.lineage, header.serial) != (base.lineage, base.serial):
            raise MovedError(f"{self._backend.where} was changed by somebody else during this run")
        saved = saved_by(self._hold, state, self._now())
        try:
            self._backend.write_state(data, expected=self._start.version, saved=saved)
        except StateError as error:
            if not self._is_there(data):
                raise
            raise _UnconfirmedError(error.message, hint=error.hint) from error

    def _is_there(self, data: bytes) -> bool:
        try:
            held = self._backend.read_state()
        except StateError:
            return False
        return held is not None and held.data == data

    def _unsaved(self, error: StateError) -> StateError:
        """Rescue what the run did, and return what to say; a run that did nothing leaves nothing behind."""
        reason = f"state was not saved: {error.message}"
        if not self._entries:
            self._let_go()
            return StateError(reason, hint=error.hint)
        base = self._start.state
        where = self._backend.where
        copy = EmergencyCopy(lineage=base.lineage, serial=base.serial, where=where, entries=tuple(self._entries))
        try:
            path = write_emergency(copy, self._emergency)
        except StateError as failure:
            return StateError(
                f"{reason}; {failure.message}: what was not recorded before is lost",
                hint="look at each sequence of this run in the dashboard before apply is run again",
            )
        again = f"do not run apply again before `reconciler state recover {path}`"
        return StateError(f"{reason}; an emergency copy is in {path}; {again}", hint=error.hint)

    def _let_go(self) -> StateError | None:
        """Drop the journal, then the lock, where they are still ours; what fails is told, and undoes nothing."""
        failures = []
        for step in (self._drop_journal, lambda: let_go(self._backend, self._hold.nonce)):
            try:
                step()
            except MovedError:
                continue  # somebody has taken it over since: what was to be saved is saved
            except StateError as error:
                failures.append(error)
        if not failures:
            return None
        return StateError(
            f"state was saved, but the lock or the journal stays behind: {failures[0].message}",
            hint=f"once that is mended: `reconciler state unlock {self._hold.nonce}`",
        )

    def _drop_journal(self) -> None:
        held = self._backend.read_journal()
        journal = None if held is None else decode_journal(held.data, where=self._backend.where)
        if held is not None and journal is not None and journal.heading.nonce == self._hold.nonce:
            self._backend.drop_journal(expected=held.version)


class _UnconfirmedError(StateError):
    """The new state is in place, but may not last. The journal stays: it would bring back what a power cut takes."""


def encoded(state: State) -> bytes:
    """Return the bytes to save, after reading them once: what could not be read again would lose every id."""
    data = encode(state)
    with paused_collector():
        decode(data, where="the state that was about to be saved")
    return data


def saved_by(hold: Hold, state: State, moment: str) -> Saved:
    """Return what history says of a version that this hold saves."""
    return Saved(serial=state.serial, since=moment, by=f"{hold.who}@{hold.host} ({hold.purpose})")
