"""The first five lines: how many, how risky, who is reached, what blocks, what it costs."""

from collections import Counter
from typing import Final

from reconciler.core.runs import short
from reconciler.model.plan import Plan, Refresh
from reconciler.model.risk import RiskClass
from reconciler.view.markdown.inert import code
from reconciler.view.plan_text import UNDO_READS, tally
from reconciler.view.reached import followed, reached
from reconciler.view.risk_words import MEANINGS
from reconciler.view.words import Pace, counted, waiting

SIGNS: Final = {
    RiskClass.R0: "⚪",
    RiskClass.R1: "🟢",
    RiskClass.R2: "🟡",
    RiskClass.R3: "🟠",
    RiskClass.R4: "🔴",
}
_REFRESH: Final = {
    Refresh.NONE: "recorded state only, live not read",
    Refresh.CHANGED: "live read where something changed",
    Refresh.ALL: "all live sequences read",
}


def head(plan: Plan, pace: Pace | None) -> str:
    """Return the five lines."""
    return "\n".join((_title(plan), _risk(plan), _reach(plan), _block(plan), _cost(plan, pace)))


def _title(plan: Plan) -> str:
    undone = plan.basis.undo
    purpose = "for" if undone is None else f"to undo run {code(short(undone))} in"
    return f"### Plan {purpose} {code(plan.environment)}: {tally(plan)}"


def _risk(plan: Plan) -> str:
    counts = Counter(change.assessment.risk for change in plan.changes if change.assessment is not None)
    if not counts and not plan.affected:
        return "- **Risk**: none, since nothing changes"
    each = ", ".join(f"{counts[risk]:,} {risk.value}" for risk in reversed(RiskClass) if counts[risk])
    affected = f"; {followed(plan)}" if plan.affected else ""
    return (
        f"- **Risk** {SIGNS[plan.risk]} **{plan.risk.value}** ({MEANINGS[plan.risk]}): {each or 'no change'}{affected}"
    )


def _reach(plan: Plan) -> str:
    read = _REFRESH[plan.basis.refresh] if plan.basis.undo is None else UNDO_READS
    return f"- **Reach**: {reached(plan)} ({read})"


def _block(plan: Plan) -> str:
    if not plan.violations:
        return "- **Blocked** by nothing" + ("" if plan.has_work else "; there is nothing to apply")
    rules = Counter(each.rule for each in plan.violations)
    named = ", ".join(f"{code(rule)} ({number:,})" for rule, number in rules.most_common(5))
    more = f" and {len(rules) - 5:,} more rules" if len(rules) > 5 else ""
    return f"- ⛔ **Blocked** by {counted(len(plan.violations), 'refusal')}: {named}{more}"


def _cost(plan: Plan, pace: Pace | None) -> str:
    if not plan.requests:
        return "- **Costs** no request"
    time = "" if pace is None else f": {waiting(plan.requests, pace.limit, pace.seconds)}"
    return f"- **Costs** {counted(plan.requests, 'request')}{time}"
