"""What became of a step, in words that all drawings share."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.risk import StepChange, StepKind
from reconciler.view.words import place

_BECAME: Final = {StepKind.INSERTED: "inserted", StepKind.MOVED: "moved"}


def step_title(change: StepChange) -> str:
    """Return what a step is called: `step 2 is inserted`, `step 3 (was step 2)`, `step 1 of before is removed`."""
    if change.after is None:
        return f"step {(change.before or 0) + 1} of before is removed"
    if change.before is None:
        return f"step {change.after + 1} is inserted"
    moved = " has moved" if change.kind is StepKind.MOVED else ""
    was = "" if change.before == change.after else f" (was step {change.before + 1})"
    return f"step {change.after + 1}{moved}{was}"


def step_places(changes: Sequence[StepChange]) -> Iterator[str]:
    """Yield where steps came, went, moved or differ within: `step 2 inserted`, `step 3: email_subject`."""
    for change in changes:
        if change.after is None:
            yield f"step {(change.before or 0) + 1} of before removed"
            continue
        if change.kind in _BECAME:
            yield f"step {change.after + 1} {_BECAME[change.kind]}"
        yield from (place(("steps", change.after, *edit.path)) for edit in change.edits)
