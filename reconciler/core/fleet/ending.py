"""What came of an errand to apply, as the result of one organisation in a run."""

from dataclasses import replace
from typing import Final

from reconciler.core.fleet.standing import standing
from reconciler.errors import ExitCode
from reconciler.model import errand
from reconciler.model.errand import LOST, STALE, STOPPED, Carried, Done, Planned
from reconciler.model.fleet_run import Result, Spent, Standing
from reconciler.model.plan import Plan
from reconciler.model.plan_set import Failure, Part

# Failures of errands that are no failure of the organisation.
_STANDINGS: Final = {
    STOPPED: Standing.STOPPED,
    LOST: Standing.UNKNOWN,
    STALE: Standing.RETURNED,
}
_MOST_REFUSALS: Final = 3


def ended(done: Done, part: Part, wave: int) -> Result:
    """Return the result of an organisation of a wave; `part` is what was reviewed of it."""
    match done.result:
        case Planned():
            found = outside(Part(organisation=part.organisation, labels=part.labels, plan=done.result.plan))
        case Carried():
            carried = done.result
            found = Result(
                organisation=part.organisation,
                standing=standing(carried.outcomes, carried.exit_code, is_stopped=done.is_stopped),
                exit_code=carried.exit_code,
                digest=carried.digest,
                outcomes=carried.outcomes,
                failure=carried.failure,
            )
        case Failure(kind=errand.NOT_BEGUN):
            found = unbegun(part, wave)
        case Failure():
            found = Result(
                organisation=part.organisation,
                standing=_STANDINGS.get(done.result.kind, Standing.FAILED),
                exit_code=done.result.exit_code,
                failure=done.result,
            )
    if found.standing is Standing.APPLIED:
        # A stop that came when everything was done has changed nothing.
        found = replace(found, exit_code=ExitCode.DONE, failure=None)
    return replace(found, labels=part.labels, wave=wave, spent=done.spent)


def after(before: Result, result: Result) -> Result:
    """Return a result with what an earlier try of the same run had done, and what it took."""
    if result.standing is Standing.NOT_BEGUN:
        return before
    named = {each.custom_id for each in result.outcomes}
    done = tuple(each for each in before.outcomes if each.succeeded and each.custom_id not in named)
    spent = Spent(
        requests=before.spent.requests + result.spent.requests,
        throttled=before.spent.throttled + result.spent.throttled,
        waited=round(before.spent.waited + result.spent.waited, 2),
        seconds=round(before.spent.seconds + result.spent.seconds, 2),
    )
    where = Standing.APPLIED if done and result.standing is Standing.UNCHANGED else result.standing
    digest = result.digest or (before.digest if done else None)
    return replace(result, standing=where, outcomes=(*done, *result.outcomes), digest=digest, spent=spent)


def outside(part: Part) -> Result:
    """Return the result of an organisation in which nothing is to do, or nothing may be done."""
    if part.plan is None:
        failure = part.failure or Failure(kind="internal", exit_code=ExitCode.INTERNAL, message="no plan", hint=None)
        where, code = Standing.FAILED, failure.exit_code
    elif part.plan.violations:
        failure, code = _refusal(part.plan), part.plan.exit_code(detailed=False)
        where = Standing.UNKNOWN if code is ExitCode.UNKNOWN else Standing.REFUSED
    else:
        failure, where, code = None, Standing.UNCHANGED, ExitCode.DONE
    return Result(organisation=part.organisation, labels=part.labels, standing=where, exit_code=code, failure=failure)


def unbegun(part: Part, wave: int) -> Result:
    """Return the result of an organisation of which nothing is done yet."""
    return Result(
        organisation=part.organisation,
        labels=part.labels,
        wave=wave,
        standing=Standing.NOT_BEGUN,
        exit_code=ExitCode.DONE,
    )


def has_work(part: Part) -> bool:
    """Tell whether an organisation is to be in a wave."""
    return part.plan is not None and part.plan.can_apply and part.plan.has_work


def _refusal(plan: Plan) -> Failure:
    said = [
        f"{f'`{each.custom_id}`: ' if each.custom_id else ''}{each.message} [{each.rule}]" for each in plan.violations
    ]
    more = f"; and {len(said) - _MOST_REFUSALS} more" if len(said) > _MOST_REFUSALS else ""
    message = "; ".join(said[:_MOST_REFUSALS]) + more
    return Failure(kind="refused", exit_code=plan.exit_code(detailed=False), message=message, hint=None)
