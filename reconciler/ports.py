"""What the use cases need from the world, as protocols. Whoever only plans is given a Reader, which cannot write."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, TypeVar

from reconciler.model.comment import Comment, Merged
from reconciler.model.hold import Hold
from reconciler.model.outcome import Answer, Outcome
from reconciler.model.sequence import Payload, Reading
from reconciler.model.state import Entry, Saved, State

if TYPE_CHECKING:
    from reconciler.model.errand import Done, Errand  # only fleets need them, and what they stand on
    from reconciler.model.metrics import Attributes, Metric  # only where somebody listens
    from reconciler.model.plan_set import Failure

Result = TypeVar("Result")


class Reader(Protocol):
    """The part of the API that changes nothing. CredentialsError when the key is refused."""

    def read(self, sequence_id: str) -> Reading:
        """Read one sequence by its uuid."""
        ...

    def find(self, custom_id: str) -> Reading:
        """Look one sequence up by its custom_id; Gone where the API knows none, or answers no such look-up."""
        ...


class Writer(Protocol):
    """The part of the API that writes. No method raises for what the network or the API does."""

    def create(self, body: bytes) -> Answer:
        """POST a new sequence."""
        ...

    def update(self, sequence_id: str, body: bytes) -> Answer:
        """PATCH a sequence."""
        ...

    def cancel(self, sequence_id: str) -> Answer:
        """PUT the cancel of a sequence, which nothing takes back."""
        ...


class Recorder(Protocol):
    """Keeps what a run does, entry by entry. Safe to call from several threads."""

    def append(self, entry: Entry) -> None:
        """Make an entry durable before returning; StateError when that fails, or when the hold was taken away."""
        ...


class Session(Recorder, Protocol):
    """One run's exclusive hold on state."""

    @property
    def by(self) -> str:
        """Who writes, for people."""
        ...

    def finish(self, state: State | None = None) -> State:
        """Fold the entries into state, save it, let go of the lock, and return what was saved.

        Given a state, that one is saved in the place of the folded one, with its serial raised where the content
        moved. StateError when it cannot be saved: then the lock and the journal stay, and the message names the
        emergency copy.
        """
        ...


class StateStore(Protocol):
    """Where state lives. StateError for anything but a whole state of ours or none at all."""

    def load(self) -> State | None:
        """Return state with all journal entries folded in; None where none was ever written. Takes no lock."""
        ...

    def begin(self, base: State | None, purpose: str) -> Session:
        """Take the lock and begin to write, on top of what `load` returned.

        LockedError where somebody else holds it who is not proved gone; StateError if state has moved since, or
        cannot be written.
        """
        ...

    def holder(self) -> Hold | None:
        """Return who holds the lock."""
        ...

    def unlock(self, nonce: str) -> Hold:
        """Take away the lock with this nonce and return it; RefusedError where there is none, or it has another."""
        ...

    def history(self) -> Sequence[Saved]:
        """Return what is known of the versions that were saved, the newest first."""
        ...

    def recall(self, serial: int) -> State:
        """Return an earlier version; StateError where it is not kept."""
        ...


class Clock(Protocol):
    """Time, all of it: nothing else tells it or waits."""

    def monotonic(self) -> float:
        """Return seconds that only ever rise, the same for all processes of one machine since it started."""
        ...

    def moment(self) -> str:
        """Return the moment as RFC 3339 text in UTC, to be shown and compared with what others wrote down."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Crew(Protocol[Result]):
    """Does work in parallel, each piece handing back one result."""

    def submit(self, work: Callable[[], Result]) -> None:
        """Have `work` done."""
        ...

    def results(self) -> Iterator[Result]:
        """Return each result as it comes, until nothing that was submitted is left; raises what the work raised."""
        ...

    def stop(self) -> int:
        """Begin nothing more, and return how many pieces are being worked on; they are not stopped."""
        ...

    def linger(self, seconds: float | None) -> None:
        """Wait for what is being worked on, at most so long."""
        ...


class Span(Protocol):
    """One piece of work in a trace."""

    def rename(self, name: str) -> None:
        """Give it another name, once it is known what it is."""
        ...

    def put(self, attributes: "Attributes") -> None:
        """Say more of it."""
        ...

    def fail(self, kind: str) -> None:
        """Mark it as failed; `kind` is a word of ours, never a message."""
        ...


class Telemetry(Protocol):
    """Whom the work is told to, of one organisation. No method raises, waits, or changes what comes of the work."""

    @property
    def listens(self) -> bool:
        """Tell whether anybody is told, so that what is costly to say need not be worked out for nobody."""
        ...

    def span(
        self, name: str, attributes: "Attributes | None" = None, *, calls: bool = False
    ) -> AbstractContextManager[Span]:
        """Tell of the work inside the block, as a part of what the same thread is within; `calls` for a request.

        What ends the block with an exception has failed.
        """
        ...

    def tell(self, metric: "Metric", value: float, attributes: "Attributes | None" = None) -> None:
        """Count or measure once."""
        ...

    def begin(self) -> None:
        """Count the time that it takes until all is as asked from now on."""
        ...

    def passed(self) -> float | None:
        """Return how many seconds have passed since `begin`; None where it never was."""
        ...


# Told of each outcome, for the eyes of whoever waits; never part of the result.
Progress = Callable[[Outcome], None]
# Told that something waits so many seconds from now, and why, for the eyes of whoever waits.
Waiting = Callable[[float, str], None]
# What is wrong with a request body, in one sentence; None where it is what the contract asks for.
CheckBody = Callable[[Payload], str | None]


class Watch(Protocol):
    """Told of what goes on, for the eyes of whoever waits; never part of a result. Safe to share between threads."""

    def reading(self, total: int) -> Callable[[str], None]:
        """Hear that so many sequences are going to be read; what is handed back hears of each that was."""
        ...

    def applying(self, total: int) -> None:
        """Hear that so many changes are going to be carried out."""
        ...

    def settled(self, outcome: Outcome) -> None:
        """Hear what came of a change."""
        ...

    def stopping(self, flying: int) -> None:
        """Hear that the run is to stop, and how many changes are in flight, which are waited for."""
        ...

    def waiting(self, seconds: float, reason: str) -> None:
        """Hear that something waits so many seconds from now, and why."""
        ...

    def requested(self, *, is_throttled: bool) -> None:
        """Hear that a request left and was answered, or not; throttled is one that was answered 429."""
        ...

    def notice(self, text: str) -> None:
        """Hear a sentence that whoever waits should know once."""
        ...

    def done(self) -> None:
        """Hear that reading, or applying, is over."""
        ...


class Executor(Protocol):
    """Has errands done, each on its own, many at a time, wherever that is."""

    def run(self, errands: "Iterable[Errand]") -> "Iterator[Done]":
        """Return what came of each as it comes: exactly one for each, whatever happens. Nothing is raised for any.

        Whoever means to hear of all of them when a signal comes has it call `stop`, and iterates on.
        """
        ...

    def stop(self, why: "Failure") -> None:
        """Begin nothing more, and have what is under way wind up as on a signal. Each still hands back what came of it.

        Safe to call from a signal's handler.
        """
        ...


class Forge(Protocol):
    """Comments on pull requests, and issues, wherever the repository is kept.

    Every method raises CredentialsError where the token may not do it, UnavailableError where the service does not
    answer, RefusedError where it refuses.
    """

    def author(self) -> str:
        """Return the login that comments of ours are written under."""
        ...

    def comments(self, number: int) -> list[Comment]:
        """Return every comment on a pull request, over all pages."""
        ...

    def create(self, number: int, body: str) -> None:
        """Write a comment. An answer that was lost is no error: whoever calls looks whether it is there."""
        ...

    def edit(self, number: int, comment: int, body: str) -> bool:
        """Give a comment another body; False where there is none any more."""
        ...

    def remove(self, number: int, comment: int) -> None:
        """Remove a comment; one that is gone already is no error."""
        ...

    def merged_by(self, commit: str) -> list[Merged]:
        """Return the pull requests that brought a commit in."""
        ...

    def issues(self) -> list[Comment]:
        """Return every open issue, over all pages, as the comment that it begins with; its id is its number."""
        ...

    def open_issue(self, title: str, body: str) -> int | None:
        """Open an issue and return its number; None where the answer was lost, and it may be open or not."""
        ...

    def edit_issue(self, number: int, body: str, *, closes: bool) -> bool:
        """Give an issue another body, and close it with the same request; False where there is none any more."""
        ...
