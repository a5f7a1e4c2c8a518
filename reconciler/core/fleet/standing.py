"""Where an organisation stands after an apply, by its outcomes and whatever ended it."""

from collections.abc import Sequence

from reconciler.core.codec.apply import exit_code
from reconciler.errors import ExitCode
from reconciler.model.fleet_run import Standing
from reconciler.model.outcome import Outcome, Status


def standing(outcomes: Sequence[Outcome], code: ExitCode, *, is_stopped: bool) -> Standing:
    """Return the standing; `code` is what the organisation's apply came to, whatever ended it.

    `is_stopped`: the run was stopped while this one was under way.
    """
    if code is ExitCode.UNKNOWN or any(each.status is Status.UNKNOWN for each in outcomes):
        return Standing.UNKNOWN
    if is_stopped:
        return Standing.APPLIED if outcomes and exit_code(outcomes) is ExitCode.DONE else Standing.STOPPED
    if code is ExitCode.DONE:
        return Standing.APPLIED if outcomes else Standing.UNCHANGED
    return Standing.RETURNED if _only_moved(outcomes) else Standing.FAILED


def _only_moved(outcomes: Sequence[Outcome]) -> bool:
    """Tell whether all that was not done came back for review, or waits for something that did."""
    left = [each for each in outcomes if not _is_done(each)]
    return all(_came_back(each) or each.status is Status.SKIPPED for each in left) and any(map(_came_back, left))


def _is_done(outcome: Outcome) -> bool:
    return outcome.status is Status.APPLIED or (outcome.status is Status.DIFFERENT and outcome.harmless)


def _came_back(outcome: Outcome) -> bool:
    # What stops an organisation's run is no matter of one sequence: another organisation's key, or a freeze.
    return outcome.status is Status.NOT_SENT and outcome.cause is ExitCode.REFUSED and not outcome.stops
