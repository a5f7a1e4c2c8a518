"""A run of which nothing can be recorded any more: it begins nothing further, and says what it did."""

import pytest

from reconciler.app.executing import Threads
from reconciler.app.watching import NOBODY
from reconciler.app.waves import Going, apply_waves
from reconciler.core.codec.plan import to_document
from reconciler.core.codec.plan_set import set_digest
from reconciler.core.fleet.beginning import asked_by, beginning
from reconciler.core.fleet.seeing import asked_of
from reconciler.errors import ExitCode, StateError
from reconciler.model.errand import Errand, ToApply, ToLook
from reconciler.model.fleet_run import FleetRun, Gate, Result, Standing, Wave
from reconciler.model.plan_set import Part, PlanSet
from reconciler.model.run_record import Ended, RunEntry
from reconciler.model.waves import WaveSettings
from reconciler.wiring.clock import SystemClock
from tests.fleet.errand_bench import Errands, written
from tests.fleet.fleet_bench import FarmServer, FleetRepository, behind_a_farm

NAMES = ("acme", "globex", "hooli")


class Silent:
    """Nobody watches the run."""

    def wave(self, wave: Wave, of: int, left: object) -> None: ...
    def ended(self, result: Result) -> None: ...
    def pausing(self, seconds: float) -> None: ...
    def judged(self, gate: Gate) -> None: ...
    def stopping(self, why: str) -> None: ...


def carried_out(errands: Errands, full_after: int) -> tuple[FleetRun, list[RunEntry]]:
    """The run, whose record takes so many entries and then no more."""
    planned = {name: errands.planned(name) for name in NAMES}
    parts = tuple(Part(organisation=name, labels=(), plan=p.plan, digest=p.digest) for name, p in planned.items())
    plans = PlanSet(fleet="clients", parts=parts, digest=set_digest("clients", parts))
    kept: list[RunEntry] = []

    def record(entry: RunEntry) -> None:
        if len(kept) == full_after:
            raise StateError("the record of run 1 cannot be written: No space left on device")
        kept.append(entry)

    def errand(part: Part) -> Errand:
        assert part.plan is not None
        assert part.digest is not None
        task = ToApply(digest=part.digest, document=to_document(part.plan))
        return errands.errand(part.organisation, task, refresh=asked_by(part.plan).refresh)

    def look(result: Result) -> Errand:
        return errands.errand(result.organisation, ToLook(), only=asked_of(result).only)

    settings = WaveSettings(canaries=("acme",), growth=1)
    going = Going(
        executor=Threads(errands.workshop.perform, NOBODY),
        errand=errand,
        look=look,
        place=str,
        record=record,
        clock=SystemClock(),
        watch=Silent(),
    )
    return apply_waves(beginning(plans, settings, run="1"), parts, settings, going), kept


@pytest.mark.parametrize(("full_after", "wrote"), [(0, 0), (1, 1), (2, 1), (3, 1), (4, 2), (100, 3)])
def test_where_nothing_can_be_recorded_nothing_more_is_begun_and_what_was_done_is_told(
    fleet: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch, full_after: int, wrote: int
) -> None:
    behind_a_farm(fleet, farm, monkeypatch.setenv, *NAMES)
    run, kept = carried_out(Errands(fleet), full_after)
    assert sum(bool(written(farm.farm.simulators[name])) for name in NAMES) == wrote
    told = {each.organisation: each.standing for each in run.results}
    assert [name for name in NAMES if told[name] is Standing.APPLIED] == [
        name for name in NAMES if written(farm.farm.simulators[name])
    ]
    assert sum(isinstance(each, Ended) for each in kept) <= wrote
    if full_after < 100:
        assert run.exit_code is ExitCode.STATE_UNUSABLE
        assert run.stopped == "the record of run 1 cannot be written: No space left on device"
        assert run.is_resumable
    else:
        assert run.exit_code is ExitCode.DONE
