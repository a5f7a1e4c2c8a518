"""`reconciler fleet apply`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from reconciler.adapters.store.run_record import OpenRecord, RunFolder
from reconciler.app.fleet_saved import read_saved_fleet
from reconciler.cli.apply import refuse_unasked
from reconciler.cli.fleet_choosing import chosen, engine_option, fleet_options, opened, parallel_option
from reconciler.cli.fleet_drawn import set_text
from reconciler.cli.fleet_plan import Meant, planned, refuse_invalid
from reconciler.cli.fleet_run_drawn import FORMATS, run_drawn, write_run
from reconciler.cli.fleet_running import carry_out_run
from reconciler.cli.fleet_waves import wave_options, wave_settings
from reconciler.cli.planning import adopt_option, asked_for, override_options, refresh_option
from reconciler.cli.session import Session, ask, emit, format_option, pass_session, say
from reconciler.cli.show import read_document
from reconciler.core.fleet.answering import answered
from reconciler.core.fleet.beginning import only_described
from reconciler.core.fleet.selecting import select
from reconciler.core.guarding.acknowledgement import Acknowledgement, acknowledgement
from reconciler.errors import ExitCode, RefusedError, UsageError
from reconciler.model.errand import Asked
from reconciler.model.fleet import Shard
from reconciler.model.fleet_run import FleetRun
from reconciler.model.plan_set import PlanSet
from reconciler.model.waves import WaveSettings
from reconciler.view.fleet.run_words import standings, wave_name
from reconciler.view.fleet.text import fleet_text
from reconciler.view.words import counted
from reconciler.wiring.errands import Workshop
from reconciler.wiring.fleet import FleetManifests, FleetWorkspace, check_keys
from reconciler.wiring.fleet_run import (
    Run,
    begun,
    recorded,
    reopened,
    resumed,
    reviewed_in,
    run_folder,
    state_places,
)


@click.command("apply")
@fleet_options
@click.argument("plan_file", metavar="[PLAN]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@refresh_option
@adopt_option
@override_options
@click.option("--expect", metavar="DIGEST", help="Refuse any plan of the fleet but the one with this digest.")
@click.option("--acknowledge", metavar="CLASS:DIGEST", help="Name the fleet's plan whose risk, as R3, was weighed.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can be asked.")
@wave_options
@parallel_option
@engine_option
@click.option("--resume", metavar="RUN", help="Go on with a run that was stopped; `last` is the last one.")
@format_option(*FORMATS)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the JSON report there too."
)
@pass_session
def command(
    session: Session, /, *, name: str, only: tuple[str, ...], shard: Shard | None, command: str | None, **given: Any
) -> ExitCode:
    """Make the plan of every organisation anew and carry it out in waves, the canaries first.

    With PLAN or --expect only what was reviewed is carried out; an organisation whose plan is another one by now comes
    back for review, and the others go on. What was stopped goes on with --resume.
    """
    refuse_unasked(yes=given["yes"])
    manner = _manner(session, given)
    within = opened(session, name, command)
    return _apply(session, within, Meant(only, shard), manner)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manner:
    """How a fleet is applied: what was reviewed, who answers for it, in which waves, and how it is told."""

    asked: Asked
    document: Any
    expect: str | None
    acknowledged: Acknowledgement | None
    resume: str | None
    waves: dict[str, Any]
    yes: bool
    parallel: int
    engine: str
    format_: str
    out: Path | None

    def is_silent(self, session: Session) -> bool:
        """Tell whether nobody reads what goes on."""
        return session.quiet or self.format_ == "json"


def _manner(session: Session, given: dict[str, Any]) -> _Manner:
    asked = asked_for(given["refresh"], (), given["override"], given["reason"], adopt=given["adopt"])
    file, resume = given["plan_file"], given["resume"]
    if resume is not None and (file is not None or given["expect"] is not None or asked.is_anything):
        raise UsageError("a run that goes on brings its own plan and its options", hint="say --resume alone")
    if resume is not None and (given["canaries"] or given["growth"] is not None):
        raise UsageError(
            "a run that goes on keeps the waves that it was begun with", hint="leave --canaries and --growth out"
        )
    if file is not None and asked.is_anything:
        raise UsageError("a saved plan brings its own --refresh, --adopt and --override", hint="leave them out")
    return _Manner(
        asked=asked,
        document=None if file is None else read_document(session.root / file),
        expect=given["expect"],
        acknowledged=acknowledgement(given["acknowledge"]),
        resume=resume,
        waves={key: given[key] for key in ("canaries", "growth", "max_failures", "max_unknowns", "pause")},
        yes=given["yes"],
        parallel=given["parallel"],
        engine=given["engine"],
        format_=given["format_"],
        out=given["out"],
    )


def _apply(session: Session, within: FleetWorkspace, meant: Meant, manner: _Manner) -> ExitCode:
    if (meant.only or meant.shard) and (manner.resume is not None or manner.document is not None):
        raise UsageError("what was reviewed says which organisations are meant", hint="leave --only and --shard out")
    within = check_keys(within, ask_keyring=True)[1]
    settings = _settings(within, manner)
    folder = run_folder(session.root, within.fleet.name)
    if manner.resume is not None:
        return _resume(session, within, folder, manner)
    workshop, plans = _reviewed(session, within, meant, manner)
    plans = _answered(within, plans, manner.acknowledged)
    acknowledged = None if manner.acknowledged is None else manner.acknowledged.risk
    run = begun(plans, settings, folder, acknowledged=acknowledged)
    _approve(session, plans, run, manner)
    if not run.run.waves:
        return _tell_nothing(session, run.run, manner)
    variables = within.variables
    pieces = (piece.encode("ascii") for piece in set_text(plans))
    with recorded(run, folder, pieces, variables) as record:
        return _carried(session, within, workshop, run, record, manner)


def _settings(within: FleetWorkspace, manner: _Manner, said: WaveSettings | None = None) -> WaveSettings:
    fleet = within.fleet
    settings = wave_settings(said or within.settings.fleets[fleet.name].waves, **manner.waves)
    if said is None and not fleet.diagnostics:
        select(fleet.organisations, settings.canaries)  # a canary that is nobody is a mistake
    return settings


def _reviewed(session: Session, within: FleetWorkspace, meant: Meant, manner: _Manner) -> tuple[Workshop, PlanSet]:
    """Return the plans that may be carried out: the saved ones, or those that are made now."""
    if manner.document is None:
        silent = manner.is_silent(session)
        workshop, plans = planned(
            session, within, meant, manner.asked, parallel=manner.parallel, engine=manner.engine, silent=silent
        )
    else:
        workshop, plans = _workshop(within), _saved(within, manner.document)
    if manner.expect is not None and manner.expect != plans.digest:
        raise RefusedError(
            f"the digest of the fleet's plan is {plans.digest}, not the expected {manner.expect}; nothing was sent",
            hint="plan the fleet again and have the new plan reviewed, or give the reviewed one as PLAN: "
            "then only what moved comes back",
        )
    return workshop, plans


def _saved(within: FleetWorkspace, document: Any) -> PlanSet:
    if not isinstance(document, dict) or not {"fleet", "organisations"} <= document.keys():
        raise RefusedError(
            "the file holds no plan of a fleet", hint="write one with `reconciler fleet plan NAME --out FILE`"
        )
    plans = read_saved_fleet(document)
    if plans.fleet != within.fleet.name:
        raise RefusedError(
            f"the plan is for fleet `{plans.fleet}`, not `{within.fleet.name}`; nothing was sent",
            hint=f"if it is meant, say so: reconciler fleet apply {plans.fleet}",
        )
    return only_described(plans, {each.name for each in within.fleet.organisations})


def _workshop(within: FleetWorkspace) -> Workshop:
    manifests = FleetManifests(within)
    organisations_ = chosen(within, (), None)
    refuse_invalid(within, manifests, organisations_)
    return Workshop(within, manifests)


def _answered(within: FleetWorkspace, plans: PlanSet, given: Acknowledgement | None) -> PlanSet:
    guards = {each.name: each.environment.guards for each in within.fleet.organisations}
    return answered(plans, lambda name: guards[name].acknowledge, given)


def _approve(session: Session, plans: PlanSet, run: Run, manner: _Manner) -> None:
    """Show the plan, and ask about it where nobody has said yes yet."""
    is_shown = manner.format_ == "text" and not session.quiet
    is_asked = not manner.yes and bool(run.run.waves)
    if is_shown or is_asked:
        text = fleet_text(plans, session.drawing(None)) + _in_waves(run)
        (emit if is_shown else say)(text)
    if is_asked and not ask("Apply these plans?"):
        raise RefusedError("not applied, since the answer was not `y`; nothing was sent")


def _in_waves(run: Run) -> str:
    sizes = [f"{len(wave.organisations):,}" for wave in run.run.waves]
    if not sizes:
        return ""
    canaries = ", ".join(run.run.waves[0].organisations[:5])
    more = ", ..." if len(run.run.waves[0].organisations) > 5 else ""
    return f"In {counted(len(sizes), 'wave')} of {', '.join(sizes)}; {wave_name(run.run.waves[0])}: {canaries}{more}.\n"


def _resume(session: Session, within: FleetWorkspace, folder: RunFolder, manner: _Manner) -> ExitCode:
    word = folder.find(manner.resume or "")
    known, record = folder.resume(word)
    try:
        workshop = _workshop(within)
        plans = only_described(reviewed_in(folder, known.opened), {each.name for each in within.fleet.organisations})
        given = manner.acknowledged
        if given is not None and given.digest != plans.digest:
            raise RefusedError(f"`--acknowledge` names the plan {given.digest}, and run {word} is of {plans.digest}")
        settings = _settings(within, manner, known.opened.settings)
        places = state_places(session.root, within.fleet.organisations)
        run = resumed(plans, known, settings, places, acknowledged=None if given is None else given.risk)
        if not run.run.is_resumable and not run.run.shut:
            if not manner.is_silent(session):
                say(f"run {word} has come to its end; nothing was sent")
            return _tell(session, run.run, manner)
        _agree(run, manner)
        with reopened(record, within.variables):
            return _carried(session, within, workshop, run, record, manner)
    finally:
        record.close()


def _agree(run: Run, manner: _Manner) -> None:
    if not manner.yes:
        say(f"Run {run.run.run} of fleet {run.run.fleet}: {standings(run.run.results)}.")
        if not ask("Go on with it?"):
            raise RefusedError("not gone on with, since the answer was not `y`; nothing was sent")


def _carried(
    session: Session, within: FleetWorkspace, workshop: Workshop, run: Run, record: OpenRecord, manner: _Manner
) -> ExitCode:
    silent = manner.is_silent(session)
    ended = carry_out_run(
        session, within, workshop, run, record, parallel=manner.parallel, engine=manner.engine, silent=silent
    )
    return _tell(session, ended, manner)


def _tell_nothing(session: Session, run: FleetRun, manner: _Manner) -> ExitCode:
    """Tell that nothing was begun; where the plan was shown, it says why."""
    if manner.format_ != "text" or session.quiet or manner.out is not None:
        return _tell(session, run, manner)
    emit("Nothing was sent.\n")
    return run.exit_code


def _tell(session: Session, run: FleetRun, manner: _Manner) -> ExitCode:
    if manner.out is not None:
        write_run(session.root / manner.out, run)
    emit(run_drawn(session, run, manner.format_))
    return run.exit_code
