"""Everything that a plan is decided from, gathered before anything is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from reconciler.core.meaning import same_payload
from reconciler.core.references import resolve, unresolved
from reconciler.model.jsonvalue import digest
from reconciler.model.plan import Refresh
from reconciler.model.sequence import Desired, Payload, Reading, Record
from reconciler.model.state import Pending, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one plan is asked for: where, how much of live is read, and which sequences it is about."""

    environment: str
    endpoint: str
    schema: str
    refresh: Refresh
    only: tuple[str, ...] = ()
    adopt: bool = False

    def selects(self, custom_id: str) -> bool:
        """Tell whether a sequence is among those that were asked for."""
        return not self.only or any(fnmatchcase(custom_id, pattern) for pattern in self.only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Desired, recorded and live side by side. `readings` has the sequences that were read, by custom_id."""

    request: Request
    desired: tuple[Desired, ...]
    state: State | None
    readings: Mapping[str, Reading] = field(default_factory=dict)

    @property
    def records(self) -> Mapping[str, Record]:
        """All records; none where there is no state."""
        return {} if self.state is None else self.state.records

    @property
    def pending(self) -> Mapping[str, Pending]:
        """The creates whose outcome nobody knows."""
        return {} if self.state is None else self.state.pending

    def recorded_as(self, desired: Desired) -> str | None:
        """Return the name under which state knows what a manifest describes: its own, or the one before a rename."""
        if desired.custom_id in self.records:
            return desired.custom_id
        former = desired.instructions.renamed_from
        taken = former is None or any(each.custom_id == former for each in self.desired)
        return former if not taken and former in self.records else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One sequence to read: by its id where it is recorded, else by its custom_id."""

    custom_id: str
    id: str | None


def known_ids(snapshot: Snapshot) -> dict[str, str]:
    """Return the id of every sequence that a reference can already be replaced by, by custom_id."""
    ids = {}
    for desired in snapshot.desired:
        name = snapshot.recorded_as(desired)
        if name is not None:
            ids[desired.custom_id] = snapshot.records[name].id
    return ids


def wanted(desired: Desired, ids: Mapping[str, str]) -> Payload:
    """Return a manifest's payload with each reference to a known sequence as that sequence's id."""
    return resolve(desired.payload, ids) if desired.references else desired.payload


def reads_needed(snapshot: Snapshot) -> tuple[Read, ...]:
    """Return what has to be read before deciding, sorted by custom_id."""
    request = snapshot.request
    if request.refresh is Refresh.NONE:
        return ()
    ids = known_ids(snapshot)
    reads = [
        Read(custom_id=each.custom_id, id=ids.get(each.custom_id))
        for each in snapshot.desired
        if request.selects(each.custom_id) and _is_read(snapshot, each, ids)
    ]
    if request.refresh is Refresh.ALL:
        reads += [
            Read(custom_id=name, id=snapshot.records[name].id) for name in orphans(snapshot) if request.selects(name)
        ]
    return tuple(sorted(reads, key=lambda read: read.custom_id))


def orphans(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the recorded names that no manifest claims any more, sorted."""
    claimed = {snapshot.recorded_as(desired) for desired in snapshot.desired}
    return tuple(sorted(set(snapshot.records) - claimed))


def manifests_digest(desired: tuple[Desired, ...]) -> str:
    """Return one digest of what all manifests ask for, whatever files they stand in."""
    lines = (
        f"{each.custom_id} {each.payload.digest} {each.instructions!r}"
        for each in sorted(desired, key=lambda each: each.custom_id)
    )
    return digest("\n".join(lines).encode())


def _is_read(snapshot: Snapshot, desired: Desired, ids: Mapping[str, str]) -> bool:
    name = snapshot.recorded_as(desired)
    if snapshot.request.refresh is Refresh.ALL or name is None:
        return True
    payload = wanted(desired, ids)
    return bool(unresolved(payload)) or not same_payload(payload, snapshot.records[name].applied)
