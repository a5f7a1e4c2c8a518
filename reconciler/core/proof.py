"""What a record has to be for the next plan to have nothing to do, and what that plan would still change. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.core.handoff import hand_off
from reconciler.core.learned import effective, is_rewriting, learnable
from reconciler.core.meaning import same_payload
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Request, Snapshot, wanted
from reconciler.model.guards import NO_GUARDS
from reconciler.model.plan import Refresh
from reconciler.model.pointer import to_pointer
from reconciler.model.sequence import Desired, Live, Payload, Record
from reconciler.model.state import State


@dataclass(frozen=True, slots=True)
class Proof:
    """The record, and the fields that a plan which reads live would change, as JSON pointers."""

    record: Record
    left: tuple[str, ...]


def prove(
    desired: Desired,
    live: Live,
    *,
    request: Request,
    desired_by_name: Mapping[str, Desired],
    records: Mapping[str, Record],
    is_of_live: bool,
) -> Proof:
    """Return the record of a sequence that is there as `live`, and what the plan then still changes of it.

    `is_of_live` means that the manifest was made from live: what it leaves out, and its line breaks, are form.
    """
    ids = {name: records[name].id for name in desired.references if name in records}
    before = records.get(desired.custom_id)
    found = _in_our_form(before, live)
    payload = hand_off(wanted(desired, ids), desired.instructions.ignore, source=found)
    is_same = same_payload(payload, live.payload)
    is_form = is_same or is_rewriting(payload, live.payload)
    stored = learnable(payload, live.payload) if not is_same and (is_form or is_of_live) else None
    retired = before is not None and before.id == live.id and before.retired
    as_desired = Record(id=live.id, applied=payload, status=live.status, stored=stored, retired=retired)
    as_live = replace(as_desired, applied=found, stored=None)
    as_live = replace(as_live, stored=learnable(as_live.applied, live.payload))
    record = as_desired if is_same or stored is not None else as_live
    others = {name: desired_by_name[name] for name in desired.references if name in desired_by_name}
    snapshot = Snapshot(
        request=replace(request, refresh=Refresh.ALL, only=(desired.custom_id,), guards=NO_GUARDS, overrides=()),
        desired=(desired, *others.values()),
        state=State(
            lineage="",
            serial=0,
            records={**{name: records[name] for name in others if name in records}, desired.custom_id: record},
        ),
        readings={desired.custom_id: live},
    )
    plan = build_plan(snapshot)
    return Proof(record, tuple(to_pointer(field.path) for change in plan.changes for field in change.fields))


def _in_our_form(record: Record | None, live: Live) -> Payload:
    return live.payload if record is None else Payload.of(effective(record, live.payload))
