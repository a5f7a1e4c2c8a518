"""A power cut at any moment of an apply leaves a whole state, with everything in it that was said to be durable."""

import pickle
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.model.state import Begun, Entry, Intended, State
from tests.kills.kill_bench import Bench
from tests.kills.power_loss import Disk, Held


def _events(path: Path) -> Iterator[tuple[Any, ...]]:
    with path.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)  # noqa: S301 - a process of ours has just written it
            except EOFError:
                return


class _Promises:
    """What the store was given, and what of it it has said to be durable."""

    def __init__(self) -> None:
        self._kept: dict[str, Entry] = {}
        self._open: dict[str, list[Entry]] = {}

    def take(self, event: tuple[Any, ...]) -> None:
        entry = event[1]
        name = entry.plan.digest if isinstance(entry, Begun) else entry.custom_id
        if event[0] == "begun":
            self._open.setdefault(name, []).append(entry)
        else:
            self._open[name].remove(entry)
            self._kept[name] = entry

    def broken_by(self, state: State | None) -> list[Entry]:
        """Return the entries that were acknowledged, and that a state knows nothing of, or of a later one."""
        return [
            entry
            for name, entry in self._kept.items()
            if state is None or not any(_holds(state, each) for each in (entry, *self._open.get(name, ())))
        ]


def _holds(state: State, entry: Entry) -> bool:
    if isinstance(entry, Begun):
        return entry.plan in state.plans
    if isinstance(entry, Intended):
        found = state.pending.get(entry.custom_id)
        return found is not None and found.payload == entry.payload
    if entry.record is None:
        return entry.custom_id not in state.pending
    return state.records.get(entry.custom_id) == entry.record


def _put(bench: Bench, folder: Path, held: Held) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for (place, name), data in held.items():
        path = folder / Path(place).relative_to(bench.root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.mark.parametrize("plot", ["creates", "mixed"])
def test_a_power_cut_loses_nothing_that_was_acknowledged(
    plot: str, benches: Callable[..., tuple[Bench, ...]], tmp_path: Path, tally: "Counter[tuple[str, str]]"
) -> None:
    bench = benches(plot)[0]
    bench.restore()
    was = bench.load()
    assert bench.run("apply", "--yes", events=tmp_path / "events").code == 0
    chosen = random.Random(plot)  # noqa: S311 - the same in each run
    disk, promises = Disk(), _Promises()
    kept, seen = 0, set[Mapping[Any, Any]]()
    for number, event in enumerate(_events(tmp_path / "events")):
        if event[0] in ("begun", "kept"):
            promises.take(event)
            kept += event[0] == "kept"
            seen.clear()
        else:
            disk.take(event)
        for held in disk.crashes(chosen):
            ours = {key: data for key, data in held.items() if not key[0].endswith("sequences")}
            if (fingerprint := frozenset(ours.items())) in seen:
                continue
            seen.add(fingerprint)
            _put(bench, tmp_path / "after", ours)
            told = f"event {number} ({event[0]}); files {[(key[1], len(data)) for key, data in ours.items()]}"
            with bench.explained(told):
                state = bench.load(tmp_path / "after")
                assert promises.broken_by(state) == []
                if was is not None:
                    assert state is not None
                    assert (state.lineage, max(state.serial, was.serial)) == (was.lineage, state.serial)
            tally["power cut", event[0]] += 1
    assert kept > 3
