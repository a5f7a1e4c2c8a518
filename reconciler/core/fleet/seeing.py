"""What a look after a pause says of what a wave has written."""

from typing import Final

from reconciler.model.errand import Asked, Done, Surveyed
from reconciler.model.fleet_run import Result, Seen
from reconciler.model.plan import Refresh

# The rule of the warning that a look had no time for all of it.
_OUT_OF_TIME: Final = "out-of-time"


def asked_of(result: Result) -> Asked:
    """Return what is asked for to look again at what was written to an organisation."""
    return Asked(refresh=Refresh.ALL, only=result.written)


def seen(done: Done, result: Result) -> Seen:
    """Return what an errand to look has found of what was written; what failed says why."""
    if not isinstance(done.result, Surveyed):
        failure = done.failure
        return Seen(unread=result.written, reason="nobody looked" if failure is None else failure.message)
    look, failure = done.result.look, done.result.failure
    late = next((each.message for each in look.warnings if each.rule == _OUT_OF_TIME), None)
    return Seen(
        read=look.in_step + len(look.drifted) + len(look.gone),
        moved=tuple(sorted({each.custom_id for each in look.drifted} | {each.custom_id for each in look.gone})),
        unread=tuple(sorted(each.custom_id for each in (*look.unreadable, *look.unsettled))),
        reason=late if failure is None else failure.message,
    )
