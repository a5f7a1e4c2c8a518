"""A table in TOML: a list of `[[organisations]]`, each with the lines that its keys stand on.

TOML's reader in the standard library tells no places, so the lines are looked up by how such files are written. Where
that does not come out even with what was read, only the file is named.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.core.fleet.describing import at_entry
from reconciler.core.spelling import did_you_mean
from reconciler.model.diagnostic import FILE_START, Diagnostic, Span
from reconciler.model.fleet import BAD_ENTRY, Entry

LIST: Final = "organisations"
_HEADER: Final = re.compile(r"[ \t]*\[\[[ \t]*organisations[ \t]*\]\]")
_SUBTABLE: Final = re.compile(r"[ \t]*\[[ \t]*organisations[ \t]*\.[ \t]*([A-Za-z0-9_-]+)[ \t]*\]")
_KEY: Final = re.compile(r"[ \t]*([\"']?)([A-Za-z0-9_-]+)\1(?:[ \t]*\.[ \t]*([\"']?)([A-Za-z0-9_-]+)\3)?[ \t]*=")
_INLINE: Final = re.compile(r"[{,][ \t]*([\"']?)([A-Za-z0-9_-]+)\1[ \t]*=")
_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)")
_FENCES: Final = ('"""', "'''")


def read_toml(name: str, text: str) -> tuple[list[Entry], list[Diagnostic]]:
    """Return the entries, and what is wrong with the table as a whole."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [], [_broken(name, str(error))]
    found = [_unknown(name, text, key) for key in document if key != LIST]
    listed = document.get(LIST, [])
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        message = f"`{LIST}` must be a list of tables, one for each organisation"
        hint = f"begin each with a line [[{LIST}]], and write its `name` below"
        return [], [*found, at_entry(name, FILE_START, LIST, BAD_ENTRY, message, hint)]
    return list(_entries(listed, text)), found


def _broken(name: str, error: str) -> Diagnostic:
    place = _PLACE.search(error)
    line, column = (int(place[1]), int(place[2])) if place else (1, 1)
    said = _PLACE.sub("", error).strip().rstrip(".")
    span = Span(line=line, column=column, end_line=line, end_column=column)
    # What was read until there may be quoted in TOML's own words: only the first of them are ours to show.
    return at_entry(name, span, "", BAD_ENTRY, f"not valid TOML: {_lowered(said)}", None)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _unknown(name: str, text: str, key: str) -> Diagnostic:
    line = next((n for n, each in enumerate(text.splitlines(), 1) if key in each), 1)
    span = Span(line=line, column=1, end_line=line, end_column=1)
    hint = did_you_mean(key, [LIST]) or f"a table of organisations is a list of [[{LIST}]]"
    return at_entry(name, span, key, BAD_ENTRY, f"unknown key `{key}`", hint)


def _entries(listed: list[Mapping[str, Any]], text: str) -> Iterator[Entry]:
    places = _places(text)
    for number, values in enumerate(listed):
        if len(places) == len(listed):
            span, keys = places[number]
            yield Entry(values=values, span=span, places=keys)
        else:
            yield Entry(values=values)


def _places(text: str) -> list[tuple[Span, dict[str, Span]]]:
    """Return for each `[[organisations]]` its own place and those of its keys."""
    found: list[tuple[Span, dict[str, Span]]] = []
    table, fence = "", None
    for number, line in enumerate(text.splitlines(), start=1):
        if fence is not None:
            fence = None if line.count(fence) % 2 else fence
            continue
        fence = next((each for each in _FENCES if line.count(each) % 2), None)
        header, subtable = _HEADER.match(line), _SUBTABLE.match(line)
        if header:
            found.append((_span(number, line, header.start(), header.end()), {}))
            table = ""
        elif subtable:
            table = f"{subtable[1]}."
        elif found and (key := _KEY.match(line)):
            places = found[-1][1]
            name = table + key[2] + (f".{key[4]}" if key[4] else "")
            places.setdefault(name, _span(number, line, key.start(2), len(line.rstrip())))
            for inner in _INLINE.finditer(line, key.end()):
                places.setdefault(f"{name}.{inner[2]}", _span(number, line, inner.start(2), inner.end(2)))
    return found


def _span(number: int, line: str, start: int, end: int) -> Span:
    column = start + 1 + (len(line[start:]) - len(line[start:].lstrip()))
    return Span(line=number, column=column, end_line=number, end_column=max(end, start) + 1)
