"""Organisations whose states differ in ids alone: one of them is decided, and the others get its plan with their ids.

Only where live is not read. Nothing here decides anything: where it is not plain that a plan would come out the same,
it is made anew. That is so where an id stands anywhere but where a plan names sequences and what it sends, where a
text happens to be somebody's id, and where a write has no known end.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final, TypeAlias

from reconciler.core.codec.plan import basis_document, digested, plan_digest, to_document
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Request, Snapshot
from reconciler.model.alike import AlikeRecords
from reconciler.model.change import Change, Operation
from reconciler.model.jsonvalue import canonical, digest
from reconciler.model.plan import FORMAT_VERSION, Plan, Refresh
from reconciler.model.sequence import Payload, Record

# Both cases of a digit are named, since ignoring case takes twice as long.
_HEX: Final = rb"[0-9a-fA-F]"
_ID: Final = re.compile(rb"(%b{8}-%b{4}-%b{4}-%b{4}-%b{12})" % ((_HEX,) * 5))
# Ids one below the other: how far one is from the next, and where in each its dashes are.
_STRIDE: Final = 37
_DASHES: Final = (8, 13, 18, 23)
# Sets of states that are worth keeping for a set of manifests: where all differ, nobody is a twin.
_MOST: Final = 8
_ASKED: Final = tuple(each.name for each in fields(Request) if each.name != "environment")
Ids: TypeAlias = Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class _Text:
    """Bytes in pieces: every second one is an id. `is_fixed`: none of them is that of a record."""

    pieces: tuple[bytes, ...]
    is_fixed: bool

    @classmethod
    def of(cls, data: bytes, ids: Iterable[bytes]) -> "_Text":
        pieces = _ID.split(data)
        return cls(tuple(pieces), not set(ids).intersection(pieces[1::2]))

    def with_ids(self, ids: Ids) -> bytes:
        return b"".join(ids.get(piece, piece) for piece in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class _First:
    """An organisation that was decided. `literals` are the ids in all texts that are those of no record."""

    asked: tuple[object, ...]
    records: Mapping[str, Record]
    ids: tuple[bytes, ...]
    applied: Mapping[str, _Text]
    literals: frozenset[bytes]
    plan: Plan
    bodies: Mapping[str, _Text]
    changes: _Text


class Twins:
    """Makes the plans of a fleet. Threads may share it: at worst two decide the same."""

    def __init__(self) -> None:
        self._firsts: dict[int, list[_First]] = {}
        self._kept: list[object] = []
        self._digests: dict[str, tuple[Plan, str]] = {}

    def plan(self, snapshot: Snapshot) -> Plan:
        """Return what `build_plan` does."""
        if not _is_plain(snapshot):
            return build_plan(snapshot)
        firsts = self._firsts.setdefault(id(snapshot.desired), [])
        for first in firsts:
            ids = _ids(first, snapshot)
            if ids is not None:
                plan = _like(first, snapshot, ids)
                self._digests[plan.environment] = (plan, _digest(first, plan, ids))
                return plan
        plan = build_plan(snapshot)
        if len(firsts) < _MOST and (made := _first(snapshot, plan)) is not None:
            firsts.append(made)
            # An identity counts only as long as its value lives.
            self._kept.append(snapshot.desired)
        return plan

    def digest(self, plan: Plan) -> str:
        """Return what `plan_digest` does."""
        known, found = self._digests.get(plan.environment, (None, ""))
        if known is not None and known.changes is plan.changes and known.basis is plan.basis:
            return found
        return plan_digest(plan)


def _is_plain(snapshot: Snapshot) -> bool:
    """Tell whether a plan depends on nothing but the manifests, the request and the records."""
    state = snapshot.state
    return (
        snapshot.request.refresh is Refresh.NONE
        and state is not None
        and not state.pending
        and not snapshot.readings
        and not any(record.stored or record.unverified for record in _shared(state.records).values())
    )


def _shared(records: Mapping[str, Record]) -> Mapping[str, Record]:
    """Return the records that these are like but for their ids; the same where they are like none."""
    return records.of if isinstance(records, AlikeRecords) else records


def _asked(request: Request) -> tuple[object, ...]:
    """Return all of a request but whose environment it is about."""
    return tuple(getattr(request, name) for name in _ASKED)


def _listed(records: Mapping[str, Record], names: Iterable[str]) -> list[bytes] | None:
    """Return the ids under these names; None where one is not written as ids are, and would not be seen in a text."""
    all_ids = records.ids if isinstance(records, AlikeRecords) else {name: records[name].id for name in names}
    joined = "\n".join(map(all_ids.__getitem__, names)).encode()
    found = joined.split(b"\n")
    count = len(found)
    has_form = len(joined) == _STRIDE * count - 1 and all(joined[at::_STRIDE] == b"-" * count for at in _DASHES)
    left = joined.translate(None, b"0123456789abcdefABCDEF")
    return found if not records or (has_form and left == b"\n".join([b"----"] * count)) else None


def _first(snapshot: Snapshot, plan: Plan) -> _First | None:
    """Return an organisation that others can be twins of; None where its ids stand where they are not looked for."""
    records = snapshot.records
    listed = _listed(records, records)
    if listed is None:
        return None
    ids = set(listed)
    applied = {name: _Text.of(record.applied.encoded, ids) for name, record in records.items()}
    texts = [piece.lower() for text in applied.values() for piece in text.pieces[1::2]]
    # Most manifests say what was applied before, in which ids have just been looked for.
    looked = {record.applied.encoded for record in records.values()}
    payloads = [each.payload.encoded for each in snapshot.desired if each.payload.encoded not in looked]
    texts += [piece.lower() for payload in payloads for piece in _ID.findall(payload)]
    said = [(each.fields, each.reason, each.assessment, each.waits_for) for each in plan.changes]
    elsewhere = repr((said, plan.violations, plan.warnings, [each.assessment for each in plan.affected])).encode()
    if len(ids) < len(records) or not ids.isdisjoint(_ID.findall(elsewhere)):
        return None
    if any(
        each.record or each.made or each.retire or each.unsettled_since or not _is_common(each) for each in plan.changes
    ):
        return None
    document = to_document(plan, named="")
    return _First(
        asked=_asked(snapshot.request),
        records=records,
        ids=tuple(listed),
        applied=applied,
        literals=frozenset(texts) - ids,
        plan=plan,
        bodies={each.custom_id: _Text.of(each.body.encoded, ids) for each in plan.changes if each.body is not None},
        changes=_Text.of(canonical([digested(each) for each in document["changes"]]), ids),
    )


def _is_common(change: Change) -> bool:
    """Tell whether a change writes a whole sequence where its id says, or nothing at all."""
    operation = change.operation
    if operation is None:
        return change.body is None
    return operation.body is not None and operation.path in ("/sequences", f"/sequences/{change.id}")


def _ids(first: _First, snapshot: Snapshot) -> Ids | None:
    """Return whose id stands for whose where the two are twins; None where they are not."""
    records = snapshot.records
    if records.keys() != first.records.keys() or _asked(snapshot.request) != first.asked:
        return None
    is_like = isinstance(records, AlikeRecords) and records.of is _shared(first.records)
    listed = _listed(records, first.records)
    if listed is None:
        return None
    ids, own = dict(zip(first.ids, listed, strict=True)), set(listed)
    if len(own) < len(ids) or not own.isdisjoint(first.literals) or not own.isdisjoint(ids):
        return None
    for name, there in () if is_like else first.records.items():
        record, text = records[name], first.applied[name]
        wanted = there.applied.encoded if text.is_fixed else text.with_ids(ids)
        if record.applied.encoded != wanted or record.status != there.status:
            return None
    return ids


def _like(first: _First, snapshot: Snapshot, ids: Ids) -> Plan:
    state = snapshot.state
    assert state is not None  # noqa: S101 - `_is_plain` has looked
    theirs = {one.decode(): other.decode() for one, other in ids.items()} if first.plan.affected else {}
    return replace(
        first.plan,
        environment=snapshot.request.environment,
        basis=replace(first.plan.basis, lineage=state.lineage, serial=state.serial),
        changes=tuple(_change(each, first, snapshot, ids) for each in first.plan.changes),
        affected=tuple(replace(each, id=theirs.get(each.id, each.id)) for each in first.plan.affected),
    )


def _change(change: Change, first: _First, snapshot: Snapshot, ids: Ids) -> Change:
    if change.id is None and (change.body is None or first.bodies[change.custom_id].is_fixed):
        return change
    record = None if change.recorded_as is None else snapshot.records[change.recorded_as]
    id_ = change.id if record is None else record.id
    operation = change.operation
    if operation is not None:
        body = first.bodies[change.custom_id]
        operation = Operation(
            method=operation.method,
            path=operation.path if record is None else f"/sequences/{record.id}",
            body=operation.body if body.is_fixed else Payload(body.with_ids(ids)),
        )
    seen = record.applied if change.seen is not None and record is not None else change.seen
    return replace(change, id=id_, operation=operation, seen=seen)


def _digest(first: _First, plan: Plan, ids: Ids) -> str:
    """Return the digest, put together as the canonical form of what it covers would be."""
    parts = (
        b'{"basis":' + canonical(basis_document(plan.basis)),
        b'"changes":' + first.changes.with_ids(ids),
        b'"environment":' + canonical(plan.environment),
        b'"format_version":' + canonical(FORMAT_VERSION) + b"}",
    )
    return digest(b",".join(parts))
