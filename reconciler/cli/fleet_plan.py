"""`reconciler fleet plan`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from reconciler.app.executing import InTurn, Threads
from reconciler.app.fleet import plan_fleet
from reconciler.app.watching import OfMany
from reconciler.cli.fleet_choosing import (
    InvalidFleetError,
    check_manifests,
    chosen,
    engine_option,
    fleet_options,
    opened,
    outcome,
    parallel_option,
)
from reconciler.cli.fleet_drawn import FORMATS, drawn, set_text, write_set
from reconciler.cli.planning import adopt_option, asked_for, override_options, refresh_option
from reconciler.cli.progress import Meter
from reconciler.cli.session import Session, emit_all, format_option, pass_session
from reconciler.core.fleet.answering import answered
from reconciler.errors import ExitCode
from reconciler.model.errand import Asked, Errand, ToPlan
from reconciler.model.fleet import Organisation, Shard
from reconciler.model.invalid import InvalidManifestsError
from reconciler.model.plan import Refresh
from reconciler.model.plan_set import PlanSet
from reconciler.wiring.checked import excerpts_of
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.engine import executor_on
from reconciler.wiring.errands import Workshop
from reconciler.wiring.fleet import FleetManifests, FleetWorkspace, check_keys

_SILENT: Final = "json"


@click.command("plan")
@fleet_options
@refresh_option
@adopt_option
@override_options
@format_option(*FORMATS)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the JSON plan there too."
)
@parallel_option
@engine_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are differences.")
@pass_session
def command(
    session: Session,
    *,
    name: str,
    only: tuple[str, ...],
    shard: Shard | None,
    command: str | None,
    refresh: str | None,
    adopt: bool,
    override: tuple[str, ...],
    reason: tuple[str, ...],
    format_: str,
    out: Path | None,
    parallel: int,
    engine: str,
    detailed_exitcode: bool,
) -> ExitCode:
    """Plan every organisation of a fleet: one document with a plan for each, under one digest.

    Nothing is written. What fails in one organisation is told of that one; the others are planned all the same. The
    exit code is the gravest of theirs.
    """
    asked = asked_for(refresh, (), override, reason, adopt=adopt)
    within = opened(session, name, command)
    if asked.refresh is not Refresh.NONE:
        within = check_keys(within, ask_keyring=True)[1]
    silent = session.quiet or format_ == _SILENT
    _, plans = planned(session, within, Meant(only, shard), asked, parallel=parallel, engine=engine, silent=silent)
    if out is not None:
        write_set(session.root / out, set_text(plans))
    emit_all(set_text(plans) if format_ == "json" else (drawn(session, plans, format_),))
    return plans.exit_code(detailed=detailed_exitcode)


@dataclass(frozen=True, slots=True)
class Meant:
    """Which organisations are meant: by name or label, and of those one part."""

    only: tuple[str, ...]
    shard: Shard | None


def planned(
    session: Session,
    within: FleetWorkspace,
    meant: Meant,
    asked: Asked,
    *,
    parallel: int,
    engine: str,
    silent: bool,
) -> tuple[Workshop, PlanSet]:
    """Plan the organisations that are meant, with nobody's answer for their risk."""
    name, only, shard = within.fleet.name, meant.only, meant.shard
    organisations = chosen(within, only, shard)
    manifests = FleetManifests(within)
    refuse_invalid(within, manifests, organisations)
    workshop = Workshop(within, manifests)
    workshop.expect(organisations)
    now = SystemClock.moment()  # one for all, so that the same moment does not decide otherwise for the last one
    errands = [Errand.of(name, each, asked=asked, now=now, task=ToPlan()) for each in organisations]
    with Meter(session, "Planning", len(errands), silent=silent, at_once=False) as meter:
        watch = OfMany(waiting=meter.waiting, notice=meter.notice)
        is_near = asked.refresh is Refresh.NONE and all(each.state.startswith("file:") for each in errands)
        local = InTurn(workshop.perform, watch) if is_near else Threads(workshop.perform, watch, parallel=parallel)
        with executor_on(engine, session.root, watch, local=local) as executor:
            named = tuple(sorted(set(only)))
            plans = plan_fleet(name, errands, executor, only=named, shard=shard, progress=meter.step)
    guards = {each.name: each.environment.guards for each in organisations}
    return workshop, answered(plans, lambda each: guards[each].acknowledge, None)


def refuse_invalid(within: FleetWorkspace, manifests: FleetManifests, organisations: tuple[Organisation, ...]) -> None:
    """Refuse to go on where anything is wrong with the table, or with the manifests of any organisation."""
    files, found = check_manifests(within, manifests, organisations)
    diagnostics = tuple(sorted((*within.fleet.diagnostics, *found), key=lambda each: each.order))
    code = outcome(diagnostics)
    if code is ExitCode.DONE:
        return
    shown = excerpts_of(within.any_workspace, diagnostics, given={})
    if code is ExitCode.INVALID:
        raise InvalidManifestsError(files, diagnostics, shown)
    raise InvalidFleetError(within.fleet.name, files, diagnostics, shown)
