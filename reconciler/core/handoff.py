"""Handed-off fields: what must not be written is copied from live into desired before anything is compared.

One premise instead of an exception in every later step: the comparison and the body that is sent stay ignorant of it.
"""

from reconciler.model.jsonvalue import ABSENT
from reconciler.model.pointer import parse_pointer, replaced, value_at
from reconciler.model.sequence import Payload


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
