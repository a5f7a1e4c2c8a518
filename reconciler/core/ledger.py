"""From outcomes to state: which entry an outcome is worth, and what a run's entries make of the state before it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from reconciler.core.keeping import Keeping
from reconciler.model.look import Look
from reconciler.model.outcome import Outcome, Status
from reconciler.model.state import Begun, Entry, Intended, Looked, Pending, Settled, State


def entry_of(outcome: Outcome) -> Settled | None:
    """Return what state learns from an outcome; None where it learns nothing, as from one that is unknown."""
    is_news = outcome.record is not None or outcome.org_id is not None or outcome.released
    if outcome.status is Status.UNKNOWN or not is_news:
        return None
    return Settled(
        custom_id=outcome.custom_id,
        record=outcome.record,
        recorded_as=outcome.recorded_as,
        org_id=outcome.org_id,
        released=outcome.released,
    )


# How many of the plans that were begun state remembers: a plan from before has long been stale by its serial.
_MOST_PLANS: Final = 20
# How many overrides it remembers, for whoever asks why something went through.
_MOST_OVERRIDES: Final = 50


def fold(state: State, entries: Iterable[Entry]) -> State:
    """Return state with the entries taken in, oldest first; the serial is one higher if anything changed."""
    records, pending, org_id = dict(state.records), dict(state.pending), state.org_id
    plans, overrides, kept = list(state.plans), list(state.overrides), Keeping(state.runs)
    looks = dict(state.looks)
    for entry in entries:
        if isinstance(entry, Begun):
            if entry.plan not in plans:
                plans = [*plans, entry.plan][-_MOST_PLANS:]
                overrides = [*overrides, *entry.overrides][-_MOST_OVERRIDES:]
            continue
        if isinstance(entry, Looked):
            looks |= entry.looks
            continue
        if isinstance(entry, Intended):
            kept.intend(entry, records, plans)
            pending[entry.custom_id] = Pending(
                payload=entry.payload, since=entry.since, id=entry.id, cancels=entry.cancels
            )
            continue
        kept.settle(entry)
        # Also under the name that it had before a rename which got no answer.
        known = entry.record or (records.get(entry.custom_id) if entry.released else None)
        named = [name for name, each in pending.items() if known is not None and each.id == known.id]
        for name in (entry.custom_id, *named):
            pending.pop(name, None)
        org_id = org_id or entry.org_id
        if entry.released:
            records.pop(entry.recorded_as or entry.custom_id, None)
        if entry.record is not None:
            records.pop(entry.recorded_as or entry.custom_id, None)
            records[entry.custom_id] = entry.record
    folded = replace(
        state,
        records=dict(sorted(records.items())),
        pending=dict(sorted(pending.items())),
        org_id=org_id,
        plans=tuple(plans),
        overrides=tuple(overrides),
        runs=kept.runs(),
    )
    before = replace(state, records=dict(state.records), pending=dict(state.pending))
    is_moved = folded != before
    seen = looks if looks == state.looks else _of_known(looks, folded)
    if not is_moved and seen == state.looks:
        return state
    unmoved_since = None if is_moved else state.decided_serial
    return replace(folded, looks=seen, serial=state.serial + 1, unmoved_since=unmoved_since)


def _of_known(looks: Mapping[str, Look], state: State) -> dict[str, Look]:
    """Leave out the looks at what is not recorded any more."""
    known = {record.id for record in state.records.values()}
    return {id_: look for id_, look in sorted(looks.items()) if id_ in known}
