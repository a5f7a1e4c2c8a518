"""The comments to the tool in a manifest: which signs are comments at all, and which lines they speak of.

A `#` inside a text is no comment: the places of all scalars tell, which the careful reading of the manifest has found.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from reconciler.adapters.manifests.characters import BOM
from reconciler.adapters.manifests.document import Layout
from reconciler.core.lint.silencing import Comment
from reconciler.model.diagnostic import Span
from reconciler.model.pointer import Path

_COMMENT: Final = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*reconciler[ \t]*:.*")
_BLOCK: Final = ("|", ">")


def comments_of(data: bytes, layout: Layout) -> tuple[Comment, ...]:
    """Return the comments to the tool, in order."""
    lines = data.decode("utf-8").removeprefix(BOM).split("\n")
    found = []
    texts = _texts(layout, lines)
    below = _below(lines)
    first = min((value.line for path, (_, value) in layout.places.items() if len(path) == 1), default=1)
    for number, line in enumerate(lines, 1):
        match = _COMMENT.search(line.rstrip())
        if match is None or _is_within(texts, (number, match.start() + 1)):
            continue
        span = Span(line=number, column=match.start() + 1, end_line=number, end_column=match.end() + 1)
        stands_alone = not line[: match.start()].strip()
        about = None if stands_alone and number < first else below[number] if stands_alone else number
        found.append(Comment(text=match[0], span=span, lines=frozenset({about})))
    return tuple(found)


def lines_at(layout: Layout, path: Path) -> Iterator[int]:
    """Return the lines on which a value begins, and its key; those of what is around it where it is not there."""
    for length in range(len(path), 0, -1):
        found = layout.places.get(path[:length])
        if found is not None:
            key, value = found
            yield value.line
            if key is not None:
                yield key.line
            return


def _texts(layout: Layout, lines: list[str]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return from where to where each text runs, in order; of a block, from the line below its head."""
    containers = {path[:-1] for path in layout.places}
    return sorted(
        _inside(value, lines)
        for path, (_, value) in layout.places.items()
        if path not in containers and (value.line, value.column) != (value.end_line, value.end_column)
    )


def _is_within(texts: list[tuple[tuple[int, int], tuple[int, int]]], place: tuple[int, int]) -> bool:
    """Tell whether a place is inside a text. Texts do not overlap, so only the one that begins last before it may."""
    before = bisect_right(texts, place, key=lambda each: each[0])
    return before > 0 and place < texts[before - 1][1]


def _inside(value: Span, lines: list[str]) -> tuple[tuple[int, int], tuple[int, int]]:
    head = lines[value.line - 1][value.column - 1 : value.column]
    start = (value.line + 1, 0) if head in _BLOCK else (value.line, value.column)
    return start, (value.end_line, value.end_column)


def _below(lines: list[str]) -> list[int]:
    """Return for each line the number of the next one that is not a comment, which a comment there stands above."""
    below = [len(lines)] * (len(lines) + 1)
    for number in range(len(lines) - 1, 0, -1):
        below[number] = below[number + 1] if lines[number].lstrip().startswith("#") else number + 1
    return below
