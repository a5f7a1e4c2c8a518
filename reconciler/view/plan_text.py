"""A plan for people at a terminal: every change, then how much it is and what it costs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from reconciler.model.change import Action, Change, FieldChange, Origin
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.plan import Plan, Refresh, Violation
from reconciler.view.terminal import Paint, inert, one_line
from reconciler.view.values import changed, shown
from reconciler.view.words import audience, channel, counted, duration, headline, place, waiting

_MARKS: Final = {
    Action.CREATE: ("+", "green"),
    Action.ADOPT: ("<", "magenta"),
    Action.UPDATE: ("~", "yellow"),
    Action.RENAME: (">", "yellow"),
    Action.KEEP: ("=", "dim"),
    Action.ORPHAN: ("?", "magenta"),
}
_ORIGINS: Final = {
    Origin.AUTHORED: "",
    Origin.NEW: "",
    Origin.DRIFT: "drift: changed behind the tool's back",
    Origin.CONFLICT: "conflict: changed here and behind the tool's back",
    Origin.TAKEOVER: "taken over from what is live",
}
_REFRESH: Final = {
    Refresh.NONE: "live not read",
    Refresh.CHANGED: "live read where something changed",
    Refresh.ALL: "all live sequences read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How to draw: colours, width in columns, whether long values are shown whole, and the limit to reckon with."""

    paint: Paint
    width: int = 100
    verbose: bool = False
    limit: int = 100
    seconds: float = 60

    @property
    def longest(self) -> int:
        """How many characters of a value are shown on a line."""
        return 10**6 if self.verbose else max(self.width - 8, 20)


def plan_text(plan: Plan, digest: str, drawing: Drawing) -> str:
    """Return the whole drawing, ending in a line break."""
    return "\n".join(_lines(plan, digest, drawing)) + "\n"


def tally(plan: Plan) -> str:
    """Return one phrase with the number of sequences for each action."""
    words = {
        Action.CREATE: "to create",
        Action.ADOPT: "to adopt",
        Action.UPDATE: "to update",
        Action.RENAME: "to rename",
        Action.ORPHAN: "orphaned",
    }
    parts = [f"{plan.count(action):,} {word}" for action, word in words.items() if plan.count(action)]
    return ", ".join([*parts, f"{plan.count(Action.KEEP):,} unchanged"])


def _lines(plan: Plan, digest: str, drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    selection = f", only {' '.join(map(inert, plan.basis.only))}" if plan.basis.only else ""
    title = f"Plan for {inert(plan.environment)}"
    yield paint(title, "bold") + paint(f" ({_REFRESH[plan.basis.refresh]}{selection})", "dim")
    yield ""
    for change in plan.changes:
        yield from _change(change, drawing)
        yield ""
    for violation in plan.violations:
        yield paint("refused", "red", "bold") + _said(violation)
    for warning in plan.warnings:
        yield paint("warning", "yellow", "bold") + _said(warning)
    if plan.violations or plan.warnings:
        yield ""
    yield from _closing(plan, digest, drawing)


def _closing(plan: Plan, digest: str, drawing: Drawing) -> Iterator[str]:
    if not plan.changes and not plan.violations:
        kept = counted(plan.count(Action.KEEP), "sequence")
        yield drawing.paint("Nothing to do: ", "bold") + f"{kept} as the manifests ask for."
        return
    drifted = f" ({counted(plan.drifted, 'sequence')} drifted)" if plan.drifted else ""
    yield drawing.paint(f"{tally(plan)}{drifted}.", "bold")
    if plan.violations:
        yield f"It cannot be applied: {counted(len(plan.violations), 'refusal')} above."
    elif not plan.has_work:
        yield "There is nothing to apply; what is listed waits for a person's decision."
    elif plan.requests:
        time = waiting(plan.requests, drawing.limit, drawing.seconds)
        yield f"Applying takes {counted(plan.requests, 'request')}: {time}."
    else:
        yield "Applying sends nothing; it only brings the record up to date."
    yield drawing.paint(f"Digest {digest}", "dim")


def _said(violation: Violation) -> str:
    subject = f" {inert(violation.custom_id)}" if violation.custom_id else ""
    return f"{subject}: {inert(violation.message)} [{violation.rule}]"


def _change(change: Change, drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    mark, colour = _MARKS[change.action]
    where = f"  {inert(change.source.file)}:{change.source.line}" if change.source else ""
    yield f"{paint(f'{mark} {inert(change.custom_id)}', colour, 'bold')}  {change.action.value}{paint(where, 'dim')}"
    yield paint(f"    {one_line(change.reason, longest=drawing.longest)}", "dim")
    if change.action is Action.CREATE and change.operation is not None:
        yield from (f"    {line}" for line in _portrait(change.operation.body.value, drawing))
        return
    for field in change.fields:
        yield from _field(field, drawing)


def _field(field: FieldChange, drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    origin = _ORIGINS[field.origin]
    yield f"    {inert(place(field.path))}" + (paint(f"  {origin}", "magenta") if origin else "")
    if field.origin is Origin.CONFLICT:
        yield paint(f"      = {shown(field.recorded, longest=drawing.longest)}  (recorded)", "dim")
    before = field.recorded if field.live is ABSENT and field.origin is Origin.AUTHORED else field.live
    for line in changed(before, field.desired, longest=drawing.longest, paint=paint):
        yield f"      {line}"


def _portrait(payload: dict[str, Any], drawing: Drawing) -> Iterator[str]:
    """A new sequence as a person would describe it; `-v` and the JSON plan have every value."""
    yield f"name      {one_line(str(payload['name']), longest=drawing.longest)}"
    yield f"runs      {'continuously' if payload['is_continuous'] else 'once'}"
    yield f"reaches   {one_line(audience(payload['filter']), longest=drawing.longest)}"
    for number, step in enumerate(payload["steps"], start=1):
        delay = duration(step.get("delay_in_minutes", 0))
        text = one_line(headline(step), longest=max(drawing.longest - 40, 20))
        yield f"step {number:<4} {delay:<16} {channel(step):<11} {text}"
        if drawing.verbose:
            for key, value in sorted(step["action"]["data"].items()):
                yield f"  {inert(key)}: {shown(value, longest=drawing.longest)}"
