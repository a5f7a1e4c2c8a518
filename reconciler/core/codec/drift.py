"""A look at live as a document (schemas/drift.schema.json), and the way back."""

from collections.abc import Iterable, Mapping
from typing import Any

from reconciler.core.codec.paths import read_path
from reconciler.core.codec.plan import violation
from reconciler.model.drift import Coverage, Drifted, DriftedField, Known, Left, Report, Unread, Vanished
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.look import Standing
from reconciler.model.plan import FORMAT_VERSION, Violation
from reconciler.model.pointer import to_pointer
from reconciler.model.risk import RiskClass


def to_document(report: Report) -> dict[str, Any]:
    """Return the JSON document of a look; an absent value's key is left out, so null stays null."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": report.environment,
        "lineage": report.lineage,
        "serial": report.serial,
        "moment": report.moment,
        **({"only": list(report.only)} if report.only else {}),
        "summary": summary(report),
        "drifted": [_drifted(each) for each in report.drifted],
        "handed_off": [_drifted(each) for each in report.handed_off],
        "gone": [_vanished(each) for each in report.gone],
        "unreadable": [_unread(each) for each in report.unreadable],
        "unsettled": [_unread(each) for each in report.unsettled],
        "known": [_known(each) for each in report.known],
        "coverage": _coverage(report.coverage),
        "warnings": [violation(each) for each in report.warnings],
    }


def summary(report: Report) -> dict[str, Any]:
    """Return how many of each there are, and the gravest class of setting anything back."""
    return {
        "in_step": report.in_step,
        "drifted": len(report.drifted),
        "handed_off": len(report.handed_off),
        "gone": len(report.gone),
        "unreadable": len(report.unreadable),
        "unsettled": len(report.unsettled),
        "known": len(report.known),
        "risk": report.risk.value,
    }


def left_document(left: Iterable[Left]) -> list[dict[str, str]]:
    """Return what is not set back, and why not."""
    return [{"custom_id": each.custom_id, "reason": each.reason} for each in left]


def _drifted(each: Drifted) -> dict[str, Any]:
    return {
        "custom_id": each.custom_id,
        "id": each.id,
        "status": each.status,
        "read_before": each.read_before,
        "risk": each.risk.value,
        "risk_reasons": list(each.reasons),
        "orphan": each.is_orphan,
        "fields": [_field(field) for field in each.fields],
        "handed_off": [_field(field) for field in each.handed_off],
    }


def _field(field: DriftedField) -> dict[str, Any]:
    values = {"recorded": field.recorded, "live": field.live}
    return {
        "path": to_pointer(field.path),
        "risk": field.risk.value,
        **{key: value for key, value in values.items() if value is not ABSENT},
        **({} if field.corrected is None else {"corrected": field.corrected}),
    }


def _vanished(each: Vanished) -> dict[str, Any]:
    return {"custom_id": each.custom_id, "id": each.id, "read_before": each.read_before}


def _unread(each: Unread) -> dict[str, Any]:
    return {"custom_id": each.custom_id, "id": each.id, "reason": each.reason}


def _known(each: Known) -> dict[str, Any]:
    return {
        "custom_id": each.custom_id,
        "id": each.id,
        "read": each.read,
        "standing": each.standing.value,
        "paths": list(each.paths),
    }


def _coverage(each: Coverage) -> dict[str, Any]:
    return {
        "recorded": each.recorded,
        "read": each.read,
        "ever": each.ever,
        "within": [{"seconds": span, "sequences": count} for span, count in each.within],
        "oldest": each.oldest,
        "budget": each.budget,
        "sweeps": each.sweeps,
        "seconds": each.seconds,
        "pace": each.pace,
    }


def from_document(document: Mapping[str, Any]) -> Report:
    """Return the look that a document shows, for drawing it; KeyError, TypeError or ValueError if it shows none."""
    covered = document["coverage"]
    return Report(
        **{key: document[key] for key in ("environment", "lineage", "serial", "moment")},
        only=tuple(document.get("only", ())),
        drifted=tuple(map(_read_drifted, document["drifted"])),
        handed_off=tuple(map(_read_drifted, document["handed_off"])),
        gone=tuple(Vanished(**each) for each in document["gone"]),
        unreadable=tuple(Unread(**each) for each in document["unreadable"]),
        unsettled=tuple(Unread(**each) for each in document["unsettled"]),
        known=tuple(
            Known(**{**each, "standing": Standing(each["standing"]), "paths": tuple(each["paths"])})
            for each in document["known"]
        ),
        coverage=Coverage(
            **{**covered, "within": tuple((each["seconds"], each["sequences"]) for each in covered["within"])}
        ),
        in_step=document["summary"]["in_step"],
        warnings=tuple(Violation(rule=each["rule"], message=each["message"]) for each in document["warnings"]),
    )


def read_left(document: Mapping[str, Any]) -> tuple[Left, ...]:
    """Return what was not set back, where the document tells of setting back at all."""
    correction = document.get("correction", {})
    return tuple(Left(**each) for each in correction.get("left", ()))


def _read_drifted(document: Mapping[str, Any]) -> Drifted:
    return Drifted(
        **{key: document[key] for key in ("custom_id", "id", "status", "read_before")},
        fields=tuple(map(_read_field, document["fields"])),
        handed_off=tuple(map(_read_field, document["handed_off"])),
        risk=RiskClass(document["risk"]),
        reasons=tuple(document["risk_reasons"]),
        is_orphan=document["orphan"],
    )


def _read_field(document: Mapping[str, Any]) -> DriftedField:
    return DriftedField(
        path=read_path(document["path"]),
        recorded=document.get("recorded", ABSENT),
        live=document.get("live", ABSENT),
        risk=RiskClass(document["risk"]),
        corrected=document.get("corrected"),
    )
