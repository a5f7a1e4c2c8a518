"""One value before and after, as the lines of a `diff` fence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.model.change import FieldChange, Origin
from reconciler.model.jsonvalue import ABSENT, Absent, MaybeJson
from reconciler.model.pointer import Path
from reconciler.view.values import PERSONAL, has_markup, people, shown
from reconciler.view.visible import seen
from reconciler.view.word_diff import GAP, marked, word_diff
from reconciler.view.words import place

_LONGEST: Final = 300
_MOST_MARKUP: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How far into a change to go: lines around a difference, and whether bodies are shown at all."""

    context: int
    has_bodies: bool


def field_lines(field: FieldChange, depth: Depth) -> Iterator[str]:
    """Yield where a field stands, who moved it, and how it changes: `-` is live where it was read, `+` what is sent."""
    origin = "" if field.origin in (Origin.AUTHORED, Origin.NEW) else f" ({field.origin.value})"
    yield cut(f"@@ {place(field.path)}{origin} @@")
    if field.origin is Origin.CONFLICT:
        yield cut(f"= {_value(field.path, field.recorded)} (recorded)")
    before = field.recorded if field.live is ABSENT and field.origin is Origin.AUTHORED else field.live
    yield from value_lines(field.path, before, field.desired, depth)


def value_lines(path: Path, before: MaybeJson, after: MaybeJson, depth: Depth) -> Iterator[str]:
    """Yield how the value at a path changes."""
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    if not PERSONAL.isdisjoint(path):
        yield f"! {people(before, after)}"
    elif isinstance(before, str) and isinstance(after, str) and _is_long(before, after):
        yield from _text(key, before, after, depth)
    else:
        yield from _one_line_each(before, after)


def cut(line: str) -> str:
    """Return a line that is not too long to be read."""
    return line if len(line) <= 2 * _LONGEST else line[: 2 * _LONGEST - 1] + "…"


def _one_line_each(before: MaybeJson, after: MaybeJson) -> Iterator[str]:
    if isinstance(before, str) and isinstance(after, str):
        yield from (cut(marked(line)) for line in word_diff([before], [after], context=0))
        return
    if not isinstance(before, Absent):
        yield f"- {shown(before, longest=_LONGEST)}"
    if not isinstance(after, Absent):
        yield f"+ {shown(after, longest=_LONGEST)}"


def _is_long(before: str, after: str) -> bool:
    return "\n" in before + after or max(len(before), len(after)) > _LONGEST


def _text(key: str, before: str, after: str, depth: Depth) -> Iterator[str]:
    if not depth.has_bodies:
        yield f"! {len(before):,} characters become {len(after):,}"
        return
    if not (has_markup(key, before) or has_markup(key, after)):
        yield from _lines(before.splitlines(), after.splitlines(), depth.context)
        return
    was, becomes = seen(before), seen(after)
    text = list(_lines(was.text, becomes.text, depth.context))
    yield from text or ["! what a reader sees stays the same"]
    markup = list(_lines(was.markup, becomes.markup, 0))
    if markup:
        yield "! markup:"
        yield from markup[:_MOST_MARKUP]
    if len(markup) > _MOST_MARKUP:
        yield f"! and {len(markup) - _MOST_MARKUP:,} more lines of markup"
    if not text and not markup:
        yield "! white space alone"


def _lines(before: Sequence[str], after: Sequence[str], context: int) -> Iterator[str]:
    for line in word_diff(before, after, context=context):
        yield "@@ ... @@" if line is GAP else cut(marked(line))


def _value(path: Path, value: MaybeJson) -> str:
    return shown(value, longest=_LONGEST) if PERSONAL.isdisjoint(path) else "(people)"
