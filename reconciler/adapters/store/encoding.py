"""State as bytes, and back: one JSON document, one line a record, closed by a checksum of every byte before it.

The checksum is what makes "corrupt", "truncated" and "edited by hand" one case that is refused. msgspec hands the
payloads through as the bytes that they are: they are decoded when somebody asks.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from reconciler.adapters.store.looks import LookDocument, encode_look, read_look
from reconciler.errors import StateError
from reconciler.model.jsonvalue import Json, canonical, digest
from reconciler.model.plan import FORMAT_VERSION
from reconciler.model.sequence import Payload, Record
from reconciler.model.state import Pending, Run, State, UsedOverride, UsedPlan, Write

_NULL: Final = b"null"
_BEFORE_CHECKSUM: Final = b',\n"checksum":'
# Read off the beginning, since looking for one key takes as long as decoding all of the document.
_FIRST: Final = re.compile(rb'\{"format_version":"([0-9.]+)",', re.ASCII)
_VERSION: Final = re.compile(r"(\d+)\.(\d+)", re.ASCII)
# How every document of ours begins: what identifies it, without reading the rest.
_HEAD: Final = re.compile(
    rb'\{"format_version":"[^"\\]*",\n"lineage":("(?:[^"\\]|\\.)*"),\n"serial":([1-9]\d{0,18}),', re.ASCII
)


class DamagedError(StateError):
    """The bytes are not a whole state: cut short, damaged, edited, or never one of ours."""


class _Record(msgspec.Struct):
    id: str
    applied: msgspec.Raw
    status: str | None = None
    # Not `Raw | None`: msgspec takes that for a type that allows nothing but null.
    stored: msgspec.Raw = msgspec.Raw(_NULL)
    unverified: str | None = None
    retired: bool = False


class _Pending(msgspec.Struct):
    payload: msgspec.Raw
    since: str
    id: str | None = None
    cancels: bool = False


class _Write(msgspec.Struct):
    id: str | None = None
    before: msgspec.Raw = msgspec.Raw(_NULL)
    live: msgspec.Raw = msgspec.Raw(_NULL)
    recorded_as: str | None = None
    left: str | None = None


class _Run(msgspec.Struct):
    plan: UsedPlan
    writes: dict[str, _Write]


class _Document(msgspec.Struct):
    format_version: str
    lineage: str
    serial: int
    org_id: str | None
    records: dict[str, _Record]
    checksum: str
    pending: dict[str, _Pending] = {}
    plans: tuple[UsedPlan, ...] = ()
    overrides: tuple[UsedOverride, ...] = ()
    runs: tuple[_Run, ...] = ()
    looks: dict[str, LookDocument] = {}
    unmoved_since: int | None = None


class _Version(msgspec.Struct):
    format_version: str


class Header(msgspec.Struct):
    """What identifies one version of a state."""

    lineage: str
    serial: int


def encode(state: State) -> bytes:
    """Return the document's bytes; the same state always gives the same bytes."""
    head: dict[str, Json] = {
        "format_version": FORMAT_VERSION,
        "lineage": state.lineage,
        "serial": state.serial,
        "org_id": state.org_id,
    }
    parts = [canonical(key) + b":" + canonical(value) for key, value in head.items()]
    parts.append(b'"records":' + encode_records(state.records))
    if state.pending:
        parts.append(b'"pending":' + _block({name: _pending(each) for name, each in state.pending.items()}))
    if state.plans:
        parts.append(b'"plans":[\n' + b",\n".join(encode_plan(each) for each in state.plans) + b"\n]")
    if state.overrides:
        parts.append(b'"overrides":[\n' + b",\n".join(encode_override(each) for each in state.overrides) + b"\n]")
    if state.runs:
        parts.append(b'"runs":[\n' + b",\n".join(map(_run, state.runs)) + b"\n]")
    if state.looks:
        parts.append(b'"looks":' + _block({id_: encode_look(look) for id_, look in state.looks.items()}))
    if state.unmoved_since is not None:
        parts.append(b'"unmoved_since":' + canonical(state.unmoved_since))
    body = b"{" + b",\n".join(parts)
    return body + _closing(digest(body))


def decode(data: bytes, *, where: str, known: tuple[bytes, Mapping[str, Record]] | None = None) -> State:
    """Return the state in the bytes; StateError for anything that is not a whole state of this format.

    `known` is the same document with no records in it, and these, for whoever has read them already.
    """
    left, records = known or (data, None)
    _refuse_other_formats(left, where=where)
    end = max(data.rfind(_BEFORE_CHECKSUM), 0)
    try:
        document = msgspec.json.decode(left, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _corrupt(where) from error
    # Without a copy of the body, which takes longer to make than to hash.
    checksum = digest(memoryview(data)[:end])
    if document.checksum != checksum or data[end:] != _closing(checksum):
        raise _corrupt(where)
    return State(
        lineage=document.lineage,
        serial=document.serial,
        org_id=document.org_id,
        records=records or {name: read_record(each) for name, each in document.records.items()},
        pending={name: read_pending(each) for name, each in document.pending.items()},
        plans=document.plans,
        overrides=document.overrides,
        runs=tuple(
            Run(plan=run.plan, writes={name: _read_write(each) for name, each in run.writes.items()})
            for run in document.runs
        ),
        looks={id_: read_look(each) for id_, each in document.looks.items()},
        unmoved_since=document.unmoved_since,
    )


def peek(data: bytes) -> Header | None:
    """Return the lineage and the serial off the first lines, unverified; None where they are not where ours are."""
    match = _HEAD.match(data)
    if match is None:
        return None
    try:
        return Header(lineage=msgspec.json.decode(match[1], type=str), serial=int(match[2]))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def decode_header(data: bytes, *, where: str) -> Header:
    """Return only the lineage and the serial, unverified: enough to see whether somebody else has saved meanwhile."""
    try:
        return peek(data) or msgspec.json.decode(data, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _corrupt(where) from error


def read_record(document: _Record) -> Record:
    """Return the record that a decoded document holds."""
    stored = bytes(document.stored)
    return Record(
        id=document.id,
        applied=Payload(bytes(document.applied)),
        status=document.status,
        stored=None if stored == _NULL else Payload(stored),
        unverified=document.unverified,
        retired=document.retired,
    )


def read_pending(document: _Pending) -> Pending:
    """Return the pending write that a decoded document holds."""
    payload = Payload(bytes(document.payload))
    return Pending(payload=payload, since=document.since, id=document.id, cancels=document.cancels)


def decode_record(data: bytes) -> Record:
    """Return the record that stands alone in the bytes, as in the journal."""
    return read_record(msgspec.json.decode(data, type=_Record))


def encode_record(record: Record) -> bytes:
    """Return a record's JSON object, on one line."""
    return _record(record)


def encode_records(records: Mapping[str, Record]) -> bytes:
    """Return the JSON object of all records, one line each."""
    return _block({name: _record(record) for name, record in records.items()})


def encode_plan(plan: UsedPlan) -> bytes:
    """Return a used plan's JSON object, on one line."""
    weighed = {} if plan.acknowledged is None else {"acknowledged": plan.acknowledged}
    return canonical({"digest": plan.digest, "since": plan.since, "by": plan.by, **weighed})


def encode_override(override: UsedOverride) -> bytes:
    """Return a used override's JSON object, on one line."""
    return canonical(
        {"guard": override.guard, "reason": override.reason, "since": override.since, "plan": override.plan}
    )


def _closing(checksum: str) -> bytes:
    return _BEFORE_CHECKSUM + canonical(checksum) + b"}\n"


def _corrupt(where: str) -> DamagedError:
    return DamagedError(
        f"{where} is not a whole state: it was cut short, damaged or edited, and its checksum does not fit",
        hint="bring back a good copy; it is never taken for empty, since everything would be created a second time",
    )


def _refuse_other_formats(data: bytes, *, where: str) -> None:
    first = _FIRST.match(data)
    try:
        version = first[1].decode() if first else msgspec.json.decode(data, type=_Version).format_version
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _corrupt(where) from error
    match = _VERSION.fullmatch(version)
    if match is None:
        raise _corrupt(where)
    if (int(match[1]), int(match[2])) > (1, 0):
        raise StateError(
            f"{where} has format {version}; this version of reconciler knows {FORMAT_VERSION}",
            hint="install the reconciler that wrote it, or a newer one",
        )


def _block(lines: Mapping[str, bytes]) -> bytes:
    if not lines:
        return b"{}"
    return b"{\n" + b",\n".join(canonical(name) + b":" + line for name, line in lines.items()) + b"\n}"


def _record(record: Record) -> bytes:
    parts = [b'"id":' + canonical(record.id), b'"applied":' + record.applied.encoded]
    if record.status is not None:
        parts.append(b'"status":' + canonical(record.status))
    if record.stored is not None:
        parts.append(b'"stored":' + record.stored.encoded)
    if record.unverified is not None:
        parts.append(b'"unverified":' + canonical(record.unverified))
    if record.retired:
        parts.append(b'"retired":true')
    return b"{" + b",".join(parts) + b"}"


def _pending(pending: Pending) -> bytes:
    id_ = b"" if pending.id is None else b',"id":' + canonical(pending.id)
    cancels = b',"cancels":true' if pending.cancels else b""
    return b'{"payload":' + pending.payload.encoded + b',"since":' + canonical(pending.since) + id_ + cancels + b"}"


def _run(run: Run) -> bytes:
    return (
        b'{"plan":'
        + encode_plan(run.plan)
        + b',"writes":'
        + _block({name: _write(each) for name, each in run.writes.items()})
        + b"}"
    )


def _write(write: Write) -> bytes:
    texts = {"id": write.id, "recorded_as": write.recorded_as, "left": write.left}
    payloads = {"before": write.before, "live": write.live}
    parts = [canonical(key) + b":" + canonical(text) for key, text in texts.items() if text is not None]
    parts += [canonical(key) + b":" + each.encoded for key, each in payloads.items() if each is not None]
    return b"{" + b",".join(parts) + b"}"


def _read_write(document: _Write) -> Write:
    before, live = (None if bytes(each) == _NULL else Payload(bytes(each)) for each in (document.before, document.live))
    return Write(id=document.id, before=before, live=live, recorded_as=document.recorded_as, left=document.left)
