"""What somebody answers for when a plan is applied: its risk, and the guards that it overrides."""

from dataclasses import replace

from reconciler.app.approve import Approved
from reconciler.core.guarding.acknowledgement import Acknowledgement, unacknowledged
from reconciler.model.guards import Guards
from reconciler.model.state import Begun, UsedOverride, UsedPlan


def acknowledging(approved: Approved, guards: Guards, given: Acknowledgement | None) -> Approved:
    """Return the plan with its refusal where its risk needs somebody who answers for it, and nobody does."""
    violation = unacknowledged(approved.plan, guards.acknowledge, approved.digest, given)
    if violation is None:
        return replace(approved, acknowledged=None if given is None else given.risk)
    return replace(approved, plan=replace(approved.plan, violations=(*approved.plan.violations, violation)))


def begun(approved: Approved, *, since: str, by: str) -> Begun:
    """Return the entry with which a run begins: the plan, its acknowledgement, and the guards that it overrides."""
    return Begun(
        plan=UsedPlan(digest=approved.digest, since=since, by=by, acknowledged=approved.acknowledged),
        overrides=tuple(
            UsedOverride(guard=each.guard, reason=each.reason, since=since, plan=approved.digest)
            for each in approved.plan.basis.overrides
        ),
    )
