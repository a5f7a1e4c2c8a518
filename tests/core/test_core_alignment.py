"""Steps side by side: an insertion is an insertion, and every step of both lists comes up once."""

import json
import string
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.alignment import align
from reconciler.core.likeness import likenesses
from reconciler.model.jsonvalue import ABSENT, strictly_equal
from reconciler.model.pointer import replaced, value_at
from reconciler.model.risk import StepChange, StepKind
from tests.core.core_values import PATIENT, STEPS


def email(text: str, delay: float = 0) -> dict[str, Any]:
    data = {"email_subject": text, "email_body": f"<p>{text}, {text}</p>", "email_is_transactional": False}
    return {"action": {"type": "send_emails", "data": data}, "delay_in_minutes": delay}


def call(agent: str, delay: float = 0) -> dict[str, Any]:
    return {"action": {"type": "make_phone_calls", "data": {"aiPhoneAgentId": agent}}, "delay_in_minutes": delay}


A, B, C = email("Welcome to Fernleaf"), email("Three habits for the first week", 60), email("Your plants miss you", 30)
NEW, AGENT = email("Half price until Sunday", 5), call("agent-1", 10)
A_EDITED = email("Welcome to Fernleaf again")
B_LATER = {**B, "delay_in_minutes": 90}


def drawn(steps: tuple[StepChange, ...]) -> str:
    """`0` same, `0~` edited, `+` inserted, `-0` removed, `^0` moved; by position before."""
    marks = {StepKind.SAME: "{}", StepKind.EDITED: "{}", StepKind.MOVED: "^{}", StepKind.INSERTED: "+"}
    return " ".join(
        {**marks, StepKind.REMOVED: "-{}"}[each.kind].format(each.before) + "~" * bool(each.edits) for each in steps
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([A, B, C], [A, B, C], "0 1 2", id="nothing"),
        pytest.param([A, B, C], [A, NEW, B, C], "0 + 1 2", id="inserted in the middle"),
        pytest.param([A, B, C], [NEW, A, B, C], "+ 0 1 2", id="inserted first"),
        pytest.param([A, B, C], [A, B, C, NEW], "0 1 2 +", id="appended"),
        pytest.param([A, B, C], [A, NEW, AGENT, B, C], "0 + + 1 2", id="two inserted"),
        pytest.param([A, B, C], [A, C], "0 -1 2", id="removed"),
        pytest.param([A, B, C], [B, C], "-0 1 2", id="first removed"),
        pytest.param([A, B, C], [A_EDITED, B, C], "0~ 1 2", id="edited"),
        pytest.param([A, B, C], [NEW, A_EDITED, B_LATER, C], "+ 0~ 1~ 2", id="inserted, and others edited"),
        pytest.param([A, B, C], [A_EDITED, C], "0~ -1 2", id="removed, and another edited"),
        pytest.param([A, B, C], [NEW, A, B], "+ 0 1 -2", id="one in, another out"),
        pytest.param([A, B, C], [C, A, B], "^2 0 1", id="last first"),
        pytest.param([A, B, C], [B, C, A], "1 2 ^0", id="first last"),
        pytest.param([A, B, C], [{**C, "delay_in_minutes": 1}, A, B], "^2~ 0 1", id="moved and sent at another time"),
        pytest.param([A, B], [B, A], "1 ^0", id="swapped"),
        pytest.param([A, B, C, NEW], [B, A, NEW, C], "1 ^0 3 ^2", id="two swapped twice"),
        pytest.param([A, B], [B_LATER, A], "1~ ^0", id="swapped, and one edited"),
        pytest.param([A, B, C], [C, B_LATER, A], "2 ^1~ ^0", id="turned round, and one edited"),
        pytest.param([A, B, A, C], [C, A, B, A], "^3 0 1 2", id="moved past two that are equal"),
        pytest.param([A, B], [A, AGENT], "0 1~", id="another channel in its place"),
        pytest.param([A], [NEW], "0~", id="all of the copy"),
        pytest.param([A], [A, A], "0 +", id="doubled"),
        pytest.param([A, A], [A], "0 -1", id="one of two"),
        pytest.param([], [A], "+", id="from nothing"),
        pytest.param([A], [], "-0", id="to nothing"),
    ],
)
def test_steps_are_aligned_by_likeness(before: list[Any], after: list[Any], expected: str) -> None:
    assert drawn(align(before, after)) == expected


def test_shifted_times_are_those_of_all_delays_up_to_a_step() -> None:
    steps = align([A, B, C], [A, AGENT, B, C])
    assert [(each.sent_before, each.sent_after, each.is_shifted) for each in steps] == [
        (0, 0, False), (None, 10, False), (60, 70, True), (90, 100, True),
    ]  # fmt: skip
    odd = align([A, {**B, "delay_in_minutes": "soon"}, C], [A, {**B, "delay_in_minutes": True}, C])
    assert [(each.sent_before, each.sent_after) for each in odd] == [(0, 0), (None, None), (None, None)]
    fractions = align([email("a", 0.1), email("b", 0.2)], [email("a", 0.1), email("b", 0.2), C])
    assert fractions[1].sent_after == 0.3


def test_an_edit_says_where_in_the_step_and_what() -> None:
    (edit,) = align([A], [{**A, "action": {**A["action"], "data": {**A["action"]["data"], "extra": None}}}])[0].edits
    assert (edit.path, edit.before, edit.after) == (("action", "data", "extra"), ABSENT, None)


def test_very_many_steps_that_all_differ_are_compared_by_position_only() -> None:
    before, after = ([email(f"{word} {number}") for number in range(150)] for word in ("old", "new"))
    expected = ["0", *(f"{number}~" for number in range(1, 151)), "+", "151"]
    assert drawn(align([A, *before, B], [A, *after, NEW, B])) == " ".join(expected)
    assert [each.kind for each in align([], after)] == [StepKind.INSERTED] * 150


@PATIENT
@given(st.lists(st.sampled_from(string.ascii_lowercase), unique=True, min_size=1, max_size=7), st.data())
def test_steps_that_only_change_places_are_read_as_moves_only(letters: list[str], data: st.DataObject) -> None:
    # As alike as steps of one sequence are: the same words but one, or all of them and another delay.
    drawn_ = st.sampled_from([f"Dear reader, here is chapter {each}" for each in letters])
    before = [email(data.draw(drawn_), number) for number in range(len(letters))]
    order = data.draw(st.permutations(range(len(before))))
    steps = align(before, [before[each] for each in order])
    assert {each.kind for each in steps} <= {StepKind.SAME, StepKind.MOVED}
    assert [each.before for each in steps] == order
    assert not any(each.edits for each in steps)
    assert (StepKind.MOVED in {each.kind for each in steps}) is (order != sorted(order))
    moved = sum(each.kind is StepKind.MOVED for each in steps)
    longest = max(
        size for size in range(1, len(order) + 1) for kept in combinations(order, size) if list(kept) == sorted(kept)
    )
    assert moved == len(order) - longest


@PATIENT
@given(STEPS, STEPS)
def test_every_step_comes_up_once_and_the_edits_make_one_of_the_other(before: list[Any], after: list[Any]) -> None:
    steps = align(before, after)
    assert sorted(each.before for each in steps if each.before is not None) == list(range(len(before)))
    assert [each.after for each in steps if each.after is not None] == list(range(len(after)))
    assert steps == align(json.loads(json.dumps(before)), json.loads(json.dumps(after)))
    for each in steps:
        if each.before is None or each.after is None:
            assert not each.edits
            continue
        was, becomes = before[each.before], after[each.after]
        assert strictly_equal(was, becomes) is (not each.edits)
        for edit in each.edits:
            assert strictly_equal(value_at(was, edit.path), edit.before)
            assert strictly_equal(value_at(becomes, edit.path), edit.after)


@PATIENT
@given(STEPS, st.data())
def test_a_list_that_lost_a_step_lost_that_one_or_its_equal(before: list[Any], data: st.DataObject) -> None:
    if before:
        position = data.draw(st.integers(0, len(before) - 1))
        after = before[:position] + before[position + 1 :]
        changed = [each for each in align(before, after) if each.kind is not StepKind.SAME]
        assert [each.kind for each in changed] == [StepKind.REMOVED]
        assert strictly_equal(changed[0].removed, before[position])


def test_likeness_is_highest_for_the_same_and_lowest_for_another_channel() -> None:
    ((same, edited, other, channel),) = likenesses([A], [A, A_EDITED, NEW, AGENT])
    assert same > edited > other > channel > 0


def test_a_path_of_an_edit_can_be_written_back() -> None:
    (step,) = align([A], [A_EDITED])
    value: Any = A
    for edit in step.edits:
        value = replaced(value, edit.path, edit.after)
    assert strictly_equal(value, A_EDITED)
