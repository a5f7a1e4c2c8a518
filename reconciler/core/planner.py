"""From a snapshot to the plan: every sequence decided, the changes in their order, and what refuses them.

Pure: it is given a snapshot and reads nothing. What refuses the plan becomes a violation, never a silent choice.
"""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.core.deciding import decide
from reconciler.core.guards import judged, refusals, unmet_references, warnings
from reconciler.core.lowering import requests_needed
from reconciler.core.ordering import depths, find_cycle
from reconciler.core.resemblance import resembled
from reconciler.core.retiring import retire_warnings
from reconciler.core.snapshot import Snapshot, known_ids, manifests_digest, orphans
from reconciler.model.change import Action, Change
from reconciler.model.plan import Basis, Plan, Violation
from reconciler.model.risk import Affected
from reconciler.model.sequence import Gone, Live, Unreadable, is_over


def build_plan(snapshot: Snapshot) -> Plan:
    """Decide every sequence of a snapshot and put the changes in the order of applying."""
    ids = _ids(snapshot)
    chosen = [each for each in snapshot.desired if snapshot.request.selects(each.custom_id, each)]
    decisions = [decide(snapshot, desired, ids) for desired in chosen]
    listed = [decision.change for decision in decisions if decision.change and not decision.change.is_quiet]
    kept = sum(1 for decision in decisions if decision.change and decision.change.is_quiet)
    ordered = _in_order(snapshot, listed)
    left = [_orphan(snapshot, name) for name in orphans(snapshot) if snapshot.request.selects(name)]
    resembling = resembled(snapshot, ordered)
    changes, affected = _assessed(snapshot, (*ordered, *left), resembling)
    org_id = next((each.org_id for each in snapshot.readings.values() if isinstance(each, Live)), None)
    judgement = judged(snapshot, changes, resembling)
    found = [violation for decision in decisions for violation in decision.violations]
    violations = sorted((*found, *judgement.violations), key=_by_name)
    return Plan(
        environment=snapshot.request.environment,
        basis=_basis(snapshot),
        changes=changes,
        kept=kept,
        violations=(*refusals(snapshot), *violations, *unmet_references(changes, ids)),
        warnings=(*warnings(snapshot, changes), *retire_warnings(snapshot, list(changes), ids), *judgement.warnings),
        requests=requests_needed(changes, unproved=bool(snapshot.records) and org_id is None),
        org_id=org_id,
        affected=affected,
    )


def _assessed(
    snapshot: Snapshot, changes: tuple[Change, ...], resembling: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[Change, ...], tuple[Affected, ...]]:
    if not changes:
        return (), ()
    # Imported where it is used: it costs 20 ms, and most plans have nothing to assess.
    from reconciler.core.assessment import assess

    return assess(snapshot, changes, resembling)


def _basis(snapshot: Snapshot) -> Basis:
    request, state = snapshot.request, snapshot.state
    return Basis(
        lineage=None if state is None else state.lineage,
        serial=0 if state is None else state.decided_serial,
        manifests=manifests_digest(snapshot.desired),
        refresh=request.refresh,
        endpoint=request.endpoint,
        schema=request.schema,
        tool=request.tool,
        only=request.only,
        adopt=request.adopt,
        guards=request.guards.digest,
        overrides=request.overrides,
        undo=request.undo,
    )


def _ids(snapshot: Snapshot) -> dict[str, str]:
    found = {name: reading.id for name, reading in snapshot.readings.items() if isinstance(reading, Live)}
    return {**found, **known_ids(snapshot)}


def _by_name(violation: Violation) -> tuple[str, str]:
    return (violation.custom_id or "", violation.rule)


def _in_order(snapshot: Snapshot, changes: list[Change]) -> tuple[Change, ...]:
    written = {change.custom_id for change in changes}
    graph = {each.custom_id: each.references for each in snapshot.desired}
    if find_cycle(graph) is not None:
        return tuple(sorted(changes, key=lambda change: change.custom_id))
    depth = depths(graph)
    ordered = sorted(changes, key=lambda change: (depth[change.custom_id], change.custom_id))
    return tuple(replace(change, waits_for=tuple(sorted(written & set(graph[change.custom_id])))) for change in ordered)


def _orphan(snapshot: Snapshot, name: str) -> Change:
    record = snapshot.records[name]
    reading = snapshot.readings.get(name)
    status = reading.status if isinstance(reading, Live) else record.status
    there = "it still exists" if isinstance(reading, Live) else "it may still send"
    known = {Gone: "it is gone from the API", Unreadable: "it could not be read"}.get(type(reading), there)
    if is_over(status) and not isinstance(reading, Gone):
        known = "it sends nothing more"
    return Change(
        custom_id=name,
        id=record.id,
        action=Action.ORPHAN,
        reason=f"recorded, but no manifest asks for it; {known}" + (f" (status {status})" if status else ""),
        recorded_as=name,
    )
