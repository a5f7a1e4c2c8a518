"""A look at one organisation, and setting back what it found, where nobody is asked and nothing is drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reconciler.app.apply import Applied
from reconciler.app.approve import Approved
from reconciler.app.correcting import Corrected, correct, outcome
from reconciler.app.ending import ending_of
from reconciler.app.looking import Looking, Seen, look
from reconciler.app.purpose import Purpose
from reconciler.app.stop import Stop, Stopped
from reconciler.core.drifting import Manifests
from reconciler.core.snapshot import Request
from reconciler.errors import ReconcilerError, gravest
from reconciler.model.drift import Left
from reconciler.model.errand import STOPPED, Surveyed, ToLook, broken
from reconciler.model.plan_set import Failure
from reconciler.model.state import State
from reconciler.ports import StateStore, Watch
from reconciler.wiring.api import Api, connect
from reconciler.wiring.carrying import carry_out
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.drifting import begin
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import Workspace


def survey(
    workspace: Workspace,
    request: Request,
    task: ToLook,
    watch: Watch,
    *,
    said: Callable[[Workspace, Request, State], Manifests | None],
    stop: Stop,
) -> Surveyed:
    """Look at what is live, and set back what may be; ReconcilerError where it could not be looked at.

    What was looked at is kept whatever comes after it.
    """
    fleet = request.environment.partition("/")[0]
    looking = begin(
        workspace,
        request,
        budget=task.budget,
        known_only=task.known_only,
        said=said,
        started_by=f"reconciler fleet apply {fleet}",
    )
    with connect(workspace, watch) as api:
        store = open_store(workspace, notice=watch.notice)
        # Only reads are cut off: what is being written is still read back when somebody has it stop.
        with stop.waking(lambda why: api.halt(why.message)):
            seen = look(
                looking,
                api.reader,
                store,
                is_relied_on=task.corrects,
                clock=SystemClock(),
                crew=stop.crew,
                watch=watch,
            )
        if not task.corrects or not seen.can_be_answered:
            return _surveyed(seen, None, _cut_short(seen))
        hand = _Hand(workspace, api, store, watch, stop)
        return _corrected(workspace, looking, seen, store, hand)


def _corrected(workspace: Workspace, looking: Looking, seen: Seen, store: StateStore, hand: "_Hand") -> Surveyed:
    """Set back what may be; what stops it stands beside the look."""
    allowed = workspace.environment.drift.correct
    try:
        hand.stop.check()
        corrected = correct(looking, seen, store, hand, allowed=allowed, clock=SystemClock())
    except ReconcilerError as error:
        return _surveyed(seen, None, Failure.of(error))
    except Stopped as stopped:
        return _surveyed(seen, None, replace(stopped.why, kind=STOPPED))
    return _surveyed(seen, corrected, _ended(corrected))


def _surveyed(seen: Seen, corrected: Corrected | None, failure: Failure | None) -> Surveyed:
    code = outcome(seen, corrected)
    if corrected is None and failure is not None:
        code = gravest([code, failure.exit_code])
    return Surveyed(
        look=seen.report,
        correction=None if corrected is None else corrected.told,
        exit_code=code,
        failure=failure,
    )


def _cut_short(seen: Seen) -> Failure | None:
    stopped_by = seen.swept.stopped_by
    return None if stopped_by is None else replace(ending_of(stopped_by), kind=STOPPED)


def _ended(corrected: Corrected) -> Failure | None:
    """Return what ended a run before its end, but for what state made of it, which is told with the outcomes."""
    if corrected.applied is None:
        return None
    if corrected.applied.bug is not None:
        return broken(corrected.applied.bug)
    stopped_by = corrected.applied.stopped_by
    return None if stopped_by is None else replace(ending_of(stopped_by), kind=STOPPED)


@dataclass(frozen=True, slots=True)
class _Hand:
    """Sets back where nobody can be asked: whoever began it has said yes to all (a Hand of `app/correcting`)."""

    workspace: Workspace
    api: Api
    store: StateStore
    watch: Watch
    stop: Stop

    def left(self, left: Sequence[Left]) -> None:
        """Be told what is not set back: it is part of what is handed back."""

    def approve(self, approved: Approved) -> None:
        """Be shown the plan."""

    def carry_out(self, approved: Approved, state: State, purpose: Purpose) -> Applied:
        """Carry the plan out."""
        return carry_out(
            self.workspace, approved, state, self.api, self.store, self.watch, purpose=purpose, stop=self.stop
        )
