"""The steps before and after as a picture: a lane for each, and lines between what stays."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.model.risk import StepChange, StepKind
from reconciler.view.html.words import element, text
from reconciler.view.words import channel, duration

_WIDE: Final = 214
_HIGH: Final = 58
_GAP: Final = 46
_LEFT: Final = 70
_MOST: Final = 30
_STATES: Final = {
    StepKind.SAME: "same",
    StepKind.EDITED: "edited",
    StepKind.MOVED: "moved",
    StepKind.INSERTED: "inserted",
    StepKind.REMOVED: "removed",
}


def timeline(changes: Sequence[StepChange], before: Sequence[Any], after: Sequence[Any]) -> str:
    """Return the picture, with its words for who cannot see it; nothing for very many steps."""
    lanes = [("before", before), ("after", after)] if before else [("after", after)]
    if not changes or max(len(before), len(after)) > _MOST:
        return ""
    width = _LEFT + _WIDE * max(len(before), len(after), 1)
    height = len(lanes) * _HIGH + (len(lanes) - 1) * _GAP + 4
    drawn = [*_links(changes)] if len(lanes) > 1 else []
    for number, (name, steps) in enumerate(lanes):
        drawn += _lane(name, steps, changes, number * (_HIGH + _GAP))
    label = element("title", text(_in_words(changes)))
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    picture = f'<svg role="img" {size}>{label}{"".join(drawn)}</svg>'
    return element("div", picture, class_="timeline", tabindex="0", role="group", aria_label="Steps as a picture")


def _lane(name: str, steps: Sequence[Any], changes: Sequence[StepChange], top: int) -> Iterator[str]:
    yield f'<text class="lane" x="0" y="{top + 33}">{name}</text>'
    states = {(each.before if name == "before" else each.after): each for each in changes}
    for position, step in enumerate(steps):
        change, x = states.get(position), _LEFT + position * _WIDE
        if position:
            yield f'<path class="arrow" d="M{x - 30} {top + 29}H{x - 5}m-5 -5l5 5l-5 5"/>'
        state = "same" if change is None else _STATES[change.kind]
        sent = None if change is None else change.sent_before if name == "before" else change.sent_after
        yield f'<g class="step {state}"><rect x="{x}" y="{top + 2}" width="180" height="54" rx="8"/>'
        yield f'<text x="{x + 12}" y="{top + 24}" class="kind">{position + 1} · {text(_channel(step))}</text>'
        when = "when shifted" if change is not None and change.is_shifted else "when"
        yield f'<text x="{x + 12}" y="{top + 43}" class="{when}">{_when(sent)}</text></g>'


def _links(changes: Sequence[StepChange]) -> Iterator[str]:
    for each in changes:
        if each.before is not None and each.after is not None:
            start, end = _LEFT + each.before * _WIDE + 90, _LEFT + each.after * _WIDE + 90
            low, high = _HIGH - 2, _HIGH + _GAP + 2
            bend = (low + high) // 2
            yield f'<path class="link" d="M{start} {low}C{start} {bend} {end} {bend} {end} {high}"/>'


def _in_words(changes: Sequence[StepChange]) -> str:
    said = []
    for each in changes:
        if each.after is None:
            said.append(f"step {(each.before or 0) + 1} of before is removed")
        elif each.kind is not StepKind.SAME or each.is_shifted:
            shifted = f", sent {_when(each.sent_after)} instead of {_when(each.sent_before)}" if each.is_shifted else ""
            said.append(f"step {each.after + 1} {_STATES[each.kind].replace('same', 'stays')}{shifted}")
    return "; ".join(said) or "no step changes"


def _channel(step: Any) -> str:
    return channel(step) if isinstance(step, Mapping) else "step"


def _when(minutes: float | None) -> str:
    return "time not known" if minutes is None else duration(minutes)
