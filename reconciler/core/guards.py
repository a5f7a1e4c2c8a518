"""What refuses a plan as a whole, whatever is decided about each of its sequences, and what warns of it.

What an environment limits by its own rules is in `guarding`.
"""

from collections.abc import Iterable, Iterator, Mapping

from reconciler.core.handoff import left_alone
from reconciler.core.learned import is_rewriting
from reconciler.core.ordering import find_cycle
from reconciler.core.references import unresolved
from reconciler.core.snapshot import VISIBLE_WITHIN, Snapshot, orphans
from reconciler.errors import ExitCode
from reconciler.model.change import Action, Change
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.plan import Judgement, Violation
from reconciler.model.pointer import parse_pointer, value_at
from reconciler.model.sequence import Gone, Live, Reading, Record, Unreadable
from reconciler.model.settings import SANDBOX


def refusals(snapshot: Snapshot) -> tuple[Violation, ...]:
    """Return what no change can be at fault for: it lies between sequences, or in those that no manifest asks for."""
    return (
        *_wrong_organisation(snapshot),
        *_cycle(snapshot),
        *_rename_clashes(snapshot),
        *_unreadable_orphans(snapshot),
        *_abandoned_creates(snapshot),
    )


def warnings(snapshot: Snapshot, changes: Iterable[Change]) -> tuple[Violation, ...]:
    """Return what a reader should know before the plan is applied, though nothing refuses it."""
    listed = list(changes)
    return (
        *_first_state(snapshot, listed),
        *_unsettled(snapshot),
        *_handed_off_nowhere(snapshot),
        *left_alone(snapshot),
    )


def judged(snapshot: Snapshot, changes: tuple[Change, ...], resembled: Mapping[str, tuple[str, ...]]) -> Judgement:
    """Return what the environment's own guards say of what was decided."""
    if not changes and not snapshot.request.overrides:
        return Judgement()
    # Imported where it is used: most plans have nothing to judge.
    from reconciler.core.guarding.judging import judge
    from reconciler.core.guarding.proposal import propose

    return judge(propose(snapshot, changes, resembled), snapshot.request.overrides)


def unmet_references(changes: tuple[Change, ...], ids: Mapping[str, str]) -> list[Violation]:
    """Refuse each body that names a sequence which neither has an id nor is created by this very plan."""
    met = {change.custom_id for change in changes if change.action is Action.CREATE} | ids.keys()
    return [
        Violation(
            rule="missing-reference",
            message=f"it refers to `{name}`, which is not recorded and is not created by this plan",
            custom_id=change.custom_id,
        )
        for change in changes
        if change.body is not None
        for name in unresolved(change.body)
        if name not in met
    ]


def unreadable(custom_id: str, reading: Unreadable) -> Violation:
    """Return the refusal of a sequence that may or may not be there."""
    message = f"it could not be read, so nothing can be decided about it: {reading.reason}"
    return Violation(rule="unreadable", message=message, custom_id=custom_id, exit_code=ExitCode.UNAVAILABLE)


def outcome_unknown(snapshot: Snapshot, custom_id: str, *, id_: str | None = None) -> Violation:
    """Return the refusal of a sequence whose create got no answer; `id_` is one that has its custom_id by now."""
    found = "" if id_ is None else f"; {id_} has its custom_id, and not the content that was sent"
    message = (
        f"an earlier run may or may not have created it (no answer since {snapshot.pending[custom_id].since}){found}. "
        + what_to_type(custom_id, id_)
    )
    return Violation(rule="outcome-unknown", message=message, custom_id=custom_id, exit_code=ExitCode.UNKNOWN)


def what_to_type(custom_id: str, id_: str | None = None) -> str:
    """Return where a person looks for a create without an answer, and what they type when they know."""
    resolve = f"reconciler state resolve {custom_id}"
    return (
        f"Look for custom_id `{custom_id}` in the dashboard, then run `{resolve} --id {id_ or 'UUID'}` "
        f"if it is there, `{resolve} --not-created` if it is not"
    )


def cannot_be_decided(snapshot: Snapshot, custom_id: str, name: str, reading: Reading | None) -> Violation | None:
    """Return why nothing can be decided now about what is recorded as `name`; None where something can."""
    record = snapshot.records[name]
    awaited = snapshot.is_awaited(record)
    if isinstance(reading, Gone):
        return _not_visible_yet(custom_id, record) if awaited else _vanished(custom_id, record)
    if not isinstance(reading, Live):
        return None
    is_named_only = snapshot.state is not None and name not in snapshot.state.records
    if is_named_only and reading.custom_id != name:
        return _named_another(custom_id, record)
    if awaited and not is_rewriting(record.applied, reading.payload):
        return _not_visible_yet(custom_id, record)
    return None


def _vanished(custom_id: str, record: Record) -> Violation:
    message = (
        f"it is recorded as {record.id} and is gone: someone may have removed it to stop it, so it is not created "
        f"again. If it is to stay gone, remove its manifest and run `reconciler state forget {custom_id}`; with the "
        "manifest there, that command has the next plan create it anew"
    )
    return Violation(rule="vanished", message=message, custom_id=custom_id)


def _named_another(custom_id: str, record: Record) -> Violation:
    """Return the refusal of a create for which the API named the id of a sequence that is another one."""
    message = f"an earlier run was told the id {record.id} for it, which is another sequence's. " + what_to_type(
        custom_id
    )
    return Violation(rule="outcome-unknown", message=message, custom_id=custom_id, exit_code=ExitCode.UNKNOWN)


def _not_visible_yet(custom_id: str, record: Record) -> Violation:
    """Return the refusal of a sequence whose last write was accepted and does not show yet."""
    message = (
        f"its last write was accepted at {record.unverified} and does not show yet, so it is not written again; "
        f"wait and plan again: {VISIBLE_WITHIN / 60:.0f} minutes after that write, what live shows counts as drift"
    )
    return Violation(rule="not-visible-yet", message=message, custom_id=custom_id, exit_code=ExitCode.UNKNOWN)


def _cycle(snapshot: Snapshot) -> Iterator[Violation]:
    cycle = find_cycle({each.custom_id: each.references for each in snapshot.desired})
    if cycle is not None:
        message = "these sequences refer to each other in a circle: " + " -> ".join((*cycle, cycle[0]))
        yield Violation(rule="cycle", message=message, exit_code=ExitCode.INVALID)


def _rename_clashes(snapshot: Snapshot) -> Iterator[Violation]:
    claims: dict[str, list[str]] = {}
    for desired in snapshot.desired:
        name = snapshot.recorded_as(desired)
        if name is not None:
            claims.setdefault(name, []).append(desired.custom_id)
    for name, claimants in sorted(claims.items()):
        if len(claimants) > 1:
            named = " and ".join(f"`{each}`" for each in sorted(claimants))
            message = f"{named} are all renamed from `{name}`"
            yield Violation(rule="rename-clash", message=message, custom_id=name)
    for desired in snapshot.desired:
        former = desired.instructions.renamed_from
        if former is None or former not in claims or snapshot.recorded_as(desired) is not None:
            continue
        if snapshot.request.selects(desired.custom_id, desired):
            message = (
                f"it is renamed from `{former}`, which still has a manifest of its own: remove that one if it is a "
                "rename, or take `reconciler.renamed_from` out here if it is a second sequence"
            )
            yield Violation(rule="rename-clash", message=message, custom_id=desired.custom_id)


def _wrong_organisation(snapshot: Snapshot) -> Iterator[Violation]:
    pinned = None if snapshot.state is None else snapshot.state.org_id
    for name, reading in sorted(snapshot.readings.items()):
        if isinstance(reading, Live) and pinned is not None and reading.org_id != pinned:
            message = f"the key belongs to organisation {reading.org_id or '(unknown)'}, state to {pinned}"
            yield Violation(rule="wrong-organisation", message=message, custom_id=name)
            return


def _unreadable_orphans(snapshot: Snapshot) -> Iterator[Violation]:
    for name in orphans(snapshot):
        reading = snapshot.readings.get(name)
        if isinstance(reading, Unreadable):
            yield unreadable(name, reading)


def _abandoned_creates(snapshot: Snapshot) -> Iterator[Violation]:
    """A create without an answer stays a question when its manifest goes, or goes on under another name."""
    chosen = [each for each in snapshot.desired if snapshot.request.selects(each.custom_id, each)]
    renamed = {each.instructions.renamed_from for each in chosen}
    asked_for = {each.custom_id for each in snapshot.desired}
    creates = {name for name, each in snapshot.pending.items() if each.id is None}
    for name in sorted(creates - asked_for - snapshot.records.keys()):
        if snapshot.selects(name) or name in renamed:
            yield outcome_unknown(snapshot, name)


def _first_state(snapshot: Snapshot, changes: list[Change]) -> Iterator[Violation]:
    on_real_people = snapshot.request.endpoint != SANDBOX
    if on_real_people and snapshot.state is None and any(change.action is Action.CREATE for change in changes):
        message = (
            "there is no state yet, so applying starts a new one; if these sequences were applied before, "
            "stop and bring that state back, or they may be created a second time"
        )
        yield Violation(rule="first-state", message=message)


def _unsettled(snapshot: Snapshot) -> Iterator[Violation]:
    """An update without an answer is settled by a look; until then nobody knows which version is live."""
    read = {each.id for each in snapshot.readings.values() if isinstance(each, Live)}
    left = {snapshot.records[name].id for name in orphans(snapshot)} if snapshot.unsettled else set()
    for name, each in sorted(snapshot.pending.items()):
        if each.id is None or not snapshot.selects(name) or each.id in read - left:
            continue
        message = f"its update of {each.since} got no answer, so nobody knows whether it was made; "
        if snapshot.state is not None and each.id not in {record.id for record in snapshot.state.records.values()}:
            message = f"its create of {each.since} was answered with {each.id} and never read back; "
        message += (
            "no manifest asks for it any more, so it stays as it is"
            if each.id in left
            else "`reconciler plan --refresh changed` looks"
        )
        yield Violation(rule="unsettled-update", message=message, custom_id=name)


def _handed_off_nowhere(snapshot: Snapshot) -> Iterator[Violation]:
    for desired in snapshot.desired:
        payload = desired.payload.value if desired.instructions.ignore else {}
        is_selected = snapshot.request.selects(desired.custom_id, desired)
        for pointer in desired.instructions.ignore:
            if is_selected and value_at(payload, parse_pointer(pointer)) is ABSENT:
                message = f"`reconciler.ignore` names `{pointer}`, and the manifest has nothing there to hand off"
                yield Violation(rule="ignore-nowhere", message=message, custom_id=desired.custom_id)
