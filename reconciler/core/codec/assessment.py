"""What a change means, as part of a plan's document, and the way back. No digest covers it: it follows."""

from collections.abc import Mapping
from typing import Any

from reconciler.core.codec.paths import read_path
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.pointer import to_pointer
from reconciler.model.risk import (
    Affected,
    Assessment,
    AudienceDelta,
    People,
    Reach,
    RiskClass,
    StepChange,
    StepEdit,
    StepKind,
)


def assessment_document(each: Assessment) -> dict[str, Any]:
    """Return the keys that an assessment adds to the document of its change."""
    reach = each.reach
    return {
        "risk": each.risk.value,
        "risk_reasons": list(each.reasons),
        **({} if each.audience is None else {"audience": each.audience.value}),
        **({"affected_by": list(each.affected_by)} if each.affected_by else {}),
        "reach": {
            "people": reach.people.value,
            "status": reach.status,
            "is_read": reach.is_read,
            "sentences": list(reach.sentences),
        },
        **({"steps": [_step(step) for step in each.steps]} if each.steps else {}),
    }


def affected_document(each: Affected) -> dict[str, Any]:
    """Return the document of a sequence that is affected without a change."""
    return {"custom_id": each.custom_id, "id": each.id, **assessment_document(each.assessment)}


def read_assessment(document: Mapping[str, Any]) -> Assessment | None:
    """Return the assessment in a change's document, None where there is none; KeyError or ValueError if it is none."""
    if "risk" not in document:
        return None
    reach = document["reach"]
    return Assessment(
        risk=RiskClass(document["risk"]),
        reasons=tuple(document["risk_reasons"]),
        audience=AudienceDelta(document["audience"]) if "audience" in document else None,
        affected_by=tuple(document.get("affected_by", ())),
        reach=Reach(
            people=People(reach["people"]),
            status=reach["status"],
            is_read=reach["is_read"],
            sentences=tuple(reach["sentences"]),
        ),
        steps=tuple(_read_step(each) for each in document.get("steps", ())),
    )


def read_affected(document: Mapping[str, Any]) -> Affected:
    """Return the affected sequence that a document shows; KeyError, TypeError or ValueError if it shows none."""
    found = read_assessment(document)
    if found is None:
        raise KeyError("risk")
    return Affected(custom_id=document["custom_id"], id=document["id"], assessment=found)


def _step(step: StepChange) -> dict[str, Any]:
    sent = {"before": step.sent_before, "after": step.sent_after}
    return {
        "kind": step.kind.value,
        **({} if step.before is None else {"before": step.before}),
        **({} if step.after is None else {"after": step.after}),
        "sent": {key: value for key, value in sent.items() if value is not None},
        **({"fields": [_edit(edit) for edit in step.edits]} if step.edits else {}),
        **({} if step.removed is ABSENT else {"removed": step.removed}),
    }


def _edit(edit: StepEdit) -> dict[str, Any]:
    values = {"before": edit.before, "after": edit.after}
    return {
        "path": to_pointer(edit.path),
        **{key: value for key, value in values.items() if value is not ABSENT},
    }


def _read_step(document: Mapping[str, Any]) -> StepChange:
    return StepChange(
        kind=StepKind(document["kind"]),
        before=document.get("before"),
        after=document.get("after"),
        edits=tuple(_read_edit(each) for each in document.get("fields", ())),
        removed=document.get("removed", ABSENT),
        sent_before=document["sent"].get("before"),
        sent_after=document["sent"].get("after"),
    )


def _read_edit(document: Mapping[str, Any]) -> StepEdit:
    return StepEdit(
        path=read_path(document["path"]),
        before=document.get("before", ABSENT),
        after=document.get("after", ABSENT),
    )
