"""`reconciler show`."""

import json
from pathlib import Path
from typing import Any

import click

from reconciler.app.approve import read_saved_plan
from reconciler.cli.drawn import FORMATS, drawn
from reconciler.cli.session import Session, emit, format_option, pass_session
from reconciler.errors import ExitCode, UsageError


@click.command("show")
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path, dir_okay=False))
@format_option(*FORMATS)
@pass_session
def command(session: Session, plan_file: Path, format_: str) -> ExitCode:
    """Draw a plan that was saved with `plan --out`. Nothing is read but that file."""
    document = read_document(session.root / plan_file)
    plan = read_saved_plan(document)
    emit(drawn(session, None, plan, document, format_))
    return ExitCode.DONE


def read_document(path: Path) -> Any:
    """Return the JSON value in a file; UsageError where there is none."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="name a file that `plan --out` wrote") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON", hint="name a file that `plan --out` wrote") from error
