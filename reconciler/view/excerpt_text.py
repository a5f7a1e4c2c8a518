"""An excerpt for people: the line with its number, and a caret under each column of what is meant."""

import re
from typing import Final

from reconciler.model.excerpt import Excerpt
from reconciler.view.columns import columns
from reconciler.view.terminal import Paint, inert_line

_TAB: Final = " " * 4
# The skin tones of emoji.
_MODIFIER: Final = re.compile("[\U0001f3fb-\U0001f3ff]")
_CUT: Final = "…"
_ASCII_CUT: Final = "..."
# How many characters before and behind the place are looked at.
_NEAR: Final = 300
# Which part of the room stands before the caret, where not all of the line has room.
_BEFORE: Final = 3


def excerpt_lines(excerpt: Excerpt, *, width: int, paint: Paint, colour: str, is_ascii: bool = False) -> list[str]:
    """Return the lines of an excerpt, no wider than `width` columns; the caret has the given colour.

    `is_ascii` escapes whatever is not ASCII, for a terminal that knows nothing else: to escape it later would move the
    caret.
    """
    number = str(excerpt.line)
    text = excerpt.text.rstrip()
    # Of a line of a megabyte, only what may have room is looked at.
    skipped = max(excerpt.start - _NEAR, 0)
    behind = min(excerpt.start + _NEAR, len(text))
    cells, cut = _cells(text[skipped:behind]), _CUT
    if is_ascii:
        cells, cut = [_escaped(each) for each in cells], _ASCII_CUT
    first, last = _window(cells, excerpt.start - skipped, width - len(number) - 5, cut)
    head, tail = cut * bool(skipped + first), cut * (skipped + last < len(text))
    start, end = max(excerpt.start - skipped, first), min(excerpt.end - skipped, last)
    before = columns(head + "".join(cells[first:start]))
    meant = max(columns("".join(cells[start:end])), 1)
    line = head + "".join(cells[first:last]) + tail
    return [
        f"  {paint(f'{number} |', 'blue')} {line}",
        f"  {paint(' ' * len(number) + ' |', 'blue')} {' ' * before}{paint('^' * meant, colour, 'bold')}",
    ]


def _cells(text: str) -> list[str]:
    """Return how each character is shown: tabs as spaces, and what a terminal or a log would obey as an escape.

    What only changes the character before it is shown with that one.
    """
    if text.isascii() and text.isprintable():
        cells = list(text)  # most lines, at a fraction of the cost: a line may have hundreds of excerpts
    else:
        cells = [_TAB if each == "\t" else inert_line(each) for each in text]
        for at in range(len(cells) - 1, 0, -1):
            if _MODIFIER.match(cells[at]) or not columns(cells[at]):
                cells[at - 1], cells[at] = cells[at - 1] + cells[at], ""
    at = text.find("##[")
    while at >= 0:
        cells[at + 1] = "\\x23"
        at = text.find("##[", at + 1)
    return cells


def _escaped(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")


def _window(cells: list[str], start: int, room: int, cut: str) -> tuple[int, int]:
    """Return which cells have room, so that the one at `start` is among them."""
    widths = [columns(each) for each in cells]
    if sum(widths) <= room:
        return 0, len(cells)
    first = start
    left = room // _BEFORE if sum(widths[:start]) > room * 2 // 3 else room
    while first > 0 and (left := left - widths[first - 1]) > 0:
        first -= 1
    last, room = first, room - 2 * len(cut)
    while last < len(cells) and (room := room - widths[last]) >= 0:
        last += 1
    return first, last
