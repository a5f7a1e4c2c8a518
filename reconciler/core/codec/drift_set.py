"""A look at a fleet as a document (schemas/fleet-drift.schema.json), an organisation at a time, and the way back."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.core.codec.apply import read_outcome
from reconciler.core.codec.apply import to_document as outcomes_document
from reconciler.core.codec.drift import from_document as read_look
from reconciler.core.codec.drift import left_document, read_left
from reconciler.core.codec.drift import to_document as look_document
from reconciler.core.codec.plan import violation
from reconciler.core.codec.plan_set import failure_document, read_failure
from reconciler.core.codec.shown import shown_label, shown_name, shown_text
from reconciler.core.fleet.sharding import kept_shard
from reconciler.errors import ExitCode
from reconciler.model.drift import Report
from reconciler.model.drift_set import Correction, DriftPart, DriftSet, FleetCoverage
from reconciler.model.outcome import Status
from reconciler.model.plan import FORMAT_VERSION, Violation

_KINDS: Final = ("in_step", "drifted", "handed_off", "gone", "unreadable", "unsettled", "known")


def head_document(drift: DriftSet) -> dict[str, Any]:
    """Return all of the document but its organisations."""
    return {
        "format_version": FORMAT_VERSION,
        "fleet": drift.fleet,
        "moment": drift.moment,
        **({"only": list(drift.only)} if drift.only else {}),
        **({} if drift.shard is None else {"shard": drift.shard}),
        "summary": summary(drift),
        "coverage": _coverage(drift.coverage()),
    }


def part_documents(drift: DriftSet) -> Iterator[dict[str, Any]]:
    """Yield the document of each organisation."""
    return (part_document(drift.fleet, part) for part in drift.parts)


def part_document(fleet: str, part: DriftPart) -> dict[str, Any]:
    """Return the document of one organisation: its look as that of a single environment, with what was set back."""
    document: dict[str, Any] = {
        "name": part.organisation,
        "labels": list(part.labels),
        "exit_code": int(part.code),
    }
    if part.look is not None:
        document["look"] = looked_document(f"{fleet}/{part.organisation}", part.look, part.correction)
    if part.failure is not None:
        document["error"] = failure_document(part.failure)
    return document


def looked_document(environment: str, look: Report, correction: Correction | None) -> dict[str, Any]:
    """Return the document of a look, with what was set back."""
    document = look_document(look)
    return document if correction is None else {**document, "correction": correction_document(environment, correction)}


def summary(drift: DriftSet) -> dict[str, Any]:
    """Return how many organisations there are of each kind, and how many sequences in all of them."""
    counts, statuses = drift.counts(), drift.statuses()
    corrected = {status.value: statuses[status] for status in Status if statuses[status]}
    return {
        "organisations": len(drift.parts),
        "differing": drift.differing,
        "unseen": len(drift.unseen),
        **{kind: counts[kind] for kind in _KINDS},
        "risk": drift.risk.value,
        **({"corrected": corrected} if drift.corrected else {}),
    }


def correction_document(environment: str, correction: Correction) -> dict[str, Any]:
    """Return what came of setting back, as a part of a look's document."""
    document: dict[str, Any] = {"left": left_document(correction.left)}
    if correction.digest is not None:
        told = outcomes_document(environment, correction.digest, correction.outcomes)
        document |= {key: told[key] for key in ("digest", "summary", "outcomes")}
    if correction.violations:
        document["violations"] = [violation(each) for each in correction.violations]
    if correction.failure is not None:
        document["error"] = failure_document(correction.failure)
    return document


def from_document(document: Mapping[str, Any]) -> DriftSet:
    """Return the look at a fleet that a document shows; KeyError, TypeError or ValueError if it shows none."""
    return DriftSet(
        fleet=shown_name(document["fleet"]),
        moment=shown_text(document["moment"]),
        parts=tuple(read_part(each) for each in document["organisations"]),
        only=tuple(map(shown_text, document.get("only", ()))),
        shard=kept_shard(shown_text(document["shard"])) if "shard" in document else None,
    )


def read_part(document: Mapping[str, Any]) -> DriftPart:
    """Return the part that a document shows; KeyError, TypeError or ValueError if it shows none."""
    look = document.get("look")
    return DriftPart(
        organisation=shown_name(document["name"]),
        labels=tuple(shown_label(each) for each in document["labels"]),
        look=None if look is None else read_look(look),
        correction=None if look is None else read_correction(look),
        failure=read_failure(document["error"]) if "error" in document else None,
        code=ExitCode(document["exit_code"]),
    )


def read_correction(look: Mapping[str, Any]) -> Correction | None:
    """Return what the document of a look says came of setting back; KeyError, TypeError or ValueError as above."""
    if "correction" not in look:
        return None
    document = look["correction"]
    said = document.get("violations", ())
    return Correction(
        left=read_left(look),
        digest=document.get("digest"),
        outcomes=tuple(read_outcome(each) for each in document.get("outcomes", ())),
        violations=tuple(
            Violation(rule=each["rule"], message=each["message"], custom_id=each.get("custom_id")) for each in said
        ),
        failure=read_failure(document["error"]) if "error" in document else None,
    )


def _coverage(each: FleetCoverage) -> dict[str, Any]:
    return {
        "organisations": each.organisations,
        "whole": each.whole,
        "recorded": each.recorded,
        "read": each.read,
        "ever": each.ever,
        "within": [{"seconds": span, "sequences": count} for span, count in each.within],
        "oldest": each.oldest,
        "sweeps": each.sweeps,
        "seconds": each.seconds,
    }
