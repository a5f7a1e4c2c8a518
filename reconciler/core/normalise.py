"""From what GET answers to what is managed: the fields that only the server writes are set aside."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.model.sequence import MANAGED_FIELDS, Live, Payload

_ONLY_READ: Final = ("status", "started_at", "canceled_at", "ended_at")
_ONLY_READ_IN_STEPS: Final = frozenset({"started_at", "ended_at"})


def to_live(answer: Mapping[str, Any]) -> Live | None:
    """Return the live sequence that an answer describes; None where the answer has not the shape of one."""
    sequence_id, org_id, status = answer.get("id"), answer.get("org_id"), answer.get("status")
    steps = answer.get("steps")
    if not isinstance(sequence_id, str) or not isinstance(steps, list) or "is_continuous" not in answer:
        return None
    managed = {key: answer[key] for key in MANAGED_FIELDS if key in answer}
    managed["steps"] = [_managed_part_of_step(step) for step in steps]
    facts = {key: answer[key] for key in _ONLY_READ if key in answer}
    return Live(
        id=sequence_id,
        org_id=org_id if isinstance(org_id, str) else None,
        payload=Payload.of(managed),
        status=status if isinstance(status, str) else None,
        facts={**facts, "steps": [_read_only_part_of_step(step) for step in steps]},
    )


def _managed_part_of_step(step: Any) -> Any:
    if not isinstance(step, Mapping):
        return step
    return {key: value for key, value in step.items() if key not in _ONLY_READ_IN_STEPS}


def _read_only_part_of_step(step: Any) -> Any:
    if not isinstance(step, Mapping):
        return {}
    return {key: value for key, value in step.items() if key in _ONLY_READ_IN_STEPS}
