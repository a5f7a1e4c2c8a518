"""`reconciler apply`."""

import sys
from pathlib import Path
from typing import Any

import click

from reconciler.app.apply import apply_plan
from reconciler.app.approve import prove_organisation, read_saved_plan, refuse_bad_bodies, refuse_unless_same
from reconciler.app.write import Means
from reconciler.cli.plan import exit_code
from reconciler.cli.planning import Asked, asked_for, plan_now, planning_options, request_for
from reconciler.cli.progress import Meter
from reconciler.cli.session import Session, emit, format_option, pass_session
from reconciler.cli.show import read_document
from reconciler.core.codec.apply import exit_code as outcomes_exit_code
from reconciler.core.codec.apply import to_document as outcomes_document
from reconciler.core.codec.plan import plan_digest, violation
from reconciler.errors import ExitCode, RefusedError, UsageError
from reconciler.model.outcome import Outcome
from reconciler.model.plan import Plan
from reconciler.model.state import State
from reconciler.ports import Reader, Writer
from reconciler.view.apply_text import apply_text
from reconciler.view.documents import json_text
from reconciler.view.plan_text import plan_text
from reconciler.wiring import Workspace, body_checker, connect, now, open_store, pause


@click.command("apply")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@planning_options
@click.option("--expect", metavar="DIGEST", help="Refuse any plan but the one with this digest.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can be asked.")
@format_option("text", "json")
@pass_session
def command(
    session: Session,
    *,
    plan_file: Path | None,
    refresh: str | None,
    only: tuple[str, ...],
    adopt: bool,
    expect: str | None,
    yes: bool,
    format_: str,
) -> ExitCode:
    """Make the plan anew and carry it out; with PLAN or --expect, only if it is still that very plan."""
    if not yes and not sys.stdin.isatty():
        raise UsageError("nobody can be asked here, so nothing was done", hint="add --yes, or run it on a terminal")
    asked = asked_for(refresh, only, adopt=adopt)
    given = None if plan_file is None else read_document(plan_file)
    workspace, asked = (session.workspace(), asked) if given is None else _of_given(session, given, asked)
    with connect(workspace) as (reader, writer):
        plan, state = plan_now(workspace, request_for(workspace, asked), reader)
        refuse_unless_same(plan, given=given, expected=expect)
        if _is_refused_or_empty(plan):
            return _report_plan(session, workspace, plan, format_)
        if format_ == "text" and not session.quiet:
            emit(plan_text(plan, plan_digest(plan), session.drawing(workspace)) + "\n")
        if not yes and not click.confirm("Apply this plan?", default=False, err=True):
            raise RefusedError("not applied: the answer was no; nothing was sent")
        outcomes = _carry_out(session, workspace, plan, state, (reader, writer), format_)
    _report_outcomes(session, workspace, plan, outcomes, format_)
    return outcomes_exit_code(outcomes)


def _of_given(session: Session, given: Any, asked: Asked) -> tuple[Workspace, Asked]:
    """Return the workspace and the options that a saved plan brings along."""
    if asked.is_anything:
        raise UsageError("a saved plan brings its own --refresh, --only and --adopt", hint="leave them out")
    saved = read_saved_plan(given)
    if session.environment is not None and session.environment != saved.environment:
        raise RefusedError(
            f"the plan is for environment `{saved.environment}`, not `{session.environment}`; nothing was sent",
            hint="leave out --env, or plan again",
        )
    workspace = session.workspace(saved.environment)
    return workspace, Asked(refresh=saved.basis.refresh, only=saved.basis.only, adopt=saved.basis.adopt)


def _is_refused_or_empty(plan: Plan) -> bool:
    return not plan.can_apply or not plan.has_work


def _report_plan(session: Session, workspace: Workspace, plan: Plan, format_: str) -> ExitCode:
    """Show a plan that is not carried out: because it is refused, or because there is nothing to do."""
    digest = plan_digest(plan)
    if format_ == "json":
        document = outcomes_document(plan.environment, digest, ())
        refusals = [violation(each) for each in plan.violations]
        emit(json_text({**document, **({"violations": refusals} if refusals else {})}))
    else:
        emit(plan_text(plan, digest, session.drawing(workspace)) + ("" if plan.can_apply else "Nothing was sent.\n"))
    return exit_code(plan, detailed=False)


def _carry_out(
    session: Session,
    workspace: Workspace,
    plan: Plan,
    state: State | None,
    api: tuple[Reader, Writer],
    format_: str,
) -> tuple[Outcome, ...]:
    reader, writer = api
    refuse_bad_bodies(plan, body_checker())
    prove_organisation(plan, state, reader)
    store = open_store(workspace).begin(state)
    org_id = plan.org_id if state is None else state.org_id or plan.org_id
    means = Means(reader=reader, writer=writer, session=store, now=now, pause=pause, org_id=org_id)
    ids = {} if state is None else {name: record.id for name, record in state.records.items()}
    try:
        with Meter(session, plan, silent=session.quiet or format_ == "json") as meter:
            return apply_plan(plan, means, ids=ids, settled=meter.settled)
    finally:
        store.finish()


def _report_outcomes(
    session: Session, workspace: Workspace, plan: Plan, outcomes: tuple[Outcome, ...], format_: str
) -> None:
    if format_ == "json":
        emit(json_text(outcomes_document(plan.environment, plan_digest(plan), outcomes)))
    else:
        emit(apply_text(workspace.environment.name, outcomes, session.paint()))
