"""Everything that a plan is decided from, gathered before anything is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler import __version__
from reconciler.core.meaning import same_payload
from reconciler.core.moments import seconds_since
from reconciler.core.references import resolve, unresolved
from reconciler.core.selection import matches
from reconciler.model.guards import NO_GUARDS, Guards, Override
from reconciler.model.jsonvalue import digest
from reconciler.model.plan import Refresh
from reconciler.model.sequence import Desired, Live, Payload, Reading, Record, Retire, is_over
from reconciler.model.settings import RateLimit
from reconciler.model.state import Pending, State

# Seconds in which a write that was accepted and never read back may still become visible (faults, N30).
VISIBLE_WITHIN: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What one plan is asked for: where, how much of live is read, which sequences it is about, and under which guards.

    `now` is the moment (RFC 3339) by which a write that is not visible yet is told from one that never will be;
    without it every such write counts as a recent one. No digest depends on it, nor on `pace`, the
    request limit that applying will keep to.
    `undo` is the digest of the run that is undone. `chosen` are the custom_ids that count, whatever `only` says.
    """

    environment: str
    endpoint: str
    schema: str
    refresh: Refresh
    only: tuple[str, ...] = ()
    adopt: bool = False
    guards: Guards = NO_GUARDS
    overrides: tuple[Override, ...] = ()
    tool: str = __version__
    now: str | None = None
    undo: str | None = None
    chosen: frozenset[str] | None = None
    pace: RateLimit | None = None

    def selects(self, custom_id: str, desired: Desired | None = None) -> bool:
        """Tell whether a sequence is among those that were asked for; `desired` where a manifest asks for it."""
        if self.chosen is not None:
            return custom_id in self.chosen
        return not self.only or any(matches(pattern, custom_id, desired) for pattern in self.only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Desired, recorded and live side by side. `readings` has the sequences that were read, by custom_id.

    `records` are state's, and those of creates that the API named an id for before the run was killed. `unsettled`
    are the writes, by the id of their sequence, that nobody knows the end of.
    """

    request: Request
    desired: tuple[Desired, ...]
    state: State | None
    readings: Mapping[str, Reading] = field(default_factory=dict)
    records: Mapping[str, Record] = field(init=False)
    unsettled: Mapping[str, Pending] = field(init=False)

    def __post_init__(self) -> None:
        recorded = {} if self.state is None else self.state.records
        unsettled = {each.id: each for each in self.pending.values() if each.id is not None}
        known = {record.id for record in recorded.values()} if unsettled else set()
        named = {
            name: Record(id=each.id, applied=each.payload)
            for name, each in self.pending.items()
            if each.id is not None and each.id not in known and name not in recorded
        }
        object.__setattr__(self, "records", {**recorded, **named} if named else recorded)
        object.__setattr__(self, "unsettled", unsettled)

    def selects(self, custom_id: str) -> bool:
        """Tell whether a sequence is among those that were asked for, by its manifest where it has one."""
        if not self.request.only or self.request.chosen is not None:
            return self.request.selects(custom_id)
        desired = next((each for each in self.desired if each.custom_id == custom_id), None)
        return self.request.selects(custom_id, desired)

    @property
    def pending(self) -> Mapping[str, Pending]:
        """The writes whose outcome nobody knows, by custom_id."""
        return {} if self.state is None else self.state.pending

    def is_awaited(self, record: Record) -> bool:
        """Tell whether what was accepted and never read back may still become visible."""
        if record.unverified is None:
            return False
        now = self.request.now
        return now is None or seconds_since(record.unverified, now) < VISIBLE_WITHIN

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
        if request.selects(each.custom_id, each) and _is_read(snapshot, each, ids)
    ]
    if request.refresh is Refresh.ALL:
        reads += [
            Read(custom_id=name, id=snapshot.records[name].id) for name in _unclaimed(snapshot) if request.selects(name)
        ]
    return tuple(sorted(reads, key=lambda read: read.custom_id))


def orphans(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the recorded names that no manifest claims any more, sorted; not those that ended as one asked for."""
    return tuple(name for name in _unclaimed(snapshot) if not _is_settled(snapshot, name))


def _unclaimed(snapshot: Snapshot) -> tuple[str, ...]:
    claimed = {snapshot.recorded_as(desired) for desired in snapshot.desired}
    return tuple(sorted(set(snapshot.records) - claimed))


def _is_settled(snapshot: Snapshot, name: str) -> bool:
    """Tell whether a sequence was retired, and nothing shows that it still sends all the same."""
    reading = snapshot.readings.get(name)
    still = isinstance(reading, Live) and not is_over(reading.status)
    return snapshot.records[name].retired and not still and snapshot.records[name].id not in snapshot.unsettled


def manifests_digest(desired: tuple[Desired, ...]) -> str:
    """Return one digest of what all manifests ask for, whatever files they stand in."""
    lines = (
        f"{each.custom_id} {each.payload.digest} {each.instructions!r}"
        for each in sorted(desired, key=lambda each: each.custom_id)
    )
    return digest("\n".join(lines).encode())


def _is_read(snapshot: Snapshot, desired: Desired, ids: Mapping[str, str]) -> bool:
    name = snapshot.recorded_as(desired)
    if snapshot.request.refresh is Refresh.ALL:
        return True
    if name is None:
        return desired.instructions.retire is not Retire.RELEASE
    record = snapshot.records[name]
    if record.id in snapshot.unsettled or snapshot.is_awaited(record):
        return True
    if desired.instructions.retire is not None:
        return not record.retired
    payload = wanted(desired, ids)
    return bool(unresolved(payload)) or not same_payload(payload, record.applied)
