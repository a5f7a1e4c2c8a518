"""Which filters contain or exclude each other, as far as that holds however the server reads what is not known of it.

Sound, not complete: True is a proof, False is nothing.
"""

from collections.abc import Callable
from math import prod
from typing import Final, TypeAlias

from reconciler.core.filters.conditions import (
    IDS,
    SINGLE,
    Condition,
    Everybody,
    Group,
    Groups,
    Listed,
    Range,
    Reference,
)

# Milliseconds by which two bounds may be the same to a server that keeps minutes only.
GRAIN: Final = 60_000
# How much is compared before nothing is proved: a filter of thousands of groups is no reason to keep anybody waiting.
_MOST_PAIRS: Final = 2_000
_MOST_PARTS: Final = 256
# Tells whether whoever a named sequence affects on the inner side is affected by it on the outer side too.
Holds: TypeAlias = Callable[[str], bool]


def is_contained(inner: Groups, outer: Groups, holds: Holds) -> bool:
    """Tell whether it is proved that whoever matches `inner` matches `outer`."""
    same = {group for group in outer if not any(isinstance(each, Reference) for each in group)}
    rest = [group for group in inner if group not in same]
    return len(rest) * len(outer) <= _MOST_PAIRS and all(_is_within(group, outer, holds) for group in rest)


def is_excluded(one: Groups, other: Groups) -> bool:
    """Tell whether it is proved that nobody matches both at the same moment."""
    return len(one) * len(other) <= _MOST_PAIRS and all(
        any(_excludes(left, right) for left in here for right in there) for here in one for there in other
    )


def _is_within(group: Group, outer: Groups, holds: Holds) -> bool:
    if any(_is_stricter(group, each, holds) for each in outer):
        return True
    # A list is the union of its elements, each of which may lie within another group.
    lists = [each for each in group if isinstance(each, Listed)]
    number = prod(len(each.elements) for each in lists)
    return 1 < number * len(outer) <= _MOST_PARTS and all(
        any(_is_stricter(part, each, holds) for each in outer) for part in _parts(group, lists)
    )


def _is_stricter(group: Group, other: Group, holds: Holds) -> bool:
    return all(any(_implies(given, asked, holds) for given in group) for asked in other)


def _implies(given: Condition, asked: Condition, holds: Holds) -> bool:
    match given, asked:
        case _, Everybody():
            return True
        case Range(), Range():
            return given.kind == asked.kind and _spans(asked, given)
        case Listed(), Listed():
            return given.kind == asked.kind and given.elements <= asked.elements
        case Reference(), Reference():
            return given.key == asked.key and holds(given.key)
        case _:
            return given == asked


def _spans(wide: Range, narrow: Range) -> bool:
    begins = wide.after is None or (narrow.after is not None and wide.after <= narrow.after)
    return begins and (wide.before is None or (narrow.before is not None and narrow.before <= wide.before))


def _excludes(one: Condition, other: Condition) -> bool:
    match one, other:
        case Listed(), Listed() if one.kind == other.kind == IDS:
            return {each.casefold() for each in one.elements}.isdisjoint(each.casefold() for each in other.elements)
        case Range(), Range() if one.kind == other.kind and one.kind in SINGLE:
            return _ends_before(one, other) or _ends_before(other, one)
        case _:
            return False


def _ends_before(one: Range, other: Range) -> bool:
    return one.before is not None and other.after is not None and one.before + GRAIN < other.after


def _parts(group: Group, lists: list[Listed]) -> list[Group]:
    """Return the groups of one element a list that a group is made up of."""
    parts = [group - set(lists)]
    for each in lists:
        parts = [part | {Listed(each.kind, frozenset({element}))} for part in parts for element in each.elements]
    return parts
