"""Planning the undo of a run: read what it wrote, then decide by the same table as any plan."""

from collections.abc import Callable
from dataclasses import replace

from reconciler.app.observing_plan import planning
from reconciler.app.plan import PARALLEL, Found, read_all
from reconciler.app.workers import Workers
from reconciler.core.planner import build_plan
from reconciler.core.runs import run_of
from reconciler.core.snapshot import Request, Snapshot, reads_needed
from reconciler.core.undo import after_reading, told, undoing
from reconciler.core.unobserved import UNOBSERVED
from reconciler.model.plan import Plan, Refresh
from reconciler.model.sequence import Desired
from reconciler.model.state import State
from reconciler.ports import CheckBody, Crew, Reader, Telemetry


def make_undo(
    request: Request,
    *,
    manifests: tuple[Desired, ...],
    state: State | None,
    reader: Reader,
    check: CheckBody,
    crew: Callable[[int], Crew[Found]] = Workers,
    progress: Callable[[int], Callable[[str], None]] | None = None,
    telemetry: Telemetry = UNOBSERVED,
) -> Plan:
    """Return the plan that undoes the run `request.undo`; RefusedError where that run is not kept any more.

    What it would write is always read first, whatever the request says.
    """
    with planning(telemetry, request) as made:
        run = run_of(state, request.undo or "")
        assert state is not None  # noqa: S101 - a run is kept in it
        asked = undoing(request, state, run, manifests)
        reading = replace(request, refresh=Refresh.ALL, chosen=asked.chosen)
        snapshot = Snapshot(request=reading, desired=asked.desired, state=state)
        reads = reads_needed(snapshot)
        if reads:
            snapshot = replace(snapshot, readings=read_all(reads, reader, crew(PARALLEL), progress))
        chosen, refused = after_reading(asked, snapshot, check)
        snapshot = replace(snapshot, request=replace(reading, chosen=chosen))
        return made(told(build_plan(snapshot), asked, snapshot, refused))
