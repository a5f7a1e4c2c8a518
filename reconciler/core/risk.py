"""The class of a change: a total function of what changed, how the audience differs, and the status of the sequence.

`docs/risk.md` shows the table. A class is never lowered by what is only believed: where the status was not read, the
sequence counts as live.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from reconciler.core.channels import is_transactional, opens_a_way
from reconciler.model.jsonvalue import ABSENT, MaybeJson, strictly_equal
from reconciler.model.pointer import Path
from reconciler.model.risk import AudienceDelta, RiskClass, StepChange, StepKind
from reconciler.model.sequence import MANAGED_FIELDS, SequenceStatus

R0, R1, R2, R3, R4 = RiskClass


class Life(Enum):
    """Where a sequence is in its life, as far as that is known now."""

    LIVE = "live"
    WAITING = "waiting"
    ENDED = "ended"
    UNSEEN = "unseen"


class Kind(Enum):
    """Everything that a change can be to the people who are written to."""

    LABEL = "label"
    COPY = "copy"
    TIMING = "timing"
    SENDER = "sender"
    CHANNEL = "channel"
    OPENED = "opened"
    REMOVED = "removed"
    INSERTED = "inserted"
    MOVED = "moved"
    TRANSACTIONAL = "transactional"
    CONSENTED = "consented"
    CONTINUOUS = "continuous"
    ONCE = "once"
    STRANGE = "strange"
    NEW = "new"
    CANCELED = "canceled"
    AUDIENCE = "audience"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that changes. `steps` are the positions it stands at (in the new order, a removed one in the old),
    `delta` is given where the kind is AUDIENCE; `others` are the moving sequences that this comes from, if any, and
    beside a new sequence those that say nearly the same."""

    kind: Kind
    steps: tuple[int, ...] = ()
    delta: AudienceDelta | None = None
    others: tuple[str, ...] = ()


# The class while the sequence is live (or may be), while it waits for its start, and after it has ended.
_CLASSES: Final[Mapping[Kind, tuple[RiskClass, RiskClass, RiskClass]]] = {
    Kind.LABEL: (R0, R0, R0),
    Kind.COPY: (R1, R1, R1),
    Kind.TIMING: (R2, R2, R2),
    Kind.SENDER: (R3, R3, R3),
    Kind.CHANNEL: (R3, R3, R3),
    Kind.OPENED: (R3, R3, R3),
    Kind.REMOVED: (R3, R3, R3),
    Kind.ONCE: (R3, R3, R3),
    Kind.NEW: (R3, R3, R3),
    Kind.INSERTED: (R4, R3, R3),
    Kind.MOVED: (R4, R3, R3),
    Kind.STRANGE: (R4, R3, R3),
    Kind.CONTINUOUS: (R4, R4, R3),
    Kind.TRANSACTIONAL: (R4, R4, R4),
    Kind.CONSENTED: (R4, R4, R4),
    Kind.CANCELED: (R4, R4, R4),
}
_AUDIENCE: Final[Mapping[AudienceDelta, tuple[RiskClass, RiskClass, RiskClass]]] = {
    AudienceDelta.SAME: (R0, R0, R0),
    AudienceDelta.NARROWER: (R3, R3, R3),
    AudienceDelta.WIDER: (R4, R3, R3),
    AudienceDelta.DISJOINT: (R4, R3, R3),
    AudienceDelta.OVERLAPPING: (R4, R3, R3),
    AudienceDelta.UNKNOWN: (R4, R3, R3),
    AudienceDelta.EVERYONE: (R4, R4, R4),
}
_COLUMN: Final = {Life.LIVE: 0, Life.UNSEEN: 0, Life.WAITING: 1, Life.ENDED: 2}

_COPY: Final = frozenset({"email_subject", "email_body", "message", "template"})
# Where a message comes from: who opted out of one of these, or blocked it, has not of another.
_ORIGIN: Final = frozenset({"from_email", "phone_number_id", "aiPhoneAgentId"})
_SENDER: Final = _ORIGIN | {"email_sender_name"}
_CONSENT: Final = "email_is_transactional"


def life_of(status: str | None, *, is_read: bool) -> Life:
    """Return where a sequence is in its life; only a cancellation is believed without having been read now."""
    match status:
        case SequenceStatus.CANCELED:
            return Life.ENDED
        case SequenceStatus.COMPLETE if is_read:
            return Life.ENDED
        case SequenceStatus.PENDING if is_read:
            return Life.WAITING
        case SequenceStatus.ACTIVE if is_read:
            return Life.LIVE
        case _:
            return Life.UNSEEN


def class_of(notice: Notice, life: Life) -> RiskClass:
    """Return the class of one thing that changes."""
    column = _COLUMN[life]
    if notice.kind is Kind.AUDIENCE:
        return _AUDIENCE[notice.delta or AudienceDelta.UNKNOWN][column]
    return _CLASSES[notice.kind][column]


def notices_of_create(payload: Mapping[str, Any], delta: AudienceDelta, beside: tuple[str, ...]) -> tuple[Notice, ...]:
    """Return what a new sequence is to the people who are written to; `beside` are those that say nearly the same."""
    steps = payload["steps"]
    exempt = tuple(position for position, step in enumerate(steps) if is_transactional(step))
    return (
        Notice(kind=Kind.NEW, others=beside),
        *([Notice(kind=Kind.AUDIENCE, delta=delta)] if delta is AudienceDelta.EVERYONE else []),
        *([Notice(kind=Kind.TRANSACTIONAL, steps=exempt)] if exempt else []),
    )


def notices(before: Mapping[str, Any], after: Mapping[str, Any], steps: tuple[StepChange, ...]) -> tuple[Notice, ...]:
    """Return what changes between two payloads, the audience apart, one notice for each kind; total over any JSON."""
    found: dict[Kind, set[int]] = {kind: set() for kind in _of_fields(before, after)}
    if steps and opens_a_way(before["steps"], after["steps"]):
        found[Kind.OPENED] = set()
    for step in steps:
        for kind in _of_step(step, after):
            position = step.before if step.after is None else step.after
            found.setdefault(kind, set())
            if kind is not Kind.OPENED:
                found[kind].add(position or 0)
    return tuple(Notice(kind=kind, steps=tuple(sorted(found[kind]))) for kind in Kind if kind in found)


def _of_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Kind]:
    differing = {
        key for key in {*before, *after} if not strictly_equal(before.get(key, ABSENT), after.get(key, ABSENT))
    }
    if differing & {"name", "custom_id"}:
        yield Kind.LABEL
    if "is_continuous" in differing:
        yield Kind.ONCE if after.get("is_continuous") is False else Kind.CONTINUOUS
    are_steps_listed = isinstance(before.get("steps"), list) and isinstance(after.get("steps"), list)
    if differing - set(MANAGED_FIELDS) or ("steps" in differing and not are_steps_listed):
        yield Kind.STRANGE


def _of_step(step: StepChange, after: Mapping[str, Any]) -> Iterator[Kind]:
    if step.kind is StepKind.REMOVED:
        yield Kind.REMOVED
        return
    if step.kind is StepKind.INSERTED:
        yield Kind.INSERTED
        if step.after is not None and is_transactional(after["steps"][step.after]):
            yield Kind.TRANSACTIONAL
        return
    if step.kind is StepKind.MOVED:
        yield Kind.MOVED
    if step.is_shifted:
        yield Kind.TIMING
    is_other_channel = any(edit.path == ("action", "type") for edit in step.edits)
    for edit in step.edits:
        yield from _of_edit(edit.path, edit.after, is_other_channel=is_other_channel)


def _of_edit(path: Path, after: MaybeJson, *, is_other_channel: bool) -> Iterator[Kind]:
    if path == ("delay_in_minutes",):
        yield Kind.TIMING
    elif path == ("action", "type"):
        yield Kind.CHANNEL
    elif path[:2] != ("action", "data") or len(path) < len(("action", "data", "key")):
        yield Kind.STRANGE
    elif path[2] == _CONSENT:
        # Another channel takes the key away with it, or brings it along: only without consent that is a decision.
        if after is not False and after is not ABSENT:
            yield Kind.TRANSACTIONAL
        elif not is_other_channel:
            yield Kind.CONSENTED
    elif not is_other_channel:
        yield Kind.COPY if path[2] in _COPY else Kind.SENDER if path[2] in _SENDER else Kind.STRANGE
        if path[2] in _ORIGIN:
            yield Kind.OPENED
