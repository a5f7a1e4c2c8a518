"""Asking about a plan: it is shown, and somebody says yes."""

from reconciler.app.approve import Approved
from reconciler.cli.session import Session, ask, emit, say
from reconciler.errors import RefusedError
from reconciler.view.apply_text import returned_text
from reconciler.view.plan_text import plan_text
from reconciler.wiring.workspace import Workspace


def approve(session: Session, workspace: Workspace, approved: Approved, format_: str, *, ask_first: bool) -> None:
    """Show the plan, and ask about it where nobody has said yes yet: never about a plan that was not shown."""
    is_shown = format_ == "text" and not session.quiet
    if is_shown or ask_first:
        show = emit if is_shown else say
        drawing = session.drawing(workspace.rate_limit)
        text = returned_text(approved.returned, drawing) + plan_text(approved.plan, approved.digest, drawing)
        show(text + ("\n" if is_shown else ""))
    if ask_first and not ask("Apply this plan?"):
        raise RefusedError("not applied, since the answer was not `y`; nothing was sent")
