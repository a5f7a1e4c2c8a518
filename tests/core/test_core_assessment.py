"""What plans say of the people who are written to: classes in whole plans, who follows whom, what can still matter."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Snapshot
from reconciler.model.change import Action, Change
from reconciler.model.plan import Plan, Refresh
from reconciler.model.risk import Affected, Assessment, AudienceDelta, People, RiskClass, StepKind
from reconciler.model.sequence import Desired, Gone, Live, Payload, Record, SequenceStatus, StepTimes
from tests.core.core_values import BODIES, PATIENT, SEGMENT, STEP, desired, live, record, snapshot, uuid, where

TAGS = {"type": "contacts_attributes_in", "attributes": [{"plan": "pro"}]}
MORE_TAGS = {"type": "contacts_attributes_in", "attributes": [{"plan": "pro"}, {"plan": "free"}]}
MAY, JUNE = "2026-05-12T10:00:00.000Z", "2026-06-01T00:00:00+02:00"


def after(name: str) -> dict[str, Any]:
    return {"type": "contacts_affected_by_sequence", "sequence_id": uuid(name)}


def of(plan: Plan, name: str = "a") -> Assessment:
    listed: list[Change | Affected] = [*plan.changes, *plan.affected]
    found = next(each.assessment for each in listed if each.custom_id == name)
    assert found is not None
    return found


def edited(status: str | None = "active", times: tuple[StepTimes, ...] = (), **changes: Any) -> Assessment:
    """The assessment of an edit of a sequence that was read, and has the filter and the step of the small values."""
    was = {key[4:]: changes.pop(key) for key in list(changes) if key.startswith("was_")}
    seen = replace(live(**was), status=status, times=times)
    return of(build_plan(snapshot(desired(**changes), records={"a": record(**was)}, readings={"a": seen})))


# --- actions ----------------------------------------------------------------------------------------------------------


def test_a_create_is_new_to_everybody_it_reaches() -> None:
    found = of(build_plan(snapshot(desired())))
    assert (found.risk, found.audience, found.reach.people) == ("R3", "wider", People.SOMEONE_NEW)
    assert found.reach.sentences == ("it may begin to send as soon as it is created",)
    everyone = of(build_plan(snapshot(desired(filter=None))))
    assert (everyone.risk, everyone.audience, everyone.reach.people) == ("R4", "everyone", People.EVERYONE)
    assert everyone.reasons[0] == "the filter can match every contact"


def test_what_writes_nothing_has_no_risk() -> None:
    orphan = of(build_plan(snapshot(records={"a": record()})))
    assert (orphan.risk, orphan.audience, orphan.reach.people) == ("R0", None, People.NOBODY_NEW)
    kept = build_plan(snapshot(desired(name="B"), records={"a": record()}, readings={"a": live(name="B")}))
    assert [each.action for each in kept.changes] == [Action.KEEP]
    adopted = build_plan(snapshot(desired(), readings={"a": live()}, adopt=True))
    assert [each.action for each in adopted.changes] == [Action.ADOPT]
    assert (of(kept).risk, of(adopted).risk, kept.risk) == ("R0", "R0", "R0")
    assert all(each.reasons[0].startswith("nothing is written") for each in (orphan, of(kept), of(adopted)))


def test_an_adopt_is_classed_by_what_it_would_change_in_live() -> None:
    plan = build_plan(snapshot(desired(), readings={"a": live(filter=where(SEGMENT, TAGS))}, adopt=True))
    assert (of(plan).risk, of(plan).audience) == ("R4", "wider")


def test_a_rename_changes_a_label() -> None:
    plan = build_plan(snapshot(desired("b", renamed_from="a"), records={"a": record()}))
    assert [each.action for each in plan.changes] == [Action.RENAME]
    assert of(plan, "b").risk == "R0"


def test_drift_is_classed_by_what_live_would_become_not_by_what_was_recorded() -> None:
    seen = live(filter=where(SEGMENT, TAGS))
    plan = build_plan(snapshot(desired(), records={"a": record()}, readings={"a": seen}))
    assert of(plan).audience == "wider"


def test_a_plan_has_the_gravest_class_of_what_it_changes_and_affects() -> None:
    assert build_plan(snapshot()).risk == "R0"
    both = snapshot(desired("a", name="B"), desired("b", steps=[STEP, STEP]), records={n: record(n) for n in "ab"})
    plan = build_plan(both)
    assert ([of(plan, each).risk for each in "ab"], plan.risk) == (["R0", "R4"], "R4")


# --- audience and status ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "wider", "narrower", "inserted"),
    [
        ("active", "R4", "R3", "R4"),
        ("pending", "R3", "R3", "R3"),
        ("complete", "R3", "R3", "R3"),
        ("canceled", "R3", "R3", "R3"),
        (None, "R4", "R3", "R4"),
        ("of next year", "R4", "R3", "R4"),
    ],
)
def test_the_class_depends_on_the_status(status: str | None, wider: str, narrower: str, inserted: str) -> None:
    assert edited(status, filter=where(SEGMENT), was_filter=where(SEGMENT, TAGS)).risk == wider
    assert edited(status, filter=where(SEGMENT, TAGS)).risk == narrower
    assert edited(status, steps=[STEP, STEP]).risk == inserted


def test_a_status_that_state_remembers_is_no_proof_that_nothing_is_sent() -> None:
    remembered = replace(record(), status="pending")
    plan = build_plan(snapshot(desired(steps=[STEP, STEP]), records={"a": remembered}))
    assert (of(plan).risk, of(plan).reach.status, of(plan).reach.is_read) == ("R4", "pending", False)
    assert "it was pending when it was last read" in of(plan).reach.sentences[0]


def test_a_word_of_the_servers_that_is_no_status_goes_nowhere() -> None:
    found = edited("ada@example.org", steps=[STEP, STEP])
    assert found.reach.status is None
    assert "ada" not in repr(found)


def test_the_audience_is_said_where_a_filter_is_concerned_and_nowhere_else() -> None:
    assert edited(name="B").audience is None
    assert edited(filter=where(SEGMENT, TAGS)).audience is AudienceDelta.NARROWER
    respelled = edited(filter=where(SEGMENT, SEGMENT))
    assert (respelled.audience, respelled.risk, respelled.reach.people) == ("same", "R0", People.NOBODY_NEW)


def test_reasons_quote_nobody() -> None:
    addressed = where({"type": "contacts_email_in", "email_in": ["ada@example.org"]})
    found = edited(filter=addressed, steps=[{**STEP, "action": {"type": "x", "data": {"to": "grace@example.org"}}}])
    assert "example.org" not in repr((found.reasons, found.reach))


# --- who follows ------------------------------------------------------------------------------------------------------


def chain(*wanted: Desired, **asked: Any) -> Plan:
    """A plan over `a`, which `b` names, which `c` names; `d` names nobody."""
    filters = {"a": where(SEGMENT, TAGS), "b": where(after("a"), SEGMENT), "c": where(after("b")), "d": where(SEGMENT)}
    changed = {each.custom_id: each for each in wanted}
    manifests = [changed.get(name) or desired(name, filter=filter_) for name, filter_ in filters.items()]
    return build_plan(
        snapshot(*manifests, records={name: record(name, filter=each) for name, each in filters.items()}, **asked)
    )


@pytest.mark.parametrize(
    ("filter_", "word", "risk"),
    [
        (where(SEGMENT), "wider", "R4"),
        (where(SEGMENT, TAGS, MORE_TAGS), None, None),
        (where(SEGMENT, TAGS, {"type": "contact_belongs_to_segment", "segment_id": "s2"}), "narrower", "R3"),
        (where({"type": "contact_belongs_to_segment", "segment_id": "s2"}), "unknown", "R4"),
    ],
)
def test_whoever_names_a_moving_sequence_is_affected_over_any_number_of_steps(
    filter_: Any, word: str | None, risk: str | None
) -> None:
    plan = chain(desired("a", filter=filter_))
    assert [each.custom_id for each in plan.changes] == ["a"]
    assert plan.kept == 3
    found = [(each.custom_id, each.assessment.audience, each.assessment.risk) for each in plan.affected]
    assert found == ([] if word is None else [("b", word, risk), ("c", word, risk)])
    assert [each.assessment.affected_by for each in plan.affected] == [("a",), ("b",)][: len(found)]


def test_becoming_continuous_moves_an_audience_and_ceasing_to_be_does() -> None:
    for was, becomes, word in ((True, False, "narrower"), (False, True, "wider")):
        plan = build_plan(
            snapshot(
                desired("a", is_continuous=becomes),
                desired("b", filter=where(after("a"))),
                records={"a": record("a", is_continuous=was), "b": record("b", filter=where(after("a")))},
            )
        )
        assert [(each.custom_id, each.assessment.audience) for each in plan.affected] == [("b", word)]
        assert of(plan, "a").audience is None


@pytest.mark.parametrize("changes", [{"name": "B"}, {"steps": [STEP, STEP]}, {"filter": where(SEGMENT, TAGS, TAGS)}])
def test_nobody_is_affected_where_no_audience_moves(changes: dict[str, Any]) -> None:
    assert chain(desired("a", **{"filter": where(SEGMENT, TAGS), **changes})).affected == ()


def test_a_selection_hides_nobody_who_is_affected() -> None:
    plan = chain(desired("a", filter=where(SEGMENT)), desired("c", filter=where(after("b"), TAGS)), only=("a",))
    assert [each.custom_id for each in plan.changes] == ["a"]
    assert [each.custom_id for each in plan.affected] == ["b", "c"]


def test_a_change_that_is_affected_too_says_by_whom_and_counts_both() -> None:
    plan = chain(desired("a", filter=where(SEGMENT)), desired("b", name="B", filter=where(after("a"), SEGMENT)))
    assert (of(plan, "b").audience, of(plan, "b").affected_by, of(plan, "b").risk) == ("wider", ("a",), "R4")
    assert [each.custom_id for each in plan.affected] == ["c"]
    against = chain(desired("a", filter=where(SEGMENT)), desired("b", filter=where(after("a"), SEGMENT, TAGS)))
    assert of(against, "b").audience == "unknown"
    along = chain(desired("a", filter=where(SEGMENT)), desired("b", filter=where(after("a"))))
    assert of(along, "b").audience == "wider"


def test_no_claim_rests_on_a_sequence_whose_steps_change() -> None:
    steps_of_a = desired("a", filter=where(SEGMENT, TAGS), steps=[STEP, STEP])
    plan = chain(steps_of_a, desired("b", filter=where(after("a"), SEGMENT, TAGS)))
    assert (of(plan, "b").audience, of(plan, "b").affected_by) == ("unknown", ())
    copy_of_a = desired("a", filter=where(SEGMENT, TAGS), name="B")
    assert of(chain(copy_of_a, desired("b", filter=where(after("a"), SEGMENT, TAGS))), "b").audience == "narrower"


def test_an_orphan_that_follows_is_no_longer_without_risk() -> None:
    plan = build_plan(
        snapshot(
            desired("a", filter=where(SEGMENT)),
            records={"a": record("a", filter=where(SEGMENT, TAGS)), "o": record("o", filter=where(after("a")))},
        )
    )
    assert [each.custom_id for each in plan.changes] == ["a", "o"]
    assert (of(plan, "o").risk, of(plan, "o").affected_by, plan.affected) == ("R4", ("a",), ())


def test_one_that_is_gone_follows_nobody() -> None:
    assert chain(desired("a", filter=where(SEGMENT)), readings={"b": Gone()}).affected == ()


def test_sequences_that_name_each_other_in_a_circle_settle() -> None:
    circle = {"a": where(SEGMENT, TAGS), "b": where(after("c")), "c": where(after("b"), after("a"))}
    records = {name: record(name, filter=filter_) for name, filter_ in circle.items()}
    wanted = [desired("a", filter=where(SEGMENT)), *(desired(name, filter=circle[name]) for name in "bc")]
    plan = build_plan(snapshot(*wanted, records=records))
    assert [(each.custom_id, each.assessment.audience) for each in plan.affected] == [("b", "wider"), ("c", "wider")]


# --- everything has a class -------------------------------------------------------------------------------------------


def world(before: dict[str, Any], after_: dict[str, Any], status: str | None, *, is_read: bool) -> Snapshot:
    wanted = replace(desired(), payload=Payload.of({"custom_id": "a", "is_continuous": True, **after_}))
    was = Payload.of({"custom_id": "a", **before})
    seen = Live(id=uuid("a"), org_id="org-ours", payload=was, status=status, times=(StepTimes(started_at=MAY),))
    return snapshot(
        wanted,
        records={"a": Record(id=uuid("a"), applied=was, status=status)},
        readings={"a": seen} if is_read else {},
        refresh=Refresh.ALL if is_read else Refresh.NONE,
    )


@PATIENT
@given(BODIES, BODIES, st.sampled_from(SequenceStatus) | st.none(), st.booleans())
def test_whatever_a_sequence_was_its_change_has_a_class_and_reasons(
    before: dict[str, Any], wanted: dict[str, Any], status: str | None, is_read: bool
) -> None:
    valid = {**wanted, "filter": where(SEGMENT), "steps": [each for each in wanted["steps"] if isinstance(each, dict)]}
    plan = build_plan(world(before, valid, status, is_read=is_read))
    for change in plan.changes:
        assert change.assessment is not None
        assert change.assessment.risk in tuple(RiskClass)
        assert all(change.assessment.reasons)
        kinds = {each.kind for each in change.assessment.steps}
        assert not kinds or kinds != {StepKind.SAME} or change.assessment.is_restructured
