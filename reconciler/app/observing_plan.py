"""What is told of planning: a plan as a span and metrics. Nothing here decides anything."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from reconciler.core.snapshot import Request
from reconciler.model.change import Action
from reconciler.model.plan import Plan
from reconciler.model.risk import RiskClass
from reconciler.ports import Span, Telemetry


@contextmanager
def planning(telemetry: Telemetry, request: Request) -> Iterator[Callable[[Plan], Plan]]:
    """Tell of planning; what is handed over is told what the plan comes to, and hands it back.

    The time until all is applied begins here.
    """
    telemetry.begin()
    with telemetry.span("plan", {"reconciler.refresh": request.refresh.value}) as span:
        yield partial(_made, telemetry, span) if telemetry.listens else _unsaid


def _unsaid(plan: Plan) -> Plan:
    return plan


def _made(telemetry: Telemetry, span: Span, plan: Plan) -> Plan:
    # Imported for those who listen: an offline plan of a repository in which nothing changed is quick.
    from reconciler.model.metrics import PLANNED, PLANNED_RISK

    span.put(
        {
            "reconciler.plan.changes": sum(each.has_work for each in plan.changes),
            "reconciler.plan.requests": plan.requests,
            "reconciler.risk": plan.risk.value,
        }
    )
    if not plan.can_apply:
        span.fail("refused")
    for action in Action:
        telemetry.tell(PLANNED, plan.count(action), {"reconciler.action": action.value})
    classes = Counter(each.assessment.risk for each in plan.changes if each.assessment is not None)
    for risk in RiskClass:
        telemetry.tell(PLANNED_RISK, classes[risk], {"reconciler.risk": risk.value})
    return plan
