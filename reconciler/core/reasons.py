"""Why a change has its class, in short sentences that quote nothing of what manifests or the server say."""

from collections.abc import Iterable
from typing import Final

from reconciler.core.resemblance import in_words
from reconciler.core.risk import Kind, Life, Notice, class_of
from reconciler.core.spelling import first_few
from reconciler.model.risk import AudienceDelta, RiskClass

_MOST_NAMED: Final = 5
_SAID: Final = {
    Kind.LABEL: "its name changes, which no recipient is known to see",
    Kind.COPY: "the copy changes",
    Kind.TIMING: "the time of sending changes",
    Kind.SENDER: "the sender changes",
    Kind.CHANNEL: "the channel changes",
    Kind.OPENED: "who could not be reached before may be reached now: by another channel, or from an address or number "
    "that they have not opted out of",
    Kind.TRANSACTIONAL: "it is sent without consent (`email_is_transactional` is not false)",
    Kind.CONSENTED: "it is sent with consent only, which it was not before (`email_is_transactional`)",
    Kind.CONTINUOUS: "it becomes continuous: contacts who match later are reached too",
    Kind.ONCE: "it stops being continuous: contacts who match later are not reached",
    Kind.STRANGE: "something changes whose effect is not known",
    Kind.NEW: "it is new: whoever it matches is written to",
    Kind.CANCELED: "it is canceled for good: nothing of it is sent any more, and no call brings it back",
}
_STEPS: Final = {
    Kind.REMOVED: ("is removed", "are removed"),
    Kind.INSERTED: ("is inserted", "are inserted"),
    Kind.MOVED: ("changes places", "change places"),
}
_AUDIENCES: Final = {
    AudienceDelta.SAME: "the filter is written otherwise and matches the same contacts",
    AudienceDelta.NARROWER: "the audience gets narrower: nobody new is reached",
    AudienceDelta.WIDER: "the audience gets wider",
    AudienceDelta.DISJOINT: "the audience is replaced: nobody who matched before matches now",
    AudienceDelta.OVERLAPPING: "the audience shifts: some leave, and others join",
    AudienceDelta.EVERYONE: "the filter can match every contact",
    AudienceDelta.UNKNOWN: "whether the new audience holds anybody new cannot be told",
}
_FOLLOWED: Final = {
    AudienceDelta.NARROWER: "its audience gets narrower: nobody new is reached",
    AudienceDelta.WIDER: "its audience gets wider",
}
_LIVES: Final = {
    Life.LIVE: ", and the sequence is active",
    Life.UNSEEN: ", and the sequence may be active",
    Life.WAITING: ", and the sequence waits for its start",
    Life.ENDED: "",
}


def reasons(notices: Iterable[Notice], life: Life) -> tuple[str, ...]:
    """Return one sentence for each thing that changes, the gravest first."""
    ranked = sorted(notices, key=lambda each: class_of(each, life), reverse=True)
    return tuple(_sentence(each, life) for each in ranked)


def _sentence(notice: Notice, life: Life) -> str:
    # What would be less grave in a sequence that is not live says so.
    depends = class_of(notice, life) is RiskClass.R4 and class_of(notice, Life.ENDED) is not RiskClass.R4
    return _said(notice) + (_LIVES[life] if depends else "")


def _said(notice: Notice) -> str:
    if notice.kind is Kind.AUDIENCE:
        return _said_of_audience(notice)
    if notice.kind is Kind.NEW and notice.others:
        named = in_words(notice.others, _MOST_NAMED)
        return f"it is new beside {named}, with nearly the same content: whom both match may be written to twice"
    if notice.kind in _STEPS:
        return f"{where(notice.steps)} {_STEPS[notice.kind][len(notice.steps) > 1]}"
    said = _SAID[notice.kind]
    return f"{where(notice.steps)}: {said}" if notice.steps else said


def _said_of_audience(notice: Notice) -> str:
    delta = notice.delta or AudienceDelta.UNKNOWN
    if not notice.others:
        return _AUDIENCES[delta]
    named = first_few([f"`{each}`" for each in notice.others], _MOST_NAMED)
    return f"{_FOLLOWED.get(delta, _AUDIENCES[delta])} (its filter names {named}, whose audience changes)"


def where(steps: tuple[int, ...]) -> str:
    """Return steps by their number as people count: `step 2`, `steps 2, 3`."""
    numbers = [str(each + 1) for each in steps]
    return f"step {numbers[0]}" if len(numbers) == 1 else f"steps {first_few(numbers, _MOST_NAMED)}"
