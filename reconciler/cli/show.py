"""`reconciler show`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from reconciler.app.approve import read_saved_plan
from reconciler.cli.drawn import FORMATS, drawn, drift_drawn
from reconciler.cli.session import Session, emit, emit_all, format_option, pass_session
from reconciler.errors import ExitCode, RefusedError, UsageError
from reconciler.model.drift_set import DriftSet
from reconciler.model.jsonvalue import DuplicateKeyError, decoded
from reconciler.view.documents import json_text

# Characters of a fleet's result beside the plan that it came of.
_BESIDE_A_PLAN: Final = 20_000


@click.command("show")
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path, dir_okay=False))
@format_option(*FORMATS)
@pass_session
def command(session: Session, plan_file: Path, format_: str) -> ExitCode:
    """Draw a saved plan, or look at live.

    It is what `plan --out` or `drift --out` wrote, of an environment or a fleet, what `fleet apply --out` wrote, or
    what `apply --format json` printed (json, markdown). Nothing is read but that file.
    """
    document = read_document(session.root / plan_file)
    if is_run(document):
        return _show_run(session, document, format_)
    if is_result(document):
        emit(_drawn_result(document, format_))
        return ExitCode.DONE
    if is_look(document):
        emit(_drawn_look(session, document, format_))
        return ExitCode.DONE
    if is_fleet(document):
        return _show_fleet(session, document, format_)
    plan = read_saved_plan(document)
    emit(drawn(session, plan, document, format_))
    return ExitCode.DONE


def is_fleet(document: Any) -> bool:
    """Tell whether this is what `fleet plan` or `fleet drift` writes."""
    return isinstance(document, Mapping) and {"fleet", "organisations"} <= document.keys()


def _show_fleet(session: Session, document: Mapping[str, Any], format_: str) -> ExitCode:
    from reconciler.app.fleet_saved import read_saved_fleet
    from reconciler.cli import fleet_drawn

    if format_ not in fleet_drawn.FORMATS:
        raise UsageError(f"a fleet's plan or look is not drawn as {format_}", hint="say --format markdown, or html")
    if "coverage" in document:
        emit_all(fleet_drawn.drift_drawn(session, _read_fleet_look(document), format_))
        return ExitCode.DONE
    plans = read_saved_fleet(document)
    texts = fleet_drawn.set_text(plans) if format_ == "json" else (fleet_drawn.drawn(session, plans, format_),)
    emit_all(texts)
    return ExitCode.DONE


def _read_fleet_look(document: Mapping[str, Any]) -> DriftSet:
    from reconciler.core.codec.drift_set import from_document

    try:
        return from_document(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        hint = "write one with `fleet drift NAME --out FILE`"
        raise UsageError("the file holds no whole look at a fleet", hint=hint) from error


def _show_run(session: Session, document: Mapping[str, Any], format_: str) -> ExitCode:
    from reconciler.cli import fleet_run_drawn

    if format_ not in fleet_run_drawn.FORMATS:
        raise UsageError(f"a fleet's run is not drawn as {format_}", hint="say --format markdown, or html")
    emit(fleet_run_drawn.run_drawn(session, fleet_run_drawn.read_run(document), format_))
    return ExitCode.DONE


def is_run(document: Any) -> bool:
    """Tell whether this is what `fleet apply` writes."""
    return isinstance(document, Mapping) and {"fleet", "run", "waves"} <= document.keys()


def is_result(document: Any) -> bool:
    """Tell whether this is what `apply --format json` prints, be it only its error."""
    return isinstance(document, Mapping) and bool({"outcomes", "error"} & document.keys()) and not is_look(document)


def is_look(document: Any) -> bool:
    """Tell whether this is what `drift --format json` prints."""
    return isinstance(document, Mapping) and {"drifted", "coverage"} <= document.keys()


def _drawn_look(session: Session, document: Mapping[str, Any], format_: str) -> str:
    from reconciler.core.codec.drift import from_document, read_left

    try:
        report, left = from_document(document), read_left(document)
        if format_ == "json":
            return json_text(document)
        done = document.get("correction", {}) if format_ == "markdown" else {}
        came_of_it = result_markdown(done) + "\n" if "outcomes" in done else ""
        return came_of_it + drift_drawn(session, None, report, format_, left)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError("the file holds no whole look at live", hint="write one with `drift --out FILE`") from error


def _drawn_result(document: Mapping[str, Any], format_: str) -> str:
    if format_ not in ("json", "markdown"):
        raise UsageError("a result is drawn as json or as markdown", hint="say which: --format markdown")
    if format_ == "json":
        return json_text(document)
    return result_markdown(document)


def result_markdown(document: Any) -> str:
    """Return a result for the pull request; UsageError for a document that holds none."""
    if is_run(document):
        from reconciler.cli.fleet_run_drawn import read_run
        from reconciler.view.fleet.run_markdown import run_markdown

        return run_markdown(read_run(document), longest=_BESIDE_A_PLAN)
    from reconciler.view.markdown.apply import apply_markdown

    none = UsageError("the file holds no result", hint="write one with `reconciler apply --format json`")
    if not is_result(document):
        raise none
    try:
        return apply_markdown(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise none from error


def read_document(path: Path) -> Any:
    """Return the JSON value in a file; UsageError where there is no file, RefusedError where it was damaged."""
    again = "write it again: `reconciler plan --out FILE`, or `reconciler apply --format json`"
    try:
        return decoded(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="name a file that `plan --out` wrote") from error
    except DuplicateKeyError as error:
        raise RefusedError(
            f"{path} was edited: an object in it has the same key twice, which can be read in two ways", hint=again
        ) from error
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{path} is not JSON: it was cut off or edited, or never was a plan", hint=again) from error
