"""States of many organisations of which most are alike: the records of one are read, and those of others by comparing.

Where every byte of the records but ids is what stood in a document that was read before, decoding would make the same
values with other ids. Nothing is believed unseen: all bytes are compared, what stands around the records is decoded as
ever, and the checksum is that of the whole document.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.adapters.store.encoding import decode, encode_records
from reconciler.model.alike import AlikeRecords
from reconciler.model.jsonvalue import canonical
from reconciler.model.sequence import Payload, Record
from reconciler.model.state import State

_ID: Final = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LENGTH: Final = 36
_RECORDS: Final = b'"records"'
_MANY: Final = re.compile(rb"(?:" + _ID.pattern + rb"\n)+")
_TEXT: Final = rb'"(?:[^"\\]|\\.)*"'
# All that stands before the records in a document of ours.
_HEAD: Final = re.compile(
    rb'\{"format_version":'
    + _TEXT
    + rb',\n"lineage":'
    + _TEXT
    + rb',\n"serial":\d+,\n"org_id":(?:null|'
    + _TEXT
    + rb'),\n"records":'
)
# Documents that are worth knowing: where all differ, none is like another.
_MOST: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The records of a document that was read. All places are counted from the beginning of the records' bytes.

    `fixed` are the bytes that are the same in whoever is alike, with their places; `places` those of each record's own
    id; `named` the places at which payloads name a record, with that record's custom_id; `payloads` where those of
    them stand that name any.
    """

    records: Mapping[str, Record]
    size: int
    fixed: tuple[tuple[int, bytes], ...]
    places: Mapping[str, int]
    named: tuple[tuple[int, str], ...]
    payloads: Mapping[str, tuple[int, int]]

    def read(self, data: bytes, start: int) -> AlikeRecords | None:
        """Return the records at a place in a document; None where they differ in more than ids."""
        if not all(data.startswith(piece, start + place) for place, piece in self.fixed):
            return None
        found = [data[start + place : start + place + _LENGTH] for place in self.places.values()]
        if not _MANY.fullmatch(b"\n".join(found) + b"\n"):
            return None
        ids = dict(zip(self.places, b"\n".join(found).decode().split("\n"), strict=True))
        if not all(data.startswith(ids[name].encode(), start + place) for place, name in self.named):
            return None
        payloads = {name: Payload(data[start + first : start + end]) for name, (first, end) in self.payloads.items()}
        return AlikeRecords(self.records, ids, payloads.get)


class Alike:
    """The records of documents that were read. Threads may share it: at worst two know the same."""

    def __init__(self) -> None:
        self._known: list[_Known] = []

    def decode(self, data: bytes, *, where: str) -> State:
        """Return what `decode` of the encoding does, and raise what it raises."""
        head = _HEAD.match(data)
        if head is None:
            return decode(data, where=where)
        known = self._cut(data, head.end())
        state = decode(data, where=where, known=known)
        if known is None:
            self._learn(data, head.end(), state.records)
        return state

    def _cut(self, data: bytes, start: int) -> tuple[bytes, AlikeRecords] | None:
        """Return a document without its records, and these; None where they are like none that are known."""
        for known in self._known:
            records = known.read(data, start)
            if records is not None and _RECORDS not in data[start + known.size :]:
                return data[:start] + b"{}" + data[start + known.size :], records
        return None

    def _learn(self, data: bytes, start: int, records: Mapping[str, Record]) -> None:
        if len(self._known) < _MOST and records:
            known = _known(data, start, records)
            if known is not None:
                self._known.append(known)


def _known(data: bytes, start: int, records: Mapping[str, Record]) -> _Known | None:
    """Find every id in the bytes; None where they are not written as we do, or hold what is no plain record."""
    names = {record.id.encode(): name for name, record in records.items()}
    whole = encode_records(records)
    is_plain = not any(record.stored or record.unverified for record in records.values())
    if not is_plain or len(names) < len(records) or not data.startswith(whole, start):
        return None
    places: dict[str, int] = {}
    payloads: dict[str, tuple[int, int]] = {}
    at = len(b"{\n")
    for name, record in records.items():
        places[name] = at + len(canonical(name)) + len(b':{"id":"')
        first = places[name] + len(record.id) + len(b'","applied":')
        payloads[name] = first, first + len(record.applied.encoded)
        at = whole.find(b"\n", at) + 1
    own = set(places.values())
    found = [(each.start(), names[each[0]]) for each in _ID.finditer(whole) if each[0] in names]
    named = [(place, name) for place, name in found if place not in own]
    within = {name: [each for each, _ in named if first <= each < end] for name, (first, end) in payloads.items()}
    if sum(map(len, within.values())) < len(named) or len(found) - len(named) < len(own):
        return None
    ends = [0, *(place + _LENGTH for place, _ in found)]
    starts = [*(place for place, _ in found), len(whole)]
    return _Known(
        records=records,
        size=len(whole),
        fixed=tuple((end, whole[end:start]) for end, start in zip(ends, starts, strict=True)),
        places=places,
        named=tuple(named),
        payloads={name: place for name, place in payloads.items() if within[name]},
    )
