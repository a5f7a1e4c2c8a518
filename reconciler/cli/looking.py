"""One look at live, as the commands that take one go about it: reading, comparing, and keeping the place in state."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from reconciler.app.drift import Swept, Wanted, remember, report_of, sweep
from reconciler.cli.progress import Telling
from reconciler.cli.session import Session
from reconciler.core import custody
from reconciler.core.drifting import Manifests
from reconciler.core.selection import is_about_manifests
from reconciler.core.undisturbed import undisturbed
from reconciler.errors import ExitCode, LockedError, StateError, UsageError
from reconciler.model.drift import Report
from reconciler.model.look import Look
from reconciler.model.plan import Refresh, Violation
from reconciler.model.settings import RateLimit
from reconciler.model.state import State
from reconciler.ports import Reader
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.manifests import said_by_manifests
from reconciler.wiring.planning import Asked, overridden, request_for
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What a look begins with: what is asked for, state, and what the manifests say (None: they cannot be read)."""

    session: Session
    workspace: Workspace
    wanted: Wanted
    state: State
    manifests: Manifests | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What it ends with. `is_kept` tells whether state remembers it."""

    report: Report
    swept: Swept
    is_kept: bool


def begin(session: Session, asked: Mapping[str, Any]) -> Looking:
    """Gather what a look needs on this machine; StateError where nothing was ever recorded."""
    workspace = session.workspace()
    overrides = overridden(asked["override"], asked["reason"])
    only = tuple(sorted(set(asked["only"])))
    if any(map(is_about_manifests, only)):
        raise UsageError(
            "drift is about what is recorded, which has neither owner nor path",
            hint="select by custom_id: --only 'news-*'",
        )
    request = request_for(workspace, Asked(refresh=Refresh.ALL, only=only, overrides=overrides))
    state = custody.require(open_store(workspace).load())
    limit = RateLimit(requests=0) if workspace.environment.is_sandbox else workspace.environment.rate_limit
    return Looking(
        session=session,
        workspace=workspace,
        wanted=Wanted(request=request, budget=asked["budget"], limit=limit, known_only=asked["known"]),
        state=state,
        manifests=said_by_manifests(workspace, request, state),
    )


def look(looking: Looking, reader: Reader, telling: Telling, *, is_relied_on: bool) -> Seen:
    """Read, compare, and have state remember how far it came.

    Where it cannot, that is a failure for whoever relies on it, as a look with a budget does.
    """
    workspace, wanted = looking.workspace, looking.wanted
    swept = sweep(wanted, looking.state, reader, clock=SystemClock(), progress=telling.reading)
    telling.done()
    report, looks = report_of(wanted, looking.state, looking.manifests, swept, now=SystemClock.moment())
    trouble = _kept(workspace, looks, telling)
    if trouble is None:
        return Seen(report=report, swept=swept, is_kept=True)
    warning = _not_kept(trouble, matters=is_relied_on or wanted.budget is not None)
    return Seen(report=replace(report, warnings=(*report.warnings, warning)), swept=swept, is_kept=False)


def _kept(workspace: Workspace, looks: Mapping[str, Look], telling: Telling) -> StateError | LockedError | None:
    """Save the place; what went wrong is told beside the report, which stands all the same."""
    try:
        with undisturbed():
            remember(open_store(workspace, notice=telling.notice), looks)
    except (StateError, LockedError) as error:
        return error
    return None


def _not_kept(error: StateError | LockedError, *, matters: bool) -> Violation:
    """Return what is said of a place that was not kept: with a budget, the next look reads the same ones again."""
    message = f"this look is not remembered, so the next one does not go on from here: {error.message}"
    exit_code = error.exit_code if matters else ExitCode.DONE
    return Violation(rule="not-remembered", message=message, exit_code=exit_code)
