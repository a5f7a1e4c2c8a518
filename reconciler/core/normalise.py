"""From what GET answers to what is managed: the fields that only the server writes are set aside."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeGuard

from reconciler.model.sequence import MANAGED_FIELDS, Live, Payload, StepTimes

_ONLY_READ: Final = ("status", "started_at", "canceled_at", "ended_at")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
# What an id may hold, also where it comes to stand in a path.
ID_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
# As many digits as a phone number has, which no id but a uuid holds in a row.
_NUMBER: Final = re.compile(r"\d(?:-?\d){6}", re.ASCII)
_ONLY_READ_IN_STEPS: Final = frozenset({"started_at", "ended_at"})


def to_live(answer: Mapping[str, Any]) -> Live | None:
    """Return the live sequence that an answer describes; None where the answer has not the shape of one."""
    sequence_id, org_id, status = answer.get("id"), answer.get("org_id"), answer.get("status")
    steps = answer.get("steps")
    if not is_id(sequence_id) or not isinstance(steps, list) or "is_continuous" not in answer:
        return None
    managed = {key: answer[key] for key in MANAGED_FIELDS if key in answer}
    managed["steps"] = [_managed_part_of_step(step) for step in steps]
    facts = {key: answer[key] for key in _ONLY_READ if key in answer}
    return Live(
        id=sequence_id,
        org_id=org_id if is_id(org_id) else None,
        payload=Payload.of(managed),
        status=status if isinstance(status, str) else None,
        facts=facts,
        times=tuple(_times_of_step(step) for step in steps),
    )


def is_id(given: Any) -> TypeGuard[str]:
    """Tell whether a server's word is an id. Ids are shown: what could be somebody's address or number is none."""
    if not isinstance(given, str) or ID_SHAPE.fullmatch(given) is None:
        return False
    return _UUID.fullmatch(given) is not None or _NUMBER.search(given) is None


def is_uuid(text: str) -> bool:
    """Tell whether a text is written as a uuid."""
    return _UUID.fullmatch(text) is not None


def _managed_part_of_step(step: Any) -> Any:
    if not isinstance(step, Mapping):
        return step
    return {key: value for key, value in step.items() if key not in _ONLY_READ_IN_STEPS}


def _times_of_step(step: Any) -> StepTimes:
    given = step if isinstance(step, Mapping) else {}
    started, ended = (given.get(key) for key in ("started_at", "ended_at"))
    return StepTimes(
        started_at=started if isinstance(started, str) else None, ended_at=ended if isinstance(ended, str) else None
    )
