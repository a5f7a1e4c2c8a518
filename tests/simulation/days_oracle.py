"""What must hold of drift on a schedule, judged from the sandbox's ledger alone and what the reports say of it."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any, Final

from reconciler.model.drift import Drifted
from reconciler.model.pointer import to_pointer
from tests.simulation.dashboard import DAY
from tests.simulation.looks import ALLOWED, Seen
from tests.simulation.scheduler import EPOCH
from tests.simulation.world import World

_INSISTS: Final = "somebody or the server insists"
# How long a run here may take: what it reads is remembered as read when it is over, at the latest.
_A_RUN: Final = 900.0


@dataclass(frozen=True)
class Moved:
    """One field that somebody changed: by the tool, or by a person."""

    time: float
    id: str
    pointer: str
    by_tool: bool


def judge(world: World, looks: Sequence[Seen], corrections: Sequence[Seen]) -> Iterator[str]:
    """Return what does not hold; after each look came the correction of the same place."""
    moves = list(_moves(world))
    yield from _once_a_day(moves)
    for each in (*looks, *corrections):
        if each.run.error is not None or each.report is None:
            yield f"{each.run.name} ended with {each.run.error!r}"
            return
        world.happened["handed off"] += len(each.report.handed_off)
    for each in corrections:
        yield from _answered(world, each, moves)
    yield from _covered(world, looks, corrections)


def _moves(world: World) -> Iterator[Moved]:
    """Return who changed which field when, once each write is compared with what stood there before it."""
    stood: dict[str, dict[str, Any]] = {}
    for entry in world.simulator.ledger():
        if entry.mutation not in ("create", "update"):
            continue
        assert entry.sequence_id is not None
        id_, fields = entry.sequence_id, dict(_leaves("", json.loads(entry.body or b"null")))
        before = stood.get(id_, {})
        if entry.mutation == "update":
            for pointer in sorted({**before, **fields}):
                if before.get(pointer) != fields.get(pointer):
                    yield Moved(entry.time - EPOCH, id_, pointer, by_tool=entry.actor == "api")
        stood[id_] = fields


def _leaves(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Return each field with its value, in a form that is the same however a server writes it."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        yield pointer, sorted(value)
    elif isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in items:
            yield from _leaves(f"{pointer}/{key}", each)
    elif isinstance(value, str) and value[:2] == "20":
        yield pointer, datetime.fromisoformat(value)
    else:
        yield pointer, value.strip() if isinstance(value, str) else value


def _once_a_day(moves: Sequence[Moved]) -> Iterator[str]:
    """At most one write of a field by the tool in 24 hours, and none without an edit before it, or it goes round."""
    last: dict[tuple[str, str], Moved] = {}
    written: dict[tuple[str, str], float] = {}
    for move in moves:
        key = move.id, move.pointer
        if move.by_tool:
            if key in written and move.time - written[key] < DAY:
                yield f"{key} was written twice within {move.time - written[key]:.0f} s, at {move.time:.0f}"
            if key in last and last[key].by_tool:
                yield f"{key} was written at {move.time:.0f} though nobody had touched it since the write before"
            written[key] = move.time
        last[key] = move


def _answered(world: World, seen: Seen, moves: Sequence[Moved]) -> Iterator[str]:
    """See that all drift is set back or told with the reason, and that whoever insists is told of and not fought."""
    assert seen.report is not None
    assert seen.left is not None
    run = seen.run
    left = {each.custom_id: each.reason for each in seen.left}
    outcomes = {} if run.applied is None else {each.custom_id: each for each in run.applied.outcomes}
    for each in seen.report.drifted:
        name, reason = each.custom_id, left.get(each.custom_id)
        insisted = _was_set_back(each, moves, seen.at)
        if (reason is None) == (name not in outcomes):
            yield f"{run.name} found drift of {name}: set back {name in outcomes}, left because of {reason}"
        elif each.risk > ALLOWED:
            world.happened["left: graver than allowed"] += 1
            if reason is None:
                yield f"{run.name} sets {name} back, which is {each.risk.value}"
        elif insisted:
            world.happened["left: somebody insists"] += 1
            if reason is None or _INSISTS not in reason or not all(f"`{field}`" in reason for field in insisted):
                yield f"{run.name} does not tell that somebody insists on {insisted} of {name}: {reason}"
        elif reason is None:
            world.happened[f"set back: {outcomes[name].status.value}"] += 1


def _was_set_back(each: Drifted, moves: Sequence[Moved], now: float) -> list[str]:
    pointers = {to_pointer(field.path) for field in each.fields}
    return sorted(
        {
            move.pointer
            for move in moves
            if move.by_tool and move.id == each.id and move.pointer in pointers and now - DAY < move.time < now
        }
    )


def _covered(world: World, looks: Sequence[Seen], corrections: Sequence[Seen]) -> Iterator[str]:
    """Each sequence is looked at within so many looks as docs/drift.md promises, and each report promises the same."""
    read = _reads(world)
    ids = [str(each["id"]) for each in world.live()]
    unread: dict[str, int] = defaultdict(int)
    for seen, correction in zip(looks, corrections, strict=True):
        assert seen.report is not None
        assert seen.budget is not None
        run, told = seen.run, seen.report.coverage
        promised = 1 if seen.budget >= len(ids) else ceil(len(ids) / ceil(seen.budget / 2))
        if told.sweeps != promised or told.recorded != len(ids):
            yield f"{run.name} promises {told.sweeps} looks for {told.recorded}, not {promised} for {len(ids)}"
        if not 0 < len(read[run.name]) <= seen.budget:
            yield f"{run.name} read {len(read[run.name])} with a budget of {seen.budget}"
        for id_ in ids:
            unread[id_] = 0 if id_ in read[run.name] else unread[id_] + 1
            if unread[id_] >= promised:
                yield f"{run.name}: {id_} was not read in {unread[id_]} looks, and {promised} were promised"
            # A correction looks too; what it has looked at waits again.
            unread[id_] = 0 if id_ in read[correction.run.name] else unread[id_]
    yield from _told_coverage(world, looks, ids)


def _reads(world: World) -> dict[str, set[str]]:
    """Return what each run read, by the ledger."""
    numbered = {entry.number: entry for entry in world.simulator.ledger()}
    read: dict[str, set[str]] = defaultdict(set)
    for sent in world.server.sent:
        entry = None if sent.number is None else numbered[sent.number]
        if entry is not None and entry.method == "GET" and entry.status == 200:
            read[sent.run].add(entry.path.rpartition("/")[2])
    return read


def _told_coverage(world: World, looks: Sequence[Seen], ids: Sequence[str]) -> Iterator[str]:
    """Compare the shares in each report with when each was really read by a look or a correction."""
    begins = {run.name: run for run in world.runs if run.kind in ("look", "correct")}
    reads = _reads(world)
    times: dict[str, float] = {}
    reported = {seen.run.name: seen for seen in looks}
    for name, run in begins.items():
        assert run.ended is not None
        times |= dict.fromkeys(reads[name], run.ended)
        if name not in reported:
            continue
        report = reported[name].report
        assert report is not None
        for span, number in report.coverage.within:
            ages = [run.ended - times[id_] for id_ in ids if id_ in times]
            if not sum(age <= span - _A_RUN for age in ages) <= number <= sum(age <= span + _A_RUN for age in ages):
                yield f"{name} says that {number} were read within {span} s; {sorted(ages)}"
