"""`reconciler validate`."""

import click

from reconciler.cli.session import Session, emit, format_option, pass_session
from reconciler.errors import ExitCode
from reconciler.model.diagnostic import Severity
from reconciler.view.diagnostics_text import diagnostics_text
from reconciler.view.documents import diagnostics_document, json_text
from reconciler.wiring import load_manifests


@click.command("validate")
@format_option("text", "json")
@pass_session
def command(session: Session, format_: str) -> ExitCode:
    """Check all manifests; show everything that is wrong with them, each at its place."""
    loaded = load_manifests(session.workspace())
    if format_ == "json":
        emit(json_text(diagnostics_document(loaded.files, loaded.diagnostics)))
    else:
        emit(diagnostics_text(loaded.files, loaded.diagnostics, session.paint()))
    invalid = any(each.severity is Severity.ERROR for each in loaded.diagnostics)
    return ExitCode.INVALID if invalid else ExitCode.DONE
