"""Exit codes: the contract's numbers, one for each kind of failure, and the gravest of several."""

import itertools

import pytest

from reconciler import errors
from reconciler.errors import GRAVITY, ExitCode, ReconcilerError, gravest

KINDS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, ReconcilerError)]


def test_the_numbers_are_the_contracts() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "DONE": 0,
        "INTERNAL": 1,
        "DIFFERENCES": 2,
        "INVALID": 3,
        "REFUSED_CONFIGURATION": 4,
        "STATE_UNUSABLE": 5,
        "LOCKED": 6,
        "REFUSED": 7,
        "PARTIAL": 8,
        "UNKNOWN": 9,
        "UNAVAILABLE": 10,
        "USAGE": 64,
        "INTERRUPTED": 130,
        "TERMINATED": 143,
    }


def test_the_order_of_gravity_is_the_contracts() -> None:
    assert [int(code) for code in GRAVITY] == [9, 5, 8, 7, 4, 10]


@pytest.mark.parametrize(("graver", "milder"), list(itertools.combinations(GRAVITY, 2)))
def test_the_graver_of_two_wins_in_either_order(graver: ExitCode, milder: ExitCode) -> None:
    assert gravest([graver, milder]) is graver
    assert gravest(iter([milder, graver, milder])) is graver


@pytest.mark.parametrize("named", GRAVITY)
def test_a_code_without_a_rank_is_milder_than_any_with_one(named: ExitCode) -> None:
    for other in set(ExitCode) - set(GRAVITY):
        assert gravest([other, named]) is named


def test_nothing_wrong_is_done_and_one_thing_is_itself() -> None:
    assert gravest([]) is ExitCode.DONE
    for code in ExitCode:
        assert gravest([code]) is code
        assert gravest([ExitCode.DONE, code]) is code


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_error_has_a_message_a_hint_a_kind_and_a_code(kind: type[ReconcilerError]) -> None:
    error = kind("the state is broken", hint="bring back a copy")
    assert (str(error), error.message, error.hint) == (
        "the state is broken",
        "the state is broken",
        "bring back a copy",
    )
    assert error.exit_code in ExitCode
    assert kind is ReconcilerError or error.exit_code is not ExitCode.INTERNAL
    assert kind("x").hint is None


def test_two_errors_are_of_one_kind_only_where_one_is_a_special_case_of_the_other() -> None:
    assert len({each.kind for each in KINDS}) >= 7
    for one, other in itertools.combinations(KINDS, 2):
        assert one.kind != other.kind or issubclass(one, other) or issubclass(other, one)
