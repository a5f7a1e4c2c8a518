"""Undoing a run: as desired counts what stood there before it, for what is still as the run left it.

The rest counts as it is recorded, so an undo is a plan like any other: the same table, the same guards, the same
digest. What cannot be undone is said sequence by sequence, and nothing of it is written.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.core.guarding.names import ALREADY_SENT, ASKED_AGAIN, ENDED
from reconciler.core.handoff import hand_off
from reconciler.core.learned import effective, is_rewriting
from reconciler.core.meaning import same_payload
from reconciler.core.reach import begun_steps
from reconciler.core.runs import short, target
from reconciler.core.selection import not_written
from reconciler.core.snapshot import Request, Snapshot, wanted
from reconciler.core.spelling import first_few
from reconciler.model.change import Action
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan import Plan, Violation
from reconciler.model.sequence import (
    Desired,
    Gone,
    Instructions,
    Live,
    Payload,
    Record,
    SequenceStatus,
    Source,
    is_over,
)
from reconciler.model.state import Pending, Run, State, Write

CANNOT: Final = "cannot-undo"
_MOST_NAMED: Final = 5
_NOWHERE: Final = Source(file="", line=1)
# What the planner says where desired moved, and what it means here.
_REASON: Final = ("the manifest changed", "it is put back as it stood before the run")
_CANCELED: Final = "it was canceled, which nothing undoes"
_CREATED: Final = (
    "it was created by that run, and nothing makes it uncreated: "
    "`reconciler: {retire: cancel}` in its manifest cancels it for good"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """What undoing a run asks for. `chosen` are the sequences that are put back, by the name that they get again.

    `sources` has the manifest of each of those that has one; `refused` what cannot be undone, and why; `unmeant` says
    which patterns mean nothing that the run wrote.
    """

    run: Run
    desired: tuple[Desired, ...]
    chosen: frozenset[str]
    sources: Mapping[str, Desired]
    refused: tuple[Violation, ...]
    unmeant: tuple[Violation, ...] = ()


def undoing(request: Request, state: State, run: Run, manifests: tuple[Desired, ...]) -> Undoing:
    """Decide what can be undone of a run, as far as state tells."""
    described = _described(request, state, manifests)
    names = {record.id: name for name, record in state.records.items()}
    desired = {name: _as_recorded(name, record, described.get(name)) for name, record in state.records.items()}
    chosen, refused, written = {}, [], {}
    for custom_id, write in sorted(run.writes.items()):
        name = names.get(write.id or "", custom_id)
        written[name] = described.get(name)
        if not request.selects(name, described.get(name)):
            continue
        reason = _why_not(state, run, custom_id, write, name)
        if reason is not None:
            refused.append(Violation(rule=CANNOT, message=reason, custom_id=custom_id))
        elif _awaited(state, write) is not None or not _is_undone(state.records[name], write, name, custom_id):
            desired.pop(name)
            former = write.recorded_as or custom_id
            desired[former] = chosen[former] = _put_back(write, former, name, described.get(name))
    return Undoing(
        run=run,
        desired=tuple(desired[name] for name in sorted(desired)),
        chosen=frozenset(chosen),
        sources={name: described[each] for name in chosen if (each := _now(chosen[name])) in described},
        refused=tuple(refused),
        unmeant=tuple(Violation(rule="matches-nothing", message=each) for each in not_written(request.only, written)),
    )


def after_reading(
    asked: Undoing, snapshot: Snapshot, check: Callable[[Payload], str | None]
) -> tuple[frozenset[str], tuple[Violation, ...]]:
    """Return what can be undone now that live was read, and what cannot be, those that state tells of included."""
    refused = {}
    for desired in asked.desired:
        if desired.custom_id in asked.chosen:
            reason = _why_not_now(snapshot, desired, check)
            if reason is not None:
                refused[desired.custom_id] = Violation(rule=CANNOT, message=reason, custom_id=desired.custom_id)
    return asked.chosen - refused.keys(), (*asked.refused, *refused.values())


def told(plan: Plan, asked: Undoing, snapshot: Snapshot, refused: tuple[Violation, ...]) -> Plan:
    """Return the plan with what an undo has to say beside it; where nothing at all can be undone, that refuses it."""
    changes = tuple(
        replace(each, source=_source(asked, each.custom_id), reason=each.reason.replace(*_REASON))
        for each in plan.changes
    )
    told_apart = replace(plan, changes=changes)
    if refused and not changes:
        return replace(told_apart, violations=(*plan.violations, *refused))
    said = (
        *plan.warnings,
        *asked.unmeant,
        *refused,
        *_sent_meanwhile(told_apart, snapshot),
        *_asked_again(told_apart, asked, snapshot),
    )
    return replace(told_apart, warnings=said)


def not_undone(plan: Plan, state: State | None) -> tuple[Outcome, ...]:
    """Return an outcome for each sequence that an undo leaves as it is, beside those that it puts back."""
    records = {} if state is None else state.records
    return tuple(
        Outcome(
            custom_id=each.custom_id,
            id=records[each.custom_id].id if each.custom_id in records else None,
            action=Action.KEEP,
            status=Status.NOT_SENT,
            detail=each.message,
        )
        for each in plan.warnings
        if each.rule == CANNOT and each.custom_id is not None
    )


def _described(request: Request, state: State, manifests: tuple[Desired, ...]) -> dict[str, Desired]:
    """Return the manifest of each record that has one, by the name that it is recorded under."""
    snapshot = Snapshot(request=request, desired=manifests, state=state)
    found = ((snapshot.recorded_as(each), each) for each in manifests)
    return {name: each for name, each in found if name is not None}


def _instructions(manifest: Desired | None, renamed_from: str | None = None) -> Instructions:
    """Return what a manifest says that also holds for an undo: what is handed off is never written."""
    if manifest is None:
        return Instructions(renamed_from=renamed_from)
    said = manifest.instructions
    return Instructions(audience=said.audience, ignore=said.ignore, owner=said.owner, renamed_from=renamed_from)


def _as_recorded(name: str, record: Record, manifest: Desired | None) -> Desired:
    source = _NOWHERE if manifest is None else manifest.source
    return Desired(custom_id=name, payload=record.applied, source=source, instructions=_instructions(manifest))


def _put_back(write: Write, former: str, name: str, manifest: Desired | None) -> Desired:
    payload = target(write)
    assert payload is not None  # noqa: S101 - a create was refused before
    return Desired(
        custom_id=former,
        payload=payload,
        source=_NOWHERE if manifest is None else manifest.source,
        instructions=_instructions(manifest, renamed_from=name if name != former else None),
    )


def _now(desired: Desired) -> str:
    return desired.instructions.renamed_from or desired.custom_id


def _source(asked: Undoing, custom_id: str) -> Source | None:
    return asked.sources[custom_id].source if custom_id in asked.sources else None


def _is_undone(record: Record, write: Write, name: str, custom_id: str) -> bool:
    before = target(write)
    return before is not None and record.applied.encoded == before.encoded and name == (write.recorded_as or custom_id)


def _why_not(state: State, run: Run, custom_id: str, write: Write, name: str) -> str | None:
    """Return why a write cannot be undone, as far as state tells; None where it can."""
    record = state.records.get(name)
    if target(write) is None:
        return _CREATED if write.left else "nobody knows yet whether it was created: `reconciler plan` looks"
    if record is None or record.id != write.id:
        return "it is not recorded any more"
    if record.status == SequenceStatus.CANCELED:
        return _CANCELED
    waiting = _awaited(state, write)
    if waiting is not None and waiting.cancels:
        return "nobody knows yet whether it was canceled: `reconciler plan` looks"
    if waiting is not None:
        # What came of the run's own last write shows when live is read: then it can be put back as well.
        later = state.runs[state.runs.index(run) + 1 :]
        is_own = write.left is None and not any(_wrote(each, record.id) for each in later)
        return None if is_own else "nobody knows yet what came of its last write: `reconciler plan` looks"
    return None if _is_undone(record, write, name, custom_id) else _why_moved(state, run, custom_id, write, name)


def _why_moved(state: State, run: Run, custom_id: str, write: Write, name: str) -> str | None:
    """Return why a sequence is not as the run left it; None where it is."""
    record = state.records[name]
    later = [each for each in state.runs[state.runs.index(run) + 1 :] if _wrote(each, record.id)]
    if later and record.applied.digest != write.left:
        return f"run {short(later[-1].plan.digest)} has written it since: undo that one first"
    if record.applied.digest != write.left:
        return "what is recorded of it has changed since, without a run that is kept"
    former = write.recorded_as or custom_id
    if former != name and former in state.records:
        return f"`{former}`, the name that it had, is another sequence's now"
    return None


def _awaited(state: State, write: Write) -> Pending | None:
    """Return the last write of a sequence where nobody knows what came of it."""
    return next((each for each in state.pending.values() if each.id is not None and each.id == write.id), None)


def _wrote(run: Run, id_: str) -> bool:
    return any(each.id == id_ for each in run.writes.values())


def _why_not_now(snapshot: Snapshot, desired: Desired, check: Callable[[Payload], str | None]) -> str | None:
    """Return why live does not let a sequence be put back; None where it does, or where it could not be read."""
    record = snapshot.records[_now(desired)]
    reading = snapshot.readings.get(desired.custom_id)
    if isinstance(reading, Gone):
        return "it is gone: someone may have removed it to stop it"
    if not isinstance(reading, Live):
        return None
    awaited = snapshot.unsettled.get(record.id)
    if awaited is not None and is_rewriting(awaited.payload, reading.payload):
        return _why_over(snapshot, reading) or _why_not_sent(desired, check)
    found = Payload.of(effective(record, reading.payload))
    left = hand_off(record.applied, desired.instructions.ignore, source=found)
    if not same_payload(left, found):
        return "it was edited since, and that edit would be lost: `reconciler plan --refresh all` shows it"
    return _why_over(snapshot, reading) or _why_not_sent(desired, check)


def _why_not_sent(desired: Desired, check: Callable[[Payload], str | None]) -> str | None:
    trouble = check(desired.payload)
    return trouble and f"what stood there before cannot be sent: {trouble}"


def _why_over(snapshot: Snapshot, live: Live) -> str | None:
    """Return why a sequence that has ended is left alone; None where it has not, or that is overridden."""
    if live.status == SequenceStatus.CANCELED:
        return _CANCELED
    if is_over(live.status) and not any(each.guard == ENDED for each in snapshot.request.overrides):
        return f"it is {live.status}: what was sent was sent, and nothing more is (`--override ended` allows it)"
    return None


def _sent_meanwhile(plan: Plan, snapshot: Snapshot) -> Iterator[Violation]:
    for change in plan.changes:
        reading = snapshot.readings.get(change.custom_id)
        if change.assessment is None or not isinstance(reading, Live):
            continue
        said = [*begun_steps(change.assessment.steps, reading.times)]
        if change.assessment.audience is not None:
            said.append("whom its filter took in meanwhile stays in")
        if said:
            message = f"what was sent stays sent: {'; '.join(said)}"
            yield Violation(rule=ALREADY_SENT, message=message, custom_id=change.custom_id)


def _asked_again(plan: Plan, asked: Undoing, snapshot: Snapshot) -> Iterator[Violation]:
    """Name the manifests that go on asking for what is undone."""
    payloads = {each.custom_id: each.payload for each in asked.desired}
    ids = {name: record.id for name, record in snapshot.records.items()}
    files = sorted(
        {
            asked.sources[each.custom_id].source.file
            for each in plan.changes
            if each.custom_id in asked.sources
            and not _asks_for(asked.sources[each.custom_id], payloads[each.custom_id], ids)
        }
    )
    if files:
        named = first_few([f"`{file}`" for file in files], _MOST_NAMED)
        verb = "asks" if len(files) == 1 else "ask"
        message = (
            f"{named} still {verb} for what is undone: revert that too (`git revert`), or the next apply does it again"
        )
        yield Violation(rule=ASKED_AGAIN, message=message)


def _asks_for(manifest: Desired, payload: Payload, ids: Mapping[str, str]) -> bool:
    asked = wanted(manifest, ids)
    return same_payload(hand_off(asked, manifest.instructions.ignore, source=payload), payload)
