"""What carrying out a change takes, and the looks that every part of it shares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.app.workers import Workers
from reconciler.core.budget import FEWEST_OUT
from reconciler.core.guarding.writing import WriteGuards
from reconciler.core.learned import is_rewriting
from reconciler.core.moments import seconds_since
from reconciler.core.unobserved import UNOBSERVED
from reconciler.core.verify import after_write, is_stale, not_sent
from reconciler.errors import ConfigurationError, ExitCode, RefusedError
from reconciler.model.change import Change
from reconciler.model.outcome import Outcome
from reconciler.model.sequence import Gone, Live, Payload, Reading, Unreadable
from reconciler.model.state import Intended, Settled
from reconciler.ports import Clock, Crew, Reader, Recorder, Telemetry, Writer

# Seconds before each further look, where a server shows a write only after a while (faults, N30; the first one is
# ours: most servers that lag at all do so for less than half a second).
LOOK_AGAIN: Final = (0.1, 0.5, 1.0, 2.0, 4.0, 8.0)
# Part of a wait that counts as all of it: sums of floats fall short by a little.
_ENOUGH: Final = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What carrying out a change takes.

    `org_id` is the organisation that state is pinned to, if it is yet. `settle` is how many seconds a silent server
    may still act. `ids` has every sequence that is known to be there, by custom_id. `halt` lets no request leave from
    then on, and is told why. `parallel` is how many changes are worked on at a time. `guards` are asked right before
    each write. `telemetry` is told of the run.
    """

    reader: Reader
    writer: Writer
    session: Recorder
    clock: Clock
    org_id: str | None
    settle: float
    ids: Mapping[str, str] = field(default_factory=dict)
    halt: Callable[[str], None] = lambda _reason: None
    parallel: int = FEWEST_OUT
    crew: Callable[[int], Crew[Outcome]] = Workers
    guards: WriteGuards = field(default_factory=WriteGuards)
    telemetry: Telemetry = UNOBSERVED


def intend(
    change: Change,
    body: Payload,
    means: Means,
    *,
    id_: str | None,
    before: Live | None = None,
    cancels: bool = False,
) -> None:
    """Make it durable that a write is about to leave, or that a create was told the id of its sequence.

    What was seen `before` it is kept where it is not what was recorded, so that it can be brought back.
    """
    seen = before.payload if before is not None and change.overwrites_another else None
    since = means.clock.moment()
    entry = Intended(custom_id=change.custom_id, payload=body, since=since, id=id_, seen=seen, cancels=cancels)
    means.session.append(entry)


def forbidden(change: Change, found: Reading, means: Means) -> Outcome | None:
    """Tell why a guard lets a change not be written now, as it was found right before; None where it may be."""
    status = found.status if isinstance(found, Live) else None
    refused = means.guards.forbidden(means.clock.moment(), status)
    return None if refused is None else not_sent(change, refused.reason, ExitCode.REFUSED, stops=refused.stops)


def take_back(change: Change, means: Means) -> None:
    """Make it durable that what was intended did not happen, or that it is somebody else's turn to decide."""
    means.session.append(Settled(custom_id=change.custom_id, record=None))


def wait_out(change: Change, means: Means) -> None:
    """Wait until an earlier write that got no answer cannot land any more."""
    if change.unsettled_since is not None:
        passed = seconds_since(change.unsettled_since, means.clock.moment())
        means.clock.sleep(max(means.settle - passed, 0.0))


def waited(seconds: float, means: Means) -> bool:
    """Wait, and tell whether there was the time for it: a run that is told to stop cuts it short."""
    began = means.clock.monotonic()
    means.clock.sleep(seconds)
    return means.clock.monotonic() - began >= seconds * _ENOUGH


def look(id_: str, means: Means) -> Reading:
    """Read a sequence after something has left for it: nothing that goes wrong now may deny that."""
    return _safely(means.reader.read, id_)


def look_up(custom_id: str, means: Means) -> Reading:
    """Look a sequence up by its custom_id after something has left for it."""
    return _safely(means.reader.find, custom_id)


def _safely(read: Callable[[str], Reading], name: str) -> Reading:
    try:
        return read(name)
    except (ConfigurationError, RefusedError) as error:
        return Unreadable(error.message)


def _is_ours(body: Payload, named: Reading, means: Means) -> bool:
    """Tell whether what a look-up found is what was created: its custom_id alone may be somebody else's as well."""
    if not isinstance(named, Live) or means.org_id not in (None, named.org_id):
        return False
    return is_rewriting(body, named.payload)


def read_back(change: Change, body: Payload, id_: str, means: Means) -> Reading:
    """Read what was written, a few times while it is not visible."""
    found = look(id_, means)
    if change.id is None and isinstance(found, Gone):
        # What a create was told leads nowhere: it is not visible yet, or it is not the id.
        named = look_up(change.custom_id, means)
        if _is_ours(body, named, means):
            return named
    for seconds in LOOK_AGAIN:
        if not is_stale(change, body, found):
            break
        means.clock.sleep(seconds)
        found = look(id_, means)
    return found


def judge(change: Change, body: Payload, id_: str, means: Means) -> Outcome:
    """Return the outcome of an update that was accepted, by reading it back."""
    found = read_back(change, body, id_, means)
    return after_write(change, body, id_, found, moment=means.clock.moment())
