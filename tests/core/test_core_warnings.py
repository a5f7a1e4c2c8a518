"""What a plan warns of without refusing anything."""

from dataclasses import replace

from reconciler.core.planner import build_plan
from reconciler.model.plan import Plan, Refresh
from reconciler.model.settings import SANDBOX
from reconciler.model.state import Pending
from tests.core.core_values import desired, live, payload, record, snapshot, uuid


def rules(plan: Plan) -> list[str]:
    return [warning.rule for warning in plan.warnings]


def test_the_first_state_is_announced_where_real_people_are_reached() -> None:
    taken = snapshot(desired(name="A"))
    assert taken.state is None
    real = replace(taken, request=replace(taken.request, endpoint="https://api.open.cx"))
    embedded = replace(taken, request=replace(taken.request, endpoint=SANDBOX))
    assert rules(build_plan(real)) == ["first-state"]
    assert rules(build_plan(embedded)) == []


def test_handing_off_what_is_not_there_is_pointed_out() -> None:
    plan = build_plan(snapshot(desired(ignore=("/name", "/nome", "/steps/9")), records={"a": record()}))
    assert rules(plan) == ["ignore-nowhere", "ignore-nowhere"]
    assert "`/nome`" in plan.warnings[0].message


def test_an_update_that_nobody_knows_the_end_of_is_pointed_out_until_it_is_read() -> None:
    pending = {"a": Pending(payload=payload(name="B"), since="T", id=uuid("a"))}
    offline = build_plan(snapshot(desired(), records={"a": record()}, pending=pending, refresh=Refresh.NONE))
    assert rules(offline) == ["unsettled-update"]
    assert "`reconciler plan --refresh changed`" in offline.warnings[0].message
    read = build_plan(snapshot(desired(), records={"a": record()}, pending=pending, readings={"a": live()}))
    assert rules(read) == []
    left = build_plan(snapshot(records={"a": record()}, pending=pending, readings={"a": live()}))
    assert rules(left) == ["unsettled-update"]
    assert "stays as it is" in left.warnings[0].message
    elsewhere = build_plan(snapshot(desired("b"), records={"a": record()}, pending=pending, only=("b",)))
    assert rules(elsewhere) == []
