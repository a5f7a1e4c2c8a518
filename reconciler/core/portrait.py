"""What a sequence that goes on is still sending, in sentences: whom it reaches, and which of its steps have begun.

Nothing of what anybody wrote is quoted: channels and conditions are told in words of ours.
"""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.core.called import CHANNELS, CONDITIONS
from reconciler.core.reach import day
from reconciler.core.spelling import first_few
from reconciler.model.sequence import SequenceStatus, StepTimes, is_over

_KNOWN: Final = frozenset(SequenceStatus)
_MOST_NAMED: Final = 6


def portrait(payload: Mapping[str, Any], *, status: str | None, times: tuple[StepTimes, ...] | None) -> tuple[str, ...]:
    """Return what may still be sent by a sequence; `times` is None where live was not read."""
    said = [_life(status, is_read=times is not None)]
    if not is_over(status):
        said += [f"its audience: {_audience(payload.get('filter'))}", _steps(payload.get("steps"), times)]
    return tuple(each for each in said if each)


def _life(status: str | None, *, is_read: bool) -> str:
    if status not in _KNOWN:
        return "its status is not known, so it may be sending"
    what = {
        SequenceStatus.ACTIVE: "and is sending" if is_read else "and may be sending",
        SequenceStatus.PENDING: "and sends once it is started",
        SequenceStatus.COMPLETE: "and sends nothing more, as far as is known",
        SequenceStatus.CANCELED: "and sends nothing more",
    }[SequenceStatus(status)]
    return f"it is {status} {what}" if is_read else f"it was {status} when it was last read, {what}"


def _audience(given: Any) -> str:
    """Return whom a filter reaches, by its conditions alone; a condition of another kind could be called anything."""
    groups = given.get("or") if isinstance(given, Mapping) else None
    if not isinstance(groups, list):
        return "everyone" if given is None else "an audience that this version cannot read"
    told = []
    for group in groups:
        listed = group.get("and") if isinstance(group, Mapping) else None
        kinds = [each.get("type") if isinstance(each, Mapping) else None for each in listed or ()]
        words = [CONDITIONS.get(each, "another condition") if isinstance(each, str) else "another" for each in kinds]
        told.append(" and ".join(words) or "everyone")
    return " or ".join(told) if told else "everyone"


def _steps(steps: Any, times: tuple[StepTimes, ...] | None) -> str:
    """Say of each step what kind of message it is and, where live was read, whether it has begun."""
    if not isinstance(steps, list) or not steps:
        return ""
    listed = [_step(number, step, times) for number, step in enumerate(steps)]
    return "its steps: " + first_few(listed, _MOST_NAMED)


def _step(number: int, step: Any, times: tuple[StepTimes, ...] | None) -> str:
    action = step.get("action") if isinstance(step, Mapping) else None
    kind = action.get("type") if isinstance(action, Mapping) else None
    name = f"{number + 1} {CHANNELS.get(kind, 'message') if isinstance(kind, str) else 'message'}"
    if times is None or number >= len(times):
        return name
    if ended := day(times[number].ended_at):
        return f"{name} (ended on {ended})"
    started = day(times[number].started_at)
    return f"{name} ({'not begun' if started is None else f'began on {started}'})"
