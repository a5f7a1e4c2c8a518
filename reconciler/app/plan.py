"""Planning: read what is needed, then decide. Nothing here can write: it is given a Reader."""

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Final, TypeAlias

from reconciler.app.workers import Workers
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Read, Request, Snapshot, reads_needed
from reconciler.model.plan import Plan, Violation
from reconciler.model.sequence import Desired, Reading
from reconciler.model.state import State
from reconciler.ports import Crew, Reader

PARALLEL: Final = 8
Found: TypeAlias = tuple[str, Reading]  # by custom_id


def make_plan(
    request: Request,
    *,
    desired: tuple[Desired, ...],
    state: State | None,
    reader: Reader | None,
    crew: Callable[[int], Crew[Found]] = Workers,
) -> Plan:
    """Return the plan for a request. Without a reader the request must be one that reads nothing."""
    snapshot = Snapshot(request=request, desired=desired, state=state)
    reads = reads_needed(snapshot)
    if reads and reader is not None:
        snapshot = replace(snapshot, readings=_read_all(reads, reader, crew(PARALLEL)))
    plan = build_plan(snapshot)
    names = {each.custom_id for each in desired} | set(snapshot.records)
    idle = [pattern for pattern in request.only if not any(fnmatchcase(name, pattern) for name in names)]
    return replace(plan, warnings=(*plan.warnings, *(_matches_nothing(pattern) for pattern in idle)))


def _matches_nothing(pattern: str) -> Violation:
    return Violation(rule="matches-nothing", message=f"no sequence has a custom_id that matches `{pattern}`")


def _read_all(reads: tuple[Read, ...], reader: Reader, crew: Crew[Found]) -> dict[str, Reading]:
    def read(wanted: Read) -> Found:
        found = reader.find(wanted.custom_id) if wanted.id is None else reader.read(wanted.id)
        return wanted.custom_id, found

    for wanted in reads:
        crew.submit(partial(read, wanted))
    try:
        return dict(crew.results())
    except Exception:
        crew.stop()
        crew.linger(None)
        raise
    finally:
        crew.stop()
