"""Possible contacts of whom it is sure whether they match a filter: one is enough to show that somebody is left out.

A witness is made of what conditions say for certain: an id, and a moment for each kind of range, at least a grain away
from every bound. Everything else about a contact is left open.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise, product
from math import prod
from typing import Final

from reconciler.core.filters.algebra import GRAIN
from reconciler.core.filters.conditions import (
    CONTACTED,
    CREATED,
    HANDED_OFF,
    IDS,
    Condition,
    Everybody,
    Group,
    Groups,
    Listed,
    Range,
    narrows,
)

_KINDS: Final = (CREATED, CONTACTED, HANDED_OFF)
# How many times a group is judged, and how many ids are looked at, before nothing more is claimed.
_MOST_JUDGED: Final = 20_000
_MOST_IDS: Final = 500


@dataclass(frozen=True, slots=True)
class Witness:
    """A possible contact: its id (None is one that no list names), and its moments in the order of `_KINDS`."""

    id: str | None
    moments: tuple[int, ...]


def can_match_everyone(groups: Groups) -> bool:
    """Tell whether a filter is not known to leave anyone out.

    Whoever a condition other than a range is known to leave out is nobody's witness against a group; so what is left
    are the groups of ranges, which may cover all of time together.
    """
    open_groups = [group for group in groups if not any(narrows(each) for each in group)]
    moments = _moments(chain.from_iterable(open_groups))
    if prod(map(len, moments)) * len(open_groups) > _MOST_JUDGED:
        return True
    witnesses = (Witness(None, each) for each in product(*moments))
    return not any(all(_judged(group, witness) is False for group in open_groups) for witness in witnesses)


def do_overlap(one: Groups, other: Groups) -> bool:
    """Tell whether contacts are possible, for sure, that match both filters, only the first, and only the second."""
    if not (any(map(_is_certain, one)) and any(map(_is_certain, other))):
        return False
    verdicts = {(_matches(one, witness), _matches(other, witness)) for witness in _witnesses(one, other)}
    return {(True, True), (True, False), (False, True)} <= verdicts


def _witnesses(one: Groups, other: Groups) -> Iterator[Witness]:
    conditions = set(chain.from_iterable((*one, *other)))
    lists = sorted((each.elements for each in conditions if isinstance(each, Listed) and each.kind == IDS), key=sorted)
    if sum(map(len, lists)) > _MOST_IDS:
        return
    ids, moments = _ids(lists), _moments(conditions)
    if len(ids) * prod(map(len, moments)) * (len(one) + len(other)) <= _MOST_JUDGED:
        yield from (Witness(each, picked) for each in ids for picked in product(*moments))


def _ids(lists: list[frozenset[str]]) -> list[str | None]:
    """Return one id for each way of standing in the lists of ids, and None for those that no list names."""
    standing = {tuple(each in elements for elements in lists): each for each in sorted(set().union(*lists))}
    return [None, *standing.values()]


def _moments(conditions: Iterable[Condition]) -> list[list[int]]:
    """Return, for each kind of range, a moment before, between and after all bounds, wherever there is room for one."""
    ranges = {each for each in conditions if isinstance(each, Range)}
    return [_between({b for each in ranges if each.kind == kind for b in (each.after, each.before)}) for kind in _KINDS]


def _between(bounds: set[int | None]) -> list[int]:
    marks = sorted(each for each in bounds if each is not None)
    if not marks:
        return [0]
    inner = [(low + high) // 2 for low, high in pairwise(marks)]
    return [marks[0] - 2 * GRAIN, *inner, marks[-1] + 2 * GRAIN]


def _is_certain(group: Group) -> bool:
    return all(isinstance(each, Everybody | Range) or (isinstance(each, Listed) and each.kind == IDS) for each in group)


def _matches(groups: Groups, witness: Witness) -> bool | None:
    """Return whether a contact matches whatever is not known; None where that depends on it."""
    judged = {_judged(group, witness) for group in groups}
    return True if True in judged else None if None in judged else False


def _judged(group: Group, witness: Witness) -> bool | None:
    judged = {_judge(condition, witness) for condition in group}
    return False if False in judged else None if None in judged else True


def _judge(condition: Condition, witness: Witness) -> bool | None:
    match condition:
        case Everybody():
            return True
        case Range():
            return _judge_moment(condition, witness.moments[_KINDS.index(condition.kind)])
        case Listed(kind="contact_id_in"):
            return _judge_id(condition, witness.id)
        case _:
            return None


def _judge_moment(asked: Range, moment: int) -> bool | None:
    after = moment - asked.after if asked.after is not None else 2 * GRAIN
    before = asked.before - moment if asked.before is not None else 2 * GRAIN
    if after < -GRAIN or before < -GRAIN:
        return False
    return True if after > GRAIN and before > GRAIN else None


def _judge_id(asked: Listed, id_: str | None) -> bool | None:
    if id_ is None or id_.casefold() not in {each.casefold() for each in asked.elements}:
        return False
    # Ids are given out in small letters: whether one in capitals finds anybody is unknown.
    return True if id_ in asked.elements and id_ == id_.lower() else None
