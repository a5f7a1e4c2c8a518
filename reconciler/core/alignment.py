"""Two lists of steps side by side, by likeness: an insertion is an insertion, and not a change of every later step.

Steps have no ids: `pairing` decides which is which. Here is told what became of each.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from reconciler.core.pairing import Paired, pair
from reconciler.model.jsonvalue import ABSENT, MaybeJson, strictly_equal
from reconciler.model.pointer import Path
from reconciler.model.risk import StepChange, StepEdit, StepKind


def align(before: Sequence[Any], after: Sequence[Any]) -> tuple[StepChange, ...]:
    """Return every step of both lists once, in the new order; a removed one stands where it stood."""
    sent_before, sent_after = _moments(before), _moments(after)
    return tuple(_step(each, before, after, sent=(sent_before, sent_after)) for each in pair(before, after))


def _step(
    paired: Paired,
    before: Sequence[Any],
    after: Sequence[Any],
    *,
    sent: tuple[list[float | None], list[float | None]],
) -> StepChange:
    was, becomes = paired.before, paired.after
    if was is None or becomes is None:
        return StepChange(
            kind=StepKind.REMOVED if becomes is None else StepKind.INSERTED,
            before=was,
            after=becomes,
            removed=ABSENT if was is None else before[was],
            sent_before=None if was is None else sent[0][was],
            sent_after=None if becomes is None else sent[1][becomes],
        )
    edits = tuple(_edits((), before[was], after[becomes]))
    return StepChange(
        kind=StepKind.MOVED if paired.is_moved else StepKind.EDITED if edits else StepKind.SAME,
        before=was,
        after=becomes,
        edits=edits,
        sent_before=sent[0][was],
        sent_after=sent[1][becomes],
    )


def _moments(steps: Sequence[Any]) -> list[float | None]:
    """Return how many minutes pass up to each step if delays count from the step before; None where it is unclear."""
    delays = [step.get("delay_in_minutes", 0) if isinstance(step, Mapping) else None for step in steps]
    return list(accumulate((_number(each) for each in delays), _sum))


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one + other, 6)


def _edits(path: Path, was: MaybeJson, becomes: MaybeJson) -> Iterator[StepEdit]:
    if strictly_equal(was, becomes):
        return
    if isinstance(was, Mapping) and isinstance(becomes, Mapping):
        for key in sorted({*was, *becomes}):
            yield from _edits((*path, key), was.get(key, ABSENT), becomes.get(key, ABSENT))
    elif isinstance(was, list | tuple) and isinstance(becomes, list | tuple) and len(was) == len(becomes):
        for position, (one, other) in enumerate(zip(was, becomes, strict=True)):
            yield from _edits((*path, position), one, other)
    else:
        yield StepEdit(path=path, before=was, after=becomes)
