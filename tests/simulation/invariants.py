"""The invariants of faults.md, section 5, judged from what the server's ledger says: I1 to I13.

What a world's own events make impossible to promise is named where it is: `world.weakened` has `rollback` (a person
brought an old state back on purpose), `robbed` (a lock was taken from a holder that still lived), `wrong resolve`.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from reconciler.adapters.store.encoding import decode
from reconciler.app.stop import Stopped
from reconciler.errors import ReconcilerError
from reconciler.model.change import Change
from reconciler.model.outcome import Outcome, Status
from reconciler.model.sequence import MANAGED_FIELDS
from reconciler.model.state import State
from reconciler.sandbox.ledger import Entry
from tests.simulation.network import Sent
from tests.simulation.replies import CANARIES
from tests.simulation.world import Run, World

_WRITES = ("apply", "correct")
_NEVER_DONE = (Status.NOT_SENT, Status.SKIPPED, Status.REJECTED)
_SURELY_DONE = (Status.APPLIED, Status.DIFFERENT, Status.UNVERIFIED)
_NAME = re.compile(rb'\{"\$sequence":"([A-Za-z0-9_-]+)"\}')
_WINDOW = 60.0


def between_runs(world: World, state: State | None) -> Iterator[str]:
    """What must hold of state at any moment at which nobody is working: I2."""
    if world.weakened & {"rollback", "wrong resolve", "robbed"}:
        return
    records = {} if state is None else state.records
    pending = {} if state is None else state.pending
    known = {record.id for record in records.values()} | {each.id for each in pending.values()}
    for sent in created(world):
        body = custom_id_of(sent)
        if sent.sequence_id not in known and body not in pending and sent.sequence_id not in world.forgotten:
            yield f"I2: {sent.run} created {body} as {sent.sequence_id}, and state knows nothing of it"


def at_the_end(world: World) -> Iterator[str]:
    """What must hold of the whole schedule, once nothing is in flight any more."""
    ledger = world.simulator.ledger()
    yield from _ledger_is_ours(world, ledger)
    yield from _created_once(world)
    yield from _document_by_document(world)
    yield from _within_limit(world)
    by_run: dict[str, list[Sent]] = defaultdict(list)
    for sent in world.server.sent:
        by_run[sent.run].append(sent)
    for run in world.runs:
        yield from _of_run(world, run, by_run[run.name])


def created(world: World) -> list[Sent]:
    """Return the creates that the server carried out for us."""
    return [sent for sent in world.server.sent if sent.mutation == "create"]


def _ledger_is_ours(world: World, ledger: list[Entry]) -> Iterator[str]:
    """See that the ledger, which is the oracle, says the same as what was written down on the way."""
    by_number = {sent.number: sent for sent in world.server.sent if sent.number is not None}
    if len(ledger) != world.server.entries:
        yield f"the ledger has {len(ledger)} entries, {world.server.entries} were expected"
    for entry in ledger:
        if entry.actor != "api" or entry.key_name == "dashboard":
            continue
        sent = by_number.get(entry.number)
        if sent is None or (sent.method, sent.path, sent.body, sent.mutation) != (
            entry.method,
            entry.path,
            entry.body,
            entry.mutation,
        ):
            yield f"entry {entry.number} of the ledger is not what was sent"


def _created_once(world: World) -> Iterator[str]:
    """I1: at most one create of a custom_id, unless people made room for another one."""
    if world.weakened & {"rollback", "wrong resolve"}:
        return
    made: dict[str, list[Sent]] = defaultdict(list)
    for sent in created(world):
        made[custom_id_of(sent)].append(sent)
    for custom_id, all_of_it in made.items():
        room = 1 + world.allowed[custom_id]
        if len(all_of_it) > room:
            who = ", ".join(f"{sent.run} at {sent.arrived:.1f}" for sent in all_of_it)
            yield f"I1: {custom_id} was created {len(all_of_it)} times, {room} allowed: {who}"


def _document_by_document(world: World) -> Iterator[str]:
    """I9: each document that was saved is whole, of one lineage, with a growing serial; I11: nobody's data in it."""
    last: State | None = None
    for data in world.documents:
        if data == b"rollback":
            last = None
            continue
        state = decode(data, where="a document")
        if last is not None:
            if state.lineage != last.lineage:
                yield f"I9: the lineage changed from {last.lineage} to {state.lineage}"
            if state.serial < last.serial or (state.serial == last.serial and state != last):
                yield f"I9: the serial went from {last.serial} to {state.serial}"
        last = state
        yield from (f"I11: state holds {canary}" for canary in CANARIES if canary.encode() in data)


def _within_limit(world: World) -> Iterator[str]:
    """I13: no window sees more requests than allowed, neither as they leave nor as they arrive."""
    limit = world.settings.limit
    if not limit:
        return
    left = sorted(sent.left for sent in world.server.sent)
    arrived = sorted(sent.arrived for sent in world.server.sent if sent.arrived is not None)
    for what, times in (("left", left), ("arrived", arrived)):
        for first, last in zip(times, times[limit:], strict=False):
            if last - first < _WINDOW:
                yield f"I13: {limit + 1} requests {what} within {last - first:.2f} s, from {first:.2f}"
                break


def _of_run(world: World, run: Run, sent: list[Sent]) -> Iterator[str]:
    if run.error is not None and not isinstance(run.error, ReconcilerError | KeyboardInterrupt | Stopped):
        yield f"{run.name} ended with a bug: {run.error!r}"
    if run.applied is not None and run.applied.bug is not None:
        yield f"{run.name} ended with a bug: {run.applied.bug!r}"
    writes = [each for each in sent if each.writes]
    if run.kind not in _WRITES or run.stage != "apply":
        yield from (f"I5: {run.name} sent {each.method} {each.path}, which it may not" for each in writes)
    if run.is_offline and sent:
        yield f"I5: {run.name} plans offline and sent {len(sent)} requests"
    yield from _in_time(world, run)
    yield from _silent(run)
    for each in writes:
        yield from _as_planned(world, run, each)
    yield from _written_once(world, run, writes)
    if run.applied is not None:
        yield from _told_truly(world, run, writes)


def _in_time(world: World, run: Run) -> Iterator[str]:
    """I12: a run is over soon after its deadline: what it had begun by then comes to an end."""
    settings = world.settings
    if run.ended is None or run.name in world.paused:
        return
    most = run.deadline + settings.timeout + settings.settle + 30
    if run.ended - run.began > most:
        yield f"I12: {run.name} took {run.ended - run.began:.0f} s, its deadline was {run.deadline:.0f} s"


def _silent(run: Run) -> Iterator[str]:
    """I11: nobody's data in what is told."""
    told = run.told
    if isinstance(run.error, ReconcilerError):
        told += f"{run.error.message} {run.error.hint}"
    if run.applied is not None and run.applied.error is not None:
        told += f"{run.applied.error.message} {run.applied.error.hint}"
    if run.plan is not None:
        told += " ".join(each.message for each in (*run.plan.violations, *run.plan.warnings))
    yield from (f"I11: {run.name} tells {canary}" for canary in CANARIES if canary in told)


def _change_of(run: Run, sent: Sent) -> Change | None:
    for change in run.changes.values():
        if change.operation is None:
            continue
        if sent.method == "POST":
            if change.id is None and change.custom_id == custom_id_of(sent):
                return change
        elif sent.path == f"/sequences/{change.id}":
            return change
    return None


def _as_planned(world: World, run: Run, sent: Sent) -> Iterator[str]:
    """I4: the bytes are the planned ones; I6: nothing moved but what the plan shows."""
    change = _change_of(run, sent)
    if change is None:
        yield f"I4: {run.name} sent {sent.method} {sent.path}, which its plan does not have"
        return
    assert change.operation is not None
    if _resolved(change.operation.body.encoded, _ids(world, run)) != sent.body:
        yield f"I4: {run.name} sent other bytes for {change.custom_id} than its plan has"
    if sent.before is None or sent.after is None or world.switches.lag:
        return
    looked = [each for each in world.server.sent if each.run == run.name and each.path == sent.path]
    looks = [each.arrived for each in looked if each.method == "GET" and (each.arrived or 1e18) < (sent.arrived or 0)]
    since = max((look for look in looks if look is not None), default=0.0)
    if _was_touched(world, sent, since):
        return  # the window between looking and writing, which nothing can close
    if _was_learned(world, sent):
        return
    planned = [field.path for field in change.fields]
    for path in _moved((), sent.before, sent.after):
        if not any(path[: len(each)] == each or each[: len(path)] == path for each in planned):
            yield f"I6: {run.name} moved {path} of {change.custom_id}, which its plan does not show"


def _was_touched(world: World, sent: Sent, since: float) -> bool:
    assert sent.arrived is not None
    by_people = any(id_ == sent.sequence_id and since <= when <= sent.arrived for when, id_ in world.touched)
    by_others = any(
        each is not sent
        and each.sequence_id == sent.sequence_id
        and each.mutation is not None
        and since <= (each.arrived or 0) <= sent.arrived
        for each in world.server.sent
    )
    return by_people or by_others


def _was_learned(world: World, sent: Sent) -> bool:
    """Tell whether somebody edited the sequence between one of our writes and its being read back.

    What they made of a name or a text cannot be told from what the server makes of it, and counts as such.
    """
    runs = {run.name: run for run in world.runs}
    return any(
        each.mutation is not None
        and each.sequence_id == sent.sequence_id
        and any(
            id_ == sent.sequence_id and (each.arrived or 0) <= when <= (runs[each.run].ended or 1e18)
            for when, id_ in world.touched
        )
        for each in world.server.sent
        if each is not sent
    )


def _written_once(world: World, run: Run, writes: list[Sent]) -> Iterator[str]:
    """I3: one PATCH for each change takes effect, unless a look showed that the one before had not.

    Where reads lag, such a look can be wrong: then the same bytes may land twice.
    """
    landed: dict[str | None, list[Sent]] = defaultdict(list)
    for sent in writes:
        if sent.mutation == "update":
            landed[sent.sequence_id].append(sent)
    for id_, each in landed.items():
        most = 2 if world.switches.lag else 1
        if len(each) > most or len({sent.body for sent in each}) > 1:
            yield f"I3: {run.name} changed {id_} {len(each)} times"


def _told_truly(world: World, run: Run, writes: list[Sent]) -> Iterator[str]:
    """I10: what a run reports is what the ledger says, both ways."""
    assert run.applied is not None
    outcomes = {outcome.custom_id: outcome for outcome in run.applied.outcomes}
    done = {change.custom_id for each in writes if each.mutation for change in [_change_of(run, each)] if change}
    for custom_id in sorted(done):
        outcome = outcomes.get(custom_id)
        if outcome is None:
            yield f"I10: {run.name} changed {custom_id} and does not report it"
        elif outcome.status in _NEVER_DONE and not (world.switches.lag and "read back: unchanged" in outcome.detail):
            yield f"I10: {run.name} reports {outcome.status.value} for {custom_id}, and it was done"
    for outcome in outcomes.values():
        change = run.changes.get(outcome.custom_id)
        # One that comes back with its new difference was left as it was found, whoever made it so.
        is_claim = outcome.status in _SURELY_DONE and not outcome.fields
        if is_claim and change is not None and change.operation is not None:
            yield from _really_done(world, run, change, outcome)


def _really_done(world: World, run: Run, change: Change, outcome: Outcome) -> Iterator[str]:
    assert change.operation is not None
    body = _resolved(change.operation.body.encoded, _ids(world, run))
    if not any(
        sent.mutation is not None and sent.sequence_id == outcome.id and sent.body == body for sent in world.server.sent
    ):
        yield f"I10: {run.name} reports {outcome.status.value} for {change.custom_id}, and it was never done"


def _ids(world: World, run: Run) -> dict[str, str]:
    """Return the ids that references stood for in a run."""
    known = {} if run.state is None else {name: record.id for name, record in run.state.records.items()}
    if run.plan is not None:
        known |= {change.custom_id: change.id for change in run.plan.changes if change.id is not None}
    made = {custom_id_of(sent): str(sent.sequence_id) for sent in created(world) if sent.run == run.name}
    if run.applied is not None:
        made |= {each.custom_id: each.id for each in run.applied.outcomes if each.id is not None and each.succeeded}
    return {**known, **made}


def _resolved(body: bytes, ids: dict[str, str]) -> bytes:
    return _NAME.sub(lambda match: b'"' + ids.get(match[1].decode(), "?").encode() + b'"', body)


def custom_id_of(sent: Sent) -> str:
    """Return the custom_id in what was sent; "" where there is none."""
    found = _CUSTOM_ID.search(sent.body or b"")
    return found[1].decode() if found else ""


_CUSTOM_ID = re.compile(rb'"custom_id":"([^"]*)"')


def _moved(path: tuple[Any, ...], before: Any, after: Any) -> Iterator[tuple[Any, ...]]:
    """Return the paths at which two sequences differ in what is managed."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            if (path or key in MANAGED_FIELDS) and key not in ("started_at", "ended_at"):
                yield from _moved((*path, key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _moved((*path, number), one, other)
    elif before != after:
        yield path
