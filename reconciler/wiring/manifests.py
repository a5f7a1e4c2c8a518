"""What the manifests say of what is recorded, where they can be read at all."""

from typing import TYPE_CHECKING

from reconciler.core.drifting import Manifests, said_by
from reconciler.core.snapshot import Request
from reconciler.errors import ConfigurationError
from reconciler.model.diagnostic import Severity
from reconciler.model.state import State
from reconciler.wiring.workspace import Workspace, load_manifests

if TYPE_CHECKING:
    from reconciler.adapters.manifests.load import Loaded


def said_by_manifests(workspace: Workspace, request: Request, state: State) -> Manifests | None:
    """Return what valid manifests say; None where there are none, or any of them is invalid."""
    try:
        loaded = load_manifests(workspace)
    except ConfigurationError:
        return None
    return said_by_loaded(loaded, request, state)


def said_by_loaded(loaded: "Loaded", request: Request, state: State) -> Manifests | None:
    """Return what manifests that were read say; None where any of them is invalid."""
    if any(each.severity is Severity.ERROR for each in loaded.diagnostics):
        return None
    return said_by(request, loaded.desired, state)
