"""A plan, or a look at live, in the format that was asked for: the same for the command and for `show`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from reconciler.cli.session import Session
from reconciler.model.drift import Left, Report
from reconciler.model.plan import Plan
from reconciler.view.documents import drift_terraform_document, json_text, terraform_document
from reconciler.view.words import Pace
from reconciler.wiring.workspace import Workspace

FORMATS: Final = ("text", "json", "markdown", "html", "terraform")


def drawn(session: Session, plan: Plan, document: Mapping[str, Any], format_: str) -> str:
    """Return the drawing; `document` is the plan's own."""
    pace = None if plan.pace is None else Pace(plan.pace.requests, plan.pace.seconds, 1)
    match format_:
        case "json":
            return json_text(document)
        case "markdown":
            from reconciler.view.markdown.plan import plan_markdown

            return plan_markdown(plan, str(document["digest"]), pace)
        case "html":
            from reconciler.view.html.plan import plan_html

            return plan_html(plan, str(document["digest"]), pace)
        case "terraform":
            return json_text(terraform_document(plan))
        case _:
            from reconciler.view.plan_text import plan_text

            return plan_text(plan, str(document["digest"]), session.drawing(plan.pace))


def drift_drawn(
    session: Session, workspace: Workspace | None, report: Report, format_: str, left: Sequence[Left] = ()
) -> str:
    """Return the drawing of a look at live, in the same formats; `left` is what was not set back, and why."""
    match format_:
        case "json":
            from reconciler.core.codec.drift import to_document

            return json_text(to_document(report))
        case "markdown":
            from reconciler.view.markdown.drift import drift_markdown

            return drift_markdown(report, left)
        case "html":
            from reconciler.view.html.drift import drift_html

            return drift_html(report, left)
        case "terraform":
            return json_text(drift_terraform_document(report))
        case _:
            from reconciler.view.drift_text import drift_text, left_text

            drawing = session.drawing(None if workspace is None else workspace.rate_limit)
            return drift_text(report, drawing) + left_text(left, drawing)
