"""Who answers for the risk of a fleet's plans: one answer, by the digest of the whole set, for all of them."""

from collections.abc import Callable
from dataclasses import replace

from reconciler.core.guarding.acknowledgement import Acknowledgement, unacknowledged
from reconciler.core.guarding.names import ACKNOWLEDGE
from reconciler.model.plan import Plan
from reconciler.model.plan_set import Part, PlanSet


def answered(plans: PlanSet, threshold: Callable[[str], str | None], given: Acknowledgement | None) -> PlanSet:
    """Return the plans as they stand with this answer, or without any.

    `threshold` is the class from which on an organisation needs one; None where it never does.
    """
    return replace(plans, parts=tuple(_answered(each, plans.digest, threshold, given) for each in plans.parts))


def _answered(part: Part, digest: str, threshold: Callable[[str], str | None], given: Acknowledgement | None) -> Part:
    if part.plan is None:
        return part
    plan: Plan = part.plan
    said = tuple(each for each in plan.violations if each.rule != ACKNOWLEDGE)
    refusal = unacknowledged(plan, threshold(part.organisation), digest, given)
    violations = said if refusal is None else (*said, refusal)
    return part if violations == plan.violations else replace(part, plan=replace(plan, violations=violations))
