"""In which order people are shown the changes of a plan."""

from reconciler.model.change import Change
from reconciler.model.plan import Plan
from reconciler.model.risk import RiskClass


def by_gravity(plan: Plan) -> list[Change]:
    """Return the changes with the gravest first: who has two minutes reads those. Among equals as they are applied."""
    ranks = {risk: rank for rank, risk in enumerate(reversed(RiskClass))}
    return sorted(plan.changes, key=lambda change: ranks[change.assessment.risk] if change.assessment else len(ranks))
