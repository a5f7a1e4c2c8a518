"""Planning a fleet: an errand for each organisation. What fails in one is that one's own result.

Who does the errands, and where, is the executor's affair.
"""

from collections.abc import Callable, Iterable

from reconciler.app.fleet_parts import parts_of
from reconciler.core.codec.plan_set import set_digest
from reconciler.model.errand import Done, Errand, Planned
from reconciler.model.fleet import Shard
from reconciler.model.plan_set import Part, PlanSet
from reconciler.ports import Executor


def plan_fleet(
    fleet: str,
    errands: Iterable[Errand],
    executor: Executor,
    *,
    only: tuple[str, ...],
    shard: Shard | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> PlanSet:
    """Have each organisation planned; `progress` is told of each that is done."""
    parts = parts_of(errands, executor, _part, progress)
    return PlanSet(
        fleet=fleet,
        parts=parts,
        digest=set_digest(fleet, parts),
        only=only,
        shard=None if shard is None else str(shard),
    )


def _part(done: Done, labels: tuple[str, ...]) -> Part:
    if isinstance(done.result, Planned):
        return Part(organisation=done.organisation, labels=labels, plan=done.result.plan, digest=done.result.digest)
    return Part(organisation=done.organisation, labels=labels, failure=done.failure)
