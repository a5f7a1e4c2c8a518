"""A table in CSV, as spreadsheets write it: a line of column names, then a line for each organisation.

Variables have a column each, `variables.NAME`; labels stand in one cell, with spaces between them. An empty cell says
nothing, as a key that is left out.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from reconciler.core.fleet.describing import KEYS, at_entry
from reconciler.core.spelling import did_you_mean
from reconciler.model.diagnostic import FILE_START, Diagnostic, Span
from reconciler.model.fleet import BAD_ENTRY, Entry

VARIABLES: Final = "variables."
_COLUMNS: Final = tuple(key for key in KEYS if key != "variables")


def read_csv(name: str, text: str) -> tuple[list[Entry], list[Diagnostic]]:
    """Return the entries, and what is wrong with the table as a whole."""
    rows = _rows(text)
    try:
        first, header = next(rows)
    except (StopIteration, csv.Error):
        return [], []
    found = list(_wrong_columns(name, first, header))
    if found:
        return [], found
    entries: list[Entry] = []
    try:
        for line, cells in rows:
            extra = _extra(name, line, cells, len(header))
            if extra is None:
                entries.append(_entry(line, header, cells))
            else:
                found.append(extra)
    except csv.Error as error:
        found.append(at_entry(name, FILE_START, "", BAD_ENTRY, f"not valid CSV: {error}", "close each quote"))
    return entries, found


def _rows(text: str) -> Iterator[tuple[tuple[int, str], list[str]]]:
    """Yield each row that is not empty: the number and text of its first line, and its cells."""
    lines = text.splitlines()
    reader = csv.reader(io.StringIO(text), strict=True)
    before = 0
    for cells in reader:
        line, before = before + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            yield (line, lines[line - 1]), [cell.strip() for cell in cells]


def _wrong_columns(name: str, first: tuple[int, str], header: list[str]) -> Iterator[Diagnostic]:
    spans = _spans(*first, len(header))
    if len(header) == 1 and ";" in header[0]:
        message, hint = "the columns are separated by `;`", "export the table with commas between its columns"
        yield at_entry(name, spans[0], "", BAD_ENTRY, message, hint)
        return
    for number, column in enumerate(header):
        if column in header[:number]:
            hint = "leave one of the two out"
            yield at_entry(name, spans[number], column, BAD_ENTRY, f"column `{column}` stands there twice", hint)
        elif column not in _COLUMNS and not (column.startswith(VARIABLES) and column != VARIABLES):
            listed = ", ".join(f"`{each}`" for each in (*_COLUMNS, f"{VARIABLES}NAME"))
            hint = did_you_mean(column, _COLUMNS) or f"known are: {listed}"
            yield at_entry(name, spans[number], column, BAD_ENTRY, f"unknown column `{column}`", hint)
    if "name" not in header:
        yield at_entry(name, FILE_START, "name", BAD_ENTRY, "there is no column `name`", "the first line names columns")


def _extra(name: str, line: tuple[int, str], cells: list[str], columns: int) -> Diagnostic | None:
    if len(cells) <= columns:
        return None
    span = _spans(*line, len(cells))[columns]
    message = f"the row has {len(cells)} cells, and there are {columns} columns"
    return at_entry(name, span, "", BAD_ENTRY, message, "put a text that holds a comma in double quotes")


def _entry(line: tuple[int, str], header: list[str], cells: list[str]) -> Entry:
    spans = _spans(*line, len(cells))
    values: dict[str, Any] = {}
    variables: dict[str, str] = {}
    for column, cell in zip(header, cells, strict=False):
        if not cell:
            continue
        if column.startswith(VARIABLES):
            variables[column.removeprefix(VARIABLES)] = cell
        else:
            values[column] = cell.split() if column == "labels" else cell
    if variables:
        values["variables"] = variables
    number = line[0]
    whole = Span(line=number, column=1, end_line=number, end_column=len(line[1]) + 1)
    return Entry(values=values, span=whole, places=dict(zip(header, spans, strict=False)))


def _spans(number: int, line: str, count: int) -> list[Span]:
    """Return where each cell of a row stands; a cell with a line break, and what follows it, at the row's start."""
    starts, inside = [0], False
    for position, sign in enumerate(line):
        inside ^= sign == '"'
        if sign == "," and not inside:
            starts.append(position + 1)
    ends = [start - 1 for start in starts[1:]] + [len(line)]
    spans = [
        Span(line=number, column=start + 1, end_line=number, end_column=end + 1)
        for start, end in zip(starts, ends, strict=True)
    ]
    return spans[:count] + [Span(line=number, column=1, end_line=number, end_column=1)] * (count - len(spans))
