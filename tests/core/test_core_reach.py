"""Whom a change can reach, and what of it can still matter: nothing is claimed that could be otherwise."""

from itertools import combinations, permutations, product
from typing import Any

import pytest

from reconciler.model.risk import People
from reconciler.model.sequence import StepTimes
from tests.core.core_values import STEP, where
from tests.core.test_core_assessment import JUNE, MAY, edited


def mail(*, is_transactional: bool) -> dict[str, Any]:
    data = {"email_subject": "Hi", "email_body": "<p>Hi</p>", "email_is_transactional": is_transactional}
    action = {"type": "send_emails", "data": {"from_email": "a@example.org", "email_sender_name": "E", **data}}
    return {"action": action, "delay_in_minutes": 0}


def step(message: str, delay: float = 0) -> dict[str, Any]:
    return {"action": {"type": "send_sms_messages", "data": {"message": message}}, "delay_in_minutes": delay}


TWO = [step("one and more"), step("two and less", 5)]


def reach(status: str | None, times: tuple[StepTimes, ...], *, once: bool, **changes: Any) -> tuple[str, ...]:
    shape = {"steps": TWO, "is_continuous": not once}
    was = {f"was_{key}": value for key, value in shape.items()}
    return edited(status, times, **{**shape, **changes}, **was).reach.sentences


def test_a_step_that_ended_is_past_and_one_that_did_not_begin_is_not() -> None:
    times = (StepTimes(started_at=MAY, ended_at=MAY), StepTimes(started_at=JUNE))
    both = {"steps": [step("one and more!"), step("two and less!", 5)]}
    assert reach("active", times, once=True, steps=[step("one and more!"), TWO[1]]) == (
        "step 1 ended on 12 May 2026: this edit reaches nobody",
    )
    assert reach("active", times, once=False, **both) == (
        "step 1 ended on 12 May 2026: this edit reaches only contacts who come to it later, if any do",
        "step 2 began on 31 May 2026: this edit reaches only contacts who have not had it yet",
    )
    assert reach("active", (StepTimes(), StepTimes()), once=True, **both) == (
        "steps 1, 2 have not begun: this edit reaches whoever comes to it",
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("complete", "it is complete: this edit reaches nobody, as far as is known"),
        ("canceled", "it is canceled: this edit reaches nobody, as far as is known"),
        ("pending", "it has not started: nothing was sent yet, so everything here takes effect"),
        ("odd", "its status is one that this version does not know: what was sent already is not known"),
    ],
)
def test_the_status_says_what_can_still_matter(status: str, said: str) -> None:
    assert reach(status, (), once=True, steps=[TWO[0], step("other")]) == (said,)
    assert reach(status, (), once=True, name="B") == ()


def test_a_removed_step_is_named_as_it_stands_in_live() -> None:
    times = (StepTimes(started_at=MAY, ended_at=MAY), StepTimes())
    assert reach("active", times, once=True, steps=[TWO[1]]) == (
        "it is active: what other steps do to contacts who are in the middle of it is not known",
        "live step 1 ended on 12 May 2026: this edit reaches nobody",
    )
    assert reach("active", (StepTimes(), StepTimes()), once=True, steps=[TWO[0]])[1:] == (
        "live step 2 has not begun: nobody comes to it any more",
    )


@pytest.mark.parametrize("odd", ["yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "::error::x"])
@pytest.mark.parametrize("which", ["started_at", "ended_at"])
def test_a_time_that_is_none_proves_nothing(odd: str, which: str) -> None:
    times = (StepTimes(**{"started_at": MAY, which: odd}), StepTimes())
    said = reach("active", times, once=True, steps=[step("x"), TWO[1]])
    assert said == (
        "step 1 has begun or ended at a time that cannot be read: whom this edit still reaches is not known",
    )


@pytest.mark.parametrize(
    "more",
    [{"is_continuous": True}, {"filter": where({"type": "all_contacts"})}, {"steps": [step("x"), TWO[1], step("new")]}],
)
def test_nothing_is_over_where_the_same_change_may_bring_people_back(more: dict[str, Any]) -> None:
    ended = (StepTimes(started_at=MAY, ended_at=MAY),) * 2
    changes = {"once": True, "steps": [step("x"), TWO[1]], **more}
    assert not any("reaches nobody" in each for each in reach("active", ended, **changes))
    assert reach("complete", (), **changes) == ("it is complete: whether this edit makes it send again is not known",)


def test_what_is_complete_and_may_send_again_may_reach_someone_new() -> None:
    was = {"was_steps": TWO, "was_is_continuous": False, "is_continuous": False}
    longer, other = [*TWO, step("new")], [step("one and more!"), TWO[1]]
    assert edited("complete", (), steps=longer, **was).reach.people is People.SOMEONE_NEW
    assert edited("complete", (), steps=other, **was).reach.people is People.NOBODY_NEW
    assert edited("canceled", (), steps=longer, **was).reach.people is People.NOBODY_NEW


def test_pending_is_not_believed_where_a_step_has_begun() -> None:
    said = reach("pending", (StepTimes(started_at=MAY),), once=True, steps=[step("x"), TWO[1]])
    assert said == ("it is pending, and yet a step of it has begun: what was sent already is not known",)


# --- who can be reached -----------------------------------------------------------------------------------------------

# A kind of message, and whether it needs consent; a contact has what some of them need.
NEEDS = {
    "sms": frozenset({"phone"}),
    "call": frozenset({"line"}),
    "mail": frozenset({"address", "consent"}),
    "notice": frozenset({"address"}),
}
STEPS_OF = {
    "sms": STEP,
    "call": {"action": {"type": "make_phone_calls", "data": {"aiPhoneAgentId": "1"}}, "delay_in_minutes": 0},
    "mail": mail(is_transactional=False),
    "notice": mail(is_transactional=True),
}
CONTACTS = [
    frozenset(each) for size in range(5) for each in combinations(["phone", "line", "address", "consent"], size)
]


def reached(kinds: tuple[str, ...], contact: frozenset[str], *, goes_on: bool) -> bool:
    """Whether a contact gets any message: from any step, or only if the first one can be sent."""
    fits = [NEEDS[kind] <= contact for kind in kinds]
    return any(fits) if goes_on else any(fits[:1])


def test_nobody_new_is_claimed_only_where_nobody_who_could_not_be_reached_can_be() -> None:
    """Every sequence of up to two steps into every other, for every contact, however the server goes on."""
    sequences = [each for size in (1, 2) for each in product(NEEDS, repeat=size)]
    said = set()
    for was, becomes in permutations(sequences, 2):
        found = edited(was_steps=[STEPS_OF[kind] for kind in was], steps=[STEPS_OF[kind] for kind in becomes])
        joins = any(
            reached(becomes, contact, goes_on=goes_on) and not reached(was, contact, goes_on=goes_on)
            for contact in CONTACTS
            for goes_on in (True, False)
        )
        said.add(found.reach.people)
        assert not (joins and found.reach.people is People.NOBODY_NEW), (was, becomes)
    assert said == {People.NOBODY_NEW, People.SOMEONE_NEW}


@pytest.mark.parametrize(("key", "people"), [("from_email", "someone new"), ("email_sender_name", "nobody new")])
def test_another_address_reaches_who_opted_out_of_the_one_before(key: str, people: str) -> None:
    plain = mail(is_transactional=False)
    other = {**plain, "action": {**plain["action"], "data": {**plain["action"]["data"], key: "other@example.org"}}}
    assert edited(was_steps=[plain], steps=[other]).reach.people == people


def test_a_channel_that_is_added_says_so() -> None:
    found = edited(was_steps=[STEP], steps=[STEP, mail(is_transactional=False)])
    assert found.reach.people is People.SOMEONE_NEW
    assert any("by another channel" in each for each in found.reasons)
    assert edited(was_steps=[STEP], steps=[STEP, STEP]).reach.people is People.NOBODY_NEW
