"""Risk that somebody has to answer for: from a class on, a plan is applied only by whoever names it by its digest.

The digest is known when the plan is made, so this is judged after all else, and again when the plan is applied.
"""

import re
from dataclasses import dataclass
from typing import Final

from reconciler.core.guarding.names import ACKNOWLEDGE
from reconciler.core.spelling import first_few
from reconciler.errors import UsageError
from reconciler.model.change import Change
from reconciler.model.plan import Plan, Violation
from reconciler.model.risk import RiskClass
from reconciler.model.sequence import Retire

_SHAPE: Final = re.compile(r"(R[0-4]):((?:sha256:)?[0-9a-f]{64})", re.ASCII)
_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """What somebody answers for: a plan, by its digest, and the class of risk that they have weighed."""

    risk: str
    digest: str


def acknowledgement(text: str | None) -> Acknowledgement | None:
    """Return what `CLASS:DIGEST` says; UsageError where it says neither."""
    if text is None:
        return None
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise UsageError(
            "--acknowledge needs a class of risk and a plan's whole digest",
            hint="write it as the plan does: `--acknowledge R3:sha256:...`",
        )
    return Acknowledgement(risk=match[1], digest="sha256:" + match[2].removeprefix("sha256:"))


def risk_of(change: Change) -> RiskClass:
    """Return a change's class of risk; a write that nothing has weighed counts as the gravest."""
    if change.assessment is not None:
        return change.assessment.risk
    return RiskClass.R0 if change.operation is None else RiskClass.R4


def unacknowledged(plan: Plan, threshold: str | None, digest: str, given: Acknowledgement | None) -> Violation | None:
    """Return why a plan of this digest is not acknowledged; None where it is, or where nobody needs to."""
    if given is not None and given.digest != digest:
        return _said(f"`--acknowledge` names the plan {given.digest}, and this is {digest}: plan again and review it")
    risks = [(risk_of(change), change.custom_id) for change in plan.changes]
    risks += [(affected.assessment.risk, affected.custom_id) for affected in plan.affected]
    canceled = {change.custom_id for change in plan.changes if change.retire is Retire.CANCEL}
    weighty = [
        (risk, name) for risk, name in risks if name in canceled or (threshold is not None and risk >= threshold)
    ]
    if not weighty or not plan.has_work:
        return None
    gravest = max(risk for risk, _ in weighty)
    if given is not None and given.risk >= gravest:
        return None
    listed = first_few([f"`{name}` {risk}" for risk, name in weighty], _MOST_NAMED)
    number = f"{len(weighty)} sequence{'' if len(weighty) == 1 else 's'}"
    what = f"the plan has risk {threshold} or more for {number} ({listed}), and nobody has answered for it"
    if canceled:
        first = first_few([f"`{name}`" for name in sorted(canceled)], _MOST_NAMED)
        what = f"the plan cancels {first} for good, which nothing takes back, and nobody has answered for it"
    if given is not None:
        what = f"the plan has risk {gravest} ({listed}), and `--acknowledge` answers for {given.risk} only"
    return _said(f"{what}; once that is weighed, apply it with `--acknowledge={gravest}:{digest}`")


def _said(message: str) -> Violation:
    return Violation(rule=ACKNOWLEDGE, message=message)
