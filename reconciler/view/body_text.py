"""How a body in HTML changes at a terminal: what its reader sees word by word, and the markup apart."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.view.terminal import Paint, one_line
from reconciler.view.visible import seen
from reconciler.view.word_diff import GAP, Line, marked, word_diff

_CONTEXT: Final = 1
_MOST_MARKUP: Final = 12
# From so many columns on nothing is cut: that is what `-v` asks for.
_WHOLE: Final = 10_000


def body_changed(before: str, after: str, *, longest: int, paint: Paint) -> Iterator[str]:
    """Yield the lines that show how a body changes; each begins with `-`, `+`, `|` or `!`."""
    was, becomes = seen(before), seen(after)
    text = list(_lines(was.text, becomes.text, _CONTEXT, longest=longest, paint=paint))
    yield from text or [paint("! what a reader sees stays the same", "dim")]
    markup = list(_lines(was.markup, becomes.markup, 0, longest=longest, paint=paint))
    most = len(markup) if longest >= _WHOLE else _MOST_MARKUP
    if markup:
        yield paint("! markup:", "dim")
        yield from markup[:most]
    if len(markup) > most:
        yield paint(f"! and {len(markup) - most:,} more lines of markup, which -v shows", "dim")
    if not text and not markup:
        yield paint("! white space alone", "dim")


def _lines(before: Sequence[str], after: Sequence[str], context: int, *, longest: int, paint: Paint) -> Iterator[str]:
    for line in word_diff(before, after, context=context):
        if line is GAP:
            yield paint("| ...", "dim")
        elif line.sign == " ":
            yield paint(f"| {one_line(line.text, longest=longest)}", "dim")
        else:
            yield paint(_shown(line, longest), "red" if line.sign == "-" else "green")


def _shown(line: Line, longest: int) -> str:
    """Return a line with what differs in brackets, cut so that where that begins is seen."""
    sign, text = line.sign, marked(line)[2:]
    begins = text.find("⟦")
    if len(text) > longest and begins > longest * 2 // 3:
        text = f"…{text[begins - longest // 3 :]}"
    return f"{sign} {one_line(text, longest=longest)}"
