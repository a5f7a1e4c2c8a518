"""What the sandbox holds and what it saw, for people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.view.terminal import inert_line, one_line
from reconciler.view.words import counted


def sequences_text(sequences: Sequence[Mapping[str, Any]], switches: Iterable[str]) -> str:
    """Return a line for each sequence, and how the server is set to behave."""
    rows = [
        f"{each['id']}  {each['status']:<9} {inert_line(str(each['custom_id'])):<28} "
        f"{one_line(str(each['name']), longest=60)}"
        for each in sequences
    ]
    return "\n".join([*rows, f"{counted(len(rows), 'sequence')}; {' '.join(switches)}"]) + "\n"


def ledger_text(entries: Iterable[Any]) -> str:
    """Return a line for each ledger entry."""
    rows = [
        f"{each.number:>5}  {each.actor:<6} {each.method:<6} {one_line(each.path, longest=80)}  {each.status}"
        f"{'  ' + each.mutation if each.mutation else ''}"
        for each in entries
    ]
    return "\n".join([*rows, counted(len(rows), "entry", "entries")]) + "\n"
