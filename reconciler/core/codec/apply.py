"""What applying did, as a document (contract: design, section 9), and the exit code that it comes to."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.core.codec.plan import field_document, read_field
from reconciler.errors import ExitCode, gravest
from reconciler.model.change import Action
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan import FORMAT_VERSION


def to_document(environment: str, digest: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the JSON document of an apply; the summary names only the statuses that occurred."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "digest": digest,
        "summary": summary(outcomes),
        "outcomes": [outcome_document(outcome) for outcome in outcomes],
    }


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """Return the document of one outcome."""
    return {
        "custom_id": outcome.custom_id,
        "id": outcome.id,
        "action": outcome.action.value,
        "status": outcome.status.value,
        "detail": outcome.detail,
        **({"fields": [field_document(field) for field in outcome.fields]} if outcome.fields else {}),
    }


def read_outcome(document: Mapping[str, Any]) -> Outcome:
    """Return the outcome that a document shows, as far as it does; KeyError, TypeError or ValueError if it shows none.

    Why it was not done, as an exit code, and whether what is stored otherwise is a matter of form, no document says.
    """
    custom_id, id_, detail = document["custom_id"], document["id"], document["detail"]
    if not isinstance(custom_id, str) or not isinstance(id_, str | None) or not isinstance(detail, str):
        raise TypeError(document)
    return Outcome(
        custom_id=custom_id,
        id=id_,
        action=Action(document["action"]),
        status=Status(document["status"]),
        detail=detail,
        fields=tuple(read_field(each) for each in document.get("fields", ())),
    )


def summary(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Count the outcomes by status, in the order of the statuses."""
    counted = Counter(outcome.status for outcome in outcomes)
    return {status.value: counted[status] for status in Status if counted[status]}


def exit_code(outcomes: Sequence[Outcome]) -> ExitCode:
    """Return what the outcomes come to as a whole.

    Nothing went through: the gravest single reason. Something did and something did not: in part.
    """
    codes = [_code(outcome) for outcome in outcomes]
    failures = [code for code in codes if code is not ExitCode.DONE]
    wrote = any(outcome.succeeded for outcome in outcomes)
    if failures and wrote:
        failures.append(ExitCode.PARTIAL)
    return gravest(failures)


def _code(outcome: Outcome) -> ExitCode:
    match outcome.status:
        case Status.APPLIED:
            return ExitCode.DONE
        case Status.DIFFERENT:
            return ExitCode.DONE if outcome.harmless else ExitCode.PARTIAL
        case Status.UNVERIFIED:
            return ExitCode.PARTIAL
        case Status.UNKNOWN:
            return ExitCode.UNKNOWN
        case Status.REJECTED | Status.NOT_SENT | Status.SKIPPED:
            return outcome.cause
