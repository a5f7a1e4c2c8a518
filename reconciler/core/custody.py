"""What the named commands make of state: the decisions that are never inferred, each taken by a person. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from reconciler.core.spelling import did_you_mean
from reconciler.errors import RefusedError, StateError, UnavailableError, UsageError
from reconciler.model.sequence import Live, Reading, Record, Unreadable
from reconciler.model.state import Pending, State

NO_STATE: Final = "there is no state yet"


def require(state: State | None, *, started_by: str = "reconciler apply") -> State:
    """Return the state; StateError where there is none, with the command that starts one."""
    if state is None:
        raise StateError(NO_STATE, hint=f"the first `{started_by}` starts one")
    return state


def record_of(state: State, custom_id: str) -> Record:
    """Return a record; UsageError where there is none of that name."""
    if custom_id not in state.records:
        raise UsageError(f"`{custom_id}` is not recorded", hint=_hint(custom_id, state.records))
    return state.records[custom_id]


def forget(state: State, custom_id: str) -> State:
    """Drop a record, and what waits for an answer of that sequence; the sequence itself is left alone."""
    record = record_of(state, custom_id)
    return replace(
        state,
        records={name: each for name, each in state.records.items() if name != custom_id},
        pending={name: each for name, each in state.pending.items() if each.id != record.id},
    )


def unanswered(state: State, record: Record) -> Pending | None:
    """Return the write of a recorded sequence that got no answer, where there is one."""
    return next((each for each in state.pending.values() if each.id == record.id), None)


def move(state: State, former: str, custom_id: str) -> State:
    """Record a sequence under another custom_id; nothing is written to the API."""
    record = record_of(state, former)
    if custom_id in state.records:
        raise RefusedError(
            f"`{custom_id}` is recorded already, as {state.records[custom_id].id}",
            hint=f"forget one of them first: `reconciler state forget {custom_id}`",
        )
    if custom_id in state.pending and state.pending[custom_id].id != record.id:
        raise RefusedError(
            f"a write of `{custom_id}` waits for an answer, and would be forgotten",
            hint=f"say what became of it first: `reconciler state resolve {custom_id} --help`",
        )
    left = {name: each for name, each in state.records.items() if name != former}
    return replace(state, records=dict(sorted({**left, custom_id: record}.items())))


def unresolved(state: State, custom_id: str) -> Pending:
    """Return the create that nobody knows the end of; UsageError where there is none of that name.

    A create that was told an id, and was never read back under it, is one too.
    """
    recorded = {record.id for record in state.records.values()}
    creates = {name: each for name, each in state.pending.items() if each.id not in recorded}
    if custom_id in creates:
        return creates[custom_id]
    if custom_id in state.pending:
        raise UsageError(
            f"`{custom_id}` has an update that got no answer, and no create",
            hint="nothing needs to be said of it: `reconciler plan` reads it and shows what is left to do",
        )
    raise UsageError(
        f"there is no create of `{custom_id}` that waits for an answer",
        hint=_hint(custom_id, creates) if creates else "nothing waits for an answer",
    )


def resolve_created(state: State, custom_id: str, found: Reading, *, id_: str) -> State:
    """Take a person's word that a create without an answer did happen, as the sequence that was read."""
    pending = unresolved(state, custom_id)
    if isinstance(found, Unreadable):
        raise UnavailableError(f"{id_} could not be read, so nothing was recorded: {found.reason}")
    if not isinstance(found, Live):
        raise RefusedError(
            f"the API knows no sequence {id_} for this key; nothing was recorded",
            hint="copy the id from the dashboard once more, or check the environment",
        )
    if state.org_id is not None and found.org_id != state.org_id:
        raise RefusedError(f"{id_} belongs to organisation {found.org_id or '(unknown)'}, state to {state.org_id}")
    if found.custom_id != custom_id:
        raise RefusedError(
            f"{id_} has another custom_id than `{custom_id}`; nothing was recorded",
            hint="it is another sequence; look for the one with this custom_id",
        )
    _refuse_recorded(state, custom_id, id_)
    # Nothing is learned from what is there by now: whether the server or a person made it so, the next plan shows it.
    record = Record(id=id_, applied=pending.payload, status=found.status)
    return replace(
        state,
        records=dict(sorted({**state.records, custom_id: record}.items())),
        pending=_without(state, custom_id),
        org_id=state.org_id or found.org_id,
    )


def resolve_not_created(state: State, custom_id: str, found: Reading) -> State:
    """Take a person's word that a create without an answer never happened, unless a look-up says otherwise."""
    pending = unresolved(state, custom_id)
    # One that was told an id and has that name no more is gone; what has its custom_id by now is another.
    if isinstance(found, Live) and pending.id in (None, found.id):
        raise RefusedError(
            f"`{custom_id}` does exist, as {found.id}; nothing was changed",
            hint=f"if that is it: `reconciler state resolve {custom_id} --id {found.id}`",
        )
    if isinstance(found, Unreadable):
        raise UnavailableError(f"looking `{custom_id}` up failed, so nothing was changed: {found.reason}")
    return replace(state, pending=_without(state, custom_id))


def pushed(base: State | None, given: State, *, as_next: bool) -> State:
    """Return what state becomes when a whole one is put in its place.

    Refused for another lineage and for an older or another version of the same serial; `as_next` is a person's word
    that an older one is meant, which then gets the next serial.
    """
    if base is None:
        return given
    if given.lineage != base.lineage:
        raise RefusedError(
            f"the file is of another lineage ({given.lineage}) than the state there ({base.lineage})",
            hint="it was born elsewhere: check the environment",
        )
    if as_next:
        # What nobody knows the end of is not settled by an older version, which knew nothing of it.
        known = {record.id for record in given.records.values()}
        left = {
            name: each
            for name, each in base.pending.items()
            if name not in given.pending and name not in given.records and (each.id is None or each.id not in known)
        }
        kept = replace(given, pending=dict(sorted({**given.pending, **left}.items())))
        return replace(kept, serial=base.serial + (replace(kept, serial=base.serial) != base))
    if given.serial < base.serial or (given.serial == base.serial and given != base):
        raise RefusedError(
            f"the file has serial {given.serial}, the state there {base.serial}: it would undo what was recorded since",
            hint="if that is meant, say so with --as-next",
        )
    return given


def _refuse_recorded(state: State, custom_id: str, id_: str) -> None:
    for name, record in state.records.items():
        if record.id == id_ or name == custom_id:
            raise RefusedError(f"`{name}` is recorded already, as {record.id}; nothing was changed")


def _without(state: State, custom_id: str) -> dict[str, Pending]:
    return {name: each for name, each in state.pending.items() if name != custom_id}


def _hint(custom_id: str, known: Iterable[str]) -> str:
    return did_you_mean(custom_id, known) or "`reconciler state list` shows what is recorded"
