"""Diagnostics as SARIF 2.1.0, which GitHub's code scanning and most editors read."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from reconciler import __version__
from reconciler.core.rulebook.rule import Rule
from reconciler.errors import ExitCode, ReconcilerError
from reconciler.model.diagnostic import Diagnostic
from reconciler.view.fingerprints import fingerprints

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# The name that GitHub and others give to the root of the checkout.
_ROOT: Final = "%SRCROOT%"


def sarif(diagnostics: Sequence[Diagnostic], rules: Mapping[str, Rule], *, prefix: str) -> dict[str, Any]:
    """Return the log of one run; `prefix` leads from the root of the checkout to that of the repository of manifests.

    `rules` are all of them by id, in order.
    """
    indices = {rule: index for index, rule in enumerate(rules)}
    results = [
        _result(each, mark, indices, prefix) for each, mark in zip(diagnostics, fingerprints(diagnostics), strict=True)
    ]
    return _log(rules, {"executionSuccessful": True}, results)


def failure_log(error: ReconcilerError) -> dict[str, Any]:
    """Return the log of a run that found out nothing, and why."""
    notification = {
        "level": "error",
        "descriptor": {"id": error.kind},
        "message": _message(error.message, error.hint),
    }
    by_user = error.exit_code in {ExitCode.USAGE, ExitCode.REFUSED_CONFIGURATION}
    key = "toolConfigurationNotifications" if by_user else "toolExecutionNotifications"
    invocation = {"executionSuccessful": False, "exitCode": int(error.exit_code), key: [notification]}
    return _log({}, invocation, [])


def _log(rules: Mapping[str, Rule], invocation: Mapping[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
    listed = [_rule(rule) for rule in rules.values()]
    run = {
        "tool": {"driver": {"name": "reconciler", "semanticVersion": __version__, "rules": listed}},
        "invocations": [invocation],
        # Its place differs from machine to machine, and is nobody's business.
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the checkout."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.why},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(each: Diagnostic, fingerprint: str, indices: Mapping[str, int], prefix: str) -> dict[str, Any]:
    span = each.span
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    location = {"uri": quote(prefix + each.file, errors="surrogatepass"), "uriBaseId": _ROOT}
    return {
        "ruleId": each.rule,
        **({"ruleIndex": indices[each.rule]} if each.rule in indices else {}),
        "level": each.severity.value,
        "message": _message(each.message, each.hint),
        "locations": [{"physicalLocation": {"artifactLocation": location, "region": region}}],
        "partialFingerprints": {"reconciler/v1": fingerprint},
    }


def _message(message: str, hint: str | None) -> dict[str, str]:
    text = f"{message} ({hint})" if hint else message
    # `[text](address)` in a message is a link: nobody's manifest puts one into a security report.
    return {"text": text.replace("](", "] (")}
