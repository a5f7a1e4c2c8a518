"""A manifest as it is written: which stretch of the text each key and value is, and nothing of what they mean.

Made from the same events as the value, for whatever changes a file and has to leave alone what it does not change.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from reconciler.adapters.manifests.events import open_events

BLOCK_TEXT: Final = ("|", ">")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A scalar or an alias, its anchor included. `style` is YAML's sign for it: a quote, `|`, `>`, `*` or nothing.

    A block text ends where the next line begins that is neither its content nor blank.
    """

    start: int
    end: int
    style: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A key and its value; `name` is what the key means."""

    name: str
    key: Leaf
    value: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A mapping; one in blocks ends where its last child does. `anchor` is empty where it has none."""

    start: int
    end: int
    is_flow: bool
    anchor: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list; one in blocks ends where its last child does. `anchor` is empty where it has none."""

    start: int
    end: int
    is_flow: bool
    anchor: str
    items: tuple["Node", ...]


Node: TypeAlias = Leaf | Mapping | Sequence


class UnusualError(Exception):
    """The text is written in a way that is valid, rare, and better left as it is."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A text that reads well, its root, where its lines begin. Line breaks are line feeds; the last line has one."""

    text: str
    root: Mapping
    line_starts: tuple[int, ...]

    def line_of(self, offset: int) -> int:
        """Return the number of the line that an offset is in, from 0."""
        return bisect_right(self.line_starts, offset) - 1

    def column_of(self, offset: int) -> int:
        """Return how far an offset is from the beginning of its line."""
        return offset - self.line_starts[self.line_of(offset)]


def parse(text: str) -> Syntax:
    """Return the syntax of a text that the strict reader has accepted; UnusualError for a key that is no scalar."""
    starts = (0, *(at + 1 for at, character in enumerate(text) if character == "\n"))
    root = _Parser(text, starts).root()
    if not isinstance(root, Mapping):
        raise UnusualError
    return Syntax(text, root, starts)


class _Parser:
    """One walk over the events of one text. The strict reader has bounded its depth and size before."""

    def __init__(self, text: str, starts: tuple[int, ...]) -> None:
        self._text = text
        self._starts = starts
        self._events = _nodes(text)

    def root(self) -> Node:
        return self._node(next(self._events))

    def _node(self, event: Any) -> Node:
        match event:
            case ScalarEvent():
                return self._scalar(event)
            case AliasEvent():
                return Leaf(start=self._start(event), end=self._offset(event.end_mark), style="*")
            case MappingStartEvent():
                return self._mapping(event)
            case SequenceStartEvent():
                return self._sequence(event)
        raise UnusualError

    def _scalar(self, event: ScalarEvent) -> Leaf:
        return Leaf(start=self._start(event), end=self._offset(event.end_mark), style=event.style or "")

    def _mapping(self, event: MappingStartEvent) -> Mapping:
        start, entries, last = self._start(event), [], 0
        while not isinstance(following := next(self._events), CollectionEndEvent):
            key = self._node(following)
            if not isinstance(key, Leaf):
                raise UnusualError
            value = self._node(next(self._events))
            entries.append(Entry(name=getattr(following, "value", ""), key=key, value=value))
            last = max(key.end, value.end)
        return Mapping(
            start=start,
            end=self._offset(following.end_mark) if event.flow_style else last,
            is_flow=bool(event.flow_style),
            anchor=event.anchor or "",
            entries=tuple(entries),
        )

    def _sequence(self, event: SequenceStartEvent) -> Sequence:
        items = []
        while not isinstance(following := next(self._events), CollectionEndEvent):
            items.append(self._node(following))
        return Sequence(
            start=self._start(event),
            end=self._offset(following.end_mark) if event.flow_style else items[-1].end,
            is_flow=bool(event.flow_style),
            anchor=event.anchor or "",
            items=tuple(items),
        )

    def _start(self, event: Any) -> int:
        return self._offset(event.start_mark)

    def _offset(self, mark: Any) -> int:
        # Not the mark's own index, which the two parsers count differently behind characters of several bytes.
        line, column = int(mark.line), int(mark.column)
        return min(self._starts[min(line, len(self._starts) - 1)] + column, len(self._text))


def _nodes(text: str) -> Iterator[Any]:
    get_event = open_events(text)
    while not isinstance(event := get_event(), StreamEndEvent):
        if isinstance(event, NodeEvent | CollectionEndEvent):
            yield event
