"""`drift --issue`: the one issue about the drift of an environment or a fleet, as the CI it runs in may keep it."""

import os
from typing import Final

from reconciler.app.issue import Kept, Notice, keep
from reconciler.cli.session import Session, say
from reconciler.model.comment import Mark
from reconciler.model.drift import Report
from reconciler.model.drift_set import DriftSet
from reconciler.model.errand import NOT_BEGUN, STOPPED
from reconciler.wiring.forge import Ci, open_ci

_SAID: Final = {
    Kept.OPENED: "it was opened",
    Kept.EDITED: "it was edited",
    Kept.UNCHANGED: "it says so already",
    Kept.CLOSED: "no drift is left, and it was closed",
    Kept.NOT_NEEDED: "nothing has drifted, and there is none",
    Kept.OUTDATED: "a newer run has written it already; it was left alone",
}


def open_forge(session: Session) -> Ci:
    """Return the CI that this runs in; ConfigurationError where it is none, before anything is read."""
    return open_ci(os.environ, lambda text: None if session.quiet else say(text))


def keep_issue(session: Session, ci: Ci, report: Report, *, author: str | None) -> None:
    """Open, edit or close the issue about this environment, and say which."""
    from reconciler.view.markdown.drift import issue_markdown

    notice = Notice(
        title=f"Drift of {report.environment}",
        text=issue_markdown(report),
        is_needed=report.has_differences,
        is_over=report.is_settled,
    )
    _keep(session, ci, notice, f"drift {report.environment}", author)


def keep_fleet_issue(session: Session, ci: Ci, drift: DriftSet, *, author: str | None) -> None:
    """Open, edit or close the issue about this fleet, and say which; a look that was cut short leaves it alone."""
    if any(part.failure is not None and part.failure.kind in (STOPPED, NOT_BEGUN) for part in drift.parts):
        return
    from reconciler.view.fleet.drift_markdown import fleet_issue_markdown

    notice = Notice(
        title=f"Drift of fleet {drift.fleet}",
        text=fleet_issue_markdown(drift),
        is_needed=drift.differing > 0,
        is_over=drift.is_settled,
    )
    # No environment's key begins like this, whatever it is called.
    _keep(session, ci, notice, f"fleet-drift {drift.fleet}", author)


def _keep(session: Session, ci: Ci, notice: Notice, key: str, author: str | None) -> None:
    kept = keep(ci.forge, notice, Mark(key=key, run=ci.run), author=author or ci.forge.author())
    if not session.quiet:
        say(f"the issue about drift: {_SAID[kept]}")
