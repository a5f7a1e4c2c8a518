"""Carrying out a fleet's run with somebody who watches: which executor does it, and what is shown of it."""

from collections.abc import Mapping
from typing import Final

from reconciler.adapters.store.run_record import OpenRecord
from reconciler.app.executing import Threads
from reconciler.app.watching import OfMany
from reconciler.cli.fleet_progress import RunMeter
from reconciler.cli.session import Session, say
from reconciler.model.fleet import Organisation
from reconciler.model.fleet_run import FleetRun
from reconciler.model.settings import RateLimit
from reconciler.view.fleet.words import organisations
from reconciler.view.words import counted
from reconciler.wiring.engine import executor_on
from reconciler.wiring.errands import Workshop
from reconciler.wiring.fleet import FleetWorkspace
from reconciler.wiring.fleet_run import Hands, Run, carry_out, state_places

_UNLIMITED: Final = RateLimit(requests=0)


def carry_out_run(
    session: Session,
    within: FleetWorkspace,
    workshop: Workshop,
    run: Run,
    record: OpenRecord,
    *,
    parallel: int,
    engine: str,
    silent: bool,
) -> FleetRun:
    """Carry out what is left of a run, and return it as it ended."""
    name, waves = run.run.run, run.run.waves
    if not silent:
        size = organisations(sum(len(wave.organisations) for wave in waves))
        say(f"Run {name}: {size} in {counted(len(waves), 'wave')}; if it is stopped, --resume {name} goes on with it")
    described = {each.name: each for each in within.fleet.organisations}
    with _meter(session, run, described, silent=silent) as meter:
        watch = OfMany(waiting=meter.waiting, notice=meter.notice, requested=meter.requested)
        local = Threads(workshop.perform, watch, parallel=parallel)
        try:
            with executor_on(engine, session.root, watch, local=local) as executor:
                places = state_places(session.root, within.fleet.organisations)
                hands = Hands(executor=executor, organisations=described, places=places, watch=meter)
                return carry_out(run, record, hands)
        except BaseException:
            meter.notice(f"run {name} was cut off: --resume {name} goes on with it")
            raise


def _meter(session: Session, run: Run, described: Mapping[str, Organisation], *, silent: bool) -> RunMeter:
    limits = {
        name: _UNLIMITED if each.environment.is_sandbox else each.environment.rate_limit
        for name, each in described.items()
    }
    left = {each.organisation for each in run.run.results if each.wave is not None and not each.is_settled}
    requests = {part.organisation: plan.requests for part, plan in run.plans.planned if part.organisation in left}
    return RunMeter(session, run.run.waves, limits, requests, pause=run.settings.pause, silent=silent)
