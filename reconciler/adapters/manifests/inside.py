"""Where some characters of a text stand: in the file that `$file` brought in, or in the manifest itself.

In a manifest only what is written as it reads can be placed: a block with `|`, and a text on one line without escapes.
Elsewhere the whole value is named.
"""

from typing import Final

from reconciler.adapters.manifests.characters import point
from reconciler.model.diagnostic import Span

_LITERAL: Final = "|"


def span_in_file(text: str, start: int, length: int) -> Span:
    """Return the span of some characters of a file's text."""
    begin, end = point(text, start), point(text, start + length)
    return Span(line=begin.line, column=begin.column, end_line=end.line, end_column=end.column)


def span_in_value(lines: list[str], value: Span, text: str, start: int, length: int) -> Span | None:
    """Return the span of some characters of a value that stands at a span; None where it is not written as it reads."""
    if lines[value.line - 1][value.column - 1 : value.column] == _LITERAL:
        return _in_block(lines, value, text, start, length)
    if value.line != value.end_line:
        return None
    written = lines[value.line - 1][value.column - 1 : value.end_column - 1]
    shift = 0 if written == text else 1 if written[1:-1] == text else None
    if shift is None:
        return None
    column = value.column + shift + start
    return Span(line=value.line, column=column, end_line=value.line, end_column=column + length)


def _in_block(lines: list[str], value: Span, text: str, start: int, length: int) -> Span | None:
    begin, end = point(text, start), point(text, start + length)
    first, last = (_indent(lines, value.line + each.line, text, each.line) for each in (begin, end))
    if first is None or last is None:
        return None
    return Span(
        line=value.line + begin.line,
        column=first + begin.column,
        end_line=value.line + end.line,
        end_column=last + end.column,
    )


def _indent(lines: list[str], number: int, text: str, inside: int) -> int | None:
    """Return how far a line of the text is indented in the file; None where the file has another line there."""
    said = text.split("\n")[inside - 1]
    written = lines[number - 1].rstrip("\r") if number <= len(lines) else ""
    return len(written) - len(said) if written.endswith(said) else None
