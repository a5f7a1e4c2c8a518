"""What the use cases need from the world, as protocols. Whoever only plans is given a Reader, which cannot write."""

from collections.abc import Callable
from typing import Protocol

from reconciler.model.outcome import Answer, Outcome
from reconciler.model.sequence import Payload, Reading
from reconciler.model.state import Entry, State


class Reader(Protocol):
    """The part of the API that changes nothing. CredentialsError when the key is refused."""

    def read(self, sequence_id: str) -> Reading:
        """Read one sequence by its uuid."""
        ...

    def find(self, custom_id: str) -> Reading:
        """Look one sequence up by its custom_id; Gone where the API knows none, or answers no such look-up."""
        ...


class Writer(Protocol):
    """The part of the API that writes. Neither method raises for what the network or the API does."""

    def create(self, body: bytes) -> Answer:
        """POST a new sequence."""
        ...

    def update(self, sequence_id: str, body: bytes) -> Answer:
        """PATCH a sequence."""
        ...


class Session(Protocol):
    """One run's exclusive hold on state. Safe to call from several threads."""

    def append(self, entry: Entry) -> None:
        """Make an entry durable before returning; StateError when that fails."""
        ...

    def finish(self) -> State:
        """Fold the entries into state, save it, and end the session."""
        ...


class StateStore(Protocol):
    """Where state lives. StateError for anything but a whole state of ours or none at all."""

    def load(self) -> State | None:
        """Return state with all journal entries folded in; None where none was ever written."""
        ...

    def begin(self, base: State | None) -> Session:
        """Begin to write, on top of what `load` returned; StateError if state has moved since."""
        ...


# The moment, as RFC 3339 text in UTC.
Now = Callable[[], str]
# Told of each outcome, for the eyes of whoever waits; never part of the result.
Progress = Callable[[Outcome], None]
# Waiting some seconds.
Pause = Callable[[float], None]
# What is wrong with a request body, in one sentence; None where it is what the contract asks for.
CheckBody = Callable[[Payload], str | None]
