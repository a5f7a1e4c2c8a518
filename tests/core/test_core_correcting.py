"""Which drift may be set back: by class, once in a day for a field, and never in part."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.correcting import decide, marked, settled
from reconciler.model.change import Action
from reconciler.model.drift import Drifted, DriftedField
from reconciler.model.look import Look, Standing
from reconciler.model.outcome import Outcome, Status
from reconciler.model.pointer import parse_pointer
from reconciler.model.risk import RiskClass
from tests.core.core_values import PATIENT

NOW = "2026-01-02T12:00:00Z"
WITHIN_A_DAY = "2026-01-01T12:00:02Z"
A_DAY_AGO = "2026-01-01T11:59:59Z"
FIELD = "/steps/0/action/data/message"


def drifted(
    *pointers: str, risk: RiskClass = RiskClass.R1, is_orphan: bool | None = False, status: str | None = None
) -> Drifted:
    fields = tuple(
        DriftedField(path=tuple(int(p) if p.isdigit() else p for p in parse_pointer(each)), recorded=1, live=2)
        for each in pointers or (FIELD,)
    )
    return Drifted(
        custom_id="a", id="i", status=status, read_before=None, fields=fields, risk=risk, is_orphan=is_orphan
    )


def outcome(status: Status) -> Outcome:
    return Outcome(custom_id="a", id="i", action=Action.UPDATE, status=status)


@pytest.mark.parametrize("risk", RiskClass)
@pytest.mark.parametrize("allowed", [None, *RiskClass])
def test_only_what_the_environment_allows_is_set_back(risk: RiskClass, allowed: RiskClass | None) -> None:
    decided = decide([drifted(risk=risk)], {}, allowed=allowed, now=NOW)
    may = allowed is not None and risk <= allowed
    assert decided.names == (("a",) if may else ())
    assert [each.custom_id for each in decided.left] == ([] if may else ["a"])


def test_an_orphan_is_left_for_somebody_to_decide_about() -> None:
    assert (
        "no manifest asks for it" in decide([drifted(is_orphan=True)], {}, allowed=RiskClass.R4, now=NOW).left[0].reason
    )


@pytest.mark.parametrize("status", ["complete", "canceled"])
def test_what_has_ended_is_left_unless_it_is_asked_for(status: str) -> None:
    found = [drifted(status=status)]
    assert f"it is {status}" in decide(found, {}, allowed=RiskClass.R4, now=NOW).left[0].reason
    assert decide(found, {}, allowed=RiskClass.R4, now=NOW, ended_too=True).names == ("a",)
    assert decide(found, {}, allowed=None, now=NOW, ended_too=True).names == ()


@pytest.mark.parametrize("corrected", [FIELD, "/steps/0", "/steps", FIELD + "/deeper"])
def test_a_field_that_moves_again_within_a_day_is_reported_and_the_whole_sequence_left(corrected: str) -> None:
    looks = {"i": Look(corrected={corrected: WITHIN_A_DAY})}
    decided = decide([drifted("/name", FIELD)], looks, allowed=RiskClass.R1, now=NOW)
    assert decided.names == ()
    assert f"`{FIELD}` moved again after it was set back at {WITHIN_A_DAY}" in decided.left[0].reason
    later = {"i": Look(corrected={corrected: A_DAY_AGO})}
    assert decide([drifted("/name", FIELD)], later, allowed=RiskClass.R1, now=NOW).names == ("a",)


@pytest.mark.parametrize("moment", ["2026-01-05T00:00:00Z", "no moment"])
def test_a_moment_that_cannot_be_told_is_no_leave_to_write(moment: str) -> None:
    looks = {"i": Look(corrected={FIELD: moment})}
    assert decide([drifted()], looks, allowed=RiskClass.R1, now=NOW).names == ()


def test_another_field_of_the_same_sequence_may_be_set_back_meanwhile() -> None:
    looks = {"i": Look(corrected={"/name": WITHIN_A_DAY, "/steps/1": WITHIN_A_DAY})}
    assert decide([drifted()], looks, allowed=RiskClass.R1, now=NOW).names == ("a",)


def test_the_marks_are_there_before_the_write_and_only_what_was_not_written_takes_them_back() -> None:
    before = {"i": Look(read="T", standing=Standing.DRIFTED, paths=(FIELD,), corrected={"/name": A_DAY_AGO})}
    marks = marked([drifted()], before, now=NOW)
    assert marks["i"].corrected == {FIELD: NOW}
    for status in Status:
        after = {**before, **marks, **settled([outcome(status)], before, marks, now="LATER")}["i"]
        written = status in (Status.APPLIED, Status.DIFFERENT, Status.UNVERIFIED, Status.UNKNOWN)
        assert after.corrected == ({FIELD: "LATER"} if written else {"/name": A_DAY_AGO})
        assert (after.standing is Standing.IN_STEP) is (status is Status.APPLIED)


def test_a_day_begins_with_the_write_which_may_leave_long_after_the_mark_and_others_keep_theirs() -> None:
    before = {"i": Look(corrected={"/name": WITHIN_A_DAY})}
    marks = marked([drifted()], before, now=NOW)
    after = settled([outcome(Status.UNKNOWN)], before, marks, now="2026-01-02T12:10:00Z")["i"]
    assert after.corrected == {"/name": WITHIN_A_DAY, FIELD: "2026-01-02T12:10:00Z"}
    too_early = decide([drifted()], {"i": after}, allowed=RiskClass.R1, now="2026-01-03T12:05:00Z")
    assert "insists" in too_early.left[0].reason


@PATIENT
@given(
    edits=st.lists(st.sampled_from(["", "/name", FIELD, "/steps/1"]), min_size=50, max_size=200),
    statuses=st.lists(st.sampled_from(Status), min_size=200, max_size=200),
    hours=st.integers(1, 30),
)
def test_no_field_is_written_twice_within_a_day_whoever_insists_and_whatever_comes_of_it(
    edits: list[str], statuses: list[Status], hours: int
) -> None:
    """A schedule for weeks on end, somebody who edits as they please, and writes that end in any way."""
    looks: dict[str, Look] = {}
    written: dict[str, datetime] = {}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for edit, status in zip(edits, statuses, strict=False):
        now += timedelta(hours=hours)
        moment = now.isoformat().replace("+00:00", "Z")
        found = [drifted(edit)] if edit else []
        for name in decide(found, looks, allowed=RiskClass.R1, now=moment).names:
            assert name == "a"
            assert edit not in written or now - written[edit] >= timedelta(hours=24)
            marks = marked(found, looks, now=moment)
            looks = {**looks, **marks, **settled([outcome(status)], looks, marks, now=moment)}
            if status not in (Status.REJECTED, Status.NOT_SENT, Status.SKIPPED):
                written[edit] = now
