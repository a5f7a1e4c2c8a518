"""What the commands that look at live are asked, and the look itself with what is told meanwhile."""

from collections.abc import Mapping
from typing import Any

from reconciler.app import looking as steps
from reconciler.app.looking import Looking, Seen
from reconciler.cli.progress import Telling
from reconciler.cli.session import say
from reconciler.core.selection import is_about_manifests, matches, nothing_matches
from reconciler.errors import UsageError
from reconciler.model.errand import Asked
from reconciler.model.plan import Refresh
from reconciler.ports import Reader
from reconciler.view.terminal import inert_line
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.drifting import begin
from reconciler.wiring.planning import overridden, request_for
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import Workspace


def begun(workspace: Workspace, asked: Mapping[str, Any]) -> Looking:
    """Return what the look begins with that was asked for; StateError where nothing was ever recorded."""
    overrides = overridden(asked["override"], asked["reason"])
    only = tuple(sorted(set(asked["only"])))
    if any(map(is_about_manifests, only)):
        raise UsageError(
            "drift is about what is recorded, which has neither owner nor path",
            hint="select by custom_id: --only 'news-*'",
        )
    request = request_for(workspace, Asked(refresh=Refresh.ALL, only=only, overrides=overrides))
    looking = begin(workspace, request, budget=asked["budget"], known_only=asked["known"])
    for pattern in only:
        if not any(matches(pattern, name, None) for name in looking.state.records):
            # A look at nothing finds no drift, which reads as if all were well.
            say(f"warning: {inert_line(nothing_matches(pattern, looking.state.records, ()))}")
    return looking


def look(looking: Looking, workspace: Workspace, reader: Reader, telling: Telling, *, is_relied_on: bool) -> Seen:
    """Read, compare, and have state remember how far it came, with progress."""
    return steps.look(
        looking,
        reader,
        open_store(workspace, notice=telling.notice),
        is_relied_on=is_relied_on,
        clock=SystemClock(),
        watch=telling,
    )
