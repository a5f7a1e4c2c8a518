"""Writes a manifest in canonical form: keys in a given order, two columns a level, comments where they belong.

A comment line belongs to the key or entry below it, one behind a value to that value; one below the last entry of a
block and no further left than it stays below. Comments above the first key are about the file and stay on top, save a
paragraph of their own right above the key. Nothing here looks at what a value means: whoever uses it compares.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import dropwhile
from typing import Final

from reconciler.adapters.manifests.leaves import Order, arranged, block_text, inline, shifted, unended
from reconciler.adapters.manifests.syntax import BLOCK_TEXT, Entry, Leaf, Mapping, Node, Sequence, Syntax, UnusualError
from reconciler.model.pointer import Path

_STEP: Final = 2
_REST: Final = re.compile(r"(?:[ \t]+#[^\n]*|[ \t]*)\n")
_NOTHING: Final = re.compile(r"[ \t]*(?:#.*)?")
_COLON: Final = re.compile(r"[ \t]*:(?=[ \t\n])")


@dataclass(frozen=True, slots=True)
class _Part:
    """An entry: the comments and blank lines above it, stripped, and its lines, indented.

    Where `is_open`, blank lines right below it would become part of its block text.
    """

    lead: tuple[str, ...]
    lines: tuple[str, ...]
    is_open: bool = False


def arrange(syntax: Syntax, order: Order, *, is_unended: bool) -> str:
    """Return the text in canonical form; UnusualError where it is written in a form that is too rare to be known.

    `is_unended` says that the text's block text at the end has a last line break that is not its author's.
    """
    return _Writer(syntax, order, is_unended=is_unended).write()


class _Writer:
    """One walk over one syntax tree, in the order of the text. `_at` is the line up to which it has come."""

    def __init__(self, syntax: Syntax, order: Order, *, is_unended: bool) -> None:
        self._syntax = syntax
        self._text = syntax.text
        self._lines = syntax.text.split("\n")[:-1]
        self._order = order
        self._is_unended = is_unended
        self._at = 0

    def write(self) -> str:
        root = self._syntax.root
        first = self._syntax.line_of(root.start)
        if root.anchor or self._syntax.column_of(root.start):
            raise UnusualError
        # A line that begins the document is neither blank nor a comment, and stays on top with what is above it.
        begin = next((at for at in range(first, 0, -1) if not _NOTHING.fullmatch(self._lines[at - 1])), 0)
        above, self._at = [line.rstrip() for line in self._lines[:begin]], begin
        if root.is_flow:
            above += self._nothing_until(first)
            part = self._leaf(root, (), "", -1, 0)
        else:
            parts = self._parts(root, (), 0)
            about_file, own = _file_comment(parts[0].lead)
            above += about_file
            parts[0] = replace(parts[0], lead=own)
            part = _joined((), _in_order(parts, self._positions(root, ())), 0)
        below = [line.strip() if _NOTHING.fullmatch(line) else line.rstrip() for line in self._lines[self._at :]]
        body = [*part.lines, *below]
        while not body[-1] and not (part.is_open and len(body) == len(part.lines)):
            body.pop()
        return "\n".join([*above, *body]) + "\n"

    def _positions(self, node: Mapping | Sequence, path: Path) -> Iterable[int]:
        return arranged(node, self._order.get(path, ())) if isinstance(node, Mapping) else range(len(node.items))

    def _parts(self, node: Mapping | Sequence, path: Path, column: int) -> list[_Part]:
        """Return the entries of a block in the text's order, to be written at a column."""
        if isinstance(node, Mapping):
            source = self._syntax.column_of(node.entries[0].key.start)
            return [self._entry(each, path, source, column, is_first=each is node.entries[0]) for each in node.entries]
        return [self._item(node, position, (*path, position), column) for position in range(len(node.items))]

    def _entry(self, entry: Entry, path: Path, source: int, column: int, *, is_first: bool) -> _Part:
        key, path = entry.key, (*path, entry.name)
        lead = self._nothing_until(self._syntax.line_of(key.start))
        colon = _COLON.match(self._text, key.end)
        before = self._text[key.start - self._syntax.column_of(key.start) : key.start]
        if colon is None or key.style == "*" or (before.strip() and not is_first):
            raise UnusualError
        head = " " * column + inline(self._text, key, path, self._order) + ":"
        part = self._value(entry.value, path, head, colon.end(), source=source, column=column)
        return replace(part, lead=(*lead, *part.lead))

    def _value(self, value: Node, path: Path, head: str, after: int, *, source: int, column: int) -> _Part:
        """Return what stands behind `head`, whose end is at `after` in the text."""
        if not isinstance(value, Leaf) and not value.is_flow:
            return self._nested(value, path, head, after, source=source, column=column)
        if "\n" not in self._text[after : value.start]:
            return self._leaf(value, path, head, source, column - source)
        rest = self._rest(after)
        between = self._nothing_until(self._syntax.line_of(value.start))
        is_block_text = _is_block_text(value)
        own = column + _STEP - self._syntax.column_of(value.start)
        part = self._leaf(value, path, "", source, column - source if is_block_text else own)
        if not rest and not between and (is_block_text or len(part.lines) == 1):
            return replace(part, lines=(f"{head} {part.lines[0]}", *part.lines[1:]))
        pad = " " * (column + _STEP)
        return replace(part, lines=(head + rest, *_indented(between, pad), pad + part.lines[0], *part.lines[1:]))

    def _nested(
        self, value: Mapping | Sequence, path: Path, head: str, after: int, *, source: int, column: int
    ) -> _Part:
        """Return a block on lines of its own below `head`."""
        if value.anchor:
            head += f" &{value.anchor}"
            after = value.start + 1 + len(value.anchor)
        rest = self._rest(after)
        part = self._block(value, path, column + _STEP, source)
        return replace(part, lead=(), lines=(head + rest, *_indented(part.lead, " " * (column + _STEP)), *part.lines))

    def _block(self, node: Mapping | Sequence, path: Path, column: int, source: int) -> _Part:
        parts = _in_order(self._parts(node, path, column), self._positions(node, path))
        lead, parts[0] = parts[0].lead, replace(parts[0], lead=())
        part = _joined(lead, parts, column)
        tail = self._tail(source)
        return _Part(lead, (*part.lines, *_indented(tail, " " * column)), part.is_open and not tail)

    def _item(self, parent: Sequence, position: int, path: Path, column: int) -> _Part:
        node = parent.items[position]
        dash = parent.start
        lead = self._nothing_until(self._next_line() if position or parent.anchor else self._syntax.line_of(dash))
        if position or parent.anchor:
            line = self._lines[self._at]
            dash = self._syntax.line_starts[self._at] + len(line) - len(line.lstrip())
        if self._text[dash] != "-":
            raise UnusualError
        source, head = self._syntax.column_of(dash), " " * column + "-"
        block = None if isinstance(node, Leaf) or node.is_flow else node
        if block is not None and block.anchor:
            return replace(self._nested(block, path, head, dash + 1, source=source, column=column), lead=lead)
        shift = column - source
        if "\n" in self._text[dash + 1 : node.start]:
            # What stands between the dash and its entry goes above both, and the entry to the dash.
            lead += tuple(filter(None, [self._rest(dash + 1).strip()]))
            if block is None:
                lead += self._nothing_until(self._syntax.line_of(node.start))
                shift = shift if _is_block_text(node) else column + _STEP - self._syntax.column_of(node.start)
        if block is None:
            return replace(self._leaf(node, path, head, source, shift), lead=lead)
        part = self._block(block, path, column + _STEP, source)
        return replace(part, lead=(*lead, *part.lead), lines=(f"{head} {part.lines[0].lstrip()}", *part.lines[1:]))

    def _leaf(self, node: Node, path: Path, head: str, source: int, shift: int) -> _Part:
        """Return what is no block, behind `head`; its further lines are moved by `shift`."""
        written = self._text[node.start : node.end]
        if _is_block_text(node):
            text = block_text(written, source, shift)
            is_last = self._is_unended and node.end == len(self._text)
            header = (unended(text.header) if is_last else text.header).rstrip()
            self._at = self._syntax.line_of(node.start) + 1 + len(text.lines)
            return _Part((), (_behind(head, header), *text.lines), text.is_open and not is_last)
        first, *more = inline(self._text, node, path, self._order).split("\n")
        rest = self._rest(node.end)
        lines = [_behind(head, first), *(shifted(line, shift) for line in more)]
        lines[-1] += rest
        return _Part((), tuple(lines))

    def _rest(self, offset: int) -> str:
        """Return the comment behind an offset with the space before it, and go on to the next line."""
        found = _REST.match(self._text, offset)
        if found is None:
            raise UnusualError
        self._at = self._syntax.line_of(offset) + 1
        return found.group().rstrip()

    def _nothing_until(self, line: int) -> tuple[str, ...]:
        """Return the comments and blank lines before a line, stripped, and go on to it."""
        passed = self._lines[self._at : line]
        if line < self._at or not all(map(_NOTHING.fullmatch, passed)):
            raise UnusualError
        self._at = line
        return tuple(each.strip() for each in passed)

    def _next_line(self) -> int:
        """Return the next line on which there is something."""
        return next(at for at in range(self._at, len(self._lines)) if not _NOTHING.fullmatch(self._lines[at]))

    def _tail(self, source: int) -> tuple[str, ...]:
        """Return the comments, and blank lines before them, that stand further right than what a block belongs to."""
        end = at = self._at
        while at < len(self._lines) and _NOTHING.fullmatch(line := self._lines[at]):
            at += 1
            if line.strip():
                if len(line) - len(line.lstrip()) <= source:
                    break
                end = at
        return self._nothing_until(end)


def _is_block_text(node: Node) -> bool:
    return isinstance(node, Leaf) and node.style in BLOCK_TEXT


def _behind(head: str, text: str) -> str:
    return f"{head} {text}" if head and text else head or text


def _in_order(parts: list[_Part], positions: Iterable[int]) -> list[_Part]:
    """Return the parts in their new order; blank lines above one that becomes the first go to the former first."""
    order = list(positions)
    if order[0]:
        first, former = parts[order[0]], parts[0]
        own = _without_blank_start(first.lead)
        parts[order[0]] = replace(first, lead=own)
        parts[0] = replace(former, lead=(*first.lead[: len(first.lead) - len(own)], *former.lead))
    return [parts[position] for position in order]


def _joined(lead: tuple[str, ...], parts: list[_Part], column: int) -> _Part:
    lines: list[str] = []
    is_open = False
    for part in parts:
        above = _without_blank_start(part.lead) if is_open else part.lead
        lines += [*_indented(above, " " * column), *part.lines]
        is_open = part.is_open
    return _Part(lead, tuple(lines), is_open)


def _without_blank_start(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dropwhile(lambda line: not line, lines))


def _file_comment(lead: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part what stands above the first key: what is about the file, and what is about the key."""
    last_blank = max((at for at, line in enumerate(lead) if not line), default=len(lead) - 1)
    return lead[: last_blank + 1], lead[last_blank + 1 :]


def _indented(lines: Iterable[str], pad: str) -> list[str]:
    return [pad + line if line else "" for line in lines]
