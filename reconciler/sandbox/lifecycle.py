"""One version of a sequence and what the passing of time makes of it: pure, the clock is an argument.

A step begins when the start and all delays up to its own have passed, and takes no time itself. A one-off is complete
when its last step has begun; a continuous sequence never is, because new contacts keep entering it.
"""

from dataclasses import dataclass, fields, replace
from itertools import accumulate
from typing import Final

from reconciler.sandbox.instant import from_seconds
from reconciler.sandbox.jsonbody import JsonObject
from reconciler.sandbox.rewriting import CONTENT_FIELDS, answered, timestamp
from reconciler.sandbox.switches import Switches

PENDING: Final = "pending"
ACTIVE: Final = "active"
COMPLETE: Final = "complete"
CANCELED: Final = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What the server knows of a sequence between two writes; times are seconds since the epoch."""

    content: JsonObject
    started_at: float | None = None
    canceled_at: float | None = None
    # Set only when a write froze it; otherwise the clock decides.
    ended_at: float | None = None

    def to_json(self) -> JsonObject:
        """Return the version as JSON; `Version(**value)` is its inverse."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def born(content: JsonObject, now: float) -> Version:
    """Return a new sequence: a continuous one is active at once, a one-off waits for its start."""
    return Version(content=content, started_at=now if content["is_continuous"] else None)


def changed(version: Version, content: JsonObject, now: float) -> Version:
    """Return the version with other content.

    A pending one-off that becomes continuous starts to send. What is over stays over, whatever its steps are now.
    """
    starts = content["is_continuous"] and status(version, now) == PENDING
    started_at = now if starts else version.started_at
    return replace(version, content=content, started_at=started_at, ended_at=_ended_at(version, now))


def started(version: Version, now: float) -> Version:
    """Return the version started; ValueError says why it cannot be."""
    if version.content["is_continuous"]:
        raise ValueError("a continuous sequence is not started, it is active from its creation")
    if status(version, now) != PENDING:
        raise ValueError(f"the sequence is {status(version, now)}, only a pending one can be started")
    return replace(version, started_at=now)


def canceled(version: Version, now: float) -> Version:
    """Return the version canceled, itself when it already was; ValueError when it is complete."""
    match status(version, now):
        case "canceled":
            return version
        case "complete":
            raise ValueError("the sequence is complete, there is nothing left to cancel")
        case _:
            return replace(version, canceled_at=now)


def status(version: Version, now: float) -> str:
    """Return the server's word for where the sequence is in its life."""
    if version.canceled_at is not None:
        return CANCELED
    if _ended_at(version, now) is not None:
        return COMPLETE
    return PENDING if version.started_at is None else ACTIVE


def is_over(version: Version, now: float) -> bool:
    """Tell whether the sequence is complete or canceled."""
    return status(version, now) in {COMPLETE, CANCELED}


def shown(version: Version, now: float, switches: Switches, *, sequence_id: str, org_id: str) -> JsonObject:
    """Return the sequence as GET answers it."""

    def written(seconds: float | None) -> str | None:
        return None if seconds is None else timestamp(from_seconds(seconds), switches)

    content = answered(version.content, switches)
    others = {key: value for key, value in content.items() if key not in CONTENT_FIELDS}
    beginnings = _beginnings(version, now)
    ends = beginnings if not content["is_continuous"] else [None] * len(beginnings)
    return {
        **others,
        "id": sequence_id,
        "org_id": org_id,
        "name": content["name"],
        "custom_id": content["custom_id"],
        "filter": content["filter"],
        "steps": [
            {**step, **_present(started_at=written(begun), ended_at=written(ended))}
            for step, begun, ended in zip(content["steps"], beginnings, ends, strict=True)
        ],
        "is_continuous": content["is_continuous"],
        "started_at": written(version.started_at),
        "canceled_at": written(version.canceled_at),
        "ended_at": written(_ended_at(version, now)),
        "status": status(version, now),
    }


def _present(**times: str | None) -> dict[str, str]:
    return {name: time for name, time in times.items() if time is not None}


def _ended_at(version: Version, now: float) -> float | None:
    if version.ended_at is not None:
        return version.ended_at
    if version.content["is_continuous"] or version.canceled_at is not None:
        return None
    # Delays add up, so the last step is the last one to begin.
    return _beginnings(version, now)[-1]


def _beginnings(version: Version, now: float) -> list[float | None]:
    """Return when each step began, None for those whose time has not come or never will."""
    steps = version.content["steps"]
    if version.started_at is None:
        return [None] * len(steps)
    until = min(moment for moment in (now, version.canceled_at, version.ended_at) if moment is not None)
    delays = (_seconds(step.get("delay_in_minutes", 0)) for step in steps)
    times = list(accumulate(delays, initial=version.started_at))[1:]
    return [time if time <= until else None for time in times]


def _seconds(minutes: float) -> float:
    try:
        return float(minutes) * 60
    except OverflowError:
        return float("inf")
