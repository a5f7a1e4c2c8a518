"""What the `state` commands say, for people."""

import json
from collections.abc import Iterable, Iterator

from reconciler.model.hold import Hold
from reconciler.model.sequence import Record
from reconciler.model.state import Pending, Saved, State
from reconciler.view.terminal import Paint, inert_line, one_line
from reconciler.view.words import counted


def list_text(environment: str, state: State, hold: Hold | None, paint: Paint) -> str:
    """Return a line for each sequence that is recorded or waits for an answer."""
    return "\n".join(_list(environment, state, hold, paint)) + "\n"


def _list(environment: str, state: State, hold: Hold | None, paint: Paint) -> Iterator[str]:
    organisation = inert_line(state.org_id or "not known yet")
    yield paint(f"State of {inert_line(environment)}: serial {state.serial}", "bold")
    yield f"  lineage {inert_line(state.lineage)}, organisation {organisation}"
    width = max((len(name) for name in (*state.records, *state.pending)), default=0)
    for name, record in state.records.items():
        yield f"  {inert_line(name):<{width}}  {inert_line(record.id)}  {inert_line(record.status or '')}".rstrip()
    for name, pending in state.pending.items():
        is_update = pending.id in {record.id for record in state.records.values()}
        what = "updated, perhaps" if is_update else "created, perhaps"
        what = "canceled, perhaps" if pending.cancels else what
        yield f"  {inert_line(name):<{width}}  {paint(what, 'yellow')}: no answer since {inert_line(pending.since)}"
    for override in state.overrides:
        where = f"{inert_line(override.since)}, plan {inert_line(override.plan[:19])}…"
        yield f"  overridden: {inert_line(override.guard)} ({inert_line(override.reason)}), {paint(where, 'dim')}"
    for plan in state.plans:
        if plan.acknowledged is not None:
            where = f"{inert_line(plan.since)}, plan {inert_line(plan.digest[:19])}…"
            yield f"  acknowledged: {inert_line(plan.acknowledged)}, {paint(where, 'dim')}"
    if hold is not None:
        yield paint(f"  locked {hold_words(hold)}; nonce {inert_line(hold.nonce)}", "yellow")
    yield paint(f"{counted(len(state.records), 'sequence')} recorded.", "bold")


def hold_words(hold: Hold) -> str:
    """Return who holds a lock, where, since when and for what."""
    where = f" ({one_line(hold.url, longest=200)})" if hold.url else ""
    return (
        f"by {inert_line(hold.who)} on {inert_line(hold.host)} since {inert_line(hold.since)} "
        f"for `{inert_line(hold.purpose)}`{where}"
    )


def forgotten_words(unanswered: Pending | None) -> str:
    """Return what becomes of a sequence whose record was dropped, and of a write of it that got no answer."""
    if unanswered is None:
        return "it still exists and may still send"
    what = "cancel" if unanswered.cancels else "update"
    since = inert_line(unanswered.since)
    return (
        f"it exists and may still send. Its {what} of {since} got no answer, and is forgotten too: "
        "look in the dashboard whether it happened"
    )


def record_text(custom_id: str, record: Record | None, pending: Pending | None, paint: Paint) -> str:
    """Return all that is known of one sequence."""
    lines = [paint(inert_line(custom_id), "bold")]
    if record is not None:
        lines.append(f"  id      {inert_line(record.id)}")
        lines.append(f"  status  {inert_line(record.status or 'not known')}, when it was last read")
        if record.retired:
            lines.append("  retired: its manifest asked to cancel it, and it was seen to have ended")
        lines.append("  applied")
        lines += _indented(record.applied.value)
        if record.stored is not None:
            lines.append("  stored, in the server's own form")
            lines += _indented(record.stored.value)
    if pending is not None:
        what = "cancel" if pending.cancels else "create" if record is None else "update"
        lines.append(paint(f"  its {what} of {inert_line(pending.since)} got no answer; it was sent", "yellow"))
        lines += _indented(pending.payload.value)
    return "\n".join(lines) + "\n"


def history_text(versions: Iterable[Saved]) -> str:
    """Return a line for each version that was saved, the newest first."""
    rows = [f"{each.serial:>6}  {inert_line(each.since):<20}  {inert_line(each.by)}" for each in versions]
    return "\n".join([*rows, counted(len(rows), "version")]) + "\n"


def _indented(value: object) -> list[str]:
    return [f"    {inert_line(line)}" for line in json.dumps(value, indent=2, ensure_ascii=True).splitlines()]
