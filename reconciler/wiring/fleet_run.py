"""A fleet's run, put together: where it is recorded, how it begins or goes on, and who carries it out."""

import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler import __version__
from reconciler.adapters.holders.identity import me
from reconciler.adapters.store.run_record import OpenRecord, RunFolder
from reconciler.app.fleet_saved import read_saved_fleet
from reconciler.app.waves import Going, RunWatch, apply_waves
from reconciler.core.codec.plan import to_document
from reconciler.core.fleet.beginning import asked_by, beginning, going_on
from reconciler.core.fleet.seeing import asked_of
from reconciler.errors import RefusedError, StateError
from reconciler.model.errand import Errand, ToApply, ToLook
from reconciler.model.fleet import Organisation
from reconciler.model.fleet_run import FleetRun, Result
from reconciler.model.jsonvalue import decoded
from reconciler.model.plan_set import Part, PlanSet
from reconciler.model.run_record import Opened, Resumed, RunRecord
from reconciler.model.settings import PRIVATE_FOLDER
from reconciler.model.waves import WaveSettings
from reconciler.ports import Executor
from reconciler.wiring.clock import SystemClock

_FILE: Final = "file:"


def run_folder(root: Path, fleet: str) -> RunFolder:
    """Return where the runs of a fleet are kept."""
    return RunFolder(root / PRIVATE_FOLDER / "fleet" / fleet / "runs", fleet)


def reviewed_in(folder: RunFolder, opened: Opened) -> PlanSet:
    """Return the plans that a run was begun with; StateError where there are none, RefusedError if they are others."""
    run = opened.run
    try:
        plans = read_saved_fleet(decoded(folder.plan_path(run).read_bytes()))
    except (OSError, ValueError) as error:
        raise StateError(
            f"the plan that run {run} was begun with cannot be read: {error}",
            hint="plan and apply anew: each organisation's own state knows what was written to it",
        ) from error
    # A plan that is whole may still be another one, which nobody has reviewed for this run.
    if (plans.fleet, plans.digest) != (opened.fleet, opened.digest):
        raise RefusedError(
            f"the plan that lies with run {run} is not the one that it was begun with; nothing was sent",
            hint="put the plan back that was there, or plan and apply anew",
        )
    return plans


def state_places(root: Path, organisations: Iterable[Organisation]) -> dict[str, str]:
    """Return where the state of each organisation lies, by name: one in a file only on its own machine."""
    here = f"{socket.gethostname()}:{root.resolve()}:"
    states = {each.name: each.environment.state for each in organisations}
    return {name: (here if state.startswith(_FILE) else "") + state for name, state in states.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is about to begin, or to go on. `open_to_doubt` are those of which a part may have been written.

    `elsewhere` are those whose state lay in another place when they were begun.
    """

    run: FleetRun
    plans: PlanSet
    settings: WaveSettings
    acknowledged: str | None
    open_to_doubt: frozenset[str] = field(default_factory=frozenset)
    elsewhere: frozenset[str] = field(default_factory=frozenset)


def begun(plans: PlanSet, settings: WaveSettings, folder: RunFolder, *, acknowledged: str | None) -> Run:
    """Return a run as it begins."""
    run = beginning(plans, settings, run=folder.name_for(plans.digest))
    return Run(run=run, plans=plans, settings=settings, acknowledged=acknowledged)


def resumed(
    plans: PlanSet,
    record: RunRecord,
    settings: WaveSettings,
    places: Mapping[str, str],
    *,
    acknowledged: str | None,
) -> Run:
    """Return a run as far as it came. `places` are where states lie now, by name."""
    run = going_on(plans, record)
    doubt = {*record.under_way, *record.results}
    return Run(
        run=run,
        plans=plans,
        settings=settings,
        acknowledged=acknowledged or record.opened.acknowledged,
        open_to_doubt=frozenset(doubt),
        elsewhere=frozenset(name for name, were in record.places.items() if were != {places.get(name)}),
    )


@contextmanager
def recorded(run: Run, folder: RunFolder, plan: Iterator[bytes], variables: Mapping[str, str]) -> Iterator[OpenRecord]:
    """Begin the record of a new run."""
    record = folder.create(
        Opened(
            run=run.run.run or folder.name_for(run.run.digest),
            fleet=run.run.fleet,
            digest=run.run.digest,
            since=SystemClock.moment(),
            by=by(variables),
            tool=__version__,
            waves=run.run.waves,
            settings=run.settings,
            acknowledged=run.acknowledged,
        ),
        plan,
    )
    try:
        yield record
    finally:
        record.close()


@contextmanager
def reopened(record: OpenRecord, variables: Mapping[str, str]) -> Iterator[OpenRecord]:
    """Note in a record that somebody has the run go on."""
    try:
        record.append(Resumed(since=SystemClock.moment(), by=by(variables)))
        yield record
    finally:
        record.close()


def by(variables: Mapping[str, str]) -> str:
    """Return who runs this, for people."""
    hold = me("fleet apply", since=SystemClock.moment(), variables=variables)
    return f"{hold.who}@{hold.host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Who carries a run out, and who is told."""

    executor: Executor
    organisations: Mapping[str, Organisation]
    places: Mapping[str, str]
    watch: RunWatch


def carry_out(run: Run, record: OpenRecord, hands: Hands) -> FleetRun:
    """Carry out what is left of a run."""
    now = SystemClock.moment()  # one for all, so that the same moment does not decide otherwise for the last one

    def errand(part: Part) -> Errand:
        if part.plan is None or part.digest is None:
            raise AssertionError(part.organisation)
        is_doubtful = part.organisation in run.open_to_doubt
        task = ToApply(
            digest=part.digest,
            document=to_document(part.plan),
            acknowledged=run.acknowledged,
            is_resumed=is_doubtful,
            needs_state=is_doubtful and part.organisation in run.elsewhere,
        )
        organisation = hands.organisations[part.organisation]
        return Errand.of(run.run.fleet, organisation, asked=asked_by(part.plan), now=now, task=task)

    def look(result: Result) -> Errand:
        organisation = hands.organisations[result.organisation]
        return Errand.of(run.run.fleet, organisation, asked=asked_of(result), now=now, task=ToLook())

    going = Going(
        executor=hands.executor,
        errand=errand,
        look=look,
        place=hands.places.__getitem__,
        record=record.append,
        clock=SystemClock(),
        watch=hands.watch,
    )
    return apply_waves(run.run, run.plans.parts, run.settings, going)
