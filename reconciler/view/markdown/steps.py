"""Steps that came, went or changed places, each with what changes inside it, as the lines of a `diff` fence."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reconciler.model.risk import StepChange, StepKind
from reconciler.view.markdown.fields import Depth, cut, value_lines
from reconciler.view.step_words import step_title
from reconciler.view.words import channel, duration, headline, place


def step_lines(changes: Sequence[StepChange], steps: Sequence[Mapping[str, Any]], depth: Depth) -> Iterator[str]:
    """Yield every step that is not as it was; `steps` are those after the change."""
    for change in changes:
        if change.kind is StepKind.SAME and not change.is_shifted:
            continue
        yield f"@@ {step_title(change)} @@"
        if change.after is not None and change.kind is StepKind.INSERTED:
            yield cut(f"+ {_portrait(steps[change.after])}")
        if isinstance(change.removed, Mapping):
            yield cut(f"- {_portrait(change.removed)}")
        if change.is_shifted:
            yield f"! sent {_when(change.sent_after)} instead of {_when(change.sent_before)}"
        for edit in change.edits:
            yield cut(f"! {place(('steps', 0, *edit.path)).partition(': ')[2]}")
            yield from value_lines(edit.path, edit.before, edit.after, depth)


def _portrait(step: Mapping[str, Any]) -> str:
    return f"{channel(step)}, {duration(step.get('delay_in_minutes', 0))}: {headline(step)}"


def _when(minutes: float | None) -> str:
    return "at a time that cannot be told" if minutes is None else duration(minutes)
