"""How one value that stands in a line, or begins there, is written in canonical style: never what it means.

A value in flow style gets its keys in order and one space after each comma and colon; where there is a comment in it,
or a form that is rare, it stays as it is. The content of a block text is only ever moved to the side as a whole.
"""

import re
from collections.abc import Mapping as Table
from collections.abc import Sequence as Ordered
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.adapters.manifests.syntax import Entry, Leaf, Mapping, Node, Sequence, UnusualError
from reconciler.model.pointer import Path

# For each mapping of which something is known, its keys in their order; keys that are not in it come last.
Order: TypeAlias = Table[Path, Ordered[str]]

_COMMA: Final = re.compile(r"\s*,\s*")
_COLON: Final = re.compile(r"[ \t]*:[ \t]*")
_CLOSING: Final = re.compile(r"\s*,?\s*")
_NEEDLESSLY_SINGLE: Final = re.compile(r"'[^'\"\\\n]*'")
_HEADER: Final = re.compile(r"(?P<before>(?:&\S+[ \t]+)?[|>])(?P<signs>[-+1-9]{0,2})(?P<after>.*)")


def arranged(node: Mapping, keys: Ordered[str]) -> list[int]:
    """Return the positions of a mapping's entries in the order in which they are to be written."""
    ranks = {key: rank for rank, key in enumerate(keys)}
    return sorted(range(len(node.entries)), key=lambda at: (ranks.get(node.entries[at].name, len(ranks)), at))


def inline(text: str, node: Node, path: Path, order: Order) -> str:
    """Return a value in flow style or a scalar that is no block text; line breaks in it stay where they are."""
    written = text[node.start : node.end]
    if isinstance(node, Leaf):
        return f'"{written[1:-1]}"' if _NEEDLESSLY_SINGLE.fullmatch(written) else written
    try:
        return _collection(text, node, path, order)
    except UnusualError:
        return written


def _collection(text: str, node: Mapping | Sequence, path: Path, order: Order) -> str:
    opening, closing = "{}" if isinstance(node, Mapping) else "[]"
    if not node.is_flow or text[node.start] != opening:
        raise UnusualError
    if isinstance(node, Mapping):
        spans = [(each.key.start, each.value.end) for each in node.entries]
        written = [_entry(text, each, path, order) for each in node.entries]
        children = [written[position] for position in arranged(node, order.get(path, ()))]
    else:
        spans = [(each.start, each.end) for each in node.items]
        children = [inline(text, each, (*path, position), order) for position, each in enumerate(node.items)]
    gaps = _gaps(text, node, spans)
    if "\n" not in text[node.start : node.end]:
        return opening + ", ".join(children) + closing
    return opening + "".join(gap + child for gap, child in zip(gaps, [*children, closing], strict=True))


def _gaps(text: str, node: Mapping | Sequence, spans: list[tuple[int, int]]) -> list[str]:
    """Return what stands before, between and behind the children: white space and commas, or UnusualError."""
    ends = [node.start + 1, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), node.end - 1]
    gaps = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    if any(start == end for start, end in spans) or gaps[0].strip():
        raise UnusualError
    if not all(map(_COMMA.fullmatch, gaps[1:-1])) or not _CLOSING.fullmatch(gaps[-1]):
        raise UnusualError
    return gaps


def _entry(text: str, entry: Entry, path: Path, order: Order) -> str:
    key, value = entry.key, entry.value
    if value.start == value.end or key.style == "*" or not _COLON.fullmatch(text[key.end : value.start]):
        raise UnusualError
    return f"{inline(text, key, path, order)}: {inline(text, value, (*path, entry.name), order)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockText:
    """A block text: its header with what stands behind it, and its lines.

    Where `is_open`, every blank line behind it would be its own; otherwise none is among the lines.
    """

    header: str
    lines: tuple[str, ...]
    is_open: bool


def block_text(written: str, parent: int, shift: int) -> BlockText:
    """Return a block text whose parent's column is moved by `shift`; `written` goes on to the line that follows."""
    header, _, content = written.partition("\n")
    match = _HEADER.fullmatch(header)
    if match is None:
        raise UnusualError
    # What follows the last line break is the beginning of another line, and empty.
    lines, signs = content.split("\n")[:-1], match["signs"]
    depth = _depth(lines, parent, signs)
    own = len(lines)
    while own and "+" not in signs and len(lines[own - 1]) <= depth and not lines[own - 1].strip(" "):
        own -= 1
    return BlockText(
        header=header,
        lines=tuple(_moved(line, depth, shift) for line in lines[:own]),
        is_open="+" in signs,
    )


def unended(header: str) -> str:
    """Return the header of a block text so that no line break ends it, whatever follows."""
    match = _HEADER.fullmatch(header)
    if match is None:
        raise UnusualError
    return f"{match['before']}{match['signs'].strip('+-')}-{match['after']}"


def shifted(line: str, shift: int) -> str:
    """Move a line to the right, or to the left as far as there are spaces."""
    if shift >= 0:
        return " " * shift + line if line else line
    return line[min(-shift, len(line) - len(line.lstrip(" "))) :]


def _depth(lines: Ordered[str], parent: int, signs: str) -> int:
    """Return the column at which the content begins."""
    given = signs.strip("+-")
    if given:
        return parent + int(given)
    first = next((line for line in lines if line.strip(" ")), "")
    return len(first) - len(first.lstrip(" "))


def _moved(line: str, depth: int, shift: int) -> str:
    # Of a line of nothing but spaces, only what lies behind the content's column is content.
    return shifted(line, shift) if line[depth:] else ""
