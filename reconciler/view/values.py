"""Before and after of one value, as lines: a word for each side, and for long texts the lines that differ."""

import json
from collections.abc import Iterator
from itertools import groupby, takewhile
from typing import Final

from reconciler.model.jsonvalue import Absent, MaybeJson
from reconciler.model.pointer import Path
from reconciler.view.terminal import Paint, inert_line, one_line

_CONTEXT: Final = 1
_OF_HTML: Final = "email_body"
# Lists of people: where everybody can read along, how many come and go is shown, not who.
PERSONAL: Final = frozenset({"contact_ids", "email_in", "name_in", "phone_number_in"})


def shown(value: MaybeJson, *, longest: int) -> str:
    """Return a value on one line, as JSON without escapes for letters."""
    if isinstance(value, Absent):
        return "(nothing)"
    return one_line(json.dumps(value, ensure_ascii=False), longest=longest)


def has_markup(key: str, text: str) -> bool:
    """Tell whether the text at a key of the contract is to be read as HTML."""
    return key == _OF_HTML and "<" in text


def changed_at(path: Path, before: MaybeJson, after: MaybeJson, *, longest: int, paint: Paint) -> Iterator[str]:
    """Yield the lines that show how the value at a path changes; each begins with `-`, `+`, `|` or `!`."""
    key = path[-1] if path else ""
    if (
        isinstance(before, str)
        and isinstance(after, str)
        and any(has_markup(str(key), each) for each in (before, after))
    ):
        # Imported where it is needed: loading what reads HTML and compares words takes its time.
        from reconciler.view.body_text import body_changed

        yield from body_changed(before, after, longest=longest, paint=paint)
    else:
        yield from changed(before, after, longest=longest, paint=paint)


def changed(before: MaybeJson, after: MaybeJson, *, longest: int, paint: Paint) -> Iterator[str]:
    """Yield the lines that show how a value changes; each begins with `-`, `+` or `|`."""
    if isinstance(before, str) and isinstance(after, str) and ("\n" in before or "\n" in after):
        yield from _changed_lines(before, after, longest=longest, paint=paint)
        return
    was, becomes = (
        None if isinstance(each, Absent) else json.dumps(each, ensure_ascii=False) for each in (before, after)
    )
    start = _start(was or "", becomes or "", longest)
    if was is not None:
        yield paint("- " + _from(was, start, longest), "red")
    if becomes is not None:
        yield paint("+ " + _from(becomes, start, longest), "green")


def _start(before: str, after: str, longest: int) -> int:
    """Return from where two texts are shown, so that where they begin to differ is not cut off."""
    if max(len(before), len(after)) <= longest:
        return 0
    same = sum(1 for _ in takewhile(_is_same, zip(before, after, strict=False)))
    return same - longest // 3 if same > longest * 2 // 3 else 0


def _from(text: str, start: int, longest: int) -> str:
    return one_line(f"…{text[start:]}" if start else text, longest=longest)


def _written(value: MaybeJson) -> str | None:
    return None if isinstance(value, Absent) else json.dumps(value, ensure_ascii=False)


def _is_same(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1]


def _changed_lines(before: str, after: str, *, longest: int, paint: Paint) -> Iterator[str]:
    # Imported where it is needed: most values have one line.
    from difflib import unified_diff

    lines = list(unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=_CONTEXT))[2:]
    runs = [(sign, [line[1:] for line in run]) for sign, run in groupby(lines, key=_sign)]
    starts: list[int] = []
    for number, (sign, run) in enumerate(runs):
        if sign == "-" and number + 1 < len(runs) and runs[number + 1][0] == "+":
            starts = [_start(old, new, longest) for old, new in zip(run, runs[number + 1][1], strict=False)]
        for position, text in enumerate(run):
            start = starts[position] if sign in "-+" and position < len(starts) else 0
            if sign == "@":
                yield paint(f"| @{inert_line(text)}", "dim")
            elif sign == " ":
                yield paint(f"| {one_line(text, longest=longest)}", "dim")
            else:
                yield paint(f"{sign} {_from(text, start, longest)}", "red" if sign == "-" else "green")
        starts = starts if sign == "-" else []


def _sign(line: str) -> str:
    return line[0]


def people(before: MaybeJson, after: MaybeJson) -> str:
    """Return how a list of people changes, naming nobody."""
    was = {str(each) for each in before} if isinstance(before, list) else set()
    becomes = {str(each) for each in after} if isinstance(after, list) else set()
    return f"{len(was):,} entries become {len(becomes):,}: {len(becomes - was):,} new, {len(was - becomes):,} gone"
