"""Why a command printed no result, in the formats that other programs read: a document that is valid all the same."""

from reconciler.errors import ReconcilerError
from reconciler.view.annotations import failure_annotation
from reconciler.view.code_quality import failure_report
from reconciler.view.documents import json_text
from reconciler.view.sarif import failure_log


def failure_text(format_: str, error: ReconcilerError) -> str | None:
    """Return what goes to stdout; None where the format is for people, who are told on stderr."""
    match format_:
        case "github":
            return failure_annotation(error)
        case "gitlab":
            return json_text(failure_report(error))
        case "sarif":
            return json_text(failure_log(error))
        case _:
            return None
