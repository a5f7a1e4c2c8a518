"""Builds one document from its events, keeping where everything stands and every problem with its place.

Problems that leave the rest readable (an ambiguous word, a duplicate key) are collected; those after which nothing can
be trusted (syntax, a tag, a bound) stop the reading. All bounds are checked on events, before anything is built.
"""

import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NoReturn

from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    StreamEndEvent,
)

from reconciler.adapters.manifests import refusals
from reconciler.adapters.manifests.characters import BIDI, joined, unfit_in_value
from reconciler.adapters.manifests.document import (
    MAX_ALIASES,
    MAX_DEPTH,
    MAX_EVENTS,
    MAX_EXPANDED_CHARACTERS,
    MAX_EXPANDED_NODES,
    MAX_PROBLEMS,
    Document,
    Malformed,
    Problem,
    Refusal,
    Value,
)
from reconciler.adapters.manifests.events import GetEvent
from reconciler.adapters.manifests.parser_words import syntax_problem
from reconciler.adapters.manifests.scalars import resolve
from reconciler.model import rules
from reconciler.model.diagnostic import FILE_START, Span
from reconciler.model.pointer import Path

# Fields by which people tell sequences apart: a text that shows itself reversed would pass for another.
_SHOWN_NAMES: Final = frozenset({("custom_id",), ("name",)})


class _StopError(Exception):
    """Nothing after this place can be trusted; the problem is already noted."""


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet; `key` is the one whose value comes next."""

    path: Path
    container: dict[str, Any] | list[Any]
    span: Span
    own_key: Span | None
    is_flow: bool
    anchor: str | None
    size_before: tuple[int, int]
    key: str | None = None
    key_span: Span | None = None
    first_uses: dict[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Anchored:
    """An anchor's value, and how many nodes and characters it is when written out."""

    value: Value
    nodes: int
    characters: int


class Builder:
    """Builds the document of one text. Used once: construct, `build`, and look at `places`."""

    def __init__(self, text: str, get_event: GetEvent) -> None:
        self.places: dict[Path, tuple[Span | None, Span]] = {}
        self._text = text
        self._get_event = get_event
        self._problems: list[Problem] = []
        self._root: Value = None
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}
        self._documents = self._aliases = self._nodes = self._characters = 0

    def build(self) -> Document | Malformed:
        """Return the document, or all that is wrong with it."""
        try:
            self._run()
        except _StopError:
            return Malformed(problems=tuple(self._problems))
        except YAMLError as error:
            return Malformed(problems=(*self._problems, syntax_problem(error, self._text)))
        value = self._root if isinstance(self._root, dict) else None
        if self._problems or value is None:
            return Malformed(problems=tuple(self._problems), value=value)
        first_key = self.places[(next(iter(value)),)][0] if value else None
        return Document(value=value, line=(first_key or self.places[()][1]).line)

    def _run(self) -> None:
        span = FILE_START
        for _ in range(MAX_EVENTS):
            event = self._get_event()
            span = self._span(event)
            match event:
                case ScalarEvent():
                    self._take_scalar(event, span)
                case CollectionStartEvent():
                    self._start_collection(event, span)
                case CollectionEndEvent():
                    self._end_collection(span)
                case AliasEvent():
                    self._take_alias(event, span)
                case DocumentStartEvent():
                    self._start_document(event, span)
                case StreamEndEvent():
                    self._end_stream()
                    return
        self._stop(span, refusals.TOO_LONG)

    def _start_document(self, event: DocumentStartEvent, span: Span) -> None:
        if event.version is not None or event.tags:
            self._stop(span, refusals.DIRECTIVE)
        self._documents += 1
        if self._documents > 1:
            self._stop(span, refusals.SECOND_DOCUMENT)

    def _end_stream(self) -> None:
        if not self._documents:
            self._note(FILE_START, refusals.NOTHING_IN_FILE if self._text.strip() else refusals.FILE_IS_EMPTY)
        elif self._root is None:
            self._note(self.places[()][1], refusals.NOTHING_IN_FILE)
        elif not isinstance(self._root, dict):
            what = "a list" if isinstance(self._root, list) else "a single value"
            self._note(self.places[()][1], refusals.not_a_mapping(what))

    def _check_node(self, event: Any, span: Span) -> None:
        if event.tag is not None:
            self._stop(span, refusals.TAG)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._nodes += 1

    def _take_scalar(self, event: ScalarEvent, span: Span) -> None:
        self._check_node(event, span)
        self._characters += len(event.value)
        value, refusal = _meaning(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, 1, len(event.value))
        self._put(value, span, refusal)

    def _take_alias(self, event: AliasEvent, span: Span) -> None:
        if event.anchor not in self._anchors:
            self._stop(span, refusals.UNKNOWN_ANCHOR)
        anchored = self._anchors[event.anchor]
        if anchored is None:
            self._stop(span, refusals.RECURSIVE_ALIAS)
        self._aliases += 1
        self._nodes += anchored.nodes
        self._characters += anchored.characters
        if (
            self._aliases > MAX_ALIASES
            or self._nodes > MAX_EXPANDED_NODES
            or self._characters > MAX_EXPANDED_CHARACTERS
        ):
            self._stop(span, refusals.ALIAS_BOUND)
        self._put(anchored.value, span)

    def _start_collection(self, event: CollectionStartEvent, span: Span) -> None:
        size_before = (self._nodes, self._characters)
        self._check_node(event, span)
        if len(self._open) >= MAX_DEPTH:
            self._stop(span, refusals.TOO_DEEP)
        container: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        path, own_key = self._next_place()
        self._put(container, span)
        self._open.append(_Open(path, container, span, own_key, bool(event.flow_style), event.anchor, size_before))

    def _end_collection(self, end: Span) -> None:
        done = self._open.pop()
        # A block's end mark stands where the next thing begins; the block ends where its last child does.
        span = _until(done.span, end) if done.is_flow else done.span
        self.places[done.path] = (done.own_key, span)
        self._stretch(span)
        if done.anchor is not None:
            nodes, characters = self._nodes - done.size_before[0], self._characters - done.size_before[1]
            self._anchors[done.anchor] = _Anchored(done.container, nodes, characters)

    def _put(self, value: Value, span: Span, refusal: Refusal | None = None) -> None:
        """Put a finished key or value, or a collection that begins, where the next one belongs."""
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.container, dict) and parent.key is None:
            return self._put_key(parent, value, span, refusal)
        path, key_span = self._next_place()
        if refusal is None and path in _SHOWN_NAMES and isinstance(value, str) and BIDI.search(value):
            refusal = refusals.BIDI
        if refusal is not None:
            self._note(span, refusal, path)
        self.places[path] = (key_span, span)
        if parent is None:
            self._root = value
        elif isinstance(parent.container, list):
            parent.container.append(value)
        else:
            parent.container[parent.key or ""] = value
            parent.key = parent.key_span = None
        return self._stretch(span)

    def _put_key(self, mapping: _Open, value: Value, span: Span, refusal: Refusal | None) -> None:
        if isinstance(value, dict | list):
            is_token = mapping.is_flow and self._lines[span.line - 1].startswith("{{", span.column - 2)
            self._stop(span, refusals.TOKEN if is_token else refusals.KEY_NOT_TEXT)
        key = value if isinstance(value, str) else str(value)
        first = mapping.first_uses.setdefault(unicodedata.normalize("NFC", key), span)
        if refusal is None:
            refusal = self._refuse_key(value, key, first if first is not span else None)
        mapping.key, mapping.key_span = key, span
        self._stretch(span)
        if refusal is not None:
            # A merge key would have brought keys to the whole mapping.
            self._note(span, refusal, mapping.path if refusal.rule == rules.MERGE_KEY else (*mapping.path, key))

    def _refuse_key(self, value: Value, key: str, first: Span | None) -> Refusal | None:
        if not isinstance(value, str):
            return refusals.KEY_NOT_TEXT
        if BIDI.search(key):
            return refusals.BIDI
        return refusals.duplicate_key(first) if first is not None else None

    def _next_place(self) -> tuple[Path, Span | None]:
        if not self._open:
            return (), None
        parent = self._open[-1]
        last = len(parent.container) if isinstance(parent.container, list) else parent.key or ""
        return (*parent.path, last), parent.key_span

    def _stretch(self, child: Span) -> None:
        """Let the open collection reach to the end of its latest child."""
        if self._open:
            self._open[-1].span = _until(self._open[-1].span, child)

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        line, column = end.line, end.column
        if start.line >= len(self._lines):
            # libyaml counts a last line that has no end as ended: what is missing there belongs behind it.
            behind, column = len(self._lines), len(self._lines[-1]) + 1
            return Span(line=behind, column=column, end_line=behind, end_column=column)
        if getattr(event, "style", None) in {"|", ">"}:
            # The end mark of a block text stands where the next thing begins: go back to the last line of the text.
            while line > start.line and (column == 0 or line >= len(self._lines) or not self._lines[line]):
                line -= 1
                column = len(self._lines[line])
        return Span(line=start.line + 1, column=start.column + 1, end_line=line + 1, end_column=column + 1)

    @cached_property
    def _lines(self) -> list[str]:
        return [line.rstrip() for line in self._text.split("\n")]

    def _note(self, span: Span, refusal: Refusal, path: Path = ()) -> None:
        self._problems.append(
            Problem(rule=refusal.rule, message=refusal.message, hint=refusal.hint, span=span, path=path)
        )
        if len(self._problems) >= MAX_PROBLEMS:
            self._problems.append(refusals.enough(span))
            raise _StopError

    def _stop(self, span: Span, refusal: Refusal) -> NoReturn:
        self._note(span, refusal)
        raise _StopError


def _meaning(event: ScalarEvent) -> tuple[Value, Refusal | None]:
    """Return a scalar's value, or its text and why it is refused."""
    if event.style:
        text = joined(event.value)
        return text, unfit_in_value(text)
    value = resolve(event.value)
    return (event.value, value) if isinstance(value, Refusal) else (value, None)


def _until(span: Span, end: Span) -> Span:
    return Span(line=span.line, column=span.column, end_line=end.end_line, end_column=end.end_column)
