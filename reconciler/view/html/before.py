"""The steps as they were, made of those after a change and of what it changes in each."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from reconciler.model.jsonvalue import Absent, MaybeJson
from reconciler.model.pointer import Path
from reconciler.model.risk import StepChange


def steps_before(changes: Sequence[StepChange], after: Sequence[Any]) -> list[Any]:
    """Return the steps before, in their order."""
    stood = sorted((each for each in changes if each.before is not None), key=lambda each: each.before or 0)
    return [_before(each, after) for each in stood]


def _before(change: StepChange, after: Sequence[Any]) -> Any:
    if change.after is None:
        return None if isinstance(change.removed, Absent) else change.removed
    step = deepcopy(after[change.after])
    for edit in change.edits:
        step = _with(step, edit.path, edit.before)
    return step


def _with(value: Any, path: Path, before: MaybeJson) -> Any:
    """Return a value of ours with another one at a path; where the path leads nowhere, it stays as it is."""
    if not path:
        return None if isinstance(before, Absent) else before
    inside = value
    for part in path[:-1]:
        try:
            inside = inside[part]
        except (KeyError, IndexError, TypeError):
            return value
    last = path[-1]
    if isinstance(inside, dict) and isinstance(before, Absent):
        inside.pop(last, None)
    elif isinstance(inside, dict):
        inside[last] = before
    elif isinstance(inside, list) and not isinstance(before, Absent) and isinstance(last, int):
        inside[last : last + 1] = [before]
    return value
