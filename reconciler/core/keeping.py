"""What is kept of the last runs, so that they can be undone: for each write, what stood there before it.

An intent is durable before its write leaves, and what was recorded before is in state: so nothing more has to be
written while a run lasts, and a run that was killed is kept like any other once its journal is taken in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from reconciler.model.sequence import Record
from reconciler.model.state import Intended, Run, Settled, UsedPlan, Write

# How many runs are kept, and how many bytes of what stood there before. The last run is always kept whole: half of
# it could not be undone, and it never holds more than state itself did.
MOST_RUNS: Final = 10
MOST_BYTES: Final = 8 * 1024 * 1024
_OF_A_WRITE: Final = 256  # what a write takes beside its payloads, about


class Keeping:
    """The runs that are kept, while the entries of a journal are taken in one after the other."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self._given = tuple(runs)
        self._runs: list[tuple[UsedPlan, dict[str, Write]]] | None = None

    def intend(self, entry: Intended, records: Mapping[str, Record], plans: Sequence[UsedPlan]) -> None:
        """Keep what is recorded of a sequence that is about to be written, by the run that was begun last."""
        if not plans:
            return
        runs = self._opened()
        if not runs or runs[-1][0] != plans[-1]:
            runs.append((plans[-1], {}))
        writes = runs[-1][1]
        earlier = writes.get(entry.custom_id)
        if earlier is not None:
            # Of several intents of one run the first one knows what stood there; a create learns its id by the second.
            writes[entry.custom_id] = replace(earlier, id=entry.id, left=None)
            return
        name = _recorded_as(entry, records)
        writes[entry.custom_id] = Write(
            id=entry.id,
            before=None if name is None else records[name].applied,
            live=entry.seen,
            recorded_as=name if name != entry.custom_id else None,
        )

    def settle(self, entry: Settled) -> None:
        """Take in what came of a write: what is recorded since, or that it never happened."""
        open_write = self._open_write(entry)
        if open_write is None:
            return
        position, write = open_write
        writes = self._opened()[position][1]
        if entry.record is None:
            del writes[entry.custom_id]
        else:
            writes[entry.custom_id] = replace(write, id=entry.record.id, left=entry.record.applied.digest)

    def runs(self) -> tuple[Run, ...]:
        """Return what is kept: the last runs that wrote anything, as many as there is room for."""
        if self._runs is None:
            return self._given
        kept: list[Run] = []
        taken = 0
        for plan, writes in reversed([each for each in self._runs if each[1]]):
            taken += sum(map(_size, writes.values()))
            if kept and (taken > MOST_BYTES or len(kept) == MOST_RUNS):
                break
            kept.insert(0, Run(plan=plan, writes=writes))
        return tuple(kept)

    def _open_write(self, entry: Settled) -> tuple[int, Write] | None:
        runs = self._given if self._runs is None else self._runs
        for position in reversed(range(len(runs))):
            run = runs[position]
            write = (run.writes if isinstance(run, Run) else run[1]).get(entry.custom_id)
            if write is not None and write.left is None and _is_of(write, entry):
                return position, write
        return None

    def _opened(self) -> list[tuple[UsedPlan, dict[str, Write]]]:
        if self._runs is None:
            self._runs = [(run.plan, dict(run.writes)) for run in self._given]
        return self._runs


def _recorded_as(entry: Intended, records: Mapping[str, Record]) -> str | None:
    if entry.id is None:
        return None
    record = records.get(entry.custom_id)
    if record is not None and record.id == entry.id:
        return entry.custom_id
    return next((name for name, each in records.items() if each.id == entry.id), None)


def _is_of(write: Write, entry: Settled) -> bool:
    return entry.record is None or write.id in (None, entry.record.id)


def _size(write: Write) -> int:
    return _OF_A_WRITE + sum(len(each.encoded) for each in (write.before, write.live) if each is not None)
