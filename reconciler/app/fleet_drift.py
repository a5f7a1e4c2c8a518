"""Looking at a fleet: an errand for each organisation, and one report. What fails in one is that one's own result.

Who does the errands, and where, is the executor's affair.
"""

from collections.abc import Callable, Iterable

from reconciler.app.fleet_parts import parts_of
from reconciler.model.drift_set import DriftPart, DriftSet
from reconciler.model.errand import Done, Errand, Surveyed
from reconciler.model.fleet import Shard
from reconciler.ports import Executor


def look_at_fleet(
    fleet: str,
    errands: Iterable[Errand],
    executor: Executor,
    *,
    moment: str,
    only: tuple[str, ...],
    shard: Shard | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> DriftSet:
    """Have each organisation looked at; `progress` is told of each that is done."""
    parts = parts_of(errands, executor, _part, progress)
    return DriftSet(fleet=fleet, moment=moment, parts=parts, only=only, shard=None if shard is None else str(shard))


def _part(done: Done, labels: tuple[str, ...]) -> DriftPart:
    found = done.result if isinstance(done.result, Surveyed) else None
    return DriftPart(
        organisation=done.organisation,
        labels=labels,
        look=None if found is None else found.look,
        correction=None if found is None else found.correction,
        failure=done.failure,
        code=done.exit_code,
    )
