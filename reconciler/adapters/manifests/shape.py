"""Where the parts of a manifest's text begin and end, for whoever edits them. UnusualError for what is rare."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from reconciler.adapters.manifests.syntax import BLOCK_TEXT, Entry, Leaf, Mapping, Node, Sequence, Syntax, UnusualError
from reconciler.adapters.manifests.writing import STEP, block_lines

_ANCHOR: Final = re.compile(r"&(\S+)")
_SIGN: Final = re.compile(r"[ \t]*&\S+")
_COMMENT: Final = re.compile(r"[ \t]*#")


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """A stretch of the text, and what comes in its place."""

    start: int
    end: int
    text: str


def end_of(syntax: Syntax, node: Node) -> int:
    """Return where a value ends: behind its last character, blank lines below a block text aside."""
    last = node
    while not isinstance(last, Leaf) and not last.is_flow:
        last = last.entries[-1].value if isinstance(last, Mapping) else last.items[-1]
    if isinstance(last, Leaf) and last.style in BLOCK_TEXT:
        return last.start + len(syntax.text[last.start : last.end].rstrip(" \n"))
    return last.end


def line_end(syntax: Syntax, node: Node) -> int:
    """Return where the line begins that follows a value."""
    return _after_line(syntax, end_of(syntax, node))


def _after_line(syntax: Syntax, offset: int) -> int:
    return syntax.text.index("\n", offset) + 1


def without_entry(syntax: Syntax, node: Mapping, entry: Entry) -> Splice:
    """Return the removal of an entry of a block, with the comment lines right above it."""
    start = syntax.line_starts[syntax.line_of(entry.key.start)]
    if len(node.entries) == 1 or syntax.text[start : entry.key.start].strip():
        raise UnusualError
    while start and _COMMENT.match(above := syntax.text[syntax.text.rfind("\n", 0, start - 1) + 1 : start]):
        start -= len(above)
    return Splice(start, line_end(syntax, entry.value), "")


def regions(syntax: Syntax, node: Sequence) -> list[tuple[int, int]]:
    """Return the lines of each entry of a list in blocks: with what stands between it and the entry before."""
    start = syntax.line_starts[syntax.line_of(node.start)]
    if syntax.text[start : node.start].strip() or syntax.text[node.start] != "-":
        raise UnusualError
    found = []
    for item in node.items:
        end = line_end(syntax, item)
        found.append((start, end))
        start = end
    return found


def dash_column(syntax: Syntax, node: Sequence) -> int:
    """Return the column of a list's dashes."""
    return syntax.column_of(node.start)


def dash_of(syntax: Syntax, item: Node, region: tuple[int, int]) -> int:
    """Return where the dash of an entry stands."""
    dash = syntax.text.rfind("-", region[0], item.start)
    between = syntax.text[dash + 1 : item.start]
    if dash < 0 or between.strip() or "\n" in between:
        raise UnusualError
    return dash


def anchor(syntax: Syntax, node: Node) -> tuple[str, tuple[int, int]]:
    """Return the name of a value's anchor, "" where it has none, and where its sign stands with the space before it."""
    found = _ANCHOR.match(syntax.text, node.start)
    if found is None:
        return "", (0, 0)
    start = node.start
    while syntax.text[start - 1] in " \t":
        start -= 1
    return found[1], (start, found.end())


def anchors(syntax: Syntax, node: Node) -> Iterator[str]:
    """Yield the name of every anchor in a value, its own first."""
    name, _ = anchor(syntax, node)
    if name:
        yield name
    if isinstance(node, Mapping):
        for entry in node.entries:
            yield from anchors(syntax, entry.value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from anchors(syntax, item)


@dataclass(frozen=True, slots=True)
class Alias:
    """An alias, what it means, and the column of what it stands behind."""

    name: str
    node: Leaf
    value: Any
    column: int


def aliases(syntax: Syntax, node: Node, value: Any, column: int = 0) -> Iterator[Alias]:
    """Yield every alias below a value, in the order of the text."""
    if isinstance(node, Leaf):
        if node.style == "*":
            yield Alias(syntax.text[node.start + 1 : node.end], node, value, column)
    elif isinstance(node, Mapping):
        for entry in node.entries:
            yield from aliases(syntax, entry.value, value[entry.name], syntax.column_of(entry.key.start))
    else:
        for item, each in zip(node.items, value, strict=True):
            yield from aliases(syntax, item, each, syntax.column_of(node.start))


def written_out(syntax: Syntax, alias: Alias) -> str:
    """Return what an alias to a mapping or a list means, to stand in its place."""
    is_entry = syntax.text[: alias.node.start].rstrip(" ").endswith("-")
    lines = block_lines(alias.value, alias.column + STEP)
    text = "\n".join(lines)
    return text[alias.column + STEP :] if is_entry else "\n" + text


def block_text(syntax: Syntax, node: Leaf, value: str) -> Splice:
    """Return the replacement of a block text by another one; UnusualError where a block cannot hold it."""
    content = value.removesuffix("\n")
    lines = content.split("\n")
    is_plain = content and all(line.isprintable() for line in lines) and lines[0].strip() and lines[-1].strip()
    if not is_plain or lines[0][0] == " ":
        raise UnusualError
    old = syntax.text[node.start : node.end].split("\n")
    first = next((line for line in old[1:] if line.strip()), "")
    pad = " " * (len(first) - len(first.lstrip(" ")))
    if not pad:
        raise UnusualError
    header = "|" if value.endswith("\n") else "|-"
    written = "\n".join(pad + line if line else "" for line in lines)
    return Splice(node.start, end_of(syntax, node), f"{header}\n{written}")
