"""`reconciler compare`."""

import click

from reconciler.cli.completing import environment_names, recorded_ids
from reconciler.cli.session import Session, emit, format_option, pass_session
from reconciler.core.compare import Comparison, Side, compare
from reconciler.core.selection import is_about_manifests
from reconciler.errors import ExitCode, StateError, UsageError
from reconciler.view.documents import json_text


@click.command("compare")
@click.argument("first", metavar="ENV", shell_complete=environment_names)
@click.argument("second", metavar="ENV", shell_complete=environment_names)
@click.option(
    "--only",
    multiple=True,
    metavar="PATTERN",
    help="Only these custom_ids; * and ? match. Repeatable.",
    shell_complete=recorded_ids,
)
@format_option("text", "json", "markdown")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are differences.")
@pass_session
def command(
    session: Session, *, first: str, second: str, only: tuple[str, ...], format_: str, detailed_exitcode: bool
) -> ExitCode:
    """Compare what two environments have recorded, by meaning: ids of sequences and variables count as their names.

    Only the two states are read: no request is made, and no key is needed.
    """
    for pattern in only:
        if is_about_manifests(pattern):
            raise UsageError(
                f"`--only {pattern}` is about manifests, and only what is recorded is compared",
                hint="select by custom_id",
            )
    comparison = compare(_side(session, first), _side(session, second), only)
    emit(_drawn(session, comparison, format_))
    return ExitCode.DIFFERENCES if detailed_exitcode and comparison.is_different else ExitCode.DONE


def _side(session: Session, name: str) -> Side:
    from reconciler.wiring.state import open_store

    workspace = session.workspace(name)
    state = open_store(workspace).load()
    if state is None:
        raise StateError(f"`{name}` has no state yet: nothing was ever applied there", hint="apply there first")
    return Side(environment=name, state=state, variables=workspace.environment.variables)


def _drawn(session: Session, comparison: Comparison, format_: str) -> str:
    match format_:
        case "json":
            from reconciler.view.compare_documents import compare_document

            return json_text(compare_document(comparison))
        case "markdown":
            from reconciler.view.markdown.compare import compare_markdown

            return compare_markdown(comparison)
        case _:
            from reconciler.view.compare_text import compare_text

            return compare_text(comparison, session.drawing(None))
