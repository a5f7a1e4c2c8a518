"""State, over any backend: what is the same wherever it lies.

Reading never writes and takes no lock: the journal is read before the document, so what has been folded meanwhile is
in the one or in the other. Writing goes through a session, which holds the lock.
"""

import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from reconciler.adapters.store.alike import Alike
from reconciler.adapters.store.backend import Backend, Held, MovedError, Version
from reconciler.adapters.store.emergency import EmergencyCopy
from reconciler.adapters.store.encoding import DamagedError, decode, decode_header
from reconciler.adapters.store.holds import decode_hold, encode_hold, let_go, locked
from reconciler.adapters.store.journal import Heading, decode_journal, fence_line, heading_line
from reconciler.adapters.store.session import Start, StoreSession, encoded, saved_by
from reconciler.core.collector import paused_collector
from reconciler.core.ledger import fold
from reconciler.errors import RefusedError, StateError
from reconciler.model.hold import Hold
from reconciler.model.state import Entry, Saved, State

LEAST_ROOM: Final = 64 * 1024
# How often a compare-and-set is tried anew while others move the same thing.
_TRIES: Final = 20


def _nobody_is_gone(_: Hold) -> str | None:
    return None


class Store:
    """The state in one backend (a StateStore of the ports).

    `me` makes a new hold for a purpose; `is_gone` returns what proves that a holder is gone, as the rest of a
    sentence, or None; `notice` is told of a takeover; `now` is the moment as RFC 3339 text; `emergency` are the
    folders for an emergency copy, the best first. `alike` is shared by the stores of many organisations.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        me: Callable[[str], Hold],
        now: Callable[[], str],
        is_gone: Callable[[Hold], str | None] = _nobody_is_gone,
        notice: Callable[[str], None] = lambda _: None,
        emergency: Sequence[Path] = (),
        new_lineage: Callable[[], str] = lambda: str(uuid.uuid4()),
        alike: Alike | None = None,
    ) -> None:
        self._backend = backend
        self._me = me
        self._now = now
        self._is_gone = is_gone
        self._notice = notice
        self._emergency = tuple(emergency)
        self._new_lineage = new_lineage
        self._decode = decode if alike is None else alike.decode

    def load(self) -> State | None:
        """Return state with all journal entries folded in; None where none was ever written."""
        journal = self._backend.read_journal()
        return self._folded(self._backend.read_state(), journal)

    def begin(self, base: State | None, purpose: str) -> StoreSession:
        """Take the lock and begin to write, on top of what `load` returned."""
        hold = self._me(purpose)
        self._take(hold)
        try:
            start = self._started(base, hold)
        except BaseException:
            with suppress(StateError):
                let_go(self._backend, hold.nonce)
            raise
        return StoreSession(self._backend, start, hold, emergency=self._emergency, now=self._now)

    def holder(self) -> Hold | None:
        """Return who holds the lock."""
        held = self._backend.read_lock()
        return None if held is None else decode_hold(held.data, where=self._backend.where)

    def unlock(self, nonce: str) -> Hold:
        """Take away the lock with this nonce, so that its holder, should it still live, writes nothing more."""
        held = self._backend.read_lock()
        if held is None:
            raise RefusedError(f"nobody holds the lock of {self._backend.where}")
        hold = decode_hold(held.data, where=self._backend.where)
        if hold.nonce != nonce:
            raise RefusedError(
                f"the lock of {self._backend.where} has another nonce: it is held by {hold.who} on {hold.host}",
                hint=f"be sure that it is this run that is gone, then: `reconciler state unlock {hold.nonce}`",
            )
        self._fence(nonce)
        try:
            self._backend.swap_lock(None, expected=held.version)
        except MovedError as error:
            raise RefusedError(f"the lock of {self._backend.where} has changed hands meanwhile") from error
        self._fence(nonce)  # once more, for a holder that was just beginning
        return hold

    def history(self) -> Sequence[Saved]:
        """Return what is known of the versions that were saved, the newest first."""
        return self._backend.history()

    def recall(self, serial: int) -> State:
        """Return an earlier version; StateError where it is not kept."""
        data = self._backend.recall(serial)
        if data is None:
            raise StateError(
                f"serial {serial} of {self._backend.where} is not kept", hint="`reconciler state history` lists what is"
            )
        with paused_collector():
            return decode(data, where=f"serial {serial} of {self._backend.where}")

    def recover(self, copy: EmergencyCopy) -> State:
        """Take an emergency copy back; RefusedError where state is another one, or has gone past it."""
        state = self.load()
        if state is None or state.lineage != copy.lineage:
            raise RefusedError(
                f"the emergency copy belongs to another state than the one in {self._backend.where}: to {copy.where}",
                hint="choose the environment that it was written for with --env",
            )
        if not self._fits(state, copy):
            raise RefusedError(
                f"state in {self._backend.where} has gone past the emergency copy: serial {state.serial} was saved "
                f"on top of {copy.serial}, which the copy builds on",
                hint="`reconciler plan --refresh all` shows what differs from live now",
            )
        session = self.begin(state, "state recover")
        return session.finish(fold(state, copy.entries))

    def _fits(self, state: State, copy: EmergencyCopy) -> bool:
        """Tell whether state is what the copy builds on, with none, some or all of its entries taken in already."""
        if state.serial == copy.serial:
            return True
        try:
            stage = self.recall(copy.serial)
        except StateError:
            return False
        return _passes(stage, copy.entries, state)

    def _take(self, hold: Hold) -> None:
        """Take the lock; LockedError while somebody else holds it who is not proved gone."""
        for _ in range(_TRIES):
            held = self._backend.read_lock()
            other = None if held is None else decode_hold(held.data, where=self._backend.where)
            proof = None if other is None else self._is_gone(other)
            if other is not None and proof is None:
                raise locked(other, where=self._backend.where)
            try:
                self._backend.swap_lock(encode_hold(hold), expected=None if held is None else held.version)
            except MovedError:
                continue
            if other is not None:
                self._notice(f"taking over the lock of {other.who} on {other.host} since {other.since}: {proof}")
            return
        raise StateError(f"the lock of {self._backend.where} keeps changing hands", hint="try again later")

    def _started(self, base: State | None, hold: Hold) -> Start:
        """See that state is what the caller knows and can be written; save what a stopped run left; start a journal."""
        journal = self._backend.read_journal()
        held = self._backend.read_state()
        state = self._folded(held, journal)
        if state != base:
            raise StateError(
                f"{self._backend.where} was changed by somebody else since it was read", hint="plan again, then apply"
            )
        self._backend.require_room(max(LEAST_ROOM, 0 if held is None else 2 * len(held.data)))
        begun = state or State(lineage=self._new_lineage(), serial=1)
        version = self._brought_up(begun, held, hold)
        heading = Heading(lineage=begun.lineage, serial=begun.serial, nonce=hold.nonce)
        end = self._backend.start_journal(heading_line(heading), expected=None if journal is None else journal.version)
        # Whoever takes the lock away from now on finds a journal to fence; whoever has done so before is seen here.
        mine = self._backend.read_lock()
        if mine is None or mine.data != encode_hold(hold):
            raise StateError(f"the lock of {self._backend.where} was taken away", hint="see who writes there now")
        return Start(state=begun, version=version, journal=end, is_born=state is None)

    def _brought_up(self, state: State, held: Held | None, hold: Hold) -> Version:
        """Save what the document does not hold yet: a state that is born, or what a stopped run left in its journal."""
        if held is not None and decode_header(held.data, where=self._backend.where).serial == state.serial:
            return held.version
        saved = saved_by(hold, state, self._now())
        return self._backend.write_state(encoded(state), expected=None if held is None else held.version, saved=saved)

    def _folded(self, held: Held | None, journal: Held | None) -> State | None:
        where = self._backend.where
        if held is None:
            if journal is not None:
                raise StateError(
                    f"{where} is missing, but its journal says that a run has written there",
                    hint="bring the state back; it is never taken for empty",
                )
            return None
        state = self._decoded(held.data)
        found = None if journal is None else decode_journal(journal.data, where=where)
        if found is None:
            return state
        if found.heading.lineage != state.lineage or found.heading.serial > state.serial:
            raise StateError(
                f"the journal of {where} does not belong to it: it builds on another or a later state",
                hint="bring back the state that the last run wrote",
            )
        # A lower serial: the run had saved state and was stopped before it could remove the journal.
        return fold(state, found.entries) if found.heading.serial == state.serial else state

    def _decoded(self, data: bytes) -> State:
        try:
            with paused_collector():
                return self._decode(data, where=self._backend.where)
        except DamagedError as error:
            good = self._last_good()
            if good is None:
                raise
            raise StateError(
                f"{error.message}; last good: serial {good}",
                hint=f"`reconciler state pull --serial {good} --out FILE` writes that one out: put it in the place of "
                "the damaged one by hand; it is never taken for empty, since everything would be created a second time",
            ) from error

    def _last_good(self) -> int | None:
        for saved in self._backend.history():
            with suppress(StateError):
                return self.recall(saved.serial).serial
        return None

    def _fence(self, nonce: str) -> None:
        """Move the end of the journal that the hold with this nonce writes: its next append finds that, and stops."""
        for _ in range(_TRIES):
            held = self._backend.read_journal()
            found = None if held is None else decode_journal(held.data, where=self._backend.where)
            if held is None or found is None or found.heading.nonce != nonce or found.is_fenced:
                return
            with suppress(MovedError):
                if found.whole == held.data:
                    self._backend.append_journal(fence_line(), expected=held.version)
                else:
                    self._backend.start_journal(found.whole + fence_line(), expected=held.version)
                return


def _passes(stage: State, entries: Sequence[Entry], state: State) -> bool:
    """Tell whether folding the entries one after the other comes by this state, what was looked at aside."""
    content = _content(state)
    if _content(stage) == content:
        return True
    for entry in entries:
        stage = fold(stage, [entry])
        if _content(stage) == content:
            return True
    return False


def _content(state: State) -> tuple[object, ...]:
    return state.org_id, dict(state.records), dict(state.pending), state.plans, state.overrides
