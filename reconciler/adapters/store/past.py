"""What a machine remembers of a state file: its last versions, and which one it saw last.

Both lie beside the file (`X.history/SERIAL.json`, `X.seen`) and are a second line only: a save that succeeded has
succeeded, whether or not this could be written. They tell a lost, damaged or rolled-back file from a fresh start.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from reconciler.adapters.store.durable import PRIVATE, replace_file
from reconciler.adapters.store.encoding import Header, peek
from reconciler.errors import StateError
from reconciler.model.jsonvalue import canonical
from reconciler.model.state import Saved

KEPT: Final = 10
_INDEX: Final = "saved"


class Past:
    """The past of the state file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = path.with_name(path.name + ".history")
        self._seen = path.with_name(path.name + ".seen")

    def see(self, data: bytes) -> None:
        """Remember this document as the last one seen here."""
        header = peek(data)
        if header is None or header == self._last_seen():
            return
        with suppress(OSError):
            line = canonical({"lineage": header.lineage, "serial": header.serial}) + b"\n"
            replace_file(self._seen, line, synced=False)

    def keep(self, data: bytes, saved: Saved) -> None:
        """Keep a copy of a version that was saved, and drop the oldest: not a link, so that damage stays alone."""
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            copy = self._copy(saved.serial)
            copy.touch(PRIVATE)
            copy.write_bytes(data)
            kept = [saved, *(each for each in self.versions() if each.serial != saved.serial)][:KEPT]
            lines = (canonical({"serial": each.serial, "since": each.since, "by": each.by}) for each in kept)
            replace_file(self._folder / _INDEX, b"".join(line + b"\n" for line in lines), synced=False)
            left = {_INDEX, *(self._copy(each.serial).name for each in kept)}
            for old in self._folder.iterdir():
                if old.name not in left:  # temp files of a run that was killed, too: only one writes at a time
                    old.unlink()

    def versions(self) -> Sequence[Saved]:
        """Return what is known of the versions that are kept, the newest first."""
        try:
            lines = (self._folder / _INDEX).read_bytes().splitlines()
            return [msgspec.json.decode(line, type=Saved) for line in lines]
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return []

    def recall(self, serial: int) -> bytes | None:
        """Return the document of a version that is kept."""
        try:
            return self._copy(serial).read_bytes()
        except OSError:
            return None

    def against(self, data: bytes | None) -> StateError | None:
        """Return why a document cannot be the one to go on with; None is a file that is not there."""
        return self._missing() if data is None else self._older(data)

    def _older(self, data: bytes) -> StateError | None:
        header, seen = peek(data), self._last_seen()
        if header is None or seen is None or (header.lineage == seen.lineage and header.serial >= seen.serial):
            return None
        if header.lineage == seen.lineage:
            what = f"is older than the last one seen here ({header.serial} < {seen.serial})"
            kept = self._copy(seen.serial)
            first = (
                f"bring the later one back, which is kept in {kept}" if kept.exists() else "bring the later one back"
            )
            hint = f"{first}; `reconciler state push FILE` is how an older one is brought back on purpose"
        else:
            what = f"is of another lineage than the one seen here ({header.lineage}, not {seen.lineage})"
            hint = f"check the environment and the file; if it is meant, remove {self._seen} knowingly"
        return StateError(f"state in {self._path} {what}", hint=hint)

    def _missing(self) -> StateError | None:
        journal = self._path.with_name(self._path.name + ".journal")
        witness = next((each for each in (journal, self._seen, self._folder) if each.exists()), None)
        if witness is None:
            return None
        newest = next((each.serial for each in self.versions() if self._copy(each.serial).exists()), None)
        good = "bring the state file back" if newest is None else f"copy {self._copy(newest)} to {self._path}"
        return StateError(
            f"{self._path} is missing, but {witness.name} beside it says that there was a state",
            hint=f"{good}; it is never taken for empty, since everything would be created a second time",
        )

    def _copy(self, serial: int) -> Path:
        return self._folder / f"{serial}.json"

    def _last_seen(self) -> Header | None:
        try:
            return msgspec.json.decode(self._seen.read_bytes(), type=Header)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
