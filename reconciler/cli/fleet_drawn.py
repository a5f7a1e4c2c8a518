"""A fleet's plan in the format that was asked for, the same for `fleet plan` and for `show`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from reconciler.adapters.store.durable import replace_file
from reconciler.cli.plan import new_file_mode
from reconciler.cli.session import Session
from reconciler.core.codec.plan_set import covered_by_checksum, head_document, part_documents, set_checksum
from reconciler.errors import UsageError
from reconciler.model.plan_set import PlanSet

FORMATS: Final = ("text", "json", "markdown", "html")


def drawn(session: Session, plans: PlanSet, format_: str) -> str:
    """Return the drawing."""
    match format_:
        case "markdown":
            from reconciler.view.fleet.markdown import fleet_markdown

            return fleet_markdown(plans)
        case "html":
            from reconciler.view.fleet.page import fleet_html

            return fleet_html(plans)
        case _:
            from reconciler.view.fleet.text import fleet_text

            return fleet_text(plans, session.drawing(None))


def set_text(plans: PlanSet) -> Iterator[str]:
    """Yield the JSON document, an organisation a line, so that thousands need little memory.

    Escaped ASCII, so that no terminal or log obeys anything in it.
    """
    head = head_document(plans)
    covered: list[dict[str, Any]] = []
    yield "{\n" + "".join(f"  {_line(key)}: {_line(value)},\n" for key, value in head.items()) + '  "organisations": ['
    for document in part_documents(plans):
        yield f"{',' if covered else ''}\n    {_line(document)}"
        covered.append(covered_by_checksum(document))
    yield f'\n  ],\n  "checksum": {_line(set_checksum(head, covered))}\n}}\n'


def write_set(path: Path, plans: PlanSet) -> None:
    """Write a fleet's plan whole or not at all; a device or a pipe is written to, never replaced."""
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="ascii") as stream:
                stream.writelines(set_text(plans))
            return
        pieces = (piece.encode("ascii") for piece in set_text(plans))
        replace_file(path.resolve(), pieces, mode=new_file_mode())
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="name another file with --out") from error


def _line(value: Any) -> str:
    # GitHub's runner obeys `##[...]` anywhere in a line. In JSON that can only stand inside a string.
    return json.dumps(value, ensure_ascii=True, allow_nan=False).replace("##[", "#\\u0023[")
