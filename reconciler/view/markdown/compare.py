"""How two environments differ, for a pull request: a line that counts, and a fence for each sequence that differs.

Never longer than a comment may be: bodies are given up first, then what differs in each, then names.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.core.compare import Comparison, Difference
from reconciler.view.compare_text import tally
from reconciler.view.markdown.fields import Depth, cut, value_lines
from reconciler.view.markdown.inert import code, fenced
from reconciler.view.markdown.plan import LONGEST
from reconciler.view.words import place

_MOST_NAMES: Final = 200
_DEPTHS: Final = (Depth(context=1, has_bodies=True), Depth(context=0, has_bodies=False), None)


def compare_markdown(comparison: Comparison, *, longest: int = LONGEST) -> str:
    """Return the Markdown, at most `longest` characters of it."""
    texts = ("\n\n".join(_blocks(comparison, depth)) + "\n" for depth in _DEPTHS)
    return next(text for text in texts if len(text) <= longest)


def _blocks(comparison: Comparison, depth: Depth | None) -> Iterator[str]:
    first, second = code(comparison.first), code(comparison.second)
    yield f"### {first} and {second}: {'differences' if comparison.is_different else 'no difference'}"
    yield f"{tally(comparison)}. `-` is {first}, `+` is {second}; ids are shown as names."
    if depth is None:
        yield from _names("Different", [each.custom_id for each in comparison.differences])
    else:
        for each in comparison.differences:
            yield f"**{code(each.custom_id)}**"
            yield fenced(_lines(each, depth), "diff")
    yield from _names(f"Only in {first}", comparison.only_in_first)
    yield from _names(f"Only in {second}", comparison.only_in_second)
    for side, names in (
        (first, comparison.unsettled_in_first),
        (second, comparison.unsettled_in_second),
    ):
        yield from _names(f"In {side} nobody knows the end of a write of", names)


def _lines(difference: Difference, depth: Depth) -> Iterator[str]:
    for field in difference.fields:
        yield cut(f"@@ {place(field.path)} @@")
        yield from value_lines(field.path, field.recorded, field.desired, depth)


def _names(said: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
        yield f"{said}: {', '.join(code(name) for name in names[:_MOST_NAMES])}{more}"
