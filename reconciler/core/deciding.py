"""The sequence table: from what is desired, recorded and live of one sequence to its change.

Pure: it is given a snapshot and reads nothing. What refuses a change becomes a violation, never a silent choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.core.fields import changes_between
from reconciler.core.guards import cannot_be_decided, outcome_unknown, unreadable
from reconciler.core.handoff import hand_off
from reconciler.core.learned import baseline, effective, is_rewriting, learnable
from reconciler.core.meaning import same_payload
from reconciler.core.retiring import retire
from reconciler.core.snapshot import Snapshot, wanted
from reconciler.model.change import Action, Change, Operation
from reconciler.model.plan import Violation
from reconciler.model.sequence import Desired, Gone, Live, Payload, Reading, Record, Unreadable
from reconciler.model.state import Pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One sequence decided: what to do, and what speaks against doing it."""

    change: Change | None
    violations: tuple[Violation, ...] = ()


def decide(snapshot: Snapshot, desired: Desired, ids: Mapping[str, str]) -> Decision:
    """Decide what is to be done about what one manifest asks for; `ids` are the known ids by custom_id."""
    name = snapshot.recorded_as(desired)
    reading = snapshot.readings.get(desired.custom_id)
    refusal = _undecidable(snapshot, desired, name, reading)
    if refusal is not None:
        return Decision(change=None, violations=(refusal,))
    if desired.instructions.retire is not None:
        given_up = retire(snapshot, desired, name, reading)
        return Decision(change=given_up.change, violations=given_up.violations)
    if name is not None:
        return _recorded(snapshot, desired, name, reading, ids)
    if isinstance(reading, Live):
        return _unrecorded(snapshot, desired, reading, ids)
    return Decision(change=_create(desired, reading, ids))


def _undecidable(snapshot: Snapshot, desired: Desired, name: str | None, reading: Reading | None) -> Violation | None:
    """Return why nothing can be decided of a sequence at all: it is not readable, or a create of it has no end."""
    if isinstance(reading, Unreadable):
        return unreadable(desired.custom_id, reading)
    if name is not None:
        hides = _hides_a_create(snapshot, desired, name)
        return outcome_unknown(snapshot, desired.custom_id) if hides else None
    is_found = isinstance(reading, Live) and desired.instructions.retire is None
    is_waiting = desired.custom_id in snapshot.pending and not is_found
    return outcome_unknown(snapshot, desired.custom_id) if is_waiting else None


def _hides_a_create(snapshot: Snapshot, desired: Desired, name: str) -> bool:
    """Tell whether a rename goes to a name under which a create waits for an answer, and would be forgotten."""
    waiting = snapshot.pending.get(desired.custom_id)
    return name != desired.custom_id and waiting is not None and waiting.id != snapshot.records[name].id


def _create(desired: Desired, reading: Reading | None, ids: Mapping[str, str]) -> Change:
    payload = wanted(desired, ids)
    looked = "a look-up by its custom_id found none" if isinstance(reading, Gone) else "live was not read"
    return Change(
        custom_id=desired.custom_id,
        id=None,
        action=Action.CREATE,
        reason=f"not recorded; {looked}",
        source=desired.source,
        fields=changes_between(None, payload, None),
        operation=Operation(method="POST", path="/sequences", body=payload),
    )


def _unrecorded(snapshot: Snapshot, desired: Desired, live: Live, ids: Mapping[str, str]) -> Decision:
    payload = hand_off(wanted(desired, ids), desired.instructions.ignore, source=live.payload)
    pending = snapshot.pending.get(desired.custom_id)
    ours = pending is not None and is_rewriting(pending.payload, live.payload)
    if pending is not None and not ours:
        # Whoever made this one, ours may come to light beside it: only a person can tell which is which.
        refusal = outcome_unknown(snapshot, desired.custom_id, id_=live.id)
        return Decision(change=None, violations=(refusal,))
    reason = "created by an earlier run that got no answer" if ours else "it exists and is not recorded"
    change = _written(
        _change(desired, Action.ADOPT, live.id, reason, recorded_as=None),
        fields_of=(None, payload, live.payload),
        live=live,
        seen=live.payload,
    )
    return Decision(change=replace(change, made=pending))


def _recorded(
    snapshot: Snapshot, desired: Desired, name: str, reading: Reading | None, ids: Mapping[str, str]
) -> Decision:
    record = snapshot.records[name]
    refusal = cannot_be_decided(snapshot, desired.custom_id, name, reading)
    if refusal is not None:
        return Decision(change=None, violations=(refusal,))
    live = reading if isinstance(reading, Live) else None
    unsettled = snapshot.unsettled.get(record.id)
    if live is not None and unsettled is not None and _has_landed(unsettled.payload, record, live):
        record = _as_recorded(record.id, unsettled.payload, live)
    decision = _by_fields(desired, name, record, live, ids)
    is_named_only = snapshot.state is not None and name not in snapshot.state.records
    if decision.change is not None and is_named_only:
        decision = replace(decision, change=replace(decision.change, made=snapshot.pending[name]))
    if unsettled is None or decision.change is None:
        return decision
    return Decision(change=_settling(decision.change, unsettled, record, live))


def _has_landed(sent: Payload, record: Record, live: Live) -> bool:
    """Tell whether live shows what was sent, and not merely what stood there before it."""
    if same_payload(sent, live.payload):
        return True
    return not same_payload(Payload.of(effective(record, live.payload)), record.applied) and is_rewriting(
        sent, live.payload
    )


def _settling(change: Change, unsettled: Pending, record: Record, live: Live | None) -> Change:
    """Have a change also settle the update without an answer, which may land until some time after it left."""
    if change.operation is not None:
        return replace(change, unsettled_since=unsettled.since)
    if live is None:
        return change
    reason = "a look settles an earlier write that got no answer; only the record changes"
    return replace(
        change,
        reason=reason,
        record=change.record or record,
        seen=live.payload,
        unsettled_since=unsettled.since,
    )


def _by_fields(desired: Desired, name: str, record: Record, live: Live | None, ids: Mapping[str, str]) -> Decision:
    found = record.applied if live is None else baseline(record, live.payload)
    payload = hand_off(wanted(desired, ids), desired.instructions.ignore, source=found)
    is_untouched = payload.encoded == record.applied.encoded == found.encoded
    if is_untouched or (live is not None and same_payload(payload, live.payload)):
        return Decision(change=_kept(desired, name, record, live, payload))
    action = Action.UPDATE if name == desired.custom_id else Action.RENAME
    change = _written(
        _change(desired, action, record.id, "", recorded_as=name),
        fields_of=(record.applied, payload, None if live is None else found),
        live=live,
        seen=live.payload if live else record.stored or record.applied,
    )
    if change.operation is None:
        return Decision(change=_kept(desired, name, record, live, payload))
    return Decision(change=replace(change, reason=_why(change, name)))


def _change(desired: Desired, action: Action, id_: str, reason: str, *, recorded_as: str | None) -> Change:
    return Change(
        custom_id=desired.custom_id,
        id=id_,
        action=action,
        reason=reason,
        source=desired.source,
        recorded_as=recorded_as,
    )


def _written(
    change: Change,
    *,
    fields_of: tuple[Payload | None, Payload, Payload | None],
    live: Live | None,
    seen: Payload,
) -> Change:
    recorded, payload, found = fields_of
    fields = changes_between(recorded, payload, found)
    if not fields and change.action is not Action.ADOPT:
        return change
    if not fields and live is not None:
        return replace(change, record=_as_recorded(change.id or "", payload, live))
    operation = Operation(method="PATCH", path=f"/sequences/{change.id}", body=payload)
    return replace(change, fields=fields, operation=operation, seen=seen)


def _kept(desired: Desired, name: str, record: Record, live: Live | None, payload: Payload) -> Change:
    """Nothing to write; state is brought up to date where live already has what is desired."""
    change = _change(desired, Action.KEEP, record.id, "nothing differs", recorded_as=name)
    if same_payload(payload, record.applied) or live is None:
        return change
    reason = "live already has what the manifest asks for; only the record changes"
    if desired.instructions.ignore:
        reason = "nothing is written: a field that is handed off moved in live; only the record follows"
    return replace(change, reason=reason, record=_as_recorded(record.id, payload, live))


def _as_recorded(id_: str, payload: Payload, live: Live) -> Record:
    return Record(id=id_, applied=payload, status=live.status, stored=learnable(payload, live.payload))


def _why(change: Change, name: str) -> str:
    origins = sorted({field.origin.value for field in change.fields})
    moved = {"drift": "live was changed behind the tool's back", "conflict": "manifest and live both moved"}
    reasons = [moved[origin] for origin in ("conflict", "drift") if origin in origins]
    if set(origins) - {"conflict", "drift"}:
        reasons.insert(0, "the manifest changed")
    if change.action is Action.RENAME:
        reasons.insert(0, f"renamed from `{name}`")
    return "; ".join(reasons)
