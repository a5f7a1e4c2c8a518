"""One sequence of a plan: its class and why, its steps as a picture, each message before and after, each field."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.model.change import Action, Change, FieldChange, Origin
from reconciler.model.jsonvalue import ABSENT, Absent, MaybeJson
from reconciler.model.risk import Affected, Assessment, StepChange, StepKind
from reconciler.view.html.before import steps_before
from reconciler.view.html.messages import message
from reconciler.view.html.timeline import timeline
from reconciler.view.html.words import element, text
from reconciler.view.risk_text import live_status
from reconciler.view.step_words import step_title
from reconciler.view.values import PERSONAL, people, shown
from reconciler.view.visible import seen
from reconciler.view.word_diff import GAP, Line, word_diff
from reconciler.view.words import action_word, audience, channel, place

_LONGEST: Final = 400
_MOVED: Final = frozenset({Origin.DRIFT, Origin.CONFLICT, Origin.TAKEOVER})


def change_section(change: Change) -> str:
    """Return the section about a change."""
    inside = "".join(_inside(change))
    where = "" if change.source is None else f"{change.source.file}:{change.source.line}"
    return _section(change.custom_id, change.action.value, change.assessment, inside, where, said=action_word(change))


def affected_section(each: Affected) -> str:
    """Return the section about a sequence whose audience moves with another one's."""
    return _section(each.custom_id, "affected", each.assessment, _reasons(each.assessment), "")


def _section(
    custom_id: str, kind: str, assessment: Assessment | None, inside: str, where: str, *, said: str | None = None
) -> str:
    risk = "none" if assessment is None else assessment.risk.value
    badge = "" if assessment is None else element("span", risk, class_=f"badge {risk}")
    summary = element(
        "summary",
        element("h3", element("code", text(custom_id))),
        f" {badge} ",
        element("span", said or kind, class_="kind"),
        element("span", text(where), class_="note"),
    )
    is_open = assessment is not None and risk >= "R2"
    opened = " open" if is_open else ""
    return (
        f'<details class="change" data-risk="{text(risk)}" data-kind="{text(kind)}"{opened}>{summary}{inside}</details>'
    )


def _inside(change: Change) -> Iterator[str]:
    yield element("p", text(change.reason + live_status(change.assessment)), class_="note")
    assessment = change.assessment
    if assessment is not None:
        yield _reasons(assessment)
    if change.action is Action.CREATE and change.body is not None:
        yield from _new(change.body.value)
        return
    after = [] if change.body is None else change.body.value["steps"]
    if assessment is not None and assessment.steps and after:
        before = steps_before(assessment.steps, after)
        yield timeline(assessment.steps, before, after)
        yield from _side_by_side(assessment.steps, before, after)
    yield from _fields(change, is_shown_as_message=bool(assessment and assessment.steps and after))


def _reasons(assessment: Assessment) -> str:
    lines = [*assessment.reasons, *assessment.reach.sentences]
    delta = "" if assessment.audience is None else f"audience: {assessment.audience.value}"
    items = [element("li", text(line)) for line in (*lines, delta) if line]
    return element("ul", *items, class_="reasons") if items else ""


def _new(payload: Mapping[str, Any]) -> Iterator[str]:
    runs = "continuously" if payload["is_continuous"] else "once"
    reaches = text(audience(payload["filter"]))
    yield f"<p><strong>{text(payload['name'])}</strong>, runs {runs}, reaches {reaches}</p>"
    steps = payload["steps"]
    picture = tuple(StepChange(kind=StepKind.INSERTED, before=None, after=n) for n in range(len(steps)))
    yield timeline(_timed(picture, steps), [], steps)
    for number, step in enumerate(steps):
        yield element("h4", f"Step {number + 1}")
        yield element("div", element("div", message(step), class_="after"), class_="pair single")


def _timed(changes: tuple[StepChange, ...], steps: list[Any]) -> tuple[StepChange, ...]:
    total: float | None = 0.0
    timed = []
    for change, step in zip(changes, steps, strict=True):
        delay = step.get("delay_in_minutes", 0) if isinstance(step, Mapping) else None
        total = total + delay if total is not None and isinstance(delay, int | float) else None
        timed.append(StepChange(kind=change.kind, before=None, after=change.after, sent_after=total))
    return tuple(timed)


def _side_by_side(changes: tuple[StepChange, ...], before: list[Any], after: list[Any]) -> Iterator[str]:
    for each in changes:
        if each.kind is StepKind.SAME or (each.kind is StepKind.MOVED and not each.edits):
            continue
        was = None if each.before is None else before[each.before]
        becomes = None if each.after is None else after[each.after]
        yield element("h4", text(step_title(each).capitalize()))
        yield "".join(_words(each))
        left = element("div", "<h5>Before</h5>", message(was), class_="before") if was is not None else ""
        right = element("div", "<h5>After</h5>", message(becomes), class_="after") if becomes is not None else ""
        yield element("div", left, right, class_="pair" if left and right else "pair single")


def _words(change: StepChange) -> Iterator[str]:
    """What changes inside a step, word by word, since two pictures side by side do not say where to look."""
    for edit in change.edits:
        name = place(("steps", 0, *edit.path)).partition(": ")[2] or channel({})
        yield element("div", element("h5", element("code", text(name))), _diff(name, edit.before, edit.after))


def _diff(name: str, before: MaybeJson, after: MaybeJson) -> str:
    if isinstance(before, str) and isinstance(after, str):
        is_body = name == "email_body"
        was = seen(before).text if is_body else tuple(before.splitlines())
        becomes = seen(after).text if is_body else tuple(after.splitlines())
        lines = list(word_diff(was, becomes, context=1))
        return (
            element("div", *map(_line, lines), class_="diff") if lines else "<p class=note>Only its markup changes.</p>"
        )
    sides = ((before, "del", "was"), (after, "ins", "becomes"))
    shown_ = [
        f"{label} {element(tag, text(shown(value, longest=_LONGEST)))}"
        for value, tag, label in sides
        if not isinstance(value, Absent)
    ]
    return element("p", ", ".join(shown_))


def _line(line: Line) -> str:
    if line is GAP:
        return element("div", "…", class_="gap")
    tag = {"-": "del", "+": "ins"}.get(line.sign, "span")
    whole = all(part.is_changed for part in line.parts)
    parts = (text(p.text) if whole or not p.is_changed else element("b", text(p.text)) for p in line.parts)
    label = {"-": "before: ", "+": "after: "}.get(line.sign, "")
    hidden = element("span", label, class_="unseen") if label else ""
    return element("div", hidden, element(tag, *parts))


def _fields(change: Change, *, is_shown_as_message: bool) -> Iterator[str]:
    """A table of the fields; where steps came, went or changed places, it only says who moved them."""
    is_restructured = change.assessment is not None and change.assessment.is_restructured
    of_steps = [field for field in change.fields if field.path[:1] == ("steps",)]
    others = [field for field in change.fields if field.path[:1] != ("steps",)]
    if is_restructured and is_shown_as_message:
        origins = dict.fromkeys(field.origin for field in of_steps if field.origin in _MOVED)
        rows = [*map(_row, others), *(_row_of_steps(origin) for origin in origins)]
    else:
        shown_ = [field for field in of_steps if field.origin in _MOVED or not is_shown_as_message]
        rows = [_row(field) for field in (*others, *shown_)]
    if rows:
        heads = "".join(
            f"<th scope=col>{name}</th>" for name in ("field", "who moved it", "recorded", "live", "desired")
        )
        table = element("table", f"<thead><tr>{heads}</tr></thead>", *rows)
        yield element("div", table, class_="wide", tabindex="0", role="group", aria_label="Fields")


def _row_of_steps(origin: Origin) -> str:
    head = element("th", element("code", "steps"), scope="row")
    told = element("td", "step by step above", colspan="3")
    return element("tr", head, element("td", origin.value, class_=f"origin {origin.value}"), told)


def _row(field: FieldChange) -> str:
    values = (field.recorded, field.live, field.desired)
    told = [_value(field, value) for value in values]
    if not PERSONAL.isdisjoint(field.path):
        told[-1] = people(field.recorded if isinstance(field.live, Absent) else field.live, field.desired)
    cells = "".join(element("td", text(each)) for each in told)
    head = element("th", element("code", text(place(field.path))), scope="row")
    return element("tr", head, element("td", field.origin.value, class_=f"origin {field.origin.value}"), cells)


def _value(field: FieldChange, value: MaybeJson) -> str:
    if value is ABSENT:
        return "–"  # noqa: RUF001 - a dash for "nothing"
    if not PERSONAL.isdisjoint(field.path):
        return f"{len(value)} entries" if isinstance(value, list) else "(withheld)"
    return shown(value, longest=_LONGEST)
