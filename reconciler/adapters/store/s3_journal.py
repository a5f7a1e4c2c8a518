"""A journal of numbered objects: each batch is one, put only where there is none, so that the number is its lock.

`FOLDER/00000017` begins with a line of its kind and a token of its writer: `start` begins a journal, `part` adds to it,
`end` says that it was dropped and stays until the next one starts, so that numbers never begin anew. Whatever displaces
a holder takes the number that the holder would take next.

Numbers below the newest start or end are swept: from the oldest up to the start of what was displaced one after the
other, the rest in no order. So a number that somebody still waits to take is free again only when the start that they
know is gone, and whoever appends, and then still finds their start, was not displaced.
"""

import re
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, NamedTuple

from reconciler.adapters.store.backend import Held, MovedError, Version
from reconciler.adapters.store.s3_objects import Objects
from reconciler.errors import StateError

_START: Final = b"start"
_PART: Final = b"part"
_END: Final = b"end"
_NUMBER: Final = re.compile(r"\d{8,18}")
_VERSION: Final = re.compile(r"([1-9]\d*)-([1-9]\d*)")
_TRIES: Final = 5
_AT_ONCE: Final = 8
_BLOCK: Final = 64


class _Part(NamedTuple):
    kind: bytes
    data: bytes


class _Chain(NamedTuple):
    """What the folder holds: the newest number (0: nothing at all), and the journal that ends there, if one does."""

    last: int
    held: Held | None


class NumberedJournal:
    """The journal in one folder of a bucket. Its end is `FIRST-LAST`, the numbers of its start and of its last part."""

    def __init__(self, objects: Objects, folder: str, *, where: str) -> None:
        self._objects = objects
        self._folder = folder
        self._where = where

    def read(self) -> Held | None:
        """Return all parts in order; None where there is no journal."""
        return self._chain().held

    def was_used(self) -> bool:
        """Tell whether there ever was a journal."""
        return bool(self._numbers())

    def start(self, data: bytes, *, expected: Version | None) -> Version:
        """Begin anew, dropping what ends where it is expected to."""
        if expected is None:
            last, held = self._chain()
            if held is not None:
                raise self._moved()
            first = last
        else:
            first, last = self._span(expected)
        new = last + 1
        self._put(new, _START, data)
        numbers = self._numbers()
        if max(numbers, default=new) > new:
            self._withdraw(new)
            raise self._moved()
        self._require(first, new)
        self._sweep(numbers, first=first, below=new)
        return f"{new}-{new}"

    def append(self, data: bytes, *, expected: Version) -> Version:
        """Add a part."""
        first, last = self._span(expected)
        self._put(last + 1, _PART, data)
        self._require(first, last + 1)
        return f"{first}-{last + 1}"

    def drop(self, *, expected: Version) -> None:
        """End the journal."""
        first, last = self._span(expected)
        self._put(last + 1, _END, b"")
        self._require(first, last + 1)
        with suppress(StateError):
            self._sweep(self._numbers(), first=first, below=last + 1)

    def _put(self, number: int, kind: bytes, data: bytes) -> None:
        try:
            self._objects.create(self._key(number), b"%s %s\n%s" % (kind, _token(), data), is_unique=True)
        except MovedError:
            raise self._moved() from None

    def _require(self, first: int, put: int) -> None:
        """MovedError where a number could be put only because it had been taken, and swept, before."""
        if first and not self._objects.exists(self._key(first)):
            self._withdraw(put)
            raise self._moved()

    def _withdraw(self, number: int) -> None:
        """Take back what was put below a newer journal. It counts for nothing there, so failing is no matter."""
        with suppress(StateError):
            self._objects.remove([self._key(number)])

    def _sweep(self, numbers: Sequence[int], *, first: int, below: int) -> None:
        """Remove what counts for nothing any more. What is left, the next sweep finds."""
        with suppress(StateError):
            for number in numbers:
                if number <= first:
                    self._objects.remove([self._key(number)])
            self._objects.remove([self._key(number) for number in numbers if first < number < below])

    def _chain(self) -> _Chain:
        """Read the newest journal; again where somebody swept meanwhile, or the list is older than a sweep."""
        for attempt in range(_TRIES):
            self._objects.pause(attempt)
            found = self._try_chain()
            if found is not None:
                return found
        raise StateError(
            f"{self._where} is damaged: objects in the middle of it are missing",
            hint="try again, in case the service's list lags behind; else bring them back from the bucket's versions: "
            "they hold what the last run did",
        )

    def _try_chain(self) -> _Chain | None:
        last = max(self._numbers(), default=0)
        parts: list[_Part] = []
        # A list may be older than what was put; a get is not.
        while (part := self._read(last + 1)) is not None:
            parts.append(part)
            last += 1
        if last == 0:
            return _Chain(0, None)
        parts.reverse()  # the newest first
        while True:
            for index, part in enumerate(parts):
                if part.kind == _END:
                    return _Chain(last, None) if index == 0 else None
                if part.kind == _START:
                    data = b"".join(each.data for each in reversed(parts[: index + 1]))
                    return _Chain(last, Held(data, f"{last - index}-{last}"))
            lower = last - len(parts)
            more = self._read_down(lower, 1 if not parts else _BLOCK)
            if not more:
                return None
            parts += more

    def _read_down(self, number: int, count: int) -> list[_Part]:
        """Return the parts from a number downwards, as far as they go."""
        numbers = range(number, max(number - count, 0), -1)
        if len(numbers) == 1:
            found = [self._read(number)]
        else:
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                found = list(pool.map(self._read, numbers))
        parts: list[_Part] = []
        for part in found:
            if part is None:
                break
            parts.append(part)
        return parts

    def _read(self, number: int) -> _Part | None:
        held = self._objects.read(self._key(number))
        if held is None:
            return None
        head, _, data = held.data.partition(b"\n")
        kind = head.partition(b" ")[0]
        if kind not in (_START, _PART, _END):
            raise StateError(
                f"{self._where}/{number:08d} is damaged, or another program wrote it",
                hint="bring it back from the bucket's versions; it holds what the last run did",
            )
        return _Part(kind, data)

    def _numbers(self) -> list[int]:
        names = (each.rpartition("/")[2] for each in self._objects.names(self._folder))
        return sorted(int(each) for each in names if _NUMBER.fullmatch(each))

    def _span(self, version: Version) -> tuple[int, int]:
        """Return the first and the last number of a journal; MovedError for what no journal here ever ended with."""
        found = _VERSION.fullmatch(version)
        if found is None:
            raise self._moved()
        return int(found[1]), int(found[2])

    def _key(self, number: int) -> str:
        return f"{self._folder}/{number:08d}"

    def _moved(self) -> MovedError:
        return MovedError(
            f"{self._where} was changed by somebody else: this run's hold was taken away", hint="plan again, then apply"
        )


def _token() -> bytes:
    return uuid.uuid4().hex.encode()
