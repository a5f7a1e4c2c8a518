"""Planning: read what is needed, then decide. Nothing here can write: it is given a Reader."""

from concurrent.futures import wait
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Final

from reconciler.app.workers import Workers
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Read, Request, Snapshot, reads_needed
from reconciler.model.plan import Plan, Violation
from reconciler.model.sequence import Desired, Reading
from reconciler.model.state import State
from reconciler.ports import Reader

PARALLEL: Final = 8


def make_plan(request: Request, *, desired: tuple[Desired, ...], state: State | None, reader: Reader | None) -> Plan:
    """Return the plan for a request. Without a reader the request must be one that reads nothing."""
    snapshot = Snapshot(request=request, desired=desired, state=state)
    reads = reads_needed(snapshot)
    if reads and reader is not None:
        snapshot = replace(snapshot, readings=_read_all(reads, reader))
    plan = build_plan(snapshot)
    names = {each.custom_id for each in desired} | set(snapshot.records)
    idle = [pattern for pattern in request.only if not any(fnmatchcase(name, pattern) for name in names)]
    return replace(plan, warnings=(*plan.warnings, *(_matches_nothing(pattern) for pattern in idle)))


def _matches_nothing(pattern: str) -> Violation:
    return Violation(rule="matches-nothing", message=f"no sequence has a custom_id that matches `{pattern}`")


def _read_all(reads: tuple[Read, ...], reader: Reader) -> dict[str, Reading]:
    def read(wanted: Read) -> Reading:
        return reader.find(wanted.custom_id) if wanted.id is None else reader.read(wanted.id)

    workers: Workers[Reading] = Workers(PARALLEL)
    futures = [workers.submit(partial(read, wanted)) for wanted in reads]
    try:
        return {wanted.custom_id: future.result() for wanted, future in zip(reads, futures, strict=True)}
    except Exception:
        workers.stop()
        wait([future for future in futures if future.running()])
        raise
    finally:
        workers.stop()
