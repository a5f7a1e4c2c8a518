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
    progress: Callable[[int], Callable[[str], None]] | None = None,
) -> Plan:
    """Return the plan for a request. Without a reader the request must be one that reads nothing.

    `progress` is told how many sequences are read, and hands back what is told of each that was.
    """
    snapshot = Snapshot(request=request, desired=desired, state=state)
    reads = reads_needed(snapshot)
    if reads and reader is not None:
        snapshot = replace(snapshot, readings=_read_all(reads, reader, crew(PARALLEL), progress))
    plan = build_plan(snapshot)
    names = {each.custom_id for each in desired} | set(snapshot.records)
    idle = [pattern for pattern in request.only if not any(fnmatchcase(name, pattern) for name in names)]
    return replace(plan, warnings=(*plan.warnings, *(_matches_nothing(pattern) for pattern in idle)))


def _matches_nothing(pattern: str) -> Violation:
    return Violation(rule="matches-nothing", message=f"no sequence has a custom_id that matches `{pattern}`")


def _read_all(
    reads: tuple[Read, ...],
    reader: Reader,
    crew: Crew[Found],
    progress: Callable[[int], Callable[[str], None]] | None,
) -> dict[str, Reading]:
    tell = progress(len(reads)) if progress else lambda _: None
    readings: dict[str, Reading] = {}

    def read(wanted: Read) -> Found:
        found = reader.find(wanted.custom_id) if wanted.id is None else reader.read(wanted.id)
        return wanted.custom_id, found

    for wanted in reads:
        crew.submit(partial(read, wanted))
    try:
        for custom_id, found in crew.results():
            readings[custom_id] = found
            tell(custom_id)
    except Exception:
        crew.stop()
        crew.linger(None)
        raise
    finally:
        crew.stop()
    return readings
