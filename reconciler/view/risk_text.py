"""What a plan means for the people who are written to, as lines for a terminal: classes, who is reached, steps that
come, go or are sent at another time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.model.jsonvalue import MaybeJson
from reconciler.model.plan import Plan
from reconciler.model.risk import Assessment, RiskClass, StepChange, StepKind
from reconciler.view.reached import followed, reached
from reconciler.view.terminal import Paint, inert_line, one_line, paragraph
from reconciler.view.values import changed_at, shown
from reconciler.view.words import channel, duration, headline, place

_IN: Final = " " * 4
_COLOURS: Final = {
    RiskClass.R0: "dim",
    RiskClass.R1: "dim",
    RiskClass.R2: "yellow",
    RiskClass.R3: "yellow",
    RiskClass.R4: "red",
}
_UNMEASURED: Final = "(if each delay counts from the step before; what it is measured from is not documented)"


def class_word(risk: RiskClass, paint: Paint) -> str:
    """Return the class in its colour."""
    return paint(risk.value, _COLOURS[risk], *(["bold"] if risk is RiskClass.R4 else []))


def top_line(plan: Plan, paint: Paint, width: int) -> Iterator[str]:
    """Yield the highest class of a plan and whom its writes reach; nothing where it has nothing to say."""
    if not plan.changes:
        return
    parts = [reached(plan), followed(plan)]
    word = f"Risk {plan.risk.value}"
    first, *others = paragraph(f"{word}: {', '.join(filter(None, parts))}", width=width, indent=_IN)
    yield paint(word, _COLOURS[plan.risk], "bold") + first.removeprefix(word)
    yield from others


def live_status(assessment: Assessment | None) -> str:
    """Return where a live sequence is in its life, as it was read now; nothing where it was not."""
    if assessment is None or not assessment.reach.is_read or assessment.reach.status is None:
        return ""
    return f" (live status: {assessment.reach.status})"


def reason_lines(assessment: Assessment, paint: Paint, width: int) -> Iterator[str]:
    """Yield why a change has its class, and what of it can still matter."""
    risk = assessment.risk
    for number, reason in enumerate(assessment.reasons):
        label = f"{_IN}{risk.value}  " if number == 0 else " " * (len(_IN) + 4)
        first, *others = paragraph(reason, width=width, first=label, indent=" " * len(label))
        yield first.replace(risk.value, class_word(risk, paint), 1) if number == 0 else first
        yield from others
    for sentence in assessment.reach.sentences:
        yield from (paint(each, "dim") for each in paragraph(sentence, width=width, first=_IN, indent=_IN))


def step_lines(
    assessment: Assessment, steps: Sequence[Mapping[str, Any]], *, paint: Paint, longest: int, width: int
) -> Iterator[str]:
    """Yield the steps that came, went, changed places or are sent at another time, and where steps changed places
    also what changes within them; `steps` are those after the change."""
    is_shifted = False
    for step in assessment.steps:
        if step.kind is StepKind.SAME and not step.is_shifted:
            continue
        if not assessment.is_restructured and not step.is_shifted:
            continue
        is_shifted |= step.is_shifted
        yield from paragraph(_title(step, steps), width=width, first=_IN, indent=_IN * 2)
        if assessment.is_restructured:
            yield from (f"      {line}" for line in _within(step, steps, paint=paint, longest=longest))
    if is_shifted:
        yield from (paint(each, "dim") for each in paragraph(_UNMEASURED, width=width, first=_IN, indent=_IN))


def _title(step: StepChange, steps: Sequence[Mapping[str, Any]]) -> str:
    if step.after is None:
        return f"step {_number(step.before)} of before is removed"
    was = f" (was step {_number(step.before)})" if step.before not in (None, step.after) else ""
    said = []
    if step.kind is StepKind.INSERTED:
        when = "" if step.sent_after is None else f", sent {duration(step.sent_after)}"
        said.append(f"inserted, {inert_line(channel(steps[step.after]))}{when}")
    if step.kind is StepKind.MOVED:
        said.append("moved")
    if step.is_shifted and step.sent_before is not None and step.sent_after is not None:
        said.append(f"sent {duration(step.sent_after)} instead of {duration(step.sent_before)}")
    return f"step {_number(step.after)}{was}" + (f"  {', '.join(said)}" if said else "")


def _within(step: StepChange, steps: Sequence[Mapping[str, Any]], *, paint: Paint, longest: int) -> Iterator[str]:
    if step.kind is StepKind.INSERTED and step.after is not None:
        yield paint(f"+ {one_line(headline(steps[step.after]), longest=longest)}".rstrip(), "green")
    if step.kind is StepKind.REMOVED:
        yield paint(f"- {_portrait(step.removed, longest=longest)}", "red")
    for edit in step.edits:
        yield inert_line(place(("steps", 0, *edit.path)).partition(": ")[2] or "all of it")
        yield from (
            f"  {line}" for line in changed_at(edit.path, edit.before, edit.after, longest=longest, paint=paint)
        )


def _portrait(step: MaybeJson, *, longest: int) -> str:
    """Return what a person would call a step; as it is written where the server's is not shaped like one."""
    action = step.get("action") if isinstance(step, Mapping) else None
    if not isinstance(step, Mapping) or not isinstance(action, Mapping) or not isinstance(action.get("data"), Mapping):
        return shown(step, longest=longest)
    return one_line(f"{channel(step)}: {headline(step)}", longest=longest)


def _number(position: int | None) -> int:
    return (position or 0) + 1
