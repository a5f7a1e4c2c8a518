"""A plan for people at a terminal: every change, then how much it is and what it costs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from reconciler.core.runs import short
from reconciler.model.change import Action, Change, FieldChange, Origin
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.plan import Plan, Refresh, Violation
from reconciler.model.risk import Affected, RiskClass
from reconciler.model.sequence import Retire
from reconciler.view.alike import Alike, alike
from reconciler.view.risk_text import class_word, live_status, reason_lines, step_lines, top_line
from reconciler.view.terminal import Paint, inert_line, one_line, paragraph
from reconciler.view.values import changed_at, shown
from reconciler.view.words import action_word, audience, channel, counted, duration, headline, place, waiting

_MARKS: Final = {
    Action.CREATE: ("+", "green"),
    Action.ADOPT: ("<", "magenta"),
    Action.UPDATE: ("~", "yellow"),
    Action.RENAME: (">", "yellow"),
    Action.KEEP: ("=", "dim"),
    Action.ORPHAN: ("?", "magenta"),
}
_RETIRED: Final = {Retire.CANCEL: "to cancel for good", Retire.RELEASE: "to release"}
_IN: Final = " " * 4
_LABEL: Final = len("reaches") + 3
_LEAST: Final = 12
# Lines of names of sequences that change alike.
_MOST_NAMES: Final = 6
# Where less is left beside the columns, a text gets a line of its own.
_COMFORTABLE: Final = 24
_ORIGINS: Final = {
    Origin.AUTHORED: "",
    Origin.NEW: "",
    Origin.DRIFT: "drift",
    Origin.CONFLICT: "conflict",
    Origin.TAKEOVER: "takeover",
}
UNDO_READS: Final = "what it would put back was read"
_REFRESH: Final = {
    Refresh.NONE: "live not read",
    Refresh.CHANGED: "live read where something changed",
    Refresh.ALL: "all live sequences read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How to draw: colours, width in columns, whether long values are shown whole, and the limit to reckon with.

    A limit of 0 is none at all; None where it is not known.
    """

    paint: Paint
    width: int = 100
    verbose: bool = False
    limit: int | None = 100
    seconds: float = 60

    @property
    def longest(self) -> int:
        """How many characters of a value are shown on a line of its own."""
        return self.room(8)

    def room(self, taken: int) -> int:
        """How many characters are left on a line of which some are taken."""
        return 10**6 if self.verbose else max(self.width - taken, _LEAST)


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
    given_up = Counter((change.action, change.retire) for change in plan.changes if change.retire is not None)
    counts = {
        action: plan.count(action) - sum(n for (of, _), n in given_up.items() if of is action) for action in words
    }
    parts = [f"{counts[action]:,} {word}" for action, word in words.items() if counts[action]]
    parts += [f"{number:,} {_RETIRED[how]}" for (_, how), number in sorted(given_up.items()) if how is not None]
    if plan.drifted:
        are_listed = not any(change.is_drifted and change.action is Action.KEEP for change in plan.changes)
        parts.append(f"{plan.drifted:,} drifted" + (" among these" if parts and are_listed else ""))
    # What is affected has no change of its own, and is not what it was.
    parts.append(f"{plan.count(Action.KEEP):,} {'without a change of their own' if plan.affected else 'unchanged'}")
    return ", ".join([*parts, *([f"{len(plan.affected):,} affected"] if plan.affected else [])])


def _lines(plan: Plan, digest: str, drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    selection = f", only {' '.join(map(inert_line, plan.basis.only))}" if plan.basis.only else ""
    title = f"Plan for {inert_line(plan.environment)}"
    if plan.basis.undo:
        title = f"Plan to undo run {inert_line(short(plan.basis.undo))} in {inert_line(plan.environment)}"
    yield paint(title, "bold") + paint(
        f" ({UNDO_READS if plan.basis.undo else _REFRESH[plan.basis.refresh]}{selection})", "dim"
    )
    yield from top_line(plan, paint, drawing.width)
    yield ""
    for each in (Alike(change, ()) for change in plan.changes) if drawing.verbose else alike(plan.changes):
        yield from change_lines(each.shown, drawing)
        yield from _others(each, drawing)
        yield ""
    for affected in plan.affected:
        yield from _affected(affected, drawing)
        yield ""
    for violation in plan.violations:
        yield from _said("refused", "red", violation, drawing)
    for warning in plan.warnings:
        yield from _said("warning", "yellow", warning, drawing)
    if plan.violations or plan.warnings:
        yield ""
    yield from _closing(plan, digest, drawing)


def _closing(plan: Plan, digest: str, drawing: Drawing) -> Iterator[str]:
    if not plan.changes and not plan.violations:
        kept = counted(plan.count(Action.KEEP), "sequence")
        known = f"{kept} as the manifests ask for, live too"
        if plan.basis.undo is not None:
            known = "all is as it was before that run"
        elif plan.basis.refresh is not Refresh.ALL:
            known = f"{kept} recorded as the manifests ask for; live was not read"
        first, *others = paragraph(f"Nothing to do: {known}.", width=drawing.width, indent=_IN)
        yield drawing.paint("Nothing to do:", "bold") + first.removeprefix("Nothing to do:")
        yield from others
        return
    yield drawing.paint(f"{tally(plan)}.", "bold")
    if plan.violations:
        yield f"It cannot be applied: {counted(len(plan.violations), 'refusal')} above."
    elif not plan.has_work:
        yield "Nothing to apply: what is listed waits for a decision."
    elif plan.requests:
        time = "" if drawing.limit is None else f": {waiting(plan.requests, drawing.limit, drawing.seconds)}"
        yield f"Applying takes {counted(plan.requests, 'request')}{time}."
    else:
        yield "Applying sends nothing; it only brings the record up to date."
    yield drawing.paint(f"Digest {digest}", "dim")


def _said(word: str, colour: str, violation: Violation, drawing: Drawing) -> Iterator[str]:
    subject = f" {violation.custom_id}" if violation.custom_id else ""
    text = f"{word}{subject}: {violation.message} [{violation.rule}]"
    first, *others = paragraph(text, width=drawing.width, indent=_IN)
    yield drawing.paint(word, colour, "bold") + first.removeprefix(word)
    yield from others


def change_lines(change: Change, drawing: Drawing) -> Iterator[str]:
    """Yield the lines about one change."""
    paint = drawing.paint
    mark, colour = _MARKS[change.action]
    where = f"  {inert_line(change.source.file)}:{change.source.line}" if change.source else ""
    name = paint(f"{mark} {inert_line(change.custom_id)}", colour, "bold")
    risk = "" if change.assessment is None else f"  {class_word(change.assessment.risk, paint)}"
    yield f"{name}  {action_word(change)}{risk}{paint(where, 'dim')}"
    why = change.reason + live_status(change.assessment)
    yield from (paint(line, "dim") for line in paragraph(why, width=drawing.width, first=_IN, indent=_IN))
    if change.assessment is not None:
        yield from reason_lines(change.assessment, paint, drawing.width)
    if change.action is Action.CREATE and change.body is not None:
        yield from (f"    {line}" for line in _portrait(change.body.value, drawing))
        return
    yield from _fields(change, drawing)


def _others(group: Alike, drawing: Drawing) -> Iterator[str]:
    """Name those that read alike; all of them where a mistake is grave, else as many as a glance takes in."""
    if not group.others:
        return
    risk = None if group.shown.assessment is None else group.shown.assessment.risk
    names = "  ".join(inert_line(each.custom_id) for each in group.others)
    lines = paragraph(names, width=drawing.width, first=_IN * 2, indent=_IN * 2)
    most = len(lines) if risk is None or risk >= RiskClass.R3 else _MOST_NAMES
    yield drawing.paint(f"{_IN}and {len(group.others):,} more like it, which -v shows one by one:", "bold")
    yield from lines[:most]
    if len(lines) > most:
        unnamed = len(group.others) - sum(len(line.split()) for line in lines[:most])
        yield f"{_IN * 2}... and {unnamed:,} more"


def _fields(change: Change, drawing: Drawing) -> Iterator[str]:
    """Draw every field; where steps came, went or changed places, the steps side by side say more than positions."""
    assessment = change.assessment
    is_restructured = assessment is not None and assessment.is_restructured
    unplaced: list[Origin] = []
    for field in change.fields:
        if is_restructured and field.path[:1] == ("steps",):
            unplaced.append(field.origin)
        else:
            yield from field_lines(field, drawing)
    for origin in filter(None, dict.fromkeys(_ORIGINS[each] for each in unplaced)):
        yield f"    steps{drawing.paint(f'  {origin}', 'magenta')}"
    if assessment is not None and change.body is not None:
        steps = change.body.value["steps"]
        longest = drawing.room(10)
        yield from step_lines(assessment, steps, paint=drawing.paint, longest=longest, width=drawing.width)


def _affected(each: Affected, drawing: Drawing) -> Iterator[str]:
    paint, risk = drawing.paint, each.assessment.risk
    name = paint(f"! {inert_line(each.custom_id)}", "magenta", "bold")
    yield f"{name}  affected  {class_word(risk, paint)}"
    yield from reason_lines(each.assessment, paint, drawing.width)


def field_lines(field: FieldChange, drawing: Drawing) -> Iterator[str]:
    """Yield the lines that show where a field stands, who moved it, and how it changes."""
    paint = drawing.paint
    origin = _ORIGINS[field.origin]
    yield f"    {inert_line(place(field.path))}" + (paint(f"  {origin}", "magenta") if origin else "")
    if field.origin is Origin.CONFLICT:
        longest = drawing.room(6 + len("=   (recorded)"))
        yield paint(f"      = {shown(field.recorded, longest=longest)}  (recorded)", "dim")
    before = field.recorded if field.live is ABSENT and field.origin is Origin.AUTHORED else field.live
    for line in changed_at(field.path, before, field.desired, longest=drawing.longest, paint=paint):
        yield f"      {line}"


def _portrait(payload: dict[str, Any], drawing: Drawing) -> Iterator[str]:
    """A new sequence as a person would describe it; `-v` and the JSON plan have every value."""
    longest = drawing.room(4 + _LABEL)
    yield f"{'name':<{_LABEL}}{one_line(str(payload['name']), longest=longest)}"
    yield f"{'runs':<{_LABEL}}{'continuously' if payload['is_continuous'] else 'once'}"
    yield f"{'reaches':<{_LABEL}}{one_line(audience(payload['filter']), longest=longest)}"
    delays = [duration(step.get("delay_in_minutes", 0)) for step in payload["steps"]]
    channels = [inert_line(channel(step)) for step in payload["steps"]]
    when, how = (max(map(len, column), default=0) for column in (delays, channels))
    taken = 4 + _LABEL + when + 2 + how + 2
    is_beside = drawing.room(taken) >= _COMFORTABLE
    for number, step in enumerate(payload["steps"], start=1):
        columns = f"{f'step {number}':<{_LABEL}}{delays[number - 1]:<{when}}  {channels[number - 1]:<{how}}"
        text = one_line(headline(step), longest=drawing.room(taken) if is_beside else longest)
        yield f"{columns}  {text}".rstrip() if is_beside else columns.rstrip()
        if text and not is_beside:
            yield " " * _LABEL + text
        if drawing.verbose:
            for key, value in sorted(step["action"]["data"].items()):
                yield f"  {inert_line(key)}: {shown(value, longest=drawing.longest)}"
