"""A change of a sequence that exists, as its recipients meet it: what it is, what it becomes, what that touches."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reconciler.core.alignment import align
from reconciler.core.filters.conditions import Movement
from reconciler.core.filters.reading import read_filter
from reconciler.core.learned import effective
from reconciler.core.propagation import Audience
from reconciler.core.risk import Kind, Life, Notice, life_of, notices
from reconciler.core.snapshot import Snapshot
from reconciler.model.change import Change
from reconciler.model.jsonvalue import ABSENT, strictly_equal
from reconciler.model.risk import StepChange
from reconciler.model.sequence import Gone, Live, Payload, Record, StepTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A sequence as it stands before anything is applied: as it was read, or else as it is recorded.

    `times` is None where it was not read.
    """

    payload: Mapping[str, Any]
    status: str | None
    times: tuple[StepTimes, ...] | None

    @property
    def life(self) -> Life:
        """Where it is in its life."""
        return life_of(self.status, is_read=self.times is not None)

    @property
    def audience(self) -> Audience:
        """Its audience where nothing of its own changes."""
        groups = read_filter(self.payload.get("filter", ABSENT))
        return Audience(before=groups, after=groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change that is written to a sequence that exists. `notices` are about everything but the audience."""

    id: str
    change: Change
    seen: Seen
    after: Mapping[str, Any]
    steps: tuple[StepChange, ...]
    notices: tuple[Notice, ...]

    @property
    def is_about_the_filter(self) -> bool:
        """Tell whether its filter changes its meaning."""
        return any(field.path[:1] == ("filter",) for field in self.change.fields)

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of what changes, the audience apart."""
        return frozenset(each.kind for each in self.notices)

    @property
    def own_movement(self) -> Movement:
        """How its audience moves for another reason than its filter."""
        was = self.seen.payload.get("is_continuous")
        if Kind.CONTINUOUS in self.kinds:
            return Movement.GROWS if was is False else Movement.UNKNOWN
        if Kind.ONCE in self.kinds:
            return Movement.SHRINKS if was is True else Movement.UNKNOWN
        return Movement.STILL

    @property
    def audience(self) -> Audience:
        """Its audience before and after; a filter that means the same is the same one."""
        found = self.seen.audience
        after = read_filter(self.after.get("filter", ABSENT)) if self.is_about_the_filter else found.before
        return Audience(before=found.before, after=after, own=self.own_movement)


def edit_of(snapshot: Snapshot, change: Change) -> Edit | None:
    """Return the edit that a change is; None for a create, and for what writes nothing."""
    record = None if change.recorded_as is None else snapshot.records.get(change.recorded_as)
    seen = seen_as(snapshot, change.custom_id, record)
    if change.body is None or seen is None or change.id is None:
        return None
    after, steps, found = _compared(Payload.of(seen.payload), change.body)
    return Edit(id=change.id, change=change, seen=seen, after=after, steps=steps, notices=found)


@lru_cache(maxsize=4096)
def _compared(before: Payload, after: Payload) -> tuple[Mapping[str, Any], tuple[StepChange, ...], tuple[Notice, ...]]:
    """Return a payload's value, and how its steps and all else differ from before; a fleet's organisations share it."""
    value, seen = after.value, before.value
    was, becomes = seen.get("steps"), value.get("steps")
    are_listed = isinstance(was, list) and isinstance(becomes, list)
    steps = align(was or [], becomes or []) if are_listed and not strictly_equal(was, becomes) else ()
    return value, steps, notices(seen, value, steps)


def seen_as(snapshot: Snapshot, custom_id: str, record: Record | None) -> Seen | None:
    """Return a sequence as it is known; None where it is gone, or neither read nor recorded."""
    reading = snapshot.readings.get(custom_id)
    if isinstance(reading, Gone):
        return None
    if isinstance(reading, Live):
        payload = reading.payload.value if record is None else effective(record, reading.payload)
        return Seen(payload=payload, status=reading.status, times=reading.times)
    return None if record is None else Seen(payload=record.applied.value, status=record.status, times=None)
