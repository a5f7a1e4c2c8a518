"""Before and after of one value, as lines: a word for each side, and for long texts the lines that differ."""

import difflib
import json
from collections.abc import Iterator
from typing import Final

from reconciler.model.jsonvalue import Absent, MaybeJson
from reconciler.view.terminal import Paint, inert_line, one_line

_CONTEXT: Final = 1


def shown(value: MaybeJson, *, longest: int) -> str:
    """Return a value on one line, as JSON without escapes for letters."""
    if isinstance(value, Absent):
        return "(nothing)"
    return one_line(json.dumps(value, ensure_ascii=False), longest=longest)


def changed(before: MaybeJson, after: MaybeJson, *, longest: int, paint: Paint) -> Iterator[str]:
    """Yield the lines that show how a value changes; each begins with `-`, `+` or `|`."""
    if isinstance(before, str) and isinstance(after, str) and ("\n" in before or "\n" in after):
        yield from _changed_lines(before, after, longest=longest, paint=paint)
        return
    if not isinstance(before, Absent):
        yield paint("- " + shown(before, longest=longest), "red")
    if not isinstance(after, Absent):
        yield paint("+ " + shown(after, longest=longest), "green")


def _changed_lines(before: str, after: str, *, longest: int, paint: Paint) -> Iterator[str]:
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=_CONTEXT)
    for number, line in enumerate(lines):
        if number < 2:
            continue
        mark, text = line[0], one_line(line[1:], longest=longest)
        if mark == "@":
            yield paint("| " + inert_line(line), "dim")
        elif mark == " ":
            yield paint("| " + text, "dim")
        else:
            yield paint(f"{mark} {text}", "red" if mark == "-" else "green")
