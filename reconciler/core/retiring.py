"""Sequences that their manifest gives up: `reconciler.retire: cancel` stops one for good, `release` lets go of it.

Both are asked for by the one manifest, and never follow from anything else. Neither writes any field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.core.guards import cannot_be_decided
from reconciler.core.handoff import hand_off
from reconciler.core.meaning import same_payload
from reconciler.core.snapshot import Snapshot, wanted
from reconciler.core.spelling import first_few
from reconciler.model.change import Action, Change, Operation
from reconciler.model.plan import Violation
from reconciler.model.sequence import Desired, Gone, Live, Reading, Record, Retire, SequenceStatus, is_over

_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Retiring:
    """What becomes of a sequence that is given up: a change, or what speaks against it."""

    change: Change | None = None
    violations: tuple[Violation, ...] = ()


def retire(snapshot: Snapshot, desired: Desired, name: str | None, reading: Reading | None) -> Retiring:
    """Decide a manifest that asks to give its sequence up; `name` is what that is recorded as."""
    if name is None:
        return _unrecorded(desired, reading)
    if name != desired.custom_id:
        message = (
            f"it is recorded as `{name}`, and a sequence is retired under the name that it has: set `custom_id` back "
            f"to `{name}`, or apply the rename before retiring it"
        )
        return _refused("retire-renamed", desired.custom_id, message)
    record = snapshot.records[name]
    if desired.instructions.retire is Retire.RELEASE:
        return _released(snapshot, desired, record, reading)
    is_named_only = snapshot.state is not None and name not in snapshot.state.records
    if isinstance(reading, Gone) and record.retired:
        return Retiring(change=_kept(desired, record, None))
    if isinstance(reading, Gone) or is_named_only:
        refusal = cannot_be_decided(snapshot, desired.custom_id, name, reading)
        if refusal is not None:
            return Retiring(violations=(refusal,))
    return Retiring(change=_canceled(snapshot, desired, record, reading))


def _unrecorded(desired: Desired, reading: Reading | None) -> Retiring:
    """What is not recorded is never canceled: that it has the custom_id does not make it the one that is meant."""
    cancels = desired.instructions.retire is Retire.CANCEL
    if cancels and isinstance(reading, Live) and not is_over(reading.status):
        message = (
            f"it is not recorded, so nothing shows that {reading.id}, which has its custom_id, is the one to cancel: "
            "take `reconciler.retire` out, adopt it with `--adopt`, and retire it then"
        )
        return _refused("retire-unrecorded", desired.custom_id, message)
    reason = "it is not recorded, so there is nothing to retire"
    return Retiring(
        change=Change(custom_id=desired.custom_id, id=None, action=Action.KEEP, reason=reason, source=desired.source)
    )


def _released(snapshot: Snapshot, desired: Desired, record: Record, reading: Reading | None) -> Retiring:
    name = desired.custom_id
    naming = [each.custom_id for each in snapshot.desired if name in each.references and each.custom_id != name]
    if naming:
        listed = first_few([f"`{each}`" for each in sorted(naming)], _MOST_NAMED)
        message = (
            f"{listed} refers to it by `$sequence`, and once it is released its id is not known: take that out first"
        )
        return _refused("still-referenced", name, message)
    status = reading.status if isinstance(reading, Live) else record.status
    goes_on = "it has ended" if is_over(status) else "it goes on sending"
    if isinstance(reading, Gone):
        goes_on = "it is gone from the API"
    change = Change(
        custom_id=name,
        id=record.id,
        action=Action.ORPHAN,
        reason=f"released: its record goes, and {goes_on}; no plan shows it any more",
        source=desired.source,
        recorded_as=name,
        retire=Retire.RELEASE,
    )
    return Retiring(change=change)


def _canceled(snapshot: Snapshot, desired: Desired, record: Record, reading: Reading | None) -> Change:
    unsettled = snapshot.unsettled.get(record.id)
    live = reading if isinstance(reading, Live) else None
    if live is not None and is_over(live.status):
        after = retired(record, live.status)
        is_known = unsettled is None and after == record
        return _kept(desired, record, None if is_known else after)
    if live is None and record.retired and unsettled is None:
        return _kept(desired, record, None)
    return Change(
        custom_id=desired.custom_id,
        id=record.id,
        action=Action.UPDATE,
        reason="its manifest asks to cancel it (`reconciler.retire: cancel`): it stops for good",
        source=desired.source,
        operation=Operation(method="PUT", path=f"/sequences/{record.id}/cancel", body=None),
        record=retired(record, SequenceStatus.CANCELED),
        recorded_as=desired.custom_id,
        unsettled_since=None if unsettled is None else unsettled.since,
        retire=Retire.CANCEL,
    )


def retired(record: Record, status: str | None) -> Record:
    """Return what state holds of a sequence that was seen to have ended."""
    return replace(record, status=status, unverified=None, retired=True)


def _kept(desired: Desired, record: Record, after: Record | None) -> Change:
    said = "it is retired" if after is None else f"it is {after.status} already; only the record changes"
    return Change(
        custom_id=desired.custom_id,
        id=record.id,
        action=Action.KEEP,
        reason=said,
        source=desired.source,
        record=after,
        recorded_as=desired.custom_id,
    )


def _refused(rule: str, custom_id: str, message: str) -> Retiring:
    return Retiring(violations=(Violation(rule=rule, message=message, custom_id=custom_id),))


def _status(snapshot: Snapshot, change: Change) -> str | None:
    reading, record = snapshot.readings.get(change.custom_id), snapshot.records.get(change.custom_id)
    return reading.status if isinstance(reading, Live) else None if record is None else record.status


def retire_warnings(snapshot: Snapshot, changes: list[Change], ids: Mapping[str, str]) -> Iterator[Violation]:
    """Yield what a reader should know of what is given up: what goes on, and what is not written."""
    for change in changes:
        ended = isinstance(snapshot.readings.get(change.custom_id), Gone) or is_over(_status(snapshot, change))
        if change.retire is Retire.RELEASE and not ended:
            message = (
                "it is released, not stopped: whatever it sends goes on, and nothing here shows or changes it any more"
            )
            yield Violation(rule="released", message=message, custom_id=change.custom_id)
    for desired in snapshot.desired:
        record = snapshot.records.get(desired.custom_id)
        if record is None or not snapshot.request.selects(desired.custom_id):
            continue
        if desired.instructions.retire is None and record.retired:
            message = (
                f"it was retired and is {record.status}: no call brings it back, so taking `retire` out does nothing; "
                "give a new sequence a new custom_id"
            )
            yield Violation(rule="retired-for-good", message=message, custom_id=desired.custom_id)
        if desired.instructions.retire is not None:
            payload = hand_off(wanted(desired, ids), desired.instructions.ignore, source=record.applied)
            if not same_payload(payload, record.applied):
                message = "its manifest changed too, and of a sequence that is retired no field is written"
                yield Violation(rule="retire-edits", message=message, custom_id=desired.custom_id)
