"""A look at live, put together: what it begins with on this machine."""

from collections.abc import Callable

from reconciler.app.drift import Wanted
from reconciler.app.looking import Looking
from reconciler.core import custody
from reconciler.core.drifting import Manifests
from reconciler.core.snapshot import Request
from reconciler.model.state import State
from reconciler.wiring.manifests import said_by_manifests
from reconciler.wiring.state import open_store
from reconciler.wiring.telemetry import telemetry_of
from reconciler.wiring.workspace import Workspace


def begin(
    workspace: Workspace,
    request: Request,
    *,
    budget: int | None,
    known_only: bool,
    said: Callable[[Workspace, Request, State], Manifests | None] = said_by_manifests,
    started_by: str = "reconciler apply",
) -> Looking:
    """Gather what a look needs; StateError where nothing was ever recorded. `said` is what the manifests say of it.

    `started_by` is the command that begins to record.
    """
    state = custody.require(open_store(workspace).load(), started_by=started_by)
    return Looking(
        wanted=Wanted(request=request, budget=budget, limit=workspace.rate_limit, known_only=known_only),
        state=state,
        manifests=said(workspace, request, state),
        telemetry=telemetry_of(workspace.environment.name),
    )
