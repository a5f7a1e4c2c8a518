"""Which step of one list is which of another: equal ones first, then those that are only like each other.

A step that stands in both lists as it is, is the same step, wherever it stands: no likeness of others outweighs that.
Numbers only, no clock and no chance: the same lists, the same answer.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final, TypeAlias

from reconciler.core.likeness import likenesses
from reconciler.model.jsonvalue import canonical

# From here on a step that stands elsewhere is the same one, moved.
_MOVED: Final = 700
# Beyond so many pairs of steps that differ, those are compared by position only.
_MOST_PAIRS: Final = 10_000

Pair: TypeAlias = tuple[int, int]
Likenesses: TypeAlias = Mapping[Pair, int]
_Chain: TypeAlias = "tuple[Pair, _Chain | None]"


@dataclass(frozen=True, slots=True)
class Paired:
    """A step of before, of after, or of both; `is_moved` where it passed another one that stays."""

    before: int | None
    after: int | None
    is_moved: bool = False


def pair(before: Sequence[Any], after: Sequence[Any]) -> tuple[Paired, ...]:
    """Return every step of both lists once, in the new order; a removed one stands where it stood."""
    pairs = _equal([canonical(step) for step in before], [canonical(step) for step in after])
    rows, columns = _left(pairs, range(len(before)), range(len(after)))
    alike = _likenesses(before, after, rows, columns)
    pairs += _surely(alike)
    kept = _in_order(sorted(pairs))
    for gap in list(_gaps(kept, len(before), len(after))):
        found = _in_place(alike, *_left(pairs, *gap))
        kept, pairs = kept + found, pairs + found
    pairs += _moved(alike, *_left(pairs, rows, columns))
    return tuple(_merged(sorted(kept), pairs, len(before), len(after)))


def _equal(before: Sequence[bytes], after: Sequence[bytes]) -> list[Pair]:
    """Pair the equal steps: as many as can be in their order, then those that are left, each with the next one left."""
    start = _common(zip(before, after, strict=False))
    shorter = min(len(before), len(after)) - start
    end = min(_common(zip(reversed(before), reversed(after), strict=False)), shorter)
    pairs = [(each, each) for each in range(start)]
    pairs += [(len(before) - each, len(after) - each) for each in range(end, 0, -1)]
    places: dict[bytes, list[int]] = {}
    for becomes in range(start, len(after) - end):
        places.setdefault(after[becomes], []).append(becomes)
    # The last place first, so that no two places of one step follow each other in a chain.
    pairs += _in_order(
        (was, becomes) for was in range(start, len(before) - end) for becomes in reversed(places.get(before[was], ()))
    )
    rows, columns = _left(pairs, range(len(before)), range(len(after)))
    free: dict[bytes, list[int]] = {}
    for becomes in reversed(columns):
        free.setdefault(after[becomes], []).append(becomes)
    return pairs + [(was, free[before[was]].pop()) for was in rows if free.get(before[was])]


def _common(pairs: Iterable[tuple[bytes, bytes]]) -> int:
    return sum(1 for _ in takewhile(lambda each: each[0] == each[1], pairs))


def _in_order(given: Iterable[Pair]) -> list[Pair]:
    """Return the most of the pairs that rise on both sides; they are given with their first side rising."""
    ends: list[int] = []
    chains: list[_Chain] = []
    for each in given:
        length = bisect_left(ends, each[1])
        ends[length : length + 1] = [each[1]]
        chains[length : length + 1] = [(each, chains[length - 1] if length else None)]
    found: list[Pair] = []
    link = chains[-1] if chains else None
    while link is not None:
        found.append(link[0])
        link = link[1]
    return found[::-1]


def _left(pairs: Iterable[Pair], rows: Iterable[int], columns: Iterable[int]) -> tuple[list[int], list[int]]:
    """Return the positions of both lists that stand in no pair."""
    given = list(pairs)
    taken, given_away = {was for was, _ in given}, {becomes for _, becomes in given}
    return [each for each in rows if each not in taken], [each for each in columns if each not in given_away]


def _likenesses(before: Sequence[Any], after: Sequence[Any], rows: list[int], columns: list[int]) -> Likenesses:
    """Return how alike the steps are that have no equal; nothing where those are too many to compare."""
    if len(rows) * len(columns) > _MOST_PAIRS:
        return {}
    found = likenesses([before[each] for each in rows], [after[each] for each in columns])
    return {(was, becomes): found[i][j] for i, was in enumerate(rows) for j, becomes in enumerate(columns)}


def _surely(alike: Likenesses) -> list[Pair]:
    """Return the pairs that are more alike than either is to any other, and alike enough to be one step, edited."""
    best: dict[tuple[str, int], list[int]] = {}
    for (was, becomes), likeness in alike.items():
        best.setdefault(("before", was), []).append(likeness)
        best.setdefault(("after", becomes), []).append(likeness)
    highest = {side: (max(found), found.count(max(found))) for side, found in best.items()}
    return [
        (was, becomes)
        for (was, becomes), likeness in alike.items()
        if likeness >= _MOVED and highest["before", was] == highest["after", becomes] == (likeness, 1)
    ]


def _gaps(kept: list[Pair], before: int, after: int) -> Iterator[tuple[range, range]]:
    """Yield what stands between two pairs that stay, before the first and after the last."""
    for (was, becomes), (next_was, next_becomes) in zip([(-1, -1), *kept], [*kept, (before, after)], strict=True):
        yield range(was + 1, next_was), range(becomes + 1, next_becomes)


def _in_place(alike: Likenesses, rows: list[int], columns: list[int]) -> list[Pair]:
    """Return the pairs, in order, of which the likenesses add up to the most; of equals, the earliest steps pair."""
    if not alike:
        return list(zip(rows, columns, strict=False))
    best = [[0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    for row in reversed(range(len(rows))):
        for column in reversed(range(len(columns))):
            paired = alike[rows[row], columns[column]] + best[row + 1][column + 1]
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    found: list[Pair] = []
    row = column = 0
    while row < len(rows) and column < len(columns):
        if best[row][column] == alike[rows[row], columns[column]] + best[row + 1][column + 1]:
            found.append((rows[row], columns[column]))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1
    return found


def _moved(alike: Likenesses, rows: list[int], columns: list[int]) -> list[Pair]:
    """Make one step of each two that are left and alike, the most alike first."""
    left = {(was, becomes) for was in rows for becomes in columns} & alike.keys()
    found: dict[int, int] = {}
    for likeness, was, becomes in sorted((-alike[each], *each) for each in left):
        if -likeness >= _MOVED and was not in found and becomes not in found.values():
            found[was] = becomes
    return list(found.items())


def _merged(kept: list[Pair], pairs: list[Pair], before: int, after: int) -> Iterator[Paired]:
    origins, taken = {becomes: was for was, becomes in pairs}, {was for was, _ in pairs}
    for (rows, columns), ends in zip(_gaps(kept, before, after), [*kept, None], strict=True):
        yield from (Paired(was, None) for was in rows if was not in taken)
        for becomes in columns:
            yield Paired(origins.get(becomes), becomes, is_moved=becomes in origins)
        if ends is not None:
            yield Paired(*ends)
