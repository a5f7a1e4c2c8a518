"""What a server makes of what it is sent, learned once.

A record keeps both what was sent (`applied`) and what was read back (`stored`) where the two differ. A live value that
is still what was read back is not drift: it counts as what was applied. What differs from both is what someone did.
"""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.core.meaning import same, same_payload
from reconciler.model.jsonvalue import ABSENT, MaybeJson
from reconciler.model.sequence import Payload, Record

# Where a server that stores something else than was sent changes who is reached, by whom, or by what.
_GRAVE_ACTION_DATA: Final = frozenset(
    {"from_email", "email_is_transactional", "aiPhoneAgentId", "phone_number_id", "template"}
)


def effective(record: Record | None, live: Payload) -> dict[str, Any]:
    """Return the live payload with every value that the server is known to have rewritten as it was applied."""
    value = live.value
    if record is None or record.stored is None:
        return value
    unlearned = _unlearn(record.applied.value, record.stored.value, value)
    return unlearned if isinstance(unlearned, dict) else value


def rewritten(applied: Payload, live: Payload) -> Payload | None:
    """Return what the server made of a payload, None where that means the same."""
    return None if same_payload(applied, live) else live


def is_harmless(applied: Payload, stored: Payload) -> bool:
    """Tell whether a rewrite touches only names and copy, not the audience, the sender or what the steps do."""
    return same(_grave_part(applied.value), _grave_part(stored.value))


def _unlearn(applied: MaybeJson, stored: MaybeJson, live: MaybeJson) -> MaybeJson:
    if same(stored, live):
        return applied
    if isinstance(applied, Mapping) and isinstance(stored, Mapping) and isinstance(live, Mapping):
        keys = [*live, *(key for key in applied if key not in live)]
        found = {
            key: _unlearn(applied.get(key, ABSENT), stored.get(key, ABSENT), live.get(key, ABSENT)) for key in keys
        }
        return {key: value for key, value in found.items() if value is not ABSENT}  # type: ignore[misc]
    lists = isinstance(applied, list) and isinstance(stored, list) and isinstance(live, list)
    if lists and len(applied) == len(stored) == len(live):  # type: ignore[arg-type]
        return [_unlearn(*each) for each in zip(applied, stored, live, strict=True)]  # type: ignore[misc, arg-type]
    return live


def _grave_part(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "custom_id": payload.get("custom_id"),
        "is_continuous": payload.get("is_continuous"),
        "filter": payload.get("filter"),
        "steps": [_grave_part_of_step(step) for step in payload.get("steps") or ()],
    }


def _grave_part_of_step(step: Mapping[str, Any]) -> dict[str, Any]:
    action = step.get("action") or {}
    data = action.get("data") or {}
    return {"type": action.get("type"), **{key: data[key] for key in sorted(_GRAVE_ACTION_DATA & data.keys())}}
