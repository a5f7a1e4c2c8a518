"""The journal as bytes, and back: one checked line for each entry of a run, folded into state when the run ends.

Saving the whole state after each outcome would cost time in proportion to all records; a line costs one append. The
first line names the state that the entries build on, and the hold of the run that writes. A last line without its end
was never finished: it counts for nothing. A fence is the line that ends a journal whose run has lost the lock.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec

from reconciler.adapters.store.encoding import decode_record, encode_override, encode_plan, encode_record
from reconciler.adapters.store.looks import LookDocument, encode_looks, read_look
from reconciler.errors import StateError
from reconciler.model.jsonvalue import Json, canonical
from reconciler.model.sequence import Payload
from reconciler.model.state import Begun, Entry, Intended, Looked, Settled, UsedOverride, UsedPlan

_CHECK_LENGTH: Final = 16
_NULL: Final = b"null"


class Heading(msgspec.Struct):
    """What the entries build on, and which hold of the lock writes them (empty in journals of older versions)."""

    lineage: str
    serial: int
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """What a journal holds. `whole` are its bytes up to the end of the last finished line."""

    heading: Heading
    entries: tuple[Entry, ...]
    is_fenced: bool
    whole: bytes


def heading_line(heading: Heading) -> bytes:
    """Return the first line."""
    return _line(canonical({"lineage": heading.lineage, "serial": heading.serial, "nonce": heading.nonce}))


def entry_line(entry: Entry) -> bytes:
    """Return an entry's line."""
    return _line(encode_entry(entry))


def fence_line() -> bytes:
    """Return the line after which a run that has lost the lock finds the journal's end moved."""
    return _line(_FENCE)


def decode_journal(data: bytes, *, where: str) -> Journal | None:
    """Return what the journal holds; None when not even the first line was finished.

    StateError where a finished line is damaged.
    """
    whole = data[: data.rfind(b"\n") + 1]
    try:
        lines = [_checked(line) for line in whole.split(b"\n")[:-1]]
        if not lines:
            return None
        entries = tuple(decode_entry(line) for line in lines[1:] if line != _FENCE)
        heading = msgspec.json.decode(lines[0], type=Heading)
    except (ValueError, TypeError, msgspec.MsgspecError) as error:
        raise StateError(
            f"the journal of {where} is damaged: a finished line in it does not fit its check",
            hint="it holds what the last run did; bring back a good copy of it before anything else",
        ) from error
    return Journal(heading=heading, entries=entries, is_fenced=_FENCE in lines[1:], whole=whole)


def encode_entry(entry: Entry) -> bytes:
    """Return an entry's JSON object, on one line."""
    match entry:
        case Begun():
            overrides = b",".join(encode_override(each) for each in entry.overrides)
            spite = b',"overrides":[' + overrides + b"]" if overrides else b""
            return b'{"entry":"begun","plan":' + encode_plan(entry.plan) + spite + b"}"
        case Intended():
            head: dict[str, Json] = {"entry": "intended", "custom_id": entry.custom_id, "since": entry.since}
            known = {**head, **({} if entry.id is None else {"id": entry.id})}
            known |= {"cancels": True} if entry.cancels else {}
            seen = b"" if entry.seen is None else b',"seen":' + entry.seen.encoded
            return canonical(known)[:-1] + b',"payload":' + entry.payload.encoded + seen + b"}"
        case Looked():
            return b'{"entry":"looked","looks":' + encode_looks(entry.looks) + b"}"
        case Settled():
            facts: dict[str, Json] = {
                "entry": "settled",
                "custom_id": entry.custom_id,
                "org_id": entry.org_id,
                "recorded_as": entry.recorded_as,
                **({"released": True} if entry.released else {}),
            }
            record = _NULL if entry.record is None else encode_record(entry.record)
            return canonical(facts)[:-1] + b',"record":' + record + b"}"


class _Entry(msgspec.Struct):
    entry: str
    custom_id: str = ""
    since: str = ""
    id: str | None = None
    payload: msgspec.Raw = msgspec.Raw(b"")
    seen: msgspec.Raw = msgspec.Raw(_NULL)
    record: msgspec.Raw = msgspec.Raw(_NULL)
    org_id: str | None = None
    recorded_as: str | None = None
    plan: UsedPlan | None = None
    overrides: tuple[UsedOverride, ...] = ()
    cancels: bool = False
    released: bool = False
    looks: dict[str, LookDocument] = {}


def decode_entry(data: bytes) -> Entry:
    """Return the entry of a JSON object; ValueError (msgspec's is one) where it is none of ours."""
    line = msgspec.json.decode(data, type=_Entry)
    match line.entry:
        case "begun" if line.plan is not None:
            return Begun(plan=line.plan, overrides=line.overrides)
        case "intended":
            payload = Payload(bytes(line.payload))
            seen = None if bytes(line.seen) == _NULL else Payload(bytes(line.seen))
            return Intended(
                custom_id=line.custom_id,
                payload=payload,
                since=line.since,
                id=line.id,
                seen=seen,
                cancels=line.cancels,
            )
        case "settled":
            record = None if bytes(line.record) == _NULL else decode_record(bytes(line.record))
            return Settled(
                custom_id=line.custom_id,
                record=record,
                recorded_as=line.recorded_as,
                org_id=line.org_id,
                released=line.released,
            )
        case "looked":
            return Looked(looks={id_: read_look(each) for id_, each in line.looks.items()})
        case other:
            raise ValueError(other)


_FENCE: Final = b'{"entry":"fence"}'


def _line(content: bytes) -> bytes:
    return _check(content) + b" " + content + b"\n"


def _check(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest()[:_CHECK_LENGTH].encode()


def _checked(line: bytes) -> bytes:
    check, _, content = line.partition(b" ")
    if check != _check(content):
        raise ValueError(check)
    return content
