"""A fleet's plan, or a look at it, in the format that was asked for: the same for the command and for `show`."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from reconciler.adapters.store.durable import replace_file
from reconciler.cli.plan import new_file_mode
from reconciler.cli.session import Session
from reconciler.core.codec.drift_set import head_document as look_head
from reconciler.core.codec.drift_set import part_documents as look_parts
from reconciler.core.codec.plan_set import covered_by_checksum, head_document, part_documents, set_checksum
from reconciler.errors import UsageError
from reconciler.model.drift_set import DriftSet
from reconciler.model.plan_set import PlanSet

FORMATS: Final = ("text", "json", "markdown", "html")


def drift_text(drift: DriftSet) -> Iterator[str]:
    """Yield the JSON document of a look at a fleet."""
    return organisations_text(look_head(drift), look_parts(drift))


def drift_drawn(session: Session, drift: DriftSet, format_: str) -> Iterator[str]:
    """Yield the drawing of a look at a fleet."""
    match format_:
        case "json":
            yield from drift_text(drift)
        case "markdown":
            from reconciler.view.fleet.drift_markdown import fleet_drift_markdown

            yield fleet_drift_markdown(drift)
        case "html":
            from reconciler.view.fleet.drift_page import fleet_drift_html

            yield fleet_drift_html(drift)
        case _:
            from reconciler.view.fleet.drift_text import fleet_drift_text

            yield fleet_drift_text(drift, session.drawing(None))


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
    """Yield the JSON document of a fleet's plan."""
    head = head_document(plans)
    covered: list[dict[str, Any]] = []

    def parts() -> Iterator[dict[str, Any]]:
        for document in part_documents(plans):
            covered.append(covered_by_checksum(document))
            yield document

    yield from organisations_text(head, parts(), lambda: {"checksum": set_checksum(head, covered)})


def organisations_text(
    head: Mapping[str, Any], parts: Iterable[Mapping[str, Any]], tail: Callable[[], Mapping[str, Any]] = dict
) -> Iterator[str]:
    """Yield a JSON document, an organisation a line, so that thousands need little memory; `tail` is asked at the end.

    Escaped ASCII, so that no terminal or log obeys anything in it.
    """
    yield "{\n" + "".join(f"  {_line(key)}: {_line(value)},\n" for key, value in head.items()) + '  "organisations": ['
    for number, document in enumerate(parts):
        yield f"{',' if number else ''}\n    {_line(document)}"
    yield "\n  ]" + "".join(f",\n  {_line(key)}: {_line(value)}" for key, value in tail().items()) + "\n}\n"


def write_set(path: Path, texts: Iterable[str]) -> None:
    """Write a fleet's document whole or not at all; a device or a pipe is written to, never replaced."""
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="ascii") as stream:
                stream.writelines(texts)
            return
        replace_file(path.resolve(), (text.encode("ascii") for text in texts), mode=new_file_mode())
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="name another file with --out") from error


def _line(value: Any) -> str:
    # GitHub's runner obeys `##[...]` anywhere in a line. In JSON that can only stand inside a string.
    return json.dumps(value, ensure_ascii=True, allow_nan=False).replace("##[", "#\\u0023[")
