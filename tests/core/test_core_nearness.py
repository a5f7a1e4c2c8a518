"""Sets that are nearly the same: none is missed, and the work grows with the sets, not with the pairs of them."""

import random
import sys
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.nearness import Words, likeness, near_sets
from tests.core.core_values import PATIENT

LEAST = 0.7
SETS = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.frozensets(st.integers(0, 12), max_size=12), max_size=12
)


def near(known: Mapping[str, Words], asked: Mapping[str, Words], *, most: int = 1000) -> dict[str, tuple[str, ...]]:
    return near_sets(sorted(known.items()), asked.items(), least=LEAST, most=most)


def by_comparing_all(known: Mapping[str, Words], asked: Mapping[str, Words]) -> dict[str, tuple[str, ...]]:
    def is_near(one: Words, other: Words) -> bool:
        return likeness(len(one & other), len(one), len(other)) >= LEAST

    found = {name: tuple(sorted(k for k, its in known.items() if is_near(its, asked[name]))) for name in asked}
    return {name: each for name, each in found.items() if each}


@PATIENT
@given(SETS, SETS)
def test_none_is_missed_and_none_is_wrong(known: dict[str, Words], asked: dict[str, Words]) -> None:
    assert near(known, asked) == by_comparing_all(known, asked)


def house(count: int, seed: int) -> dict[str, Words]:
    """Return sets as sequences of one house have them: a footer that all share, and words of their own."""
    chance = random.Random(seed)  # noqa: S311 - a test's choice, not a secret
    footer = frozenset(f"footer{number}" for number in range(60))
    words = [f"word{number}" for number in range(3000)]
    return {f"{seed}-{number}": footer | frozenset(chance.choices(words, k=40)) for number in range(count)}


def test_in_a_house_with_a_footer_the_same_are_found_as_by_comparing_all() -> None:
    known, asked = house(150, 1), house(150, 2)
    asked["renamed"] = known["1-7"] - frozenset(["footer3"]) | {"new"}
    asked["another"] = frozenset(range(100))
    found = near(known, asked)
    assert found == by_comparing_all(known, asked)
    assert "1-7" in found["renamed"]
    assert "another" not in found


def steps_for(count: int) -> int:
    """Return how many functions are called, of Python's own too, to compare so many sets with as many."""
    known, asked = house(count, 1), house(count, 2)
    steps = 0

    def count_one(_: Any, event: str, __: Any) -> None:
        nonlocal steps
        steps += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_one)
    try:
        near(known, asked)
    finally:
        sys.setprofile(before)
    return steps


def test_twice_as_many_sets_take_twice_the_steps_and_not_four_times() -> None:
    few, many = steps_for(150), steps_for(300)
    assert 150 * 20 < few < many < 2.5 * few


def test_of_very_many_that_are_alike_the_first_are_told() -> None:
    known = {f"{number:03}": frozenset(range(10)) for number in range(200)}
    assert near(known, {"a": frozenset(range(11))}, most=3) == {"a": ("000", "001", "002")}
