"""State on a ref of the repository's own remote: no other service is needed, and `git log` of the ref is its history.

Each version of the document is a commit on the ref. The lock is a ref beside it (`REF@lock`), and so is the journal
(`REF@journal`), a chain of small commits, so that an outcome costs one small push. Whoever writes names the commit
that it knew of; the remote swaps the ref for the new commit only if it still points there.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from reconciler.adapters.store.backend import Held, MovedError, Version
from reconciler.adapters.store.git_objects import (
    GitObject,
    is_commit_name,
    require_state_ref,
    saved_of,
    seconds_of,
    subject_of,
    version_objects,
)
from reconciler.adapters.store.git_private import Pushed, Verdict
from reconciler.adapters.store.git_workplace import Workplace
from reconciler.errors import StateError
from reconciler.model.state import Saved

_BEGINS: Final = "Journal begins\n"
_GOES_ON: Final = "Journal goes on\n"
# Seconds between attempts where another writer holds the ref on the server.
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8)


class _Slot(NamedTuple):
    """One ref, the file in its commits, and how many of them are read (None: all)."""

    ref: str
    file: str
    depth: int | None


class GitBackend:
    """State on `ref` of `remote`, as the git repository that `repository` is in knows it; made at the first use.

    `timeout` is in seconds, for each call of git. ConfigurationError where the ref may not hold a state, where the
    folder is in no git repository, and where that has no such remote.
    """

    def __init__(
        self,
        repository: Path,
        ref: str,
        *,
        remote: str = "origin",
        timeout: float = 60.0,
        seconds: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        require_state_ref(ref)
        self.where = f"{ref} on {remote}"
        self._remote = remote
        self._workplace = Workplace(repository, remote, timeout=timeout)
        self._seconds = seconds
        self._pause = pause
        self._state = _Slot(ref, "state.json", 1)
        self._lock = _Slot(f"{ref}@lock", "lock.json", 1)
        self._journal = _Slot(f"{ref}@journal", "entries", None)
        # Commits that are in the private repository, whole.
        self._known: set[Version] = set()
        self._has_written = False

    # --- the document

    def read_state(self) -> Held | None:
        """Return the document; None where none was ever written."""
        return self._read(self._state)

    def write_state(self, data: bytes, *, expected: Version | None, saved: Saved) -> Version:
        """Add a version on top of the one that is expected; MovedError where the ref is elsewhere."""
        return self._put(self._state, data, expected=expected, message=subject_of(saved), moment=saved.since)

    def history(self) -> Sequence[Saved]:
        """Return the versions in the ref's log, the newest first."""
        with self._workplace.past(self._state.ref) as (_, log):
            return [saved for _, message in log if (saved := saved_of(message))]

    def recall(self, serial: int) -> bytes | None:
        """Return the document of the last version with this serial; None where the ref's log has none."""
        with self._workplace.past(self._state.ref) as (past, log):
            for name, message in log:
                saved = saved_of(message)
                if saved and saved.serial == serial:
                    (data,) = past.read(f"{name}:{self._state.file}")
                    if data is None:
                        raise self._foreign(self._state)
                    return data
        return None

    # --- the lock

    def read_lock(self) -> Held | None:
        """Return the lock; None where nobody holds it."""
        return self._read(self._lock)

    def swap_lock(self, data: bytes | None, *, expected: Version | None) -> None:
        """Replace the lock that is expected (None: nobody holds it); `data` None lets go. MovedError otherwise."""
        if data is not None:
            self._put(self._lock, data, expected=expected, message="Lock\n")
        elif expected is not None:
            self._swap(self._lock, None, expected=expected)
        elif self._workplace.private.tips(self._lock.ref):
            raise self._moved(self._lock)

    # --- the journal

    def read_journal(self) -> Held | None:
        """Return all that was appended, in order, and the commit at its end; None where there is no journal."""
        tip = self._bring(self._journal)
        if tip is None:
            return None
        chain: list[str] = []
        for name, message in self._workplace.private.log(tip):
            chain.append(name)
            if message.startswith(_BEGINS):
                break
        else:
            raise self._foreign(self._journal)
        parts = self._workplace.private.read(*(f"{name}:{self._journal.file}" for name in reversed(chain)))
        whole = [part for part in parts if part is not None]
        if len(whole) < len(parts):
            raise self._foreign(self._journal)
        return Held(b"".join(whole), tip)

    def start_journal(self, data: bytes, *, expected: Version | None) -> Version:
        """Begin anew with `data`; what was there stays behind it, unread, until the journal is dropped."""
        return self._put(self._journal, data, expected=expected, message=_BEGINS)

    def append_journal(self, data: bytes, *, expected: Version) -> Version:
        """Add a commit to the journal that ends where it is expected to: one push."""
        return self._put(self._journal, data, expected=expected, message=_GOES_ON)

    def drop_journal(self, *, expected: Version) -> None:
        """Remove the journal that ends where it is expected to; else MovedError."""
        self._swap(self._journal, None, expected=expected)

    def require_room(self, size: int) -> None:
        """See that there is room to prepare so much, and that the remote lets us write; it does not tell its room."""
        self._workplace.require_room(size)
        if self._has_written:
            return
        probe = f"{self._state.ref}@room"
        *_, commit = objects = self._version(self._state, b"", parents=[], message="Room\n", moment="")
        self._workplace.private.add(objects)
        verdict = self._workplace.private.push(probe, commit.name, expected=None, trial=True)
        if verdict.failure:
            raise verdict.failure

    # --- reading

    def _read(self, slot: _Slot) -> Held | None:
        tip = self._bring(slot)
        if tip is None:
            return None
        (data,) = self._workplace.private.read(f"{tip}:{slot.file}")
        if data is None:
            raise self._foreign(slot)
        return Held(data, tip)

    def _bring(self, slot: _Slot) -> Version | None:
        """Have what the ref points at now in the private repository, and return its id; None where there is no ref."""
        tip = self._workplace.private.tips(slot.ref).get(slot.ref)
        if tip is not None and tip not in self._known:
            tip = self._workplace.private.fetch(slot.ref, depth=slot.depth)
        if tip is not None:
            self._known.add(tip)
        return tip

    # --- writing

    def _put(self, slot: _Slot, data: bytes, *, expected: Version | None, message: str, moment: str = "") -> Version:
        """Put a commit on the ref, on top of the one that is expected: servers that refuse a rewind let it pass."""
        if expected is not None and expected not in self._known and self._bring(slot) != expected:
            raise self._moved(slot)
        parents = [] if expected is None else [expected]
        *_, commit = objects = self._version(slot, data, parents=parents, message=message, moment=moment)
        self._workplace.private.add(objects)
        self._swap(slot, commit.name, expected=expected)
        self._known.add(commit.name)
        return commit.name

    def _swap(self, slot: _Slot, new: Version | None, *, expected: Version | None) -> None:
        """Push until there is a verdict. What raced is tried again: the expected version makes that safe."""
        if expected is not None and not is_commit_name(expected):
            raise self._moved(slot)
        for seconds in (*_PAUSES, None):
            verdict = self._workplace.private.push(slot.ref, new, expected=expected)
            if verdict.pushed is Pushed.MOVED:
                raise self._moved(slot)
            if verdict.pushed is Pushed.DONE or self._is_done(slot, new, expected, verdict):
                self._has_written = True
                return
            if verdict.pushed is not Pushed.RACED or seconds is None:
                break
            self._pause(seconds)
        raise verdict.failure or self._moved(slot)

    def _is_done(self, slot: _Slot, new: Version | None, expected: Version | None, verdict: Verdict) -> bool:
        """Ask the remote what came of a push that did not end well; MovedError where another's write is there."""
        try:
            tip = self._workplace.private.tips(slot.ref).get(slot.ref)
            if tip == expected:
                return False
            if verdict.pushed is Pushed.UNKNOWN and (tip == new or self._is_behind(slot, new)):
                return True
        except StateError as error:
            if verdict.pushed is not Pushed.UNKNOWN or verdict.failure is None:
                raise verdict.failure or error from error
            raise StateError(
                f"{verdict.failure.message}; nobody knows whether it was written", hint=verdict.failure.hint
            ) from error
        raise self._moved(slot)

    def _is_behind(self, slot: _Slot, commit: Version | None) -> bool:
        """Tell whether our commit was done and another's then put on top of it."""
        with self._workplace.past(slot.ref) as (_, log):
            return any(name == commit for name, _ in log)

    def _version(
        self, slot: _Slot, data: bytes, *, parents: Sequence[str], message: str, moment: str
    ) -> tuple[GitObject, ...]:
        seconds = seconds_of(moment)
        return version_objects(
            slot.file,
            data,
            message=message,
            seconds=int(self._seconds()) if seconds is None else seconds,
            parents=parents,
            algorithm=self._workplace.private.algorithm,
        )

    def _moved(self, slot: _Slot) -> MovedError:
        return MovedError(
            f"{slot.ref} on {self._remote} was changed by somebody else since it was read",
            hint="plan again, then apply",
        )

    def _foreign(self, slot: _Slot) -> StateError:
        return StateError(
            f"{slot.ref} on {self._remote} holds something else than `{slot.file}` of this tool, or not all of it",
            hint=f"see what it is (`git fetch {self._remote} {slot.ref}`, then `git log FETCH_HEAD`) and bring back "
            "the last good commit; it is never taken for empty",
        )
