"""Planning a fleet: the same work for each organisation, each on its own. What fails in one is that one's own result.

The unit of work is one organisation. Who does it, and where, is the crew's affair.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from reconciler.app.answering import acknowledging
from reconciler.app.approve import Approved
from reconciler.core.codec.plan import plan_digest
from reconciler.core.codec.plan_set import set_digest
from reconciler.errors import ReconcilerError
from reconciler.model.fleet import Organisation
from reconciler.model.guards import Guards
from reconciler.model.plan import Plan
from reconciler.model.plan_set import Failure, Part, PlanSet
from reconciler.ports import Crew

# Organisations at a time, where something far away is waited for.
PARALLEL: Final = 16


def planned(
    organisation: Organisation, make: Callable[[Organisation], Plan], digest_of: Callable[[Plan], str] = plan_digest
) -> Part:
    """Plan one organisation; any expected failure is part of the result. `digest_of` is for whoever knows digests."""
    name, labels = organisation.name, organisation.environment.labels
    try:
        plan, digest = _answered(make(organisation), digest_of, organisation.environment.guards)
    except ReconcilerError as error:
        return Part(organisation=name, labels=labels, failure=Failure.of(error))
    return Part(organisation=name, labels=labels, plan=plan, digest=digest)


def plan_fleet(
    fleet: str,
    organisations: Iterable[Organisation],
    make: Callable[[Organisation], Plan],
    *,
    only: tuple[str, ...],
    digest_of: Callable[[Plan], str] = plan_digest,
    crew: Crew[Part],
    progress: Callable[[str], None] = lambda _name: None,
) -> PlanSet:
    """Plan each organisation, as the crew does it; `progress` is told of each that is done."""
    for each in organisations:
        crew.submit(partial(planned, each, make, digest_of))
    parts: list[Part] = []
    try:
        for part in crew.results():
            parts.append(part)
            progress(part.organisation)
    finally:
        crew.stop()
    parts.sort(key=lambda part: part.organisation)
    return PlanSet(fleet=fleet, parts=tuple(parts), digest=set_digest(fleet, parts), only=only)


def _answered(plan: Plan, digest_of: Callable[[Plan], str], guards: Guards) -> tuple[Plan, str]:
    """Return the plan as it stands while nobody has answered for its risk, and its digest."""
    digest = digest_of(plan)
    return acknowledging(Approved(plan=plan, digest=digest), guards, None).plan, digest
