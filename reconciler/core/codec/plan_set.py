"""The plan of a fleet as a document, an organisation at a time, its digest, and the way back.

The digest covers the name of the fleet, and for each organisation its name with its plan's digest, or with the kind of
its failure. The checksum covers all the rest through the plans' own checksums, so that neither needs the whole document
in memory.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.core.codec.plan import to_document
from reconciler.errors import ExitCode
from reconciler.model.change import Action
from reconciler.model.jsonvalue import digest_of
from reconciler.model.plan import FORMAT_VERSION
from reconciler.model.plan_set import Failure, Part, PlanSet


def set_digest(fleet: str, parts: Iterable[Part]) -> str:
    """Return the digest that names the plan of a fleet."""
    said = [_named(part.organisation, part.digest, part.failure.kind if part.failure else None) for part in parts]
    return digest_of({"format_version": FORMAT_VERSION, "fleet": fleet, "organisations": said})


def head_document(plans: PlanSet) -> dict[str, Any]:
    """Return all of the document but its organisations and its checksum."""
    return {
        "format_version": FORMAT_VERSION,
        "fleet": plans.fleet,
        "digest": plans.digest,
        **({"only": list(plans.only)} if plans.only else {}),
        **({} if plans.shard is None else {"shard": plans.shard}),
        "summary": summary(plans),
    }


def part_documents(plans: PlanSet) -> Iterator[dict[str, Any]]:
    """Yield the document of each organisation."""
    for part in plans.parts:
        document: dict[str, Any] = {"name": part.organisation, "labels": list(part.labels)}
        if part.plan is not None:
            document["plan"] = to_document(part.plan)
        elif part.failure is not None:
            document["error"] = failure_document(part.failure)
        yield document


def summary(plans: PlanSet) -> dict[str, Any]:
    """Return how many organisations there are of each kind, and how many sequences get which action in all of them."""
    counts = plans.counts()
    return {
        "organisations": len(plans.parts),
        "changing": plans.changing,
        "refused": len(plans.refused),
        "failed": len(plans.failed),
        **{action.value: counts[action] for action in Action},
        "drifted": plans.drifted,
        "requests": plans.requests,
        "risk": plans.risk.value,
    }


def failure_document(failure: Failure) -> dict[str, Any]:
    """Return a failure as the part `error` of a document."""
    return {
        "kind": failure.kind,
        "exit_code": int(failure.exit_code),
        "message": failure.message,
        "hint": failure.hint,
    }


def covered_by_checksum(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an organisation's document the whole document's checksum covers: its plan by its checksum."""
    if "plan" not in document:
        return dict(document)
    return {**document, "plan": document["plan"]["checksum"]}


def set_checksum(head: Mapping[str, Any], covered: list[dict[str, Any]]) -> str:
    """Return the checksum of a document of which this is the head, and that of each organisation."""
    return digest_of({**head, "organisations": covered})


def read_failure(document: Mapping[str, Any]) -> Failure:
    """Return the failure that a document shows; KeyError, TypeError or ValueError if it shows none."""
    message, hint, kind = document["message"], document["hint"], document["kind"]
    if not isinstance(message, str) or not isinstance(kind, str) or not isinstance(hint, str | None):
        raise TypeError(document)
    return Failure(kind=kind, exit_code=ExitCode(document["exit_code"]), message=message, hint=hint)


def _named(name: str, plan: str | None, error: str | None) -> dict[str, Any]:
    return {"name": name, "error": error} if plan is None else {"name": name, "digest": plan}
