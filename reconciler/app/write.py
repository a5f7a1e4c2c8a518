"""One change carried out: a look before, the intent, the write, reading back what came of it.

The intent is durable before the write leaves, and is taken back only where the write provably did not happen.
"""

from dataclasses import replace
from typing import Final

from reconciler.app.means import Means, forbidden, intend, judge, read_back, take_back, wait_out
from reconciler.app.probe import probe, unknown_create
from reconciler.app.retiring import cancel, release
from reconciler.app.settle import settle
from reconciler.core.lowering import body_to_send
from reconciler.core.normalise import is_id
from reconciler.core.verify import (
    after_write,
    before_create,
    before_recording,
    before_update,
    is_another,
    not_sent,
    outcome,
    rejected,
)
from reconciler.errors import ConfigurationError, ExitCode, RefusedError
from reconciler.model.change import Change
from reconciler.model.outcome import Accepted, NotSent, Outcome, Rejected, Status, Unanswered
from reconciler.model.sequence import Live, Payload, Record, Retire
from reconciler.model.state import Settled

_WAS_CREATED: Final = "it WAS created, and its id was not received"


def carry_out(change: Change, means: Means) -> Outcome:
    """Carry out one change; `means.ids` has every sequence that its body may still name. StateError if state fails."""
    try:
        if change.operation is None:
            return release(change) if change.retire is Retire.RELEASE else _record(change, means)
        if change.body is None:
            return _cancel(change, means)
        body = body_to_send(change.body, means.ids)
        return _create(change, body, means) if change.id is None else _update(change, change.id, body, means)
    except ConfigurationError as error:
        return not_sent(change, error.message, ExitCode.REFUSED_CONFIGURATION, stops=True)
    except RefusedError as error:
        return not_sent(change, error.message, ExitCode.REFUSED)


def _cancel(change: Change, means: Means) -> Outcome:
    """Cancel what the change names by its id, and knows the record of; nothing else is ever canceled."""
    if change.retire is not Retire.CANCEL or change.id is None or change.record is None:
        raise AssertionError(change.action)
    return cancel(change, change.id, change.record, means)


def _record(change: Change, means: Means) -> Outcome:
    """Only the record follows; where an earlier write may land yet, not before it cannot any more."""
    done = outcome(change, Status.APPLIED, "recorded; nothing to send")
    if change.unsettled_since is not None and change.id is not None:
        wait_out(change, means)
        refused = before_recording(change, means.reader.read(change.id), org_id=means.org_id)
        if refused is not None:
            return refused
    return replace(done, record=change.record, org_id=means.org_id)


def _update(change: Change, id_: str, body: Payload, means: Means) -> Outcome:
    wait_out(change, means)
    before = means.reader.read(id_)
    ended = before_update(change, body, before, org_id=means.org_id)
    if ended is not None or not isinstance(before, Live):
        return ended or not_sent(change, "it could not be read right before writing", ExitCode.UNAVAILABLE)
    refused = forbidden(change, before, means)
    if refused is not None:
        return refused
    if change.made is not None:
        # So far state knows only of a create without an end: what the look found is recorded before it is changed.
        record = Record(id=id_, applied=change.made.payload, status=before.status)
        means.session.append(Settled(custom_id=change.recorded_as or change.custom_id, record=record))
    intend(change, body, means, id_=id_, before=before)
    answer = means.writer.update(id_, body.encoded)
    match answer:
        case Accepted():
            return judge(change, body, id_, means)
        case Unanswered():
            return settle(change, body, before, answer, means)
        case Rejected() | NotSent():
            return _refused(change, answer, means)


def _create(change: Change, body: Payload, means: Means) -> Outcome:
    found = means.reader.find(change.custom_id)
    refused = before_create(change, found) or forbidden(change, found, means)
    if refused is not None:
        return refused
    intend(change, body, means, id_=None)
    answer = means.writer.create(body.encoded)
    match answer:
        case Accepted(id_):
            if id_ is None or not is_id(id_):
                return probe(change, body, _WAS_CREATED, means, was_created=True)
            return _created(change, body, id_, means)
        case Unanswered(reason):
            happened = _WAS_CREATED if answer.accepted else f"it may or may not have been created: {reason}"
            return probe(change, body, happened, means, was_created=answer.accepted)
        case Rejected() | NotSent():
            return _refused(change, answer, means)


def _created(change: Change, body: Payload, id_: str, means: Means) -> Outcome:
    # The id is worth keeping before anything else is tried: losing it is what makes a create unknown.
    intend(change, body, means, id_=id_)
    found = read_back(change, body, id_, means)
    if is_another(body, found):
        intend(change, body, means, id_=None)
        return unknown_create(change, f"it WAS created, and the API named {id_} as its id, which is another sequence's")
    return after_write(change, body, id_, found, moment=means.clock.moment())


def _refused(change: Change, answer: Rejected | NotSent, means: Means) -> Outcome:
    take_back(change, means)
    if isinstance(answer, Rejected):
        return rejected(change, answer)
    return not_sent(change, answer.reason, answer.cause, stops=answer.cause is ExitCode.REFUSED_CONFIGURATION)
