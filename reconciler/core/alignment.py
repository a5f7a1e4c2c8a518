"""Two lists of steps side by side, by likeness: an insertion is an insertion, and not a change of every later step.

Steps have no ids. So what counts as the same step is what makes the two lists most alike while they keep their order;
what is left over and still alike has moved. Numbers only, no clock and no chance: the same lists, the same answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, Final, TypeAlias

from reconciler.core.likeness import likenesses
from reconciler.model.jsonvalue import ABSENT, MaybeJson, canonical, strictly_equal
from reconciler.model.pointer import Path
from reconciler.model.risk import StepChange, StepEdit, StepKind

# From here on a step that stands elsewhere is the same one, moved.
_MOVED: Final = 700
# Beyond so many pairs, steps are compared by position only.
_MOST_PAIRS: Final = 10_000

Pair: TypeAlias = tuple[int | None, int | None]


def align(before: Sequence[Any], after: Sequence[Any]) -> tuple[StepChange, ...]:
    """Return every step of both lists once, in the new order; a removed one stands where it stood."""
    sent_before, sent_after = _moments(before), _moments(after)
    pairs, moved = _with_moves(_pairs(before, after), before, after)
    return tuple(_step(pair, before, after, is_moved=pair in moved, sent=(sent_before, sent_after)) for pair in pairs)


def _step(
    pair: Pair,
    before: Sequence[Any],
    after: Sequence[Any],
    *,
    is_moved: bool,
    sent: tuple[list[float | None], list[float | None]],
) -> StepChange:
    was, becomes = pair
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
        kind=StepKind.MOVED if is_moved else StepKind.EDITED if edits else StepKind.SAME,
        before=was,
        after=becomes,
        edits=edits,
        sent_before=sent[0][was],
        sent_after=sent[1][becomes],
    )


def _pairs(before: Sequence[Any], after: Sequence[Any]) -> list[Pair]:
    """Pair the steps of both lists in their order; the ends that are equal need no comparing."""
    encoded = [[canonical(step) for step in steps] for steps in (before, after)]
    start = _common(*encoded)
    end = _common(*(each[: start - 1 if start else None : -1] for each in encoded))
    inner = [range(start, len(each) - end) for each in (before, after)]
    pairs: list[Pair] = [(position, position) for position in range(start)]
    pairs += _most_alike(before, after, *inner)
    return pairs + [(len(before) - left, len(after) - left) for left in range(end, 0, -1)]


def _common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    shortest = min(len(one), len(other))
    return next((each for each in range(shortest) if one[each] != other[each]), shortest)


def _most_alike(before: Sequence[Any], after: Sequence[Any], rows: range, columns: range) -> list[Pair]:
    """Return the pairs, in order, of which the likenesses add up to the most; of equals, the earliest steps pair."""
    if len(rows) * len(columns) > _MOST_PAIRS:
        shortest = min(len(rows), len(columns))
        pairs: list[Pair] = list(zip(rows, columns, strict=False))
        return [
            *pairs, *((each, None) for each in rows[shortest:]), *((None, each) for each in columns[shortest:])
        ]  # fmt: skip
    alike = likenesses([before[each] for each in rows], [after[each] for each in columns])
    best = [[0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    for row in reversed(range(len(rows))):
        for column in reversed(range(len(columns))):
            paired = alike[row][column] + best[row + 1][column + 1]
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    return list(_walk(best, alike, rows, columns))


def _walk(best: list[list[int]], alike: list[list[int]], rows: range, columns: range) -> Iterator[Pair]:
    row = column = 0
    while row < len(rows) or column < len(columns):
        is_inside = row < len(rows) and column < len(columns)
        if is_inside and best[row][column] == alike[row][column] + best[row + 1][column + 1]:
            yield rows[row], columns[column]
            row, column = row + 1, column + 1
        elif row < len(rows) and (column == len(columns) or best[row][column] == best[row + 1][column]):
            yield rows[row], None
            row += 1
        else:
            yield None, columns[column]
            column += 1


def _with_moves(pairs: list[Pair], before: Sequence[Any], after: Sequence[Any]) -> tuple[list[Pair], frozenset[Pair]]:
    """Make one moved step of each removed and inserted one that are alike, the most alike first."""
    gone = [was for was, becomes in pairs if was is not None and becomes is None]
    come = [becomes for was, becomes in pairs if becomes is not None and was is None]
    if not gone or not come or len(gone) * len(come) > _MOST_PAIRS:
        return pairs, frozenset()
    alike = likenesses([before[each] for each in gone], [after[each] for each in come])
    ranked = sorted(
        (-alike[row][column], was, becomes) for row, was in enumerate(gone) for column, becomes in enumerate(come)
    )
    moved: dict[int, int] = {}
    for likeness, was, becomes in ranked:
        if -likeness >= _MOVED and was not in moved and becomes not in moved.values():
            moved[was] = becomes
    origin = {becomes: was for was, becomes in moved.items()}
    kept = [
        (origin.get(becomes, was) if was is None and becomes is not None else was, becomes)
        for was, becomes in pairs
        if was not in moved or becomes is not None
    ]
    return kept, frozenset(moved.items())


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
