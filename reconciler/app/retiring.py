"""One sequence given up: canceled, which no call takes back, or only its record let go of.

The call that cancels is sent once in a run at most. What came of one without an answer is read; where a look does not
show that the sequence has ended, nobody knows, and the next plan reads it again before anything is sent.
"""

from dataclasses import replace
from typing import Final

from reconciler.app.means import LOOK_AGAIN, Means, forbidden, intend, look, take_back, wait_out, waited
from reconciler.app.settle import NEXT
from reconciler.core.verify import before_cancel, ended, not_sent, outcome, rejected
from reconciler.errors import ExitCode
from reconciler.model.change import Change
from reconciler.model.outcome import Accepted, NotSent, Outcome, Rejected, Status, Unanswered
from reconciler.model.sequence import Live, Reading, Record, Unreadable, is_over

_RELEASED: Final = "no longer recorded; the sequence was left alone, and goes on as it is"


def release(change: Change) -> Outcome:
    """Let go of the record; nothing is sent."""
    return replace(outcome(change, Status.APPLIED, _RELEASED), released=True)


def cancel(change: Change, id_: str, record: Record, means: Means) -> Outcome:
    """Cancel a sequence; `record` is what state holds of it once it has ended."""
    wait_out(change, means)
    before = means.reader.read(id_)
    refused = before_cancel(change, before, org_id=means.org_id) or forbidden(change, before, means)
    if refused is not None:
        return refused
    intend(change, record.applied, means, id_=id_, cancels=True)
    answer = means.writer.cancel(id_)
    match answer:
        case Accepted():
            return _read_back(change, id_, means)
        case Unanswered():
            return _settle(change, id_, answer, means)
        case Rejected():
            take_back(change, means)
            return rejected(change, answer)
        case NotSent():
            take_back(change, means)
            return not_sent(change, answer.reason, answer.cause, stops=answer.cause is ExitCode.REFUSED_CONFIGURATION)


def _read_back(change: Change, id_: str, means: Means) -> Outcome:
    """Look until the sequence has ended; its intent stays where that is not seen, so that the next plan looks again."""
    found = look(id_, means)
    for seconds in LOOK_AGAIN:
        if not isinstance(found, Live) or is_over(found.status):
            break
        means.clock.sleep(seconds)
        found = look(id_, means)
    if isinstance(found, Live) and is_over(found.status):
        return ended(change, found, f"read back: it is {found.status}")
    unseen = outcome(change, Status.UNVERIFIED, f"accepted, but {_not_seen(found)}; plan again in a few minutes")
    return replace(unseen, stops=isinstance(found, Unreadable) and found.is_mixed_up)


def _settle(change: Change, id_: str, answer: Unanswered, means: Means) -> Outcome:
    waited(means.settle, means)
    found = look(id_, means)
    if isinstance(found, Live) and is_over(found.status):
        return ended(change, found, f"no answer, but it is {found.status}")
    if answer.redirected and isinstance(found, Live):
        take_back(change, means)
        refused = outcome(change, Status.REJECTED, f"{answer.reason}; read back: it has not ended")
        return replace(refused, cause=ExitCode.REFUSED_CONFIGURATION, stops=True)
    unknown = outcome(change, Status.UNKNOWN, f"no answer ({answer.reason}), and {_not_seen(found)}. {NEXT}")
    return replace(unknown, stops=isinstance(found, Unreadable) and found.is_mixed_up)


def _not_seen(found: Reading) -> str:
    match found:
        case Live():
            return "what is read back does not show that it has ended"
        case Unreadable(reason):
            return f"what is live could not be read: {reason}"
        case _:
            return "it is gone meanwhile"
