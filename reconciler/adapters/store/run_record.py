"""The record of a fleet's run, on this machine: the plan that was reviewed, and a journal that only grows.

Each line of the journal is checked together with all lines before it, so one that was edited, left out or moved is
known as such. A last line without its end was never finished: it counts for nothing, and goes before anything is added.
Only one process at a time adds to it; its lock is let go of with the process.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from reconciler.adapters.store.durable import PRIVATE, make_folder, replace_file, sync_folder, write_all
from reconciler.core.codec.run_record import entry_document, read_entry
from reconciler.core.fleet.words import NAME
from reconciler.errors import LockedError, RefusedError, StateError, UsageError
from reconciler.model.jsonvalue import canonical, decoded
from reconciler.model.run_record import Opened, RunEntry, RunRecord, record_of

LAST: Final = "last"
PLAN_FILE: Final = "plan.json"
JOURNAL_FILE: Final = "journal"
_CHECK_LENGTH: Final = 16
_DIGITS: Final = 8


class RunFolder:
    """The runs of one fleet, each in a folder of its own below `root`."""

    def __init__(self, root: Path, fleet: str) -> None:
        self._root = root
        self._fleet = fleet

    def names(self) -> tuple[str, ...]:
        """Return the runs that are kept, the newest last."""
        found = [each.parent for each in self._root.glob(f"*/{JOURNAL_FILE}") if NAME.fullmatch(each.parent.name)]
        return tuple(each.name for each in sorted(found, key=lambda each: (each.stat().st_mtime_ns, each.name)))

    def find(self, word: str) -> str:
        """Return the run that a person means: its name, the beginning of it, or `last`; UsageError for none."""
        names = self.names()
        found = [name for name in names if name.startswith(word)] if word else []
        if word == LAST and names:
            return names[-1]
        if word in found:
            return word
        if len(found) == 1:
            return found[0]
        kept = (
            "the last ones are " + ", ".join(names[-5:]) if names else f"no run of fleet `{self._fleet}` is kept here"
        )
        if len(found) > 1:
            raise UsageError(f"`{word}` is the beginning of several runs", hint=kept)
        raise UsageError(f"no run `{word}` of fleet `{self._fleet}` is kept on this machine", hint=kept)

    def name_for(self, digest: str) -> str:
        """Return a short name for a run of this plan, that no other run has."""
        short = digest.removeprefix("sha256:")[:_DIGITS]
        taken = {each.name for each in self._root.glob("*")}
        further = (f"{short}-{number}" for number in range(2, len(taken) + 3))
        return next(each for each in (short, *further) if each not in taken)

    def create(self, opened: Opened, plan: Iterable[bytes]) -> "OpenRecord":
        """Begin a record: the plan, then the first line; StateError where that fails, LockedError if it is there."""
        folder = self._root / opened.run
        with _told(f"the record of run {opened.run} cannot be written"):
            make_folder(self._root)
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError as error:
                raise LockedError(
                    f"run {opened.run} was begun by another process of this machine meanwhile; nothing was sent",
                    hint="wait until it has ended, and plan again",
                ) from error
            replace_file(folder / PLAN_FILE, plan)
            descriptor = os.open(folder / JOURNAL_FILE, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, PRIVATE)
            record = OpenRecord(descriptor, run=opened.run, fleet=self._fleet, check=b"")
            record.lock()
            record.append(opened)
            sync_folder(folder)
            sync_folder(self._root)
        return record

    def plan_path(self, run: str) -> Path:
        """Return where the plan of a run stands."""
        return self._root / run / PLAN_FILE

    def read(self, run: str) -> RunRecord:
        """Return what a record holds; StateError for one that is damaged or edited, RefusedError for another's."""
        return self._parsed(run, self._bytes(run))[0]

    def resume(self, run: str) -> "tuple[RunRecord, OpenRecord]":
        """Open a record to add to it, without what of a last line was not finished; LockedError where it is in use."""
        with _told(f"the record of run {run} cannot be written"):
            descriptor = os.open(self._root / run / JOURNAL_FILE, os.O_RDWR | os.O_APPEND)
        record = OpenRecord(descriptor, run=run, fleet=self._fleet, check=b"")
        try:
            record.lock()
            known, check, whole = self._parsed(run, self._bytes(run))
            with _told(f"the record of run {run} cannot be written"):
                os.ftruncate(descriptor, whole)
                os.fsync(descriptor)
        except BaseException:
            record.close()
            raise
        record.go_on(check)
        return known, record

    def _bytes(self, run: str) -> bytes:
        with _told(f"the record of run {run} cannot be read"):
            return (self._root / run / JOURNAL_FILE).read_bytes()

    def _parsed(self, run: str, data: bytes) -> tuple[RunRecord, bytes, int]:
        """Return the record, the check of its last line, and how many bytes are whole."""
        whole = data[: data.rfind(b"\n") + 1]
        check, entries = b"", []
        for number, line in enumerate(whole.split(b"\n")[:-1], start=1):
            check, content = _checked(line, check, run, number)
            try:
                entries.append(read_entry(decoded(content)))
            except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
                raise _damaged(run, f"line {number} of its journal says nothing that this version knows") from error
        try:
            known = record_of(tuple(entries))
        except ValueError as error:
            raise _damaged(run, f"its journal is not that of one run: {error}") from error
        if (known.opened.fleet, known.opened.run) != (self._fleet, run):
            raise RefusedError(
                f"the record of run {run} is that of run {known.opened.run} of fleet `{known.opened.fleet}`: "
                "somebody has moved it here; nothing was sent",
                hint="put it back where it was, or plan and apply anew",
            )
        return known, check, len(whole)


class OpenRecord:
    """A record that entries are added to; each is durable before `append` returns."""

    def __init__(self, descriptor: int, *, run: str, fleet: str, check: bytes) -> None:
        self._descriptor = descriptor
        self._run = run
        self._fleet = fleet
        self._check = check

    def lock(self) -> None:
        """Keep every other process from adding to it; LockedError where one does."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise LockedError(
                f"run {self._run} is being carried out by another process of this machine",
                hint="wait until it has ended",
            ) from error

    def go_on(self, check: bytes) -> None:
        """Add to lines of which this is the last one's check."""
        self._check = check

    def append(self, entry: RunEntry) -> None:
        """Add an entry; StateError where that fails."""
        content = canonical(entry_document(entry, self._fleet))
        check = _check(self._check, content)
        with _told(f"the record of run {self._run} cannot be written"):
            before = os.fstat(self._descriptor).st_size
            try:
                write_all(self._descriptor, check + b" " + content + b"\n")
                os.fsync(self._descriptor)
            except OSError:
                # What of it was written would stand in the middle of the next line.
                with suppress(OSError):
                    os.ftruncate(self._descriptor, before)
                raise
        self._check = check

    def close(self) -> None:
        """Let go of it; once is enough."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _checked(line: bytes, before: bytes, run: str, number: int) -> tuple[bytes, bytes]:
    check, _, content = line.partition(b" ")
    if check != _check(before, content):
        raise _damaged(run, f"line {number} of its journal does not fit its check")
    return check, content


def _check(before: bytes, content: bytes) -> bytes:
    return hashlib.sha256(before + b" " + content).hexdigest()[:_CHECK_LENGTH].encode()


def _damaged(run: str, why: str) -> StateError:
    return StateError(
        f"the record of run {run} is damaged or was edited: {why}; nothing was sent",
        hint="plan and apply anew: each organisation's own state knows what was written to it",
    )


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "make room there, or see that it may be written" if "written" in what else None
        raise StateError(f"{what}: {error.strerror or error}", hint=hint) from error
