"""`drift --issue`: the one issue about an environment's drift, as the CI that this runs in may keep it."""

import os
from typing import Final

from reconciler.app.issue import Kept, Notice, keep
from reconciler.cli.session import Session, say
from reconciler.model.comment import Mark
from reconciler.model.drift import Report
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
    mark = Mark(key=f"drift {report.environment}", run=ci.run)
    kept = keep(ci.forge, notice, mark, author=author or ci.forge.author())
    if not session.quiet:
        say(f"the issue about drift: {_SAID[kept]}")
