"""Planning: read what is needed, then decide. Nothing here can write: it is given a Reader."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Read, Request, Snapshot, reads_needed
from reconciler.model.plan import Plan
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
    return build_plan(snapshot)


def _read_all(reads: tuple[Read, ...], reader: Reader) -> dict[str, Reading]:
    def read(wanted: Read) -> Reading:
        return reader.find(wanted.custom_id) if wanted.id is None else reader.read(wanted.id)

    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        try:
            return {wanted.custom_id: reading for wanted, reading in zip(reads, pool.map(read, reads), strict=True)}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
