"""Which sets of words have most of their words in common, without comparing each with each.

Every known set is a bit of a number, and every word is the number of the sets that it stands in. How many words an
asked set shares with all of the known ones at once is then a sum of such numbers, column by column, kept as the binary
digits of all the counts: ten thousand counts take as many steps as the asked set has words.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from functools import lru_cache
from itertools import islice, zip_longest
from math import ceil
from typing import Final, TypeAlias

Words: TypeAlias = frozenset[Hashable]

# A product of floats may come out a little above what it is.
_ROUNDING: Final = 1e-9


def near_sets(
    known: Iterable[tuple[str, Words]], asked: Iterable[tuple[str, Words]], *, least: float, most: int
) -> dict[str, tuple[str, ...]]:
    """Return which known sets are at least so alike to each asked one (see `likeness`), the first `most` of each.

    Asked sets to which none is are left out. Both come with their names, and are not kept.
    """
    index = _Index(known, least)
    near = ((name, tuple(islice(index.near(words), most))) for name, words in asked)
    return {name: names for name, names in near if names}


def likeness(shared: int, size: int, other: int) -> float:
    """Return how alike two sets of these sizes are that share so many words, from 0 to 1 (Dice's coefficient)."""
    return 2 * shared / (size + other) if size + other else 1.0


class _Index:
    """The known sets, each at its bit."""

    def __init__(self, known: Iterable[tuple[str, Words]], least: float) -> None:
        self._least = least
        self._names: list[str] = []
        positions: defaultdict[Hashable, list[int]] = defaultdict(list)
        sizes: defaultdict[int, list[int]] = defaultdict(list)
        for position, (name, words) in enumerate(known):
            self._names.append(name)
            sizes[len(words)].append(position)
            for word in words:
                positions[word].append(position)
        self._all = (1 << len(self._names)) - 1
        self._with_word = {word: _number(each) for word, each in positions.items()}
        self._of_size = {size: _number(each) for size, each in sizes.items()}
        self._needed = lru_cache(maxsize=None)(self._needed_by)

    def near(self, words: Words) -> list[str]:
        """Return the names of the sets that are near to one."""
        shared = _sums([self._with_word[word] for word in words if word in self._with_word])
        is_enough = self._all
        # From the lowest digit to the highest: the higher one decides, and where it is the same, those below.
        for count, need in zip_longest(shared, self._needed(len(words)), fillvalue=0):
            is_enough = count & ~need | ~(count ^ need) & is_enough
        return [self._names[at] for at in _positions(is_enough & self._all)]

    def _needed_by(self, size: int) -> list[int]:
        """Return, as digits, how many words each known set has to share with a set of a size."""
        digits: list[int] = []
        for other, sets in self._of_size.items():
            need = ceil(self._least * (size + other) / 2 - _ROUNDING)
            digits += [0] * (need.bit_length() - len(digits))
            for digit in _positions(need):
                digits[digit] |= sets
        return digits


def _sums(numbers: list[int]) -> list[int]:
    """Return in how many of the numbers each bit is set: the lowest binary digits of all the counts first.

    Three digits of one worth make one of the same and one of the next; so does a full adder.
    """
    digits: list[int] = []
    while numbers:
        carried: list[int] = []
        while len(numbers) > 1:
            one, other, third = numbers.pop(), numbers.pop(), numbers.pop() if numbers else 0
            either = one ^ other
            carried.append(one & other | either & third)
            numbers.append(either ^ third)
        digits += numbers
        numbers = carried
    return digits


def _number(positions: list[int]) -> int:
    """Return the number with these bits, which are sorted."""
    marks = bytearray(positions[-1] // 8 + 1)
    for each in positions:
        marks[each >> 3] |= 1 << (each & 7)
    return int.from_bytes(marks, "little")


def _positions(number: int) -> list[int]:
    """Return which bits of a number are set, the lowest first."""
    return [at for at, digit in enumerate(reversed(f"{number:b}")) if digit == "1"] if number else []
