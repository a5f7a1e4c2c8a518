"""Planning, put together: the one path on which every command makes the plan of an environment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reconciler.app.plan import make_plan
from reconciler.app.stop import NEVER, Stop
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Request, Snapshot
from reconciler.errors import CredentialsError
from reconciler.model.diagnostic import Severity
from reconciler.model.errand import Asked
from reconciler.model.guards import Override
from reconciler.model.invalid import InvalidManifestsError
from reconciler.model.plan import Plan, Refresh
from reconciler.model.sequence import Desired
from reconciler.model.state import State
from reconciler.ports import Reader, Watch
from reconciler.wiring.checked import excerpts_of
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.state import open_store
from reconciler.wiring.telemetry import organisation
from reconciler.wiring.workspace import Workspace, body_checker, contract_digest, load_manifests


def overridden(guards: Sequence[str], reasons: Sequence[str]) -> tuple[Override, ...]:
    """Return the guards that are not to refuse a plan; UsageError for one that is unknown or unexplained."""
    if not guards and not reasons:
        return ()
    from reconciler.core.guarding.overriding import checked_overrides

    return checked_overrides(guards, reasons)


def request_for(workspace: Workspace, asked: Asked, *, now: str | None = None) -> Request:
    """Complete what was asked for; CredentialsError where live is to be read and there is no key.

    `now` is the moment to decide by, this one where none is given.
    """
    refresh = asked.refresh or (Refresh.CHANGED if workspace.has_key else Refresh.NONE)
    if refresh is not Refresh.NONE and not workspace.has_key:
        raise CredentialsError(
            f"--refresh {refresh.value} reads live, and ${workspace.environment.api_key_env} is not set",
            hint=f"set {workspace.environment.api_key_env}, or plan offline with --refresh none",
        )
    return Request(
        environment=workspace.environment.name,
        endpoint=workspace.environment.api,
        schema=contract_digest(),
        refresh=refresh,
        only=asked.only,
        adopt=asked.adopt,
        guards=workspace.environment.guards,
        overrides=asked.overrides,
        now=now or SystemClock.moment(),
        undo=asked.undo,
        pace=workspace.rate_limit,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a plan is made from, as far as this machine has it; what is live is read next.

    `build` decides as `build_plan` does, perhaps from what was decided before, where nothing live is read.
    """

    desired: tuple[Desired, ...]
    state: State | None
    build: Callable[[Snapshot], Plan] = build_plan

    def plan(
        self,
        request: Request,
        reader: Reader | None,
        progress: Callable[[int], Callable[[str], None]] | None = None,
        stop: Stop = NEVER,
    ) -> Plan:
        """Read what the request needs of what is live, and decide."""
        with organisation(request.environment) as telemetry:
            if request.undo is not None and reader is not None:
                from reconciler.app.undo import make_undo

                return make_undo(
                    request,
                    manifests=self.desired,
                    state=self.state,
                    reader=reader,
                    check=body_checker(),
                    crew=stop.crew,
                    progress=progress,
                    telemetry=telemetry,
                )
            return make_plan(
                request,
                desired=self.desired,
                state=self.state,
                reader=reader,
                crew=stop.crew,
                progress=progress,
                build=self.build if reader is None else build_plan,
                telemetry=telemetry,
            )


def gather(workspace: Workspace) -> Gathered:
    """Read manifests and state; InvalidManifestsError where the manifests have errors. The API is not needed for it."""
    loaded = load_manifests(workspace)
    if any(each.severity is Severity.ERROR for each in loaded.diagnostics):
        raise InvalidManifestsError(
            loaded.files, loaded.diagnostics, excerpts_of(workspace, loaded.diagnostics, given={})
        )
    return Gathered(desired=loaded.desired, state=open_store(workspace).load())


def plan_anew(
    workspace: Workspace,
    request: Request,
    gathering: Callable[[Workspace], Gathered],
    watch: Watch,
    *,
    stop: Stop = NEVER,
) -> Plan:
    """Make the plan that was asked for; no connection is opened where nothing is read."""
    gathered = gathering(workspace)
    if request.refresh is Refresh.NONE:
        return gathered.plan(request, None)
    # Imported where it is needed: most plans read nothing.
    from reconciler.wiring.api import connect

    with connect(workspace, watch) as api, stop.waking(lambda why: api.halt(why.message)):
        return gathered.plan(request, api.reader, watch.reading, stop)
