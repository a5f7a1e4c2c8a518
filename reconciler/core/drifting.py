"""Live against recorded, whatever the manifests say: what is recorded counts as what is desired, and a plan decides.

So the one comparison, the one table and the one classing of risk serve drift too, and setting it back is that plan.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.core.fields import field_changes
from reconciler.core.learned import baseline
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Request, Snapshot
from reconciler.model.change import Change, FieldChange
from reconciler.model.drift import Drifted, DriftedField, Known, Unread, Vanished
from reconciler.model.look import Look, Standing
from reconciler.model.plan import Plan
from reconciler.model.pointer import replaced, to_pointer
from reconciler.model.risk import RiskClass
from reconciler.model.sequence import (
    NO_INSTRUCTIONS,
    Desired,
    Gone,
    Instructions,
    Live,
    Payload,
    Reading,
    Source,
    Unreadable,
)
from reconciler.model.state import State

# From so many fields on, each has the class of all together.
_MANY: Final = 20
_NOWHERE: Final = Source(file="", line=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """What the manifests say of recorded sequences, by recorded name: which fields are handed off. `names` are all
    that are asked for. Where the manifests cannot be read, there is none of this."""

    handed_off: Mapping[str, tuple[str, ...]]
    names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was found, in the order of the names; `looks` is what state remembers of it, by the sequence's id."""

    drifted: tuple[Drifted, ...]
    handed_off: tuple[Drifted, ...]
    gone: tuple[Vanished, ...]
    unreadable: tuple[Unread, ...]
    unsettled: tuple[Unread, ...]
    in_step: int
    looks: Mapping[str, Look]


def said_by(request: Request, desired: tuple[Desired, ...], state: State) -> Manifests:
    """Return what valid manifests say of what is recorded; one that is being renamed speaks of its former name."""
    known = Snapshot(request=request, desired=desired, state=state)
    names = {name: each for each in known.desired if (name := known.recorded_as(each)) is not None}
    return Manifests(
        handed_off={name: each.instructions.ignore for name, each in names.items() if each.instructions.ignore},
        names=frozenset(names),
    )


def as_desired(state: State, manifests: Manifests | None) -> tuple[Desired, ...]:
    """Return what is recorded as what is desired."""
    handed_off = {} if manifests is None else manifests.handed_off
    return tuple(
        Desired(
            custom_id=name,
            payload=record.applied,
            source=_NOWHERE,
            instructions=Instructions(ignore=handed_off[name]) if name in handed_off else NO_INSTRUCTIONS,
        )
        for name, record in state.records.items()
    )


def plan_back(request: Request, state: State, manifests: Manifests | None, readings: Mapping[str, Reading]) -> Plan:
    """Return the plan that sets back what was read; what was not read is left as it is."""
    plan = build_plan(_snapshot(request, state, manifests, readings))
    writes = tuple(replace(change, source=None) for change in plan.changes if change.operation is not None)
    return replace(plan, changes=writes)


def compare(
    request: Request,
    state: State,
    manifests: Manifests | None,
    readings: Mapping[str, Reading],
    *,
    moments: Mapping[str, str],
) -> Comparison:
    """Compare what was read with what is recorded; `moments` are when each was read, all by recorded name."""
    snapshot = _snapshot(request, state, manifests, readings)
    plan = build_plan(snapshot)
    moved = {change.custom_id: change for change in plan.changes if change.operation is not None}
    unsettled = _unsettled(plan, state, readings)
    drifted, handed_off, gone, unreadable = [], [], [], []
    for name in sorted(readings):
        reading, record = readings[name], state.records[name]
        before = state.looks.get(record.id, Look())
        if name in unsettled:
            continue
        if isinstance(reading, Unreadable):
            unreadable.append(Unread(custom_id=name, id=record.id, reason=reading.reason))
        elif isinstance(reading, Gone):
            gone.append(Vanished(custom_id=name, id=record.id, read_before=before.read))
        elif name in moved:
            drifted.append(_drifted(snapshot, moved[name], reading, before, manifests))
        elif manifests is not None and name in manifests.handed_off:
            found = _left_to_others(snapshot, name, reading, before, manifests)
            handed_off += [found] if found.handed_off else []
    looked = _Looked(
        drifted={each.custom_id: each for each in drifted},
        failed=frozenset({*(each.custom_id for each in unreadable), *unsettled}),
    )
    return Comparison(
        drifted=tuple(drifted),
        handed_off=tuple(handed_off),
        gone=tuple(gone),
        unreadable=tuple(unreadable),
        unsettled=tuple(unsettled[name] for name in sorted(unsettled)),
        in_step=len(readings) - len(drifted) - len(gone) - len(unreadable) - len(unsettled),
        looks={state.records[name].id: looked.after(name, state, readings[name], moments[name]) for name in readings},
    )


def known_before(state: State, readings: Mapping[str, Reading]) -> tuple[Known, ...]:
    """Return the sequences that were not read now, and were not as recorded when they were read last."""
    return tuple(
        Known(custom_id=name, id=record.id, read=look.read, standing=look.standing, paths=look.paths)
        for name, record in state.records.items()
        if name not in readings
        and (look := state.looks.get(record.id)) is not None
        and look.standing is not Standing.IN_STEP
    )


@dataclass(frozen=True, slots=True)
class _Looked:
    drifted: Mapping[str, Drifted]
    failed: frozenset[str]

    def after(self, name: str, state: State, reading: Reading, moment: str) -> Look:
        """Return what is remembered of a sequence from now on."""
        before = state.looks.get(state.records[name].id, Look())
        if name in self.failed:
            return replace(before, tried=moment)
        status = reading.status if isinstance(reading, Live) else None
        seen = replace(before, read=moment, tried=None, status=status, standing=Standing.IN_STEP, paths=())
        if isinstance(reading, Gone):
            return replace(seen, standing=Standing.GONE)
        if name not in self.drifted:
            return seen
        paths = tuple(to_pointer(field.path) for field in self.drifted[name].fields)
        return replace(seen, standing=Standing.DRIFTED, paths=paths, drifted=moment)


def _snapshot(request: Request, state: State, manifests: Manifests | None, readings: Mapping[str, Reading]) -> Snapshot:
    waiting = {each.id for each in state.pending.values() if each.id is not None}
    believed = {name: each for name, each in readings.items() if state.records[name].id not in waiting}
    return Snapshot(request=request, desired=as_desired(state, manifests), state=state, readings=believed)


def _unsettled(plan: Plan, state: State, readings: Mapping[str, Reading]) -> dict[str, Unread]:
    """Return the sequences of which nothing can be said yet: a write of theirs may still land, or become visible."""
    waiting = {each.id: each for each in state.pending.values() if each.id is not None}
    said = {each.custom_id: each.message for each in plan.violations if each.rule == "not-visible-yet"}
    found = {}
    for name in readings:
        id_ = state.records[name].id
        if id_ in waiting:
            write = waiting[id_]
            what = "the cancel" if write.cancels else "its update"
            reason = f"{what} of {write.since} got no answer; `reconciler plan --refresh changed` settles it"
            found[name] = Unread(custom_id=name, id=id_, reason=reason)
        elif name in said:
            found[name] = Unread(custom_id=name, id=id_, reason=said[name])
    return found


def _drifted(snapshot: Snapshot, change: Change, reading: Live, before: Look, manifests: Manifests | None) -> Drifted:
    name = change.custom_id
    assessment = change.assessment
    risk = RiskClass.R4 if assessment is None else assessment.risk
    written = {field.path for field in change.fields}
    others = [field for field in _all_fields(snapshot, name, reading) if field.path not in written]
    return replace(
        _portrait(name, snapshot, reading, before, manifests),
        fields=tuple(_field(field, before, _risk_of(field, change, snapshot, risk)) for field in change.fields),
        handed_off=tuple(_field(field, before, RiskClass.R0) for field in others),
        risk=risk,
        reasons=() if assessment is None else assessment.reasons,
    )


def _left_to_others(snapshot: Snapshot, name: str, reading: Live, before: Look, manifests: Manifests | None) -> Drifted:
    fields = tuple(_field(field, before, RiskClass.R0) for field in _all_fields(snapshot, name, reading))
    return replace(_portrait(name, snapshot, reading, before, manifests), handed_off=fields)


def _portrait(name: str, snapshot: Snapshot, reading: Live, before: Look, manifests: Manifests | None) -> Drifted:
    return Drifted(
        custom_id=name,
        id=snapshot.records[name].id,
        status=reading.status,
        read_before=before.read,
        is_orphan=None if manifests is None else name not in manifests.names,
    )


def _all_fields(snapshot: Snapshot, name: str, reading: Live) -> tuple[FieldChange, ...]:
    record = snapshot.records[name]
    applied = record.applied.value
    return field_changes(applied, applied, baseline(record, reading.payload).value)


def _field(field: FieldChange, before: Look, risk: RiskClass) -> DriftedField:
    corrected = before.corrected.get(to_pointer(field.path))
    return DriftedField(path=field.path, recorded=field.desired, live=field.live, risk=risk, corrected=corrected)


def _risk_of(field: FieldChange, change: Change, snapshot: Snapshot, whole: RiskClass) -> RiskClass:
    """Return the class of setting one field back alone; that of all together where it cannot stand alone."""
    if len(change.fields) == 1 or len(change.fields) > _MANY or change.operation is None:
        return whole
    # Imported where it is used: it costs 20 ms, and most looks find nothing.
    from reconciler.core.assessment import assess

    record = snapshot.records[change.custom_id]
    reading = snapshot.readings[change.custom_id]
    found = baseline(record, reading.payload).value if isinstance(reading, Live) else {}
    alone = replaced(found, field.path, field.desired)
    if not isinstance(alone, dict) or alone == found:
        return whole
    body = replace(change.operation, body=Payload.of(alone))
    assessed, _ = assess(snapshot, (replace(change, fields=(field,), operation=body),), {})
    assessment = assessed[0].assessment
    return whole if assessment is None else min(assessment.risk, whole)
