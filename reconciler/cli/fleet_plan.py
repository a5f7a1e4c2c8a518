"""`reconciler fleet plan`."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import click

from reconciler.adapters.store.alike import Alike
from reconciler.app.fleet import PARALLEL, plan_fleet
from reconciler.app.plan import make_plan
from reconciler.app.watching import OfMany
from reconciler.app.workers import Alone, Workers
from reconciler.cli.fleet_choosing import InvalidFleetError, check_manifests, chosen, fleet_options, opened, outcome
from reconciler.cli.fleet_drawn import FORMATS, drawn, set_text, write_set
from reconciler.cli.planning import adopt_option, asked_for, override_options, refresh_option
from reconciler.cli.progress import Meter
from reconciler.cli.session import Session, emit_all, format_option, pass_session
from reconciler.core.fleet.twins import Twins
from reconciler.core.planner import build_plan
from reconciler.errors import ExitCode
from reconciler.model.fleet import Organisation
from reconciler.model.invalid import InvalidManifestsError
from reconciler.model.plan import Plan, Refresh
from reconciler.model.plan_set import Part
from reconciler.ports import Crew, Watch
from reconciler.wiring.api import connect
from reconciler.wiring.checked import excerpts_of
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.fleet import FleetManifests, FleetWorkspace, check_keys, no_key
from reconciler.wiring.planning import Asked, request_for
from reconciler.wiring.state import open_store

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
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are differences.")
@pass_session
def command(
    session: Session,
    *,
    name: str,
    only: tuple[str, ...],
    command: str | None,
    refresh: str | None,
    adopt: bool,
    override: tuple[str, ...],
    reason: tuple[str, ...],
    format_: str,
    out: Path | None,
    detailed_exitcode: bool,
) -> ExitCode:
    """Plan every organisation of a fleet: one document with a plan for each, under one digest.

    Nothing is written. What fails in one organisation is told of that one; the others are planned all the same. The
    exit code is the gravest of theirs.
    """
    asked = asked_for(refresh, (), override, reason, adopt=adopt)
    within = opened(session, name, command)
    organisations = chosen(within, only)
    if asked.refresh is not Refresh.NONE:
        within = check_keys(within, ask_keyring=True)[1]
    manifests = FleetManifests(within)
    refuse_invalid(within, manifests, organisations)
    silent = session.quiet or format_ == _SILENT
    with Meter(session, "Planning", len(organisations), silent=silent, at_once=False) as meter:
        alike = Counter(id(manifests.of(each).desired) for each in organisations)
        watch = OfMany(waiting=meter.waiting, notice=meter.notice)
        planning = _Planning(within, manifests, asked, watch, Twins(), SystemClock.moment(), alike)
        plans = plan_fleet(
            name,
            organisations,
            planning.plan,
            only=tuple(sorted(set(only))),
            digest_of=planning.twins.digest,
            crew=planning.crew_for(organisations),
            progress=meter.step,
        )
    if out is not None:
        write_set(session.root / out, plans)
    emit_all(set_text(plans) if format_ == "json" else (drawn(session, plans, format_),))
    return plans.exit_code(detailed=detailed_exitcode)


@dataclass(frozen=True, slots=True)
class _Planning:
    """How one organisation is planned."""

    within: FleetWorkspace
    manifests: FleetManifests
    asked: Asked
    watch: Watch
    twins: Twins
    # One for all, so that the same moment does not decide otherwise for the last one.
    now: str
    # How many organisations have the very same manifests, by their identity.
    alike: Mapping[int, int]
    states: Alike = field(default_factory=Alike)

    def crew_for(self, organisations: tuple[Organisation, ...]) -> Crew[Part]:
        """Return who plans them: where nothing far away is waited for, threads would only be in each other's way."""
        is_near = all(each.environment.state.startswith("file:") for each in organisations)
        return Alone() if is_near and self.asked.refresh is Refresh.NONE else Workers(PARALLEL)

    def plan(self, organisation: Organisation) -> Plan:
        """Plan one organisation; ReconcilerError where that cannot be done."""
        workspace = self.within.workspace(organisation)
        if organisation.key is not None and self.asked.refresh not in (None, Refresh.NONE) and not workspace.has_key:
            raise no_key(organisation.key, organisation.name)
        request = replace(request_for(workspace, self.asked), now=self.now)
        desired = self.manifests.of(organisation).desired
        # Whoever has the same manifests as nobody else has no twin, and nobody's state is like its own.
        has_twins = self.alike[id(desired)] > 1
        state = open_store(workspace, alike=self.states if has_twins else None).load()
        if request.refresh is Refresh.NONE:
            build = self.twins.plan if has_twins else build_plan
            return make_plan(request, desired=desired, state=state, reader=None, build=build)
        with connect(workspace, self.watch) as api:
            return make_plan(request, desired=desired, state=state, reader=api.reader)


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
