"""The plan as a document (contract: design, section 9), its digest, and the way back.

The digest covers what would be sent and what that was decided from: not the clock, not the wording, not where in which
file a manifest stands, not what follows from the rest (risk, audience, reach). The checksum covers every word, so that
what was edited is known as such even where no digest speaks of it.
"""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.core.codec.assessment import affected_document, assessment_document, read_affected, read_assessment
from reconciler.core.codec.paths import read_path
from reconciler.model.change import Action, Change, FieldChange, Operation, Origin
from reconciler.model.guards import Override
from reconciler.model.jsonvalue import ABSENT, canonical, digest
from reconciler.model.plan import FORMAT_VERSION, Basis, Plan, Refresh, Violation
from reconciler.model.pointer import to_pointer
from reconciler.model.sequence import Payload, Retire, Source
from reconciler.model.settings import RateLimit

_DIGESTED_IN_CHANGE: Final = ("custom_id", "id", "action", "fields", "operation", "retire")


def plan_digest(plan: Plan) -> str:
    """Return the digest that names a plan."""
    return document_digest(to_document(plan, named=""))


def to_document(plan: Plan, *, named: str | None = None) -> dict[str, Any]:
    """Return the JSON document of a plan, its digest included."""
    document: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "environment": plan.environment,
        "digest": named,
        "basis": basis_document(plan.basis),
        "summary": summary(plan),
        "changes": [_change(change) for change in plan.changes],
        "affected": [affected_document(each) for each in plan.affected],
        **({} if plan.pace is None else {"pace": {"requests": plan.pace.requests, "seconds": plan.pace.seconds}}),
        "violations": [violation(each) for each in plan.violations],
        "warnings": [violation(each) for each in plan.warnings],
    }
    if named is not None:
        return document
    document["digest"] = document_digest(document)
    return {**document, "checksum": document_checksum(document)}


def summary(plan: Plan) -> dict[str, Any]:
    """Return how many sequences get which action, how many drifted, what applying takes, and the highest risk."""
    return {
        **{action.value: plan.count(action) for action in Action},
        "drifted": plan.drifted,
        "requests": plan.requests,
        "risk": plan.risk.value,
    }


def violation(each: Violation) -> dict[str, Any]:
    """Return the document of a violation or a warning."""
    named = {} if each.custom_id is None else {"custom_id": each.custom_id}
    return {"rule": each.rule, **named, "message": each.message}


def document_digest(document: Mapping[str, Any]) -> str:
    """Return the digest that a plan's document ought to carry."""
    covered = {
        "format_version": document["format_version"],
        "environment": document["environment"],
        "basis": document["basis"],
        "changes": [digested(change) for change in document["changes"]],
    }
    return digest(canonical(covered))


def document_checksum(document: Mapping[str, Any]) -> str:
    """Return the checksum that a plan's document ought to carry: of every word in it but the checksum itself."""
    return digest(canonical({key: value for key, value in document.items() if key != "checksum"}))


def digested(change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a change's document that the digest covers."""
    return {key: change[key] for key in _DIGESTED_IN_CHANGE if key in change}


def basis_document(basis: Basis) -> dict[str, Any]:
    """Return the document of what a plan was decided from."""
    return {
        "lineage": basis.lineage,
        "serial": basis.serial,
        "manifests": basis.manifests,
        "refresh": basis.refresh.value,
        "endpoint": basis.endpoint,
        "schema": basis.schema,
        "tool": basis.tool,
        **({"only": list(basis.only)} if basis.only else {}),
        **({"adopt": True} if basis.adopt else {}),
        **({"guards": basis.guards} if basis.guards else {}),
        **({"overrides": [_override(each) for each in basis.overrides]} if basis.overrides else {}),
        **({"undo": basis.undo} if basis.undo else {}),
    }


def _override(override: Override) -> dict[str, str]:
    return {"guard": override.guard, "reason": override.reason}


def _change(change: Change) -> dict[str, Any]:
    document: dict[str, Any] = {
        "custom_id": change.custom_id,
        "id": change.id,
        "action": change.action.value,
        "reason": change.reason,
        **({} if change.assessment is None else assessment_document(change.assessment)),
    }
    if change.source is not None:
        document["source"] = {"file": change.source.file, "line": change.source.line}
    document["fields"] = [field_document(field) for field in change.fields]
    if change.operation is not None:
        operation = change.operation
        body = {} if operation.body is None else {"body": operation.body.value}
        document["operation"] = {"method": operation.method, "path": operation.path, **body}
    if change.retire is not None:
        document["retire"] = change.retire.value
    return document


def field_document(field: FieldChange) -> dict[str, Any]:
    """Return the document of one field change; the key of an absent value is left out."""
    values = {"recorded": field.recorded, "live": field.live, "desired": field.desired}
    return {
        "path": to_pointer(field.path),
        "origin": field.origin.value,
        **{key: value for key, value in values.items() if value is not ABSENT},
    }


def from_document(document: Mapping[str, Any]) -> Plan:
    """Return the plan that a document shows, for drawing it; KeyError, TypeError or ValueError if it shows none."""
    basis, given = document["basis"], document["summary"]
    return Plan(
        environment=document["environment"],
        basis=Basis(
            **{key: basis[key] for key in ("lineage", "serial", "manifests", "endpoint", "schema", "tool")},
            refresh=Refresh(basis["refresh"]),
            only=tuple(basis.get("only", ())),
            adopt=basis.get("adopt", False),
            guards=basis.get("guards"),
            undo=basis.get("undo"),
            overrides=tuple(
                Override(guard=each["guard"], reason=each["reason"]) for each in basis.get("overrides", ())
            ),
        ),
        changes=tuple(_read_change(each) for each in document["changes"]),
        kept=given["keep"] - sum(each["action"] == "keep" for each in document["changes"]),
        violations=tuple(_read_violation(each) for each in document["violations"]),
        warnings=tuple(_read_violation(each) for each in document["warnings"]),
        requests=given["requests"],
        affected=tuple(read_affected(each) for each in document["affected"]),
        pace=_read_pace(document["pace"]) if "pace" in document else None,
    )


def _read_pace(document: Mapping[str, Any]) -> RateLimit:
    requests, seconds = document["requests"], document["seconds"]
    if type(requests) is not int or type(seconds) not in (int, float) or requests < 0 or seconds <= 0:
        raise ValueError("no pace")
    return RateLimit(requests=requests, seconds=seconds)


def _read_violation(document: Mapping[str, Any]) -> Violation:
    return Violation(rule=document["rule"], message=document["message"], custom_id=document.get("custom_id"))


def _read_change(document: Mapping[str, Any]) -> Change:
    source, operation = document.get("source"), document.get("operation")
    return Change(
        custom_id=document["custom_id"],
        id=document["id"],
        action=Action(document["action"]),
        reason=document["reason"],
        source=source and Source(file=source["file"], line=source["line"]),
        fields=tuple(read_field(each) for each in document["fields"]),
        operation=operation and _read_operation(operation),
        assessment=read_assessment(document),
        retire=Retire(document["retire"]) if "retire" in document else None,
    )


def _read_operation(document: Mapping[str, Any]) -> Operation:
    body = Payload.of(document["body"]) if "body" in document else None
    return Operation(method=document["method"], path=document["path"], body=body)


def read_field(document: Mapping[str, Any]) -> FieldChange:
    """Return the field change that a document shows; KeyError, TypeError or ValueError if it shows none."""
    return FieldChange(
        path=read_path(document["path"]),
        origin=Origin(document["origin"]),
        recorded=document.get("recorded", ABSENT),
        live=document.get("live", ABSENT),
        desired=document.get("desired", ABSENT),
    )
