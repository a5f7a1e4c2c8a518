"""JSON for programs: one document, indented, in ASCII, ending in a line break."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reconciler.errors import ReconcilerError
from reconciler.model.change import Action
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.drift import Report
from reconciler.model.plan import FORMAT_VERSION, Plan
from reconciler.model.sequence import Retire


def json_text(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return a document's text. Escaped ASCII, so that no terminal or log obeys anything in it."""
    # GitHub's runner obeys `##[...]` anywhere in a line. In JSON that can only stand inside a string.
    return json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False).replace("##[", "#\\u0023[") + "\n"


def diagnostics_document(files: int, diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """Return what checking the manifests found (contract: design, section 9)."""
    return {
        "format_version": FORMAT_VERSION,
        "files": files,
        "diagnostics": [_diagnostic(each) for each in diagnostics],
    }


def terraform_document(plan: Plan) -> dict[str, int]:
    """Return how many changes of each kind there are, as GitLab shows them on a merge request.

    GitLab: "Terraform report artifacts". What is adopted or renamed is updated. Nothing is ever deleted, but what is
    canceled is as little to be had back, so it is counted there.
    """
    canceled = sum(1 for change in plan.changes if change.retire is Retire.CANCEL)
    actions = Counter(change.action for change in plan.changes)
    return {
        "create": actions[Action.CREATE],
        "update": actions[Action.UPDATE] + actions[Action.ADOPT] + actions[Action.RENAME] - canceled,
        "delete": canceled,
    }


def drift_terraform_document(report: Report) -> dict[str, int]:
    """Return how many sequences setting drift back would write to, in that same form."""
    return {"create": 0, "update": len(report.drifted), "delete": 0}


def error_document(error: ReconcilerError) -> dict[str, Any]:
    """Return an expected failure as a document of its own."""
    return {"format_version": FORMAT_VERSION, **error_part(error)}


def error_part(error: ReconcilerError) -> dict[str, Any]:
    """Return an expected failure as the part `error` of a document."""
    return {
        "error": {
            "kind": error.kind,
            "exit_code": int(error.exit_code),
            "message": error.message,
            "hint": error.hint,
        },
    }


def _diagnostic(each: Diagnostic) -> dict[str, Any]:
    return {
        "rule": each.rule,
        "severity": each.severity.value,
        "message": each.message,
        "hint": each.hint,
        "file": each.file,
        "line": each.span.line,
        "column": each.span.column,
        "end_line": each.span.end_line,
        "end_column": each.span.end_column,
        "path": each.path,
    }
