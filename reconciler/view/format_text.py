"""What formatting would change, as a unified diff."""

import re
from collections.abc import Iterator
from difflib import unified_diff
from typing import Final

from reconciler.view.terminal import Paint, inert_line

_HEADER: Final = 2
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}


def format_diff(file: str, before: str, after: str, paint: Paint) -> str:
    """Return the difference between a manifest and its canonical form; empty where there is none."""
    return "".join(line + "\n" for line in _lines(file, before, after, paint))


def _lines(file: str, before: str, after: str, paint: Paint) -> Iterator[str]:
    name = inert_line(file)
    for position, line in enumerate(unified_diff(_split(before), _split(after), name, f"{name} (formatted)")):
        text = inert_line(line.removesuffix("\n"))
        if position < _HEADER:
            yield paint(text, "bold")
            continue
        yield paint(text, _COLOURS[line[0]]) if line[0] in _COLOURS else text
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _split(text: str) -> list[str]:
    """Return the lines with their ends; the last one may have none."""
    return _LINE.findall(text)
