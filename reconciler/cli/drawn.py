"""A plan in the format that was asked for, the same for `plan` and for `show`."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.cli.session import Session
from reconciler.model.plan import Plan
from reconciler.view.documents import json_text, terraform_document
from reconciler.view.words import Pace

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
