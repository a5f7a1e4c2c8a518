"""Doing an errand where this process runs: keys, endpoint and manifests are those of here. Nobody is asked, and
nothing that can be expected is raised: whatever comes of it is a value."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from reconciler.adapters.store.alike import Alike
from reconciler.app.answering import acknowledging
from reconciler.app.apply import Applied
from reconciler.app.approve import Approved, read_saved_plan
from reconciler.app.ending import applied_exit_code, ending_of
from reconciler.app.stop import NEVER, Stop, Stopped
from reconciler.app.watching import NOBODY, Reckoning
from reconciler.core.drifting import Manifests
from reconciler.core.fleet.describing import derived
from reconciler.core.fleet.twins import Twins
from reconciler.core.guarding.acknowledgement import Acknowledgement
from reconciler.core.snapshot import Request
from reconciler.errors import ConfigurationError, ReconcilerError, RefusedError, StaleError
from reconciler.model.diagnostic import Severity
from reconciler.model.errand import (
    STALE,
    STOPPED,
    Carried,
    Done,
    Errand,
    Planned,
    Result,
    Surveyed,
    ToApply,
    ToLook,
    ToPlan,
    broken,
)
from reconciler.model.fleet import Organisation
from reconciler.model.invalid import InvalidManifestsError
from reconciler.model.plan import Refresh
from reconciler.model.plan_set import Failure
from reconciler.model.sequence import Desired
from reconciler.model.state import State
from reconciler.ports import Watch
from reconciler.wiring.fleet import FleetManifests, FleetRepository, no_key, open_repository
from reconciler.wiring.manifests import said_by_loaded
from reconciler.wiring.planning import Gathered, plan_anew, request_for
from reconciler.wiring.state import open_store
from reconciler.wiring.telemetry import organisation as observed
from reconciler.wiring.workspace import Workspace

if TYPE_CHECKING:
    from reconciler.wiring.applying import Ended, Reviewed


@dataclass(slots=True)
class Workshop:
    """What the errands of one process share: the repository, the manifests, and what was decided before.

    Safe to share between threads.
    """

    within: FleetRepository
    manifests: FleetManifests
    twins: Twins = field(default_factory=Twins)
    states: Alike = field(default_factory=Alike)
    # How many organisations have the very same manifests, by their identity: whoever is alone with them has no twin.
    _alike: Counter[int] = field(default_factory=Counter)
    _is_told: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def expect(self, organisations: Iterable[Organisation]) -> None:
        """Learn who is going to be worked on, so that the first of several that are alike is known as such."""
        self._is_told = True
        self._alike.update(id(self.manifests.of(each).desired) for each in organisations)

    def perform(self, errand: Errand, *, watch: Watch = NOBODY, stop: Stop = NEVER) -> Done:
        """Do an errand and return what came of it. Safe to call from several threads."""
        reckoning = Reckoning(watch)
        try:
            result = self._result(errand, reckoning, stop)
        except ReconcilerError as error:
            result = Failure.of(error)
            result = replace(result, kind=STALE) if isinstance(error, StaleError) else result
        except Stopped as stopped:
            result = replace(stopped.why, kind=STOPPED)
        except Exception as bug:  # noqa: BLE001 - it ends this organisation's errand, and nobody else's
            result = broken(bug)
        return Done(organisation=errand.organisation, result=result, spent=reckoning.spent)

    def _result(self, errand: Errand, watch: Watch, stop: Stop) -> Result:
        organisation = organisation_of(errand, self.within)
        with observed(organisation.environment.name):
            workspace = self.within.workspace(organisation)
            match errand.task:
                case ToPlan():
                    return self._planned(errand, organisation, workspace, watch, stop)
                case ToApply():
                    return self._applied(errand, errand.task, organisation, workspace, watch, stop)
                case ToLook():
                    return self._surveyed(errand, errand.task, organisation, workspace, watch, stop)
                case _:
                    assert_never(errand.task)

    def _planned(
        self, errand: Errand, organisation: Organisation, workspace: Workspace, watch: Watch, stop: Stop
    ) -> Planned:
        if errand.asked.refresh not in (None, Refresh.NONE):
            _require_key(organisation, workspace, can_do_without=True)
        request = request_for(workspace, errand.asked, now=errand.now)
        plan = plan_anew(workspace, request, lambda _: self._beside_others(organisation, workspace), watch, stop=stop)
        stop.check()
        digest = self.twins.digest(plan)
        # As it stands while nobody has answered for its risk.
        unanswered = acknowledging(Approved(plan=plan, digest=digest), workspace.environment.guards, None)
        return Planned(plan=unanswered.plan, digest=digest)

    def _applied(
        self,
        errand: Errand,
        task: ToApply,
        organisation: Organisation,
        workspace: Workspace,
        watch: Watch,
        stop: Stop,
    ) -> Planned | Carried:
        # Imported where it is needed: a fleet is planned far more often than applied.
        from reconciler.wiring.applying import apply_anew

        _require_key(organisation, workspace)
        ended = apply_anew(
            workspace,
            errand.asked,
            _reviewed(task),
            watch,
            gathering=lambda _: Gathered(desired=self._desired(organisation), state=open_store(workspace).load()),
            stop=stop,
        )
        return _carried(ended)

    def _surveyed(
        self,
        errand: Errand,
        task: ToLook,
        organisation: Organisation,
        workspace: Workspace,
        watch: Watch,
        stop: Stop,
    ) -> Surveyed:
        # Imported where it is needed, as above.
        from reconciler.wiring.surveying import survey

        _require_key(organisation, workspace)
        request = request_for(workspace, errand.asked)
        return survey(workspace, request, task, watch, said=partial(self._said, organisation), stop=stop)

    def _said(
        self, organisation: Organisation, workspace: Workspace, request: Request, state: State
    ) -> Manifests | None:
        """Return what the manifests say of what is recorded, None where they cannot be read: a look does without."""
        del workspace
        try:
            return said_by_loaded(self.manifests.of(organisation), request, state)
        except ConfigurationError:
            return None

    def _desired(self, organisation: Organisation) -> tuple[Desired, ...]:
        loaded = self.manifests.of(organisation)
        if any(each.severity is Severity.ERROR for each in loaded.diagnostics):
            raise InvalidManifestsError(loaded.files, loaded.diagnostics, ())
        return loaded.desired

    def _beside_others(self, organisation: Organisation, workspace: Workspace) -> Gathered:
        """Gather what a plan is made from, with what was read and decided for others that are alike."""
        desired = self._desired(organisation)
        with self._lock:
            if not self._is_told:
                self._alike[id(desired)] += 1
            has_twins = self._alike[id(desired)] > 1
        if not has_twins:
            return Gathered(desired=desired, state=open_store(workspace).load())
        return Gathered(desired=desired, state=open_store(workspace, alike=self.states).load(), build=self.twins.plan)


def open_workshop(root: Path) -> Workshop:
    """Return what the errands of a worker share; ConfigurationError where the repository is not usable."""
    within = open_repository(root)
    return Workshop(within, FleetManifests(within))


def organisation_of(errand: Errand, within: FleetRepository) -> Organisation:
    """Return the organisation that an errand is about, deriving from an environment of this repository."""
    base = within.settings.environments.get(errand.environment)
    if base is None:
        raise ConfigurationError(
            f"there is no environment `{errand.environment}` where `{errand.organisation}` is worked on",
            hint="a worker needs the same checkout as whoever hands out the work",
        )
    environment = derived(
        base,
        f"{errand.fleet}/{errand.organisation}",
        state=errand.state,
        key=errand.key,
        variables=errand.variables,
        labels=errand.labels,
    )
    return Organisation(name=errand.organisation, base=base.name, environment=environment, key=errand.key)


def _require_key(organisation: Organisation, workspace: Workspace, *, can_do_without: bool = False) -> None:
    if organisation.key is not None and not workspace.has_key:
        raise no_key(organisation.key, organisation.name, can_do_without=can_do_without)


def _reviewed(task: ToApply) -> "Reviewed":
    from reconciler.wiring.applying import Reviewed

    if task.document is not None:
        read_saved_plan(task.document)
        if task.document["digest"] != task.digest:
            raise RefusedError("the plan at hand is not the one that was reviewed; nothing was sent", hint="plan again")
    risk = task.acknowledged
    return Reviewed(
        document=task.document,
        digest=None if task.document is not None else task.digest,
        acknowledged=None if risk is None else Acknowledgement(risk=risk, digest=task.digest),
        is_resumed=task.is_resumed,
        needs_state=task.needs_state,
    )


def _carried(ended: "Ended") -> Planned | Carried:
    if ended.applied is None:
        return Planned(plan=ended.approved.plan, digest=ended.approved.digest)
    # What state keeps of it is state's own affair: it is in no report, and would be large.
    outcomes = tuple(replace(each, record=None, recorded_as=None, org_id=None) for each in ended.applied.outcomes)
    return Carried(
        digest=ended.approved.digest,
        outcomes=outcomes,
        exit_code=applied_exit_code(ended.applied),
        failure=_failure(ended.applied),
    )


def _failure(applied: Applied) -> Failure | None:
    """Return what ended a run before its end: a bug before what state made of it, and that before a stop."""
    if applied.bug is not None:
        return broken(applied.bug)
    if applied.error is not None:
        return Failure.of(applied.error)
    return None if applied.stopped_by is None else replace(ending_of(applied.stopped_by), kind=STOPPED)
