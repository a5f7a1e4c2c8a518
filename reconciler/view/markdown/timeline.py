"""The steps before and after as a Mermaid diagram. Its words are ours alone: nothing in it can come from a manifest."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from reconciler.core.called import CHANNELS
from reconciler.model.risk import Assessment, StepChange, StepKind
from reconciler.view.words import duration

_MOST_STEPS: Final = 20
_STYLES: Final = {
    "changed": "  classDef changed stroke:#bf8700,stroke-width:3px",
    "inserted": "  classDef inserted stroke:#1a7f37,stroke-width:3px",
    "removed": "  classDef removed stroke:#cf222e,stroke-width:3px,stroke-dasharray: 4",
}
_CLASSES: Final = {StepKind.EDITED: "changed", StepKind.MOVED: "changed", StepKind.INSERTED: "inserted"}


def timeline(assessment: Assessment, steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the diagram where any step differs; `steps` are those after the change."""
    changes = assessment.steps
    if not changes or len(changes) > _MOST_STEPS:
        return
    before = sorted((each for each in changes if each.before is not None), key=lambda each: each.before or 0)
    after = [each for each in changes if each.after is not None]
    lines = _lane("after", [_new(each, steps) for each in after])
    if assessment.is_restructured or any(each.is_shifted for each in changes):
        lines = _lane("before", [_old(each, steps) for each in before]) + lines
    styles = [style for name, style in _STYLES.items() if any(line.endswith(f":::{name}") for line in lines)]
    yield "\n".join(("```mermaid", "flowchart LR", *lines, *styles, "```"))


def _lane(name: str, nodes: list[str]) -> list[str]:
    letter = name[0]
    drawn = [f"    {letter}{number}{node}" for number, node in enumerate(nodes)]
    links = [f"    {letter}{number} --> {letter}{number + 1}" for number in range(len(nodes) - 1)]
    return [f"  subgraph {name}", "    direction LR", *(drawn or [f"    {letter}0[nothing]"]), *links, "  end"]


def _old(change: StepChange, steps: Sequence[Mapping[str, Any]]) -> str:
    if isinstance(change.removed, Mapping):
        kind = _kind(change.removed)
    else:
        kind = next((_word(edit.before) for edit in change.edits if edit.path == ("action", "type")), None) or _kind(
            steps[change.after or 0]
        )
    is_marked = change.kind in _CLASSES or change.is_shifted
    mark = ":::removed" if change.after is None else ":::changed" if is_marked else ""
    return _node(change.before, kind, change.sent_before) + mark


def _new(change: StepChange, steps: Sequence[Mapping[str, Any]]) -> str:
    mark = _CLASSES.get(change.kind, "changed" if change.is_shifted else "")
    return _node(change.after, _kind(steps[change.after or 0]), change.sent_after) + (f":::{mark}" if mark else "")


def _node(position: int | None, kind: str, sent: float | None) -> str:
    when = "at some time" if sent is None else duration(sent)
    return f'["{(position or 0) + 1} · {kind}<br/>{when}"]'


def _kind(step: Mapping[str, Any]) -> str:
    action = step.get("action")
    return _word(action.get("type") if isinstance(action, Mapping) else None)


def _word(kind: object) -> str:
    """Return the channel in words of ours; a kind that is not known could hold anything."""
    return CHANNELS.get(kind, "step") if isinstance(kind, str) else "step"
