"""One change carried out: a look before, the write, reading back what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.app.workers import Workers
from reconciler.core.lowering import body_to_send
from reconciler.core.meaning import same_payload
from reconciler.core.verify import after_write, before_create, before_update, is_stale, not_sent, outcome
from reconciler.errors import CredentialsError, ExitCode, RefusedError
from reconciler.model.change import Change
from reconciler.model.outcome import Accepted, Answer, NotSent, Outcome, Rejected, Status, Unanswered
from reconciler.model.sequence import Live, Payload, Reading, Record, Unreadable
from reconciler.model.state import Intended, Settled
from reconciler.ports import Clock, Crew, Reader, Recorder, Writer

# Seconds before each further look, where a server shows a write only after a while.
LOOK_AGAIN: Final = (0.1, 0.4, 1.0, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What carrying out a change takes. `org_id` is the organisation that state is pinned to, if it is yet."""

    reader: Reader
    writer: Writer
    session: Recorder
    clock: Clock
    org_id: str | None
    crew: Callable[[int], Crew[Outcome]] = Workers


def carry_out(change: Change, ids: Mapping[str, str], means: Means) -> Outcome:
    """Carry out one change; `ids` has every sequence that its body may still name. StateError if state fails."""
    if change.operation is None:
        return replace(
            outcome(change, Status.APPLIED, "recorded; nothing to send"), record=change.record, org_id=means.org_id
        )
    body = body_to_send(change.operation, ids)
    try:
        return _create(change, body, means) if change.id is None else _update(change, change.id, body, means)
    except CredentialsError as error:
        return not_sent(change, error.message, ExitCode.REFUSED_CONFIGURATION, stops=True)


def _update(change: Change, id_: str, body: Payload, means: Means) -> Outcome:
    refused = before_update(change, means.reader.read(id_), org_id=means.org_id)
    if refused is not None:
        return refused
    answer = means.writer.update(id_, body.encoded)
    if isinstance(answer, Accepted):
        return _read_back(change, body, id_, means)
    if isinstance(answer, Unanswered):
        return _look_for(change, body, id_, answer, means)
    return _refused(change, answer)


def _create(change: Change, body: Payload, means: Means) -> Outcome:
    refused = before_create(change, means.reader.find(change.custom_id))
    if refused is not None:
        return refused
    means.session.append(Intended(custom_id=change.custom_id, payload=body, since=means.clock.moment()))
    answer = means.writer.create(body.encoded)
    if isinstance(answer, Accepted) and answer.id is not None:
        # The id is worth keeping before anything else is tried: losing it is what makes a create unknown.
        record = Record(id=answer.id, applied=body)
        means.session.append(Settled(custom_id=change.custom_id, record=record))
        return _read_back(change, body, answer.id, means)
    if isinstance(answer, Rejected | NotSent):
        means.session.append(Settled(custom_id=change.custom_id, record=None))
        return _refused(change, answer)
    return replace(_unknown_create(change, answer), stops=True)


def _unknown_create(change: Change, answer: Answer) -> Outcome:
    reason = answer.reason if isinstance(answer, Unanswered) else "its id was not received"
    detail = (
        f"it may or may not have been created: {reason}; it is never sent twice. "
        f"Look for custom_id `{change.custom_id}` in the dashboard, then run `reconciler plan`"
    )
    return outcome(change, Status.UNKNOWN, detail)


def _refused(change: Change, answer: Rejected | NotSent) -> Outcome:
    if isinstance(answer, Rejected):
        return outcome(change, Status.REJECTED, answer.reason)
    return not_sent(change, answer.reason, answer.cause, stops=answer.cause is ExitCode.REFUSED_CONFIGURATION)


def _read_back(change: Change, body: Payload, id_: str, means: Means) -> Outcome:
    return after_write(change, body, id_, _fresh_look(change, body, id_, means))


def _fresh_look(change: Change, body: Payload, id_: str, means: Means) -> Reading:
    """Read what was written, a few times while it is not visible. The write has left: nothing may deny that now."""
    try:
        found = means.reader.read(id_)
        for seconds in LOOK_AGAIN:
            if not is_stale(change, body, found):
                break
            means.clock.sleep(seconds)
            found = means.reader.read(id_)
    except (CredentialsError, RefusedError) as error:
        return Unreadable(error.message)
    return found


def _look_for(change: Change, body: Payload, id_: str, answer: Unanswered, means: Means) -> Outcome:
    """An unanswered PATCH is read back: in place is applied, anything else nobody can tell yet."""
    found = _fresh_look(change, body, id_, means)
    if isinstance(found, Live) and same_payload(found.payload, body):
        return replace(after_write(change, body, id_, found), detail="no answer, but the change is in place")
    detail = f"{answer.reason}; what is read back does not show the change. Run `reconciler plan --refresh all`"
    return outcome(change, Status.UNKNOWN, detail)
