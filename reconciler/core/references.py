"""`{$sequence: custom_id}` inside a payload: replaced by the sequence's id wherever that id is known."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.sequence import Payload

MARKER: Final = "$sequence"


def resolve(payload: Payload, ids: Mapping[str, str]) -> Payload:
    """Replace each reference whose id is known; the others stay as they are written."""
    return Payload.of(_resolved(payload.value, ids))


def unresolved(payload: Payload) -> tuple[str, ...]:
    """Return the custom_ids that the payload still refers to by name, sorted."""
    if b'{"$sequence":' not in payload.encoded:
        return ()
    found: set[str] = set()
    _collect(payload.value, found)
    return tuple(sorted(found))


def _reference(value: Any) -> str | None:
    if isinstance(value, Mapping) and len(value) == 1 and isinstance(value.get(MARKER), str):
        return str(value[MARKER])
    return None


def _resolved(value: Any, ids: Mapping[str, str]) -> Any:
    name = _reference(value)
    if name is not None:
        return ids.get(name, value)
    if isinstance(value, Mapping):
        return {key: _resolved(each, ids) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each, ids) for each in value]
    return value


def _collect(value: Any, found: set[str]) -> None:
    name = _reference(value)
    if name is not None:
        found.add(name)
    elif isinstance(value, Mapping):
        for each in value.values():
            _collect(each, found)
    elif isinstance(value, list):
        for each in value:
            _collect(each, found)
