"""A process of its own for the rows about live: what it measures is printed, in seconds, a figure for each turn.

    python -m benchmarks.drift_program compare|rewritten|plan FOLDER TURNS

Each turn measures ours and then the floor, once each, after one turn that does not count. Live is made from the state
in the folder, as a server would answer that has what was applied; nothing is read over a network.
"""

import gc
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from reconciler.adapters.store.encoding import decode
from reconciler.core.drifting import compare
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Request, Snapshot
from reconciler.model.jsonvalue import canonical, digest
from reconciler.model.plan import Refresh
from reconciler.model.sequence import Desired, Live, Payload, Reading
from reconciler.model.state import State
from reconciler.wiring.workspace import load_manifests, open_workspace

_MOMENT: Final = "2026-01-01T00:00:00Z"
_ONE_IN: Final = 100


def main(what: str, folder: Path, turns: int) -> None:
    """Measure one pair and print it."""
    state = decode((folder / ".reconciler" / "bench.json").read_bytes(), where="the state")
    workspace = open_workspace(folder, None)
    request = Request(
        environment=workspace.environment.name, endpoint="sandbox", schema="s", refresh=Refresh.ALL, now=_MOMENT
    )
    if what == "plan":
        desired = load_manifests(workspace).desired
        ours, floor = _plans(request, desired, state)
    else:
        ours, floor = _comparisons(request, state, is_rewritten=what == "rewritten")
    for turn in range(turns + 1):
        figures = _seconds(ours), _seconds(floor)
        if turn:
            print(*figures)


def _plans(request: Request, desired: tuple[Desired, ...], state: State) -> tuple[Callable[[], Any], Callable[[], Any]]:
    readings = _live(state)
    moved = tuple(
        replace(each, payload=_named(each.payload, "Another name")) if number % _ONE_IN == 0 else each
        for number, each in enumerate(desired)
    )

    def planned(wanted: tuple[Desired, ...], changes: int) -> None:
        plan = build_plan(Snapshot(request=request, desired=wanted, state=state, readings=readings))
        _require(len(plan.changes), changes)

    changed = -(-len(desired) // _ONE_IN)
    return lambda: planned(moved, changed), lambda: planned(desired, 0)


def _comparisons(request: Request, state: State, *, is_rewritten: bool) -> tuple[Callable[[], Any], Callable[[], Any]]:
    if is_rewritten:
        records = {
            name: replace(each, stored=_named(each.applied, " as a server writes it "))
            for name, each in state.records.items()
        }
        state = replace(state, records=records)
    readings = _live(state)
    for number, (name, reading) in enumerate(readings.items()):
        if number % _ONE_IN == 0 and isinstance(reading, Live):
            readings[name] = replace(reading, payload=_named(reading.payload, "Somebody's name"))
    moments = dict.fromkeys(readings, _MOMENT)
    bodies = [reading.payload.value for reading in readings.values() if isinstance(reading, Live)]

    def compared() -> None:
        found = compare(request, state, None, readings, moments=moments)
        _require(len(found.drifted), -(-len(readings) // _ONE_IN))

    return compared, lambda: [digest(canonical(body)) for body in bodies]


def _live(state: State) -> dict[str, Reading]:
    return {
        name: Live(id=each.id, org_id=state.org_id, payload=each.stored or each.applied, status="active")
        for name, each in state.records.items()
    }


def _named(payload: Payload, name: str) -> Payload:
    value: Mapping[str, Any] = payload.value
    return Payload.of({**value, "name": name})


def _require(found: int, expected: int) -> None:
    if found != expected:
        raise RuntimeError(f"{found} were found to differ, and not {expected}")


def _seconds(work: Callable[[], Any]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
