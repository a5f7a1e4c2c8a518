"""What a disk may hold after a power cut, worked out from what a run did to its files up to some moment.

The model is the one that POSIX leaves open. What was synced is there. A file that was written since holds the synced
bytes, the written ones, something in between, or zeros in their place. A name that was set or taken away since in a
folder is so or is not, each change of the folder for itself; a rename is one change. A new folder is there for sure
once the folder above was synced.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from pathlib import PurePath
from typing import Any, Final, TypeAlias

# What was done to one folder at once: which file each name stands for from then on, None for none.
Change: TypeAlias = Mapping[str, int | None]
# What a disk holds: the bytes of each path.
Held: TypeAlias = Mapping[tuple[str, str], bytes]
_MOST_CHANGES: Final = 6
_MOST_FOLDERS: Final = 12
_MOST_CONTENTS: Final = 6


@dataclass(slots=True)
class _Folder:
    durable: dict[str, int]
    is_durable: bool
    since: list[Change] = field(default_factory=list)

    @property
    def whole(self) -> dict[str, int]:
        return _after(self.durable, self.since)


class Disk:
    """Follows the events of a `Recording`; `crashes` are the disks that a power cut may leave at this moment."""

    def __init__(self) -> None:
        self._folders: dict[str, _Folder] = {}
        self._files: dict[int, bytes] = {}
        self._synced: dict[int, bytes] = {}
        self._has_begun = False

    def take(self, event: tuple[Any, ...]) -> None:
        """Follow one event of "files", "synced" and "synced folder"."""
        if event[0] == "files":
            self._look(event[1], event[2])
        elif event[0] == "synced":
            self._synced[event[1]] = event[2]
        elif event[0] == "synced folder":
            self._sync_folder(event[1], event[2])

    def _look(self, folders: Mapping[str, Mapping[str, int]], files: Mapping[int, bytes]) -> None:
        self._files = {**self._files, **files}
        if not self._has_begun:  # what is there when a run begins has been there for long
            self._has_begun = True
            self._synced = dict(files)
            self._folders = {name: _Folder(dict(entries), is_durable=True) for name, entries in folders.items()}
            return
        for name, entries in folders.items():
            folder = self._folders.setdefault(name, _Folder({}, is_durable=False))
            was = folder.whole
            change = {
                each: entries.get(each) for each in was.keys() | entries.keys() if was.get(each) != entries.get(each)
            }
            if change:
                folder.since.append(change)

    def _sync_folder(self, name: str, entries: Mapping[str, int]) -> None:
        folder = self._folders[name]
        folder.durable, folder.since = dict(entries), []
        for other, below in self._folders.items():
            if other.rpartition("/")[0] == name:
                below.is_durable = True

    def crashes(self, chosen: random.Random) -> Iterator[Held]:
        """Give the disks that are possible now: all of them where they are not too many, else a choice."""
        choices = [list(self._entries(folder)) for folder in self._folders.values()]
        for chosen_entries in _some(choices, chosen, _MOST_FOLDERS):
            entries = dict(zip(self._folders, chosen_entries, strict=True))
            there = [each for each in entries if all(entries.get(above, {}) is not None for above in _and_above(each))]
            names = [(folder, name, file) for folder in there for name, file in (entries[folder] or {}).items()]
            contents = [list(self._contents(file)) for _, _, file in names]
            for held in _some(contents, chosen, _MOST_CONTENTS):
                yield {(folder, name): data for (folder, name, _), data in zip(names, held, strict=True)}

    def _entries(self, folder: _Folder) -> Iterator[dict[str, int] | None]:
        if not folder.is_durable:
            yield None
        for kept in product((True, False), repeat=len(folder.since)):
            yield _after(
                folder.durable, [change for change, is_kept in zip(folder.since, kept, strict=True) if is_kept]
            )

    def _contents(self, file: int) -> Iterator[bytes]:
        written, synced = self._files[file], self._synced.get(file, b"")
        yield written
        if written == synced:
            return
        yield synced
        common = len(synced) if written.startswith(synced) else 0
        half = (common + len(written)) // 2
        yield written[:half]
        yield written[:common] + bytes(len(written) - common)
        yield written[:half] + bytes(len(written) - half)


def _and_above(folder: str) -> list[str]:
    return [folder, *map(str, PurePath(folder).parents)]


def _after(durable: Mapping[str, int], changes: list[Change]) -> dict[str, int]:
    entries = dict(durable)
    for change in changes:
        for name, file in change.items():
            entries.pop(name, None)
            if file is not None:
                entries[name] = file
    return entries


def _some(choices: list[list[Any]], chosen: random.Random, most: int) -> Iterator[tuple[Any, ...]]:
    """Give every combination where they are not too many.

    Else those in which all but one are as late as can be, or all but one as early, and as many at random.
    """
    if prod(map(len, choices)) <= most:
        yield from product(*choices)
        return
    for base in (tuple(each[0] for each in choices), tuple(each[-1] for each in choices)):
        yield base
        for place, each in enumerate(choices):
            yield from ((*base[:place], other, *base[place + 1 :]) for other in each if other is not base[place])
    for _ in range(most):
        yield tuple(chosen.choice(each) for each in choices)
