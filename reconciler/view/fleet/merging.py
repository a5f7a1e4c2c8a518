"""Telling once what is the same in many organisations, whatever it is: a change of a plan, or drift.

What nearly every organisation has values of its own for, as variables make them, is told once too: what differs is
named, and one of them is shown.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from reconciler.model.pointer import Path
from reconciler.view.words import place

_Thing = TypeVar("_Thing")

# More sets of values than this are not odd ones out but variables.
_MOST_ODD: Final = 5
# How many of those are looked at to say where they differ.
_COMPARED: Final = 20
# What a tenth of the organisations have, or a third of those that have the sequence otherwise, is odd.
_MANY: Final = 10
_SEVERAL: Final = 3


def merged(
    sets: list[list[tuple[str, _Thing]]], differing: Callable[[_Thing, _Thing], Iterable[Path]]
) -> Iterator[tuple[list[tuple[str, _Thing]], tuple[str, ...]]]:
    """Yield sets of organisations that are told of together, each with the places whose values differ among them.

    Each set has what is the same in every value, by organisation; `differing` are the paths at which two are not.
    """
    if len(sets) <= _MOST_ODD:
        yield from ((had, ()) for had in sets)
        return
    most = max(sets, key=len)
    if len(most) * 2 > sum(map(len, sets)):
        yield most, ()
        sets = [had for had in sets if had is not most]
    together = [each for had in sets for each in had]
    paths = {path: None for had in sets[1:_COMPARED] for path in differing(sets[0][0][1], had[0][1])}
    yield sorted(together, key=lambda each: each[0]), tuple(dict.fromkeys(map(place, paths)))


def is_odd(number: int, *, total: int, widest: int) -> bool:
    """Tell whether so many organisations are few: of all of them, or of the most that have it in any one way."""
    return number * _MANY <= total or number * _SEVERAL <= widest


def leaves(path: Path, one: Any, other: Any) -> Iterator[Path]:
    """Yield the paths below which two values are not the same any more."""
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.keys() == other.keys():
        for key in one:
            yield from leaves((*path, key), one[key], other[key])
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for position, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from leaves((*path, position), mine, theirs)
    elif one != other:
        yield path
