"""An update that got no answer: once a silent server cannot act any more, a look decides what is done."""

from dataclasses import replace
from typing import Final

from reconciler.app.means import Means, judge, look, take_back, waited
from reconciler.core.verify import Shown, in_place, moved_meanwhile, outcome, rejected, shown
from reconciler.errors import ExitCode
from reconciler.model.change import Change
from reconciler.model.outcome import Accepted, NotSent, Outcome, Rejected, Status, Unanswered
from reconciler.model.sequence import Gone, Live, Payload, Reading, Unreadable

_IN_PLACE: Final = "no answer, but the change is in place"
_ONCE_MORE: Final = "no answer; read back: unchanged; sent once more"
NEXT: Final = "Run `reconciler plan`: it reads the sequence and shows what is left to do"


def settle(change: Change, body: Payload, before: Live, answer: Unanswered, means: Means) -> Outcome:
    """Bring an unanswered update to its end: in place, sent once more, left to whoever moved it, or unknown."""
    in_time = waited(means.settle, means)
    found = look(before.id, means)
    what = shown(body, before.payload, found)
    if not isinstance(found, Live):
        return _unreadable(change, answer, found)
    if what is Shown.SENT:
        return in_place(change, body, found, _IN_PLACE)
    if not in_time:
        return _unknown(change, answer.reason, "the run was stopped before it could be told whether it was made")
    if what is Shown.OTHER:
        take_back(change, means)
        return moved_meanwhile(change, body, before.payload, found, answer.reason)
    return _redirected(change, answer, means) if answer.redirected else _once_more(change, body, before, means)


def _redirected(change: Change, answer: Unanswered, means: Means) -> Outcome:
    take_back(change, means)
    refused = outcome(change, Status.REJECTED, f"{answer.reason}; read back: unchanged")
    return replace(refused, cause=ExitCode.REFUSED_CONFIGURATION, stops=True)


def _once_more(change: Change, body: Payload, before: Live, means: Means) -> Outcome:
    """Send the same bytes a second time, which is the last."""
    answer = means.writer.update(before.id, body.encoded)
    match answer:
        case Accepted():
            judged = judge(change, body, before.id, means)
        case Rejected():
            take_back(change, means)
            judged = rejected(change, answer)
        case NotSent():
            unknown = _unknown(change, "read back: unchanged", f"it could not be sent once more: {answer.reason}")
            return replace(unknown, cause=answer.cause, stops=answer.cause is ExitCode.REFUSED_CONFIGURATION)
        case Unanswered():
            return _last_look(change, body, before, answer, means)
    return replace(judged, detail=f"{_ONCE_MORE}; {judged.detail}")


def _last_look(change: Change, body: Payload, before: Live, answer: Unanswered, means: Means) -> Outcome:
    means.clock.sleep(means.settle)
    found = look(before.id, means)
    if not isinstance(found, Live):
        return _unreadable(change, answer, found)
    if shown(body, before.payload, found) is Shown.SENT:
        return in_place(change, body, found, f"{_ONCE_MORE}; {_IN_PLACE}")
    return _unknown(change, answer.reason, f"{_ONCE_MORE}; what is read back does not show the change")


def _unreadable(change: Change, answer: Unanswered, found: Reading) -> Outcome:
    if isinstance(found, Gone):
        return _unknown(change, answer.reason, "it is gone meanwhile; it is not created again")
    why = found.reason if isinstance(found, Unreadable) else "it is not there"
    unknown = _unknown(change, answer.reason, f"what is live could not be read: {why}")
    return replace(unknown, stops=isinstance(found, Unreadable) and found.is_mixed_up)


def _unknown(change: Change, reason: str, why: str) -> Outcome:
    """Its intent stays: the next plan reads the sequence."""
    return outcome(change, Status.UNKNOWN, f"no answer ({reason}), and {why}. {NEXT}")
