"""What came of applying a fleet in the format that was asked for, the same for `fleet apply` and for `show`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from reconciler.cli.plan import write_plan
from reconciler.cli.session import Session
from reconciler.core.codec.fleet_run import from_document, to_document
from reconciler.errors import UsageError
from reconciler.model.fleet_run import FleetRun
from reconciler.view.documents import json_text

FORMATS: Final = ("text", "json", "markdown", "html")


def run_drawn(session: Session, run: FleetRun, format_: str) -> str:
    """Return the drawing."""
    match format_:
        case "json":
            return json_text(to_document(run))
        case "markdown":
            from reconciler.view.fleet.run_markdown import run_markdown

            return run_markdown(run)
        case "html":
            from reconciler.view.fleet.run_page import run_html

            return run_html(run)
        case _:
            from reconciler.view.fleet.run_text import run_text

            return run_text(run, session.drawing(None))


def write_run(path: Path, run: FleetRun) -> None:
    """Write the JSON report whole or not at all."""
    write_plan(path, json_text(to_document(run)))


def read_run(document: Mapping[str, Any]) -> FleetRun:
    """Return the run in a saved report; UsageError where it is none."""
    try:
        return from_document(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            "the file holds no whole report of a run", hint="write one with `fleet apply --out FILE`"
        ) from error
