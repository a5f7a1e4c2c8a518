"""No claim about an audience is wrong: every pair of small filters, in every small world, against brute force."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from reconciler.core.filters.comparison import compare
from reconciler.core.filters.conditions import Movement
from reconciler.core.filters.reading import read_filter
from reconciler.model.risk import AudienceDelta
from tests.core.small_worlds import Worlds, filters, when

ONE, TWO, THREE, OTHER = (f"0000000a-0000-4000-8000-00000000000{number}" for number in range(1, 5))


def ids(*listed: str) -> dict[str, Any]:
    return {"type": "contact_id_in", "contact_ids": list(listed)}


def emails(*listed: str) -> dict[str, Any]:
    return {"type": "contacts_email_in", "email_in": list(listed)}


def names(*listed: str) -> dict[str, Any]:
    return {"type": "contacts_name_in", "name_in": list(listed)}


def between(after: float | None = None, before: float | None = None, kind: str = "contacts_created_at") -> Any:
    bounds = {"after": after, "before": before}
    return {"type": f"{kind}_between", **{key: when(each) for key, each in bounds.items() if each is not None}}


def attributes(*listed: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "contacts_attributes_in", "attributes": list(listed)}


def segment(name: str) -> dict[str, Any]:
    return {"type": "contact_belongs_to_segment", "segment_id": name}


def after_sequence(name: str) -> dict[str, Any]:
    return {"type": "contacts_affected_by_sequence", "sequence_id": name}


ALL = {"type": "all_contacts"}
STRANGE = {"type": "contacts_of_next_year", "x": 1}
LAST, HANDOFF = "last_contacted_at", "last_contacted_at_with_handoff"
NEAR = 5 + 20 / 600  # twenty seconds after 5: the same to a server that keeps minutes


@dataclass(frozen=True, kw_only=True)
class Case:
    conditions: tuple[Any, ...]
    size: int
    worlds: Worlds
    words: str  # every word that must come up, so that the check is not an empty one


LISTS = Worlds.of(
    {
        "id": [(each,) for each in (ONE, TWO, THREE, OTHER)],
        "emails": ((), ("a@x",), ("b@x",), ("a@x", "b@x"), ("aa@x.y",)),
        "names": ((), ("a@x",)),
    },
    ("ids", "text", "empty list", "blank", "null", "empty and"),
)
MOMENTS = (*(each / 2 for each in range(1, 20)), NEAR, 5 + 10 / 600)
CREATED = Worlds.of({"created": [(each,) for each in MOMENTS]}, ("after", "before", "kept", "unbounded", "inverted"))
TOUCHED = Worlds.of(
    {
        "created": [(2,), (6,)],
        "contacted": [(), (1,), (4,), (5,), (6,), (8.5,), (9.5,)],
        "handoffs": [(), (1,), (4,), (6,), (7.5,), (8.5,), (9.5,), (1, 6), (6, 1), (4, 8.5)],
    },
    ("after", "before", "kept", "never", "unbounded", "handoff"),
)
FACTS = Worlds.of(
    {
        "attributes": [{}, {"k": "v"}, {"k": "w"}, {"k": "v", "l": "w"}, {"l": "w"}],
        "s1": (True, False),
        "s2": (True, False),
    },
    ("pairs", "empty list", "null", "empty and", "strange", "segment"),
)
MIXED = Worlds.of(
    {
        "id": [(each,) for each in (ONE, TWO, THREE, OTHER)],
        "created": [(1,), (4,), (6,), (9,)],
        "emails": ((), ("a@x",)),
        "s1": (True, False),
    },
    ("ids", "text", "after", "kept", "null", "empty and", "segment"),
)
CASES = {
    "lists": Case(
        conditions=(
            ALL, ids(ONE), ids(TWO), ids(TWO, ONE), ids(TWO, THREE), ids(ONE.upper()), ids(), emails("a@x"),
            emails("b@x"),
            emails("a@x", "b@x"), emails("A@x"), emails(), emails(""), emails("", "a@x"), names("a@x"),
        ),
        size=2,
        worlds=LISTS,
        words="same narrower wider disjoint overlapping everyone unknown",
    ),
    "longer lists": Case(
        conditions=(ids(ONE), ids(TWO, ONE), ids(TWO, THREE), emails("a@x"), emails("a@x", "b@x")),
        size=3,
        worlds=LISTS,
        words="same narrower wider disjoint overlapping everyone unknown",
    ),
    "created": Case(
        conditions=(
            between(5), between(None, 5), between(3, 7), between(6, 9), between(NEAR, 9), between(None, NEAR),
            between(4, NEAR), between(), between(7, 3), between(5, 5), ALL,
        ),
        size=2,
        worlds=CREATED,
        words="same narrower wider disjoint overlapping everyone unknown",
    ),
    "ranges in groups": Case(
        conditions=(between(5), between(None, 5), between(3, 7), between(6, 9), between(NEAR)),
        size=3,
        worlds=CREATED,
        words="same narrower wider disjoint overlapping everyone unknown",
    ),
    "contacted": Case(
        conditions=(
            between(5, kind=LAST), between(None, 5, kind=LAST), between(8, 9, kind=LAST), between(kind=LAST),
            between(5, kind=HANDOFF), between(8, 9, kind=HANDOFF), between(3, 7, kind=HANDOFF), between(5),
            between(None, 5),
        ),
        size=2,
        worlds=TOUCHED,
        words="same narrower wider disjoint overlapping everyone unknown",
    ),
    "facts": Case(
        conditions=(
            ALL, STRANGE, segment("s1"), segment("s2"), attributes(), attributes({"k": "v"}), attributes({"k": "w"}),
            attributes({"k": "v"}, {"k": "w"}), attributes({"k": "v", "l": "w"}), attributes({}),
            {"type": "contacts_attributes_in"}, segment(""),
        ),
        size=2,
        worlds=Worlds(
            contacts=tuple({**each, "": False} for each in FACTS.contacts), readings=FACTS.readings
        ),
        words="same narrower wider everyone unknown",
    ),
    "mixed": Case(
        conditions=(ALL, ids(ONE, TWO), ids(TWO, THREE), between(5), between(3, 7), emails("a@x"), segment("s1")),
        size=2,
        worlds=MIXED,
        words="same narrower wider overlapping everyone unknown",
    ),
}  # fmt: skip


def check(case: Case, moves: Mapping[str, Movement] | None = None) -> Counter[str]:
    """Count the words for every pair of filters, after each was checked in all worlds."""
    given = list(filters(case.conditions, case.size))
    read = [read_filter(each) for each in given]
    known: dict[tuple[str, str], int] = {}
    befores, afters = ([case.worlds.bits(each, side, known) for each in given] for side in ("before", "after"))
    leaves_out = [case.worlds.has_someone_outside(bits) for bits in afters]
    seen: Counter[str] = Counter()
    for one, before in enumerate(befores):
        for other, after in enumerate(afters):
            found = compare(read[one], read[other], moves or {})
            seen[found.delta] += 1
            is_true = holds(found.delta, before, after, case.worlds)
            assert is_true, (given[one], given[other], found)
            assert moves_so(found.movement, before, after), (given[one], given[other], found)
            if found.delta not in (AudienceDelta.EVERYONE, AudienceDelta.SAME):
                assert leaves_out[other], (given[one], given[other], found)
    return seen


def holds(delta: AudienceDelta, before: int, after: int, worlds: Worlds) -> bool:
    """What each word claims, in bits."""
    match delta:
        case AudienceDelta.SAME:
            return before == after
        case AudienceDelta.NARROWER:
            return after & ~before == 0
        case AudienceDelta.WIDER:
            return before & ~after == 0
        case AudienceDelta.DISJOINT:
            return before & after == 0
        case AudienceDelta.OVERLAPPING:
            return all(map(worlds.in_each_reading, (before & after, before & ~after, after & ~before)))
        case _:
            return True


def moves_so(movement: Movement, before: int, after: int) -> bool:
    match movement:
        case Movement.STILL:
            return before == after
        case Movement.SHRINKS:
            return after & ~before == 0
        case Movement.GROWS:
            return before & ~after == 0
        case Movement.UNKNOWN:
            return True


@pytest.mark.parametrize("name", CASES)
def test_every_claim_holds_in_every_world(name: str) -> None:
    case = CASES[name]
    assert set(check(case)) == set(case.words.split())


FOLLOWS = {
    Movement.STILL: ((False, False), (True, True)),
    Movement.GROWS: ((False, False), (False, True), (True, True)),
    Movement.SHRINKS: ((False, False), (True, False), (True, True)),
    Movement.UNKNOWN: ((False, False), (False, True), (True, False), (True, True)),
}


@pytest.mark.parametrize("movement", Movement)
def test_every_claim_holds_while_the_sequences_that_filters_name_move(movement: Movement) -> None:
    contacts = [
        {"q1 before": b, "q1 after": a, "q2 before": still, "q2 after": still, "s1": s, "emails": e}
        for b, a in FOLLOWS[movement]
        for still in (False, True)
        for s in (False, True)
        for e in ((), ("a@x",), ("b@x",))
    ]
    readings = Worlds.of({}, ("text", "null", "empty and", "segment")).readings
    case = Case(
        conditions=(
            ALL, after_sequence("q1"), after_sequence("q2"), segment("s1"), emails("a@x"), emails("a@x", "b@x")
        ),
        size=2,
        worlds=Worlds(contacts=tuple(contacts), readings=readings),
        words="same narrower wider everyone unknown",
    )  # fmt: skip
    assert set(check(case, {"q1": movement})) == set(case.words.split())
