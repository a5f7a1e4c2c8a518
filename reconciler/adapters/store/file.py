"""State in a file, with the journal of an unfinished run beside it.

Reading never writes: what a stopped run left in the journal is folded in memory, and saved by the next run that writes.
"""

import uuid
from collections.abc import Callable
from pathlib import Path

from reconciler.adapters.store.durable import replace_file
from reconciler.adapters.store.encoding import Header, decode, decode_header, encode
from reconciler.adapters.store.journal import Journal, read_journal
from reconciler.core.collector import paused_collector
from reconciler.core.ledger import fold
from reconciler.errors import StateError
from reconciler.model.state import Entry, State


class FileStore:
    """State in `path`; `path.journal` beside it while a run writes, and after one that was stopped."""

    def __init__(self, path: Path, *, new_lineage: Callable[[], str] = lambda: str(uuid.uuid4())) -> None:
        self._path = path
        self._journal = path.with_name(path.name + ".journal")
        self._new_lineage = new_lineage

    def load(self) -> State | None:
        """Return state with all journal entries folded in; None where none was ever written."""
        data, journal = _read(self._path), _read(self._journal)
        if data is None:
            if journal:
                raise StateError(
                    f"{self._path} is missing, but {self._journal.name} beside it says that a run has written there",
                    hint="bring the state file back; it is never taken for empty",
                )
            return None
        with paused_collector():
            state = decode(data, where=str(self._path))
        return self._folded(state, journal) if journal else state

    def begin(self, base: State | None) -> "FileSession":
        """Begin to write, on top of what `load` returned.

        LockedError while another process writes, StateError if state has moved since it was read.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            journal = Journal(self._journal)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        try:
            return FileSession(path=self._path, journal=journal, base=self._started(journal, base))
        except OSError as error:
            journal.give_up()
            raise _unwritable(self._path, error) from error
        except BaseException:
            journal.give_up()
            raise

    def _started(self, journal: Journal, base: State | None) -> State:
        """Save what is to be built on, and start the journal on top of it."""
        if self.load() != base:
            raise StateError(
                f"{self._path} was changed by somebody else since it was read", hint="plan again, then apply"
            )
        state = base or State(lineage=self._new_lineage(), serial=1)
        on_disk = _read(self._path)
        if on_disk is None or decode_header(on_disk, where=str(self._path)).serial != state.serial:
            replace_file(self._path, _encoded(state))
        journal.start(Header(lineage=state.lineage, serial=state.serial))
        return state

    def _folded(self, state: State, data: bytes) -> State:
        found = read_journal(data, where=str(self._journal))
        if found is None:
            return state
        base, entries = found
        if base.lineage != state.lineage or base.serial > state.serial:
            raise StateError(
                f"{self._journal.name} does not belong to {self._path}: it builds on another or a later state",
                hint="bring back the state file that the last run wrote",
            )
        # A lower serial: the run had saved state and was stopped before it could remove the journal.
        return fold(state, entries) if base.serial == state.serial else state


class FileSession:
    """One run's writing: entries go to the journal at once, and into state at the end."""

    def __init__(self, *, path: Path, journal: Journal, base: State) -> None:
        self._path = path
        self._journal = journal
        self._base = base
        self._entries: list[Entry] = []

    def append(self, entry: Entry) -> None:
        """Make an entry durable before returning; StateError when that fails."""
        try:
            self._journal.append(entry)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        self._entries.append(entry)

    def finish(self) -> State:
        """Fold the entries into state, save it, and remove the journal; where saving fails, the journal stays."""
        folded = fold(self._base, self._entries)
        try:
            if folded is not self._base:
                self._save(folded)
            self._journal.remove()
        except OSError as error:
            self.abandon()
            raise _unwritable(self._path, error) from error
        except StateError:
            self.abandon()
            raise
        return folded

    def abandon(self) -> None:
        """Leave everything as a killed process would: the next run finds the journal and folds it."""
        self._journal.close()

    def _save(self, state: State) -> None:
        on_disk = _read(self._path)
        header = None if on_disk is None else decode_header(on_disk, where=str(self._path))
        if header is None or (header.lineage, header.serial) != (self._base.lineage, self._base.serial):
            raise StateError(
                f"{self._path} was changed by somebody else during this run; what this run did is in "
                f"{self._path.name}.journal",
                hint="keep both files and compare them before anything is applied again",
            )
        replace_file(self._path, _encoded(state))


def _encoded(state: State) -> bytes:
    """Return the bytes to save, after reading them once: what could not be read again would lose every id."""
    data = encode(state)
    with paused_collector():
        decode(data, where="the state that was about to be saved")
    return data


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"cannot read {path}: {error.strerror}", hint="check its permissions") from error


def _unwritable(path: Path, error: OSError) -> StateError:
    return StateError(f"cannot write state in {path.parent}: {error.strerror}", hint="check its permissions and space")
