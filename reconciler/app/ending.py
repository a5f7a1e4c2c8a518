"""What a run comes to, however it ended."""

from reconciler.app.apply import Applied
from reconciler.app.stop import Stopped
from reconciler.core.codec.apply import exit_code as outcomes_exit_code
from reconciler.errors import ExitCode, gravest
from reconciler.model.plan_set import Failure
from reconciler.stopping import stopped


def ending_of(stopped_by: BaseException) -> Failure:
    """Return what ended something before its end."""
    return stopped_by.why if isinstance(stopped_by, Stopped) else Failure.of(stopped(stopped_by))


def applied_exit_code(applied: Applied) -> ExitCode:
    """Return what a run comes to, whatever ended it."""
    codes = [outcomes_exit_code(applied.outcomes)]
    if applied.bug is not None:
        return ExitCode.UNKNOWN if ExitCode.UNKNOWN in codes else ExitCode.INTERNAL
    if applied.error is not None:
        codes.append(applied.error.exit_code)
    if applied.stopped_by is not None and not {ExitCode.UNKNOWN, ExitCode.STATE_UNUSABLE} & set(codes):
        return ending_of(applied.stopped_by).exit_code
    return gravest(codes)
