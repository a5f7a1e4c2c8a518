"""Which drift may be set back: only what the environment allows, and no field twice in a day.

Whole bodies are sent, so that a sequence with any field that may not be set back is left as it is. Whoever moves a
field again within a day insists, be it a person or the server: that is told, and nothing is written. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.core.moments import seconds_since
from reconciler.core.spelling import first_few
from reconciler.model.drift import Drifted, Left
from reconciler.model.look import Look, Standing
from reconciler.model.outcome import Outcome, Status
from reconciler.model.pointer import Path, parse_pointer, to_pointer
from reconciler.model.risk import RiskClass
from reconciler.model.sequence import is_over

# Seconds in which no field is set back a second time.
A_DAY: Final = 86_400.0
_MOST_NAMED: Final = 3
_WRITTEN: Final = frozenset({Status.APPLIED, Status.DIFFERENT, Status.UNVERIFIED, Status.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Which sequences may be set back, by custom_id, and why the others are left."""

    names: tuple[str, ...]
    left: tuple[Left, ...]


def decide(
    drifted: Iterable[Drifted],
    looks: Mapping[str, Look],
    *,
    allowed: RiskClass | None,
    now: str,
    ended_too: bool = False,
) -> Decided:
    """Decide about each drifted sequence; `allowed` is the gravest class that may be set back, None for none at all.

    What has ended is set back only with `ended_too`: else the guard against it would refuse all the others as well.
    """
    reasons = {
        each.custom_id: _has_ended(each)
        if is_over(each.status) and allowed is not None and not ended_too
        else _why_not(each, looks.get(each.id, Look()).corrected, allowed=allowed, now=now)
        for each in drifted
    }
    return Decided(
        names=tuple(name for name, reason in reasons.items() if reason is None),
        left=tuple(Left(custom_id=name, reason=reason) for name, reason in reasons.items() if reason is not None),
    )


def _has_ended(each: Drifted) -> str:
    return f'it is {each.status}, so nothing of it is sent any more; `--override ended --reason "..."` sets it back'


def _why_not(each: Drifted, corrected: Mapping[str, str], *, allowed: RiskClass | None, now: str) -> str | None:
    if allowed is None:
        return '`drift.correct` of this environment is "none"'
    if each.is_orphan:
        return "no manifest asks for it any more: what is to become of it is decided first, by name"
    if each.risk > allowed:
        return f"setting it back is {each.risk.value}, and `drift.correct` of this environment allows {allowed.value}"
    insisting = [field.path for field in each.fields if _was_corrected(field.path, corrected, now)]
    if insisting:
        since = max(moment for moment in corrected.values())
        listed = first_few([f"`{to_pointer(path)}`" for path in insisting], _MOST_NAMED)
        return (
            f"{listed} moved again after it was set back at {since}: somebody or the server insists, "
            "and no field is set back twice in 24 hours"
        )
    return None


def _was_corrected(path: Path, corrected: Mapping[str, str], now: str) -> bool:
    """Tell whether the field, or one inside or around it, was set back less than a day ago."""
    here = tuple(map(str, path))
    for pointer, moment in corrected.items():
        there = parse_pointer(pointer)
        shorter = min(len(here), len(there))
        if here[:shorter] == there[:shorter] and seconds_since(moment, now) < A_DAY:
            return True
    return False


def marked(drifted: Iterable[Drifted], looks: Mapping[str, Look], *, now: str) -> dict[str, Look]:
    """Return what is remembered before anything is written: each field of these is being set back now.

    It is durable before the first write leaves, so that a run that is killed has still had its one try.
    """
    return {
        each.id: replace(
            looks.get(each.id, Look()),
            corrected={
                **_recent(looks.get(each.id, Look()).corrected, now),
                **{to_pointer(field.path): now for field in each.fields},
            },
        )
        for each in drifted
    }


def _recent(corrected: Mapping[str, str], now: str) -> dict[str, str]:
    """Leave out what is no reason to wait any more, so that state does not grow with it."""
    return {pointer: moment for pointer, moment in corrected.items() if seconds_since(moment, now) < A_DAY}


def settled(
    outcomes: Iterable[Outcome], before: Mapping[str, Look], marks: Mapping[str, Look], *, now: str
) -> dict[str, Look]:
    """Return what is remembered once it is known what was written: `before` are the looks without the marks.

    What was not written takes its marks back; what was written was so by `now`, since a write may wait for its turn
    long after the mark; what was read back as recorded has not drifted any more.
    """
    found = {}
    for each in outcomes:
        if each.id is None or each.id not in marks:
            continue
        if each.status not in _WRITTEN:
            found[each.id] = before.get(each.id, Look())
            continue
        found[each.id] = _written(before.get(each.id, Look()), marks[each.id], now)
        if each.status is Status.APPLIED:
            found[each.id] = replace(found[each.id], read=now, tried=None, standing=Standing.IN_STEP, paths=())
    return found


def _written(before: Look, mark: Look, now: str) -> Look:
    """Return the mark with its own fields, which are those that it has changed, set back at this moment."""
    own = {pointer for pointer, moment in mark.corrected.items() if before.corrected.get(pointer) != moment}
    return replace(mark, corrected={**mark.corrected, **dict.fromkeys(own, now)})
