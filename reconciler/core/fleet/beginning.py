"""A fleet's run as it begins, from the plans that were reviewed, or as it goes on, from its record."""

from collections.abc import Container
from dataclasses import replace

from reconciler.core.fleet.ending import has_work, outside, unbegun
from reconciler.core.fleet.waves import waves
from reconciler.errors import ExitCode
from reconciler.model.errand import Asked
from reconciler.model.fleet_run import FleetRun, Result
from reconciler.model.plan import Plan
from reconciler.model.plan_set import Failure, Part, PlanSet
from reconciler.model.run_record import RunRecord
from reconciler.model.waves import WaveSettings


def beginning(plans: PlanSet, settings: WaveSettings, *, run: str) -> FleetRun:
    """Return a run of which nothing is done yet; its waves are formed here, once and for all."""
    labels = {part.organisation: part.labels for part in plans.parts if has_work(part)}
    formed = waves(labels, settings, digest=plans.digest)
    of = {name: wave.number for wave in formed for name in wave.organisations}
    results = tuple(_unbegun(part, of.get(part.organisation)) for part in plans.parts)
    named = run if formed else None
    return FleetRun(run=named, fleet=plans.fleet, digest=plans.digest, waves=formed, results=results, shard=plans.shard)


def going_on(plans: PlanSet, record: RunRecord) -> FleetRun:
    """Return a run as far as its record says that it came."""
    formed = record.opened.waves
    of = {name: wave.number for wave in formed for name in wave.organisations}
    return FleetRun(
        run=record.opened.run,
        fleet=plans.fleet,
        digest=plans.digest,
        waves=formed,
        results=tuple(
            record.results.get(part.organisation) or _unbegun(part, of.get(part.organisation)) for part in plans.parts
        ),
        gates=record.gates,
        shard=plans.shard,
    )


def only_described(plans: PlanSet, names: Container[str]) -> PlanSet:
    """Return the plans without those of organisations that the fleet's table does not have any more."""
    return replace(plans, parts=tuple(each if each.organisation in names else _left(each) for each in plans.parts))


def asked_by(plan: Plan) -> Asked:
    """Return what a plan was asked for: the same is asked for when it is made anew."""
    basis = plan.basis
    return Asked(refresh=basis.refresh, only=basis.only, adopt=basis.adopt, overrides=basis.overrides, undo=basis.undo)


def _unbegun(part: Part, wave: int | None) -> Result:
    if wave is None or part.plan is None:
        return replace(outside(part), wave=wave)
    return unbegun(part, wave)


def _left(part: Part) -> Part:
    failure = Failure(
        kind="refused",
        exit_code=ExitCode.REFUSED,
        message=f"`{part.organisation}` is not in the fleet's table any more, so its plan is not carried out",
        hint="plan the fleet again",
    )
    return replace(part, plan=None, digest=None, failure=failure)
