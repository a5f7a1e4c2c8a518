"""Judging one write from what was read before and after it: pure, values in, an outcome out."""

from dataclasses import replace
from enum import Enum
from typing import Final

from reconciler.core.fields import field_changes
from reconciler.core.learned import is_in_form, is_rewriting, learnable
from reconciler.core.meaning import same_payload
from reconciler.core.spelling import first_few
from reconciler.errors import ExitCode
from reconciler.model.change import Change
from reconciler.model.outcome import Outcome, Rejected, Status
from reconciler.model.pointer import to_pointer
from reconciler.model.sequence import Gone, Live, Payload, Reading, Record, Unreadable, is_over

_MOST_NAMED: Final = 3
# What the API says where the sequence is not, or not any more, what the request took it for.
_MOVED: Final = (404, 409, 412)


class Shown(Enum):
    """What a look after an unanswered update shows."""

    SENT = "what was sent"
    BEFORE = "what stood there before"
    OTHER = "neither"
    NOTHING = "nothing that can be believed"


def outcome(change: Change, status: Status, detail: str, *, id_: str | None = None) -> Outcome:
    """Return an outcome of a change, without a record."""
    return Outcome(
        custom_id=change.custom_id,
        id=id_ or change.id,
        action=change.action,
        status=status,
        detail=detail,
        recorded_as=change.recorded_as,
    )


def not_sent(change: Change, detail: str, cause: ExitCode, *, stops: bool = False) -> Outcome:
    """Return the outcome of a change that was not begun."""
    return replace(outcome(change, Status.NOT_SENT, detail), cause=cause, stops=stops)


def rejected(change: Change, answer: Rejected) -> Outcome:
    """Return the outcome of a write that the API refused: of a sequence that has moved, or of this one body."""
    detail, cause = answer.reason, ExitCode.REFUSED if answer.status in _MOVED else ExitCode.PARTIAL
    if answer.status == 404 and change.id is not None:
        detail += "; it is gone since the plan was made, and it is not created again"
    elif answer.status in _MOVED:
        detail += "; plan again and review what is there"
    return replace(outcome(change, Status.REJECTED, detail), cause=cause)


def before_update(change: Change, body: Payload, found: Reading, *, org_id: str | None) -> Outcome | None:
    """Tell why a sequence is not written after all, from a look right before; None where it is to be."""
    match found:
        case Gone():
            return not_sent(change, "it is gone since the plan was made; it is not created again", ExitCode.REFUSED)
        case Unreadable():
            return _unreadable(change, found, "it could not be read right before writing")
        case Live():
            if org_id is not None and found.org_id != org_id:
                return wrong_organisation(change, found, org_id)
            if same_payload(found.payload, body):
                return in_place(change, body, found, "already in place; nothing was sent")
            return _for_review(change, body, found)


def _unreadable(change: Change, found: Unreadable, what: str) -> Outcome:
    return not_sent(change, f"{what}: {found.reason}", ExitCode.UNAVAILABLE, stops=found.is_mixed_up)


def before_recording(change: Change, found: Reading, *, org_id: str | None) -> Outcome | None:
    """Tell why a record must not follow after all, where an update without an answer might have landed by now."""
    if change.record is None:
        return None
    refused = before_update(change, change.record.applied, found, org_id=org_id)
    return None if refused is None or refused.status is Status.APPLIED else refused


def _for_review(change: Change, body: Payload, found: Live) -> Outcome | None:
    if change.seen is None or same_payload(found.payload, change.seen):
        return None
    detail = f"it changed since the plan was made ({_names(change.seen, found.payload)}): plan again and review it"
    fields = field_changes(change.seen.value, body.value, found.payload.value)
    return replace(not_sent(change, detail, ExitCode.REFUSED), fields=fields)


def before_create(change: Change, found: Reading) -> Outcome | None:
    """Tell why a sequence must not be created after all, from a look-up right before; None where it may be."""
    match found:
        case Gone():
            return None
        case Unreadable():
            return _unreadable(change, found, "looking it up right before creating it failed")
        case Live():
            detail = f"it exists meanwhile, as {found.id}: plan again and review whether to adopt it"
            return not_sent(change, detail, ExitCode.REFUSED)


def wrong_organisation(change: Change, found: Live, org_id: str) -> Outcome:
    """Return the outcome where the key turned out to be of another organisation."""
    detail = f"the key belongs to organisation {found.org_id or '(unknown)'}, state to {org_id}"
    return not_sent(change, detail, ExitCode.REFUSED, stops=True)


def ended(change: Change, found: Live, detail: str) -> Outcome:
    """Return the outcome of a cancel after which a look shows that the sequence has ended."""
    record = None if change.record is None else replace(change.record, status=found.status)
    return replace(outcome(change, Status.APPLIED, detail), record=record, org_id=found.org_id)


def before_cancel(change: Change, found: Reading, *, org_id: str | None) -> Outcome | None:
    """Tell why a sequence is not canceled after all, from a look right before; None where it is to be."""
    match found:
        case Gone():
            return not_sent(change, "it is gone since the plan was made; nothing is left to cancel", ExitCode.REFUSED)
        case Unreadable():
            return _unreadable(change, found, "it could not be read right before canceling it")
        case Live():
            if org_id is not None and found.org_id != org_id:
                return wrong_organisation(change, found, org_id)
            if not is_over(found.status):
                return None
            return ended(change, found, f"it is {found.status} already; nothing was sent")


def in_place(change: Change, sent: Payload, found: Live, detail: str) -> Outcome:
    """Return the outcome of a change that a look shows to be made."""
    record = Record(id=found.id, applied=sent, status=found.status, stored=learnable(sent, found.payload))
    applied = outcome(change, Status.APPLIED, detail, id_=found.id)
    return replace(applied, record=record, org_id=found.org_id)


def after_write(change: Change, sent: Payload, id_: str, found: Reading, *, moment: str) -> Outcome:
    """Judge an accepted write by what was read back, at a moment (RFC 3339) that is kept where it was not visible."""
    if not isinstance(found, Live) or is_stale(change, sent, found):
        return _unverified(change, sent, id_, found, moment)
    judged = in_place(change, sent, found, "read back and equal")
    if same_payload(sent, found.payload):
        return judged
    detail = f"the server stored something else ({_names(sent, found.payload)})"
    harmless = judged.record is not None and judged.record.stored is not None
    return replace(judged, status=Status.DIFFERENT, detail=detail, harmless=harmless)


def _unverified(change: Change, sent: Payload, id_: str, found: Reading, moment: str) -> Outcome:
    record = Record(id=id_, applied=sent, unverified=moment)
    match found:
        case Live():
            detail = "accepted, but what is read back is still the old one; "
            record = replace(record, status=found.status)
        case Gone():
            detail = "accepted, but not read back: it is not visible yet; "
        case Unreadable(reason):
            detail = f"accepted, but not read back: {reason}; "
    judged = outcome(change, Status.UNVERIFIED, detail + "plan again in a few minutes", id_=id_)
    org_id = found.org_id if isinstance(found, Live) else None
    stops = isinstance(found, Unreadable) and found.is_mixed_up
    return replace(judged, record=record, org_id=org_id, stops=stops)


def is_stale(change: Change, sent: Payload, found: Reading) -> bool:
    """Tell whether a read-back still shows what was there before the write, or nothing yet."""
    if isinstance(found, Gone):
        return True
    if not isinstance(found, Live) or change.seen is None or found.payload == sent:
        return False
    # What differs from what was sent in form alone may be what the server makes of it.
    return same_payload(found.payload, change.seen) and not is_in_form(sent, found.payload)


def shown(sent: Payload, before: Payload, found: Reading) -> Shown:
    """Tell what a look after an unanswered update shows."""
    if not isinstance(found, Live):
        return Shown.NOTHING
    if is_in_form(sent, found.payload):
        return Shown.SENT
    if same_payload(before, found.payload):
        return Shown.BEFORE
    return Shown.SENT if is_rewriting(sent, found.payload) else Shown.OTHER


def moved_meanwhile(change: Change, sent: Payload, before: Payload, found: Live, reason: str) -> Outcome:
    """Return the outcome of an unanswered update where live shows neither what was sent nor what was there before."""
    detail = (
        f"no answer ({reason}), and someone else changed it meanwhile ({_names(sent, found.payload)}): "
        "it was left as it is; plan again and review it"
    )
    fields = field_changes(before.value, sent.value, found.payload.value)
    return replace(outcome(change, Status.DIFFERENT, detail), fields=fields)


def is_another(sent: Payload, found: Reading) -> bool:
    """Tell whether the id that a create was told leads to a sequence of another custom_id."""
    return isinstance(found, Live) and found.custom_id != sent.value["custom_id"]


def _names(before: Payload, after: Payload) -> str:
    return first_few([to_pointer(field.path) for field in field_changes(before.value, after.value, None)], _MOST_NAMED)
