"""What formatting would change, as a unified diff."""

from collections.abc import Iterator
from difflib import unified_diff
from typing import Final

from reconciler.view.terminal import Paint, inert_line

_COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}


def format_diff(file: str, before: str, after: str, paint: Paint) -> str:
    """Return the difference between a manifest and its canonical form; empty where there is none."""
    return "".join(line + "\n" for line in _lines(file, before, after, paint))


def _lines(file: str, before: str, after: str, paint: Paint) -> Iterator[str]:
    name = inert_line(file)
    for line in unified_diff(before.split("\n"), after.split("\n"), name, f"{name} (formatted)", lineterm=""):
        text = inert_line(line)
        if line.startswith(("+++", "---")):
            yield paint(text, "bold")
        else:
            yield paint(text, _COLOURS[line[0]]) if line[0] in _COLOURS else text
