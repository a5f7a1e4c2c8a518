"""Planning: read what is needed, then decide. Nothing here can write: it is given a Reader."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Final, TypeAlias

from reconciler.app.observing_plan import planning
from reconciler.app.stop import GRACE, Stopped
from reconciler.app.workers import Workers
from reconciler.core.planner import build_plan
from reconciler.core.selection import is_about_manifests, matches, nothing_matches
from reconciler.core.snapshot import Read, Request, Snapshot, orphans, reads_needed
from reconciler.core.spelling import first_few
from reconciler.core.unobserved import UNOBSERVED
from reconciler.model.plan import Plan, Violation
from reconciler.model.sequence import Desired, Reading
from reconciler.model.state import State
from reconciler.ports import Crew, Reader, Telemetry

PARALLEL: Final = 8
_MOST_NAMED: Final = 3
Found: TypeAlias = tuple[str, Reading]  # by custom_id


def make_plan(
    request: Request,
    *,
    desired: tuple[Desired, ...],
    state: State | None,
    reader: Reader | None,
    crew: Callable[[int], Crew[Found]] = Workers,
    progress: Callable[[int], Callable[[str], None]] | None = None,
    build: Callable[[Snapshot], Plan] = build_plan,
    telemetry: Telemetry = UNOBSERVED,
) -> Plan:
    """Return the plan for a request. Without a reader the request must be one that reads nothing.

    `build` decides as `build_plan` does, perhaps from what was decided before.
    `progress` is told how many sequences are read, and hands back what is told of each that was.
    """
    with planning(telemetry, request) as made:
        snapshot = Snapshot(request=request, desired=desired, state=state)
        reads = reads_needed(snapshot)
        if reads and reader is not None:
            snapshot = replace(snapshot, readings=read_all(reads, reader, crew(PARALLEL), progress))
        plan = build(snapshot)
        warnings = (*plan.warnings, *_of_guards(snapshot), *_of_selection(snapshot))
        return made(replace(plan, warnings=warnings, pace=request.pace))


def _of_selection(snapshot: Snapshot) -> Iterator[Violation]:
    """Say which patterns mean nothing, and that a selection by owner or path cannot mean what has no manifest."""
    if not snapshot.request.only and snapshot.request.chosen is None:
        return
    named = {each.custom_id: each for each in snapshot.desired}
    names = named.keys() | snapshot.records.keys()
    for pattern in snapshot.request.only:
        if not any(matches(pattern, name, named.get(name)) for name in names):
            yield Violation(rule="matches-nothing", message=nothing_matches(pattern, names, snapshot.desired))
    left = [name for name in orphans(snapshot) if not snapshot.request.selects(name)]
    if left and all(map(is_about_manifests, snapshot.request.only)):
        said = (
            f"no manifest asks for {first_few([f'`{name}`' for name in left], _MOST_NAMED)}, "
            "so no owner or path selects them; a plan without --only shows them"
        )
        yield Violation(rule="orphans-left-out", message=said)


def _of_guards(snapshot: Snapshot) -> Iterator[Violation]:
    if not snapshot.request.guards.protected:
        return
    names = {each.custom_id for each in snapshot.desired} | snapshot.records.keys()
    for pattern in snapshot.request.guards.protected:
        if not any(fnmatchcase(name, pattern) for name in names):
            message = f"`{pattern}` in `protected` matches no custom_id, so it protects nothing: see how it is spelled"
            yield Violation(rule="matches-nothing", message=message)


def read_all(
    reads: tuple[Read, ...],
    reader: Reader,
    crew: Crew[Found],
    progress: Callable[[int], Callable[[str], None]] | None,
) -> dict[str, Reading]:
    """Return what was found of each sequence, by custom_id; `progress` as for `make_plan`."""
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
    except Stopped:
        # This process goes on, and what is in flight still has its connection.
        crew.stop()
        crew.linger(GRACE)
        raise
    finally:
        crew.stop()
    return readings
