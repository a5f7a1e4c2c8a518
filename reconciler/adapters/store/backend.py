"""A place that keeps one state: its document, its lock and its journal, each replaced only by whoever knows it.


A backend stores bytes and knows nothing of what they mean; `store.Store` does all that is the same for every place.
Every method raises StateError where the place cannot be reached or refuses, with what to do about it.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeAlias

from reconciler.errors import StateError
from reconciler.model.state import Saved

# What a place calls one version of what it keeps: opaque, only handed back.
Version: TypeAlias = str


class MovedError(StateError):
    """Something else is there than what the writer knew of. Nothing was written."""


class Held(NamedTuple):
    """What a place keeps under one name, and which version of it that is."""

    data: bytes
    version: Version


class Backend(Protocol):
    """One place. `where` is how messages name it."""

    where: str

    def read_state(self) -> Held | None:
        """Return the document; None where none was ever written."""
        ...

    def write_state(self, data: bytes, *, expected: Version | None, saved: Saved) -> Version:
        """Replace the version that is expected (None: there is none yet), durably; MovedError where it is another.

        `saved` is what the place's history says of it. Where nobody knows whether a write was done, the backend
        reads back and decides by the bytes before it returns or raises.
        """
        ...

    def read_lock(self) -> Held | None:
        """Return the lock; None where nobody holds it."""
        ...

    def swap_lock(self, data: bytes | None, *, expected: Version | None) -> None:
        """Replace the lock that is expected (None: nobody holds it); `data` None lets go. MovedError otherwise."""
        ...

    def read_journal(self) -> Held | None:
        """Return all that was appended, in order, and where its end is; None where there is no journal."""
        ...

    def start_journal(self, data: bytes, *, expected: Version | None) -> Version:
        """Begin anew with `data`, dropping what was there up to the end that is expected; MovedError otherwise."""
        ...

    def append_journal(self, data: bytes, *, expected: Version) -> Version:
        """Add to the journal that ends where it is expected to, durably, and return its new end; else MovedError."""
        ...

    def drop_journal(self, *, expected: Version) -> None:
        """Remove the journal that ends where it is expected to; else MovedError."""
        ...

    def require_room(self, size: int) -> None:
        """See that so many bytes can be written, as far as the place can tell; else StateError. Leaves nothing."""
        ...

    def history(self) -> Sequence[Saved]:
        """Return what is known of the versions of the document, the newest first."""
        ...

    def recall(self, serial: int) -> bytes | None:
        """Return the document of an earlier version; None where it is not kept."""
        ...
