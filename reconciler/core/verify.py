"""Judging one write from what was read before and after it: pure, values in, an outcome out."""

from dataclasses import replace
from typing import Final

from reconciler.core.fields import field_changes
from reconciler.core.learned import learnable
from reconciler.core.meaning import same_payload
from reconciler.errors import ExitCode
from reconciler.model.change import Change
from reconciler.model.outcome import Outcome, Status
from reconciler.model.pointer import to_pointer
from reconciler.model.sequence import Gone, Live, Payload, Reading, Record, Unreadable

_MOST_NAMED: Final = 3


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


def before_update(change: Change, found: Reading, *, org_id: str | None) -> Outcome | None:
    """Tell why a sequence must not be written after all, from a look right before; None where it may be."""
    match found:
        case Gone():
            return not_sent(change, "it is gone since the plan was made; it is not created again", ExitCode.REFUSED)
        case Unreadable(reason):
            return not_sent(change, f"it could not be read right before writing: {reason}", ExitCode.UNAVAILABLE)
        case Live():
            if org_id is not None and found.org_id != org_id:
                return wrong_organisation(change, found, org_id)
            if change.seen is not None and not same_payload(found.payload, change.seen):
                moved = _names(change.seen, found.payload)
                detail = f"it changed since the plan was made ({moved}): plan again and review it"
                return not_sent(change, detail, ExitCode.REFUSED)
            return None


def before_create(change: Change, found: Reading) -> Outcome | None:
    """Tell why a sequence must not be created after all, from a look-up right before; None where it may be."""
    match found:
        case Gone():
            return None
        case Unreadable(reason):
            return not_sent(change, f"looking it up right before creating it failed: {reason}", ExitCode.UNAVAILABLE)
        case Live():
            detail = f"it exists meanwhile, as {found.id}: plan again and review whether to adopt it"
            return not_sent(change, detail, ExitCode.REFUSED)


def wrong_organisation(change: Change, found: Live, org_id: str) -> Outcome:
    """Return the outcome where the key turned out to be of another organisation."""
    detail = f"the key belongs to organisation {found.org_id or '(unknown)'}, state to {org_id}"
    return not_sent(change, detail, ExitCode.REFUSED, stops=True)


def after_write(change: Change, sent: Payload, id_: str, found: Reading) -> Outcome:
    """Judge an accepted write by what was read back."""
    if not isinstance(found, Live):
        reason = found.reason if isinstance(found, Unreadable) else "it is not visible yet"
        unverified = outcome(change, Status.UNVERIFIED, f"accepted, but not read back: {reason}", id_=id_)
        return replace(unverified, record=Record(id=id_, applied=sent))
    if is_stale(change, sent, found):
        unverified = outcome(change, Status.UNVERIFIED, "accepted, but what is read back is still the old one", id_=id_)
        return replace(unverified, record=Record(id=id_, applied=sent, status=found.status), org_id=found.org_id)
    record = Record(id=id_, applied=sent, status=found.status, stored=learnable(sent, found.payload))
    judged = replace(
        outcome(change, Status.APPLIED, "read back and equal", id_=id_), record=record, org_id=found.org_id
    )
    if same_payload(sent, found.payload):
        return judged
    detail = f"the server stored something else ({_names(sent, found.payload)})"
    return replace(judged, status=Status.DIFFERENT, detail=detail, harmless=record.stored is not None)


def is_stale(change: Change, sent: Payload, found: Reading) -> bool:
    """Tell whether a read-back still shows what was there before the write, or nothing yet."""
    if isinstance(found, Gone):
        return True
    if not isinstance(found, Live) or change.seen is None:
        return False
    return same_payload(found.payload, change.seen) and not same_payload(found.payload, sent)


def _names(before: Payload, after: Payload) -> str:
    paths = [to_pointer(field.path) for field in field_changes(before.value, after.value, None)]
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return ", ".join(paths[:_MOST_NAMED]) + more
