"""Diagnostics as GitLab's code quality report, which a merge request shows as a widget: a list of JSON objects."""

from collections.abc import Sequence
from typing import Any, Final

from reconciler.errors import ReconcilerError
from reconciler.model.diagnostic import Diagnostic, Severity
from reconciler.model.settings import CONFIG_FILE
from reconciler.view.fingerprints import fingerprints

_SEVERITIES: Final = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def code_quality(diagnostics: Sequence[Diagnostic], *, prefix: str) -> list[dict[str, Any]]:
    """Return the report; `prefix` leads from the root of the checkout to that of the repository of manifests."""
    return [
        _entry(each.message, each.hint, each.rule, mark, _SEVERITIES[each.severity], prefix + each.file, each.span.line)
        for each, mark in zip(diagnostics, fingerprints(diagnostics), strict=True)
    ]


def failure_report(error: ReconcilerError) -> list[dict[str, Any]]:
    """Return a report of why there are no diagnostics: an empty one would look as if all were well."""
    return [_entry(error.message, error.hint, error.kind, error.kind, "blocker", CONFIG_FILE, 1)]


def _entry(
    message: str, hint: str | None, name: str, fingerprint: str, severity: str, file: str, line: int
) -> dict[str, Any]:
    return {
        "description": f"{message} ({hint})" if hint else message,
        "check_name": name,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": file, "lines": {"begin": line}},
    }
