"""Handed-off fields: what must not be written is copied from live into desired before anything is compared.

One premise instead of an exception in every later step: the comparison and the body that is sent stay ignorant of it.
"""

from collections.abc import Iterator
from typing import Final

from reconciler.core.learned import effective
from reconciler.core.meaning import same_at
from reconciler.core.personal import ADDRESS, PHONE
from reconciler.core.snapshot import Snapshot, known_ids, wanted
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.plan import Violation
from reconciler.model.pointer import parse_pointer, replaced, value_at
from reconciler.model.sequence import Desired, HandOff, Live, Payload

_SOMEBODY: Final = "(somebody)"


def hand_off(payload: Payload, pointers: tuple[str, ...], *, source: Payload) -> Payload:
    """Return the payload with each handed-off field as it stands in `source`; where it has none, as desired."""
    if not pointers:
        return payload
    value, given = payload.value, source.value
    for pointer in pointers:
        path = parse_pointer(pointer)
        found = value_at(given, path)
        if found is not ABSENT:
            changed = replaced(value, path, found)
            value = changed if isinstance(changed, dict) else value
    return Payload.of(value)


def left_alone(snapshot: Snapshot) -> Iterator[Violation]:
    """Tell of each field that differs from its manifest and stays so, because it is handed off; why, and until when.

    Without a look at live, what is recorded counts.
    """
    ids = known_ids(snapshot) if any(each.instructions.ignore for each in snapshot.desired) else {}
    for desired in snapshot.desired:
        if not desired.instructions.ignore or not snapshot.request.selects(desired.custom_id):
            continue
        found = _found(snapshot, desired)
        if found is None:
            continue
        payload, given = wanted(desired, ids).value, found.value
        reasons = {each.pointer: each for each in desired.instructions.hand_offs}
        for pointer in desired.instructions.ignore:
            path = _typed(pointer)
            here, there = value_at(payload, path), value_at(given, path)
            if there is not ABSENT and here is not ABSENT and not same_at(path, here, there):
                yield _left_alone(desired.custom_id, pointer, reasons.get(pointer))


def _found(snapshot: Snapshot, desired: Desired) -> Payload | None:
    name, reading = snapshot.recorded_as(desired), snapshot.readings.get(desired.custom_id)
    record = None if name is None else snapshot.records[name]
    if isinstance(reading, Live):
        return reading.payload if record is None else Payload.of(effective(record, reading.payload))
    return None if record is None else record.applied


def _typed(pointer: str) -> tuple[str | int, ...]:
    """Return the path of a pointer with its list positions as numbers, as values are compared by meaning there."""
    return tuple(int(part) if part.isascii() and part.isdigit() else part for part in parse_pointer(pointer))


def _left_alone(custom_id: str, pointer: str, hand_off: HandOff | None) -> Violation:
    # Whom a reason names stays in the repository: plans are posted.
    why = "" if hand_off is None else f": {PHONE.sub(_SOMEBODY, ADDRESS.sub(_SOMEBODY, hand_off.reason))}"
    until = "" if hand_off is None or hand_off.until is None else f" (until {hand_off.until})"
    message = f"`{pointer}` differs from the manifest and is left alone, as `reconciler.ignore` says{why}{until}"
    return Violation(rule="handed-off", message=message, custom_id=custom_id)
