"""Errands and what came of them as documents, and the way back: what is handed to a worker, and what it hands back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, assert_never

from reconciler.core.codec.apply import outcome_document, read_outcome
from reconciler.core.codec.drift import from_document as read_look
from reconciler.core.codec.drift_set import looked_document, read_correction
from reconciler.core.codec.fleet_run import read_spent, spent_document
from reconciler.core.codec.plan import from_document, to_document
from reconciler.core.codec.plan_set import failure_document, read_failure
from reconciler.core.fleet.words import key_source
from reconciler.errors import ExitCode
from reconciler.model.errand import (
    Asked,
    Carried,
    Done,
    Errand,
    Planned,
    Result,
    Surveyed,
    Task,
    ToApply,
    ToLook,
    ToPlan,
)
from reconciler.model.fleet import KeySource
from reconciler.model.guards import Override
from reconciler.model.outcome import Outcome
from reconciler.model.plan import FORMAT_VERSION, Refresh
from reconciler.model.plan_set import Failure

_APPLY: Final = ("digest", "document", "acknowledged", "is_resumed", "needs_state")
_LOOK: Final = ("budget", "known_only", "corrects")


def errand_document(errand: Errand) -> dict[str, Any]:
    """Return the document of an errand."""
    return {
        "format_version": FORMAT_VERSION,
        "fleet": errand.fleet,
        "organisation": errand.organisation,
        "environment": errand.environment,
        "state": errand.state,
        "key": None if errand.key is None else str(errand.key),
        "variables": dict(errand.variables),
        "labels": list(errand.labels),
        "asked": _asked(errand.asked),
        "now": errand.now,
        "task": _task(errand.task),
    }


def read_errand(document: Mapping[str, Any]) -> Errand:
    """Return the errand that a document shows; KeyError, TypeError or ValueError if it shows none of this format."""
    if document["format_version"] != FORMAT_VERSION:
        raise ValueError(document["format_version"])
    return Errand(
        **{key: document[key] for key in ("fleet", "organisation", "environment", "state", "now")},
        key=None if document["key"] is None else _read_key(document["key"]),
        variables=dict(document["variables"]),
        labels=tuple(document["labels"]),
        asked=_read_asked(document["asked"]),
        task=_read_task(document["task"]),
    )


def done_document(done: Done) -> dict[str, Any]:
    """Return the document of what came of an errand."""
    return {
        "format_version": FORMAT_VERSION,
        "organisation": done.organisation,
        "spent": spent_document(done.spent),
        **_result(done.result),
    }


def read_done(document: Mapping[str, Any]) -> Done:
    """Return what a document says came of an errand; KeyError, TypeError or ValueError if it says nothing of it."""
    if document["format_version"] != FORMAT_VERSION:
        raise ValueError(document["format_version"])
    return Done(
        organisation=document["organisation"], result=_read_result(document), spent=read_spent(document["spent"])
    )


def _asked(asked: Asked) -> dict[str, Any]:
    return {
        "refresh": None if asked.refresh is None else asked.refresh.value,
        "only": list(asked.only),
        "adopt": asked.adopt,
        "overrides": [{"guard": each.guard, "reason": each.reason} for each in asked.overrides],
        "undo": asked.undo,
    }


def _read_asked(document: Mapping[str, Any]) -> Asked:
    return Asked(
        refresh=None if document["refresh"] is None else Refresh(document["refresh"]),
        only=tuple(document["only"]),
        adopt=document["adopt"],
        overrides=tuple(Override(guard=each["guard"], reason=each["reason"]) for each in document["overrides"]),
        undo=document["undo"],
    )


def _task(task: Task) -> dict[str, Any]:
    match task:
        case ToPlan():
            return {"kind": "plan"}
        case ToApply():
            return {
                "kind": "apply",
                "digest": task.digest,
                "document": None if task.document is None else dict(task.document),
                "acknowledged": task.acknowledged,
                "is_resumed": task.is_resumed,
                "needs_state": task.needs_state,
            }
        case ToLook():
            return {"kind": "look", **{key: getattr(task, key) for key in _LOOK}}
        case _:
            assert_never(task)


def _read_task(document: Mapping[str, Any]) -> Task:
    match document["kind"]:
        case "plan":
            return ToPlan()
        case "apply":
            return ToApply(**{key: document[key] for key in _APPLY})
        case "look":
            return ToLook(**{key: document[key] for key in _LOOK})
        case kind:
            raise ValueError(kind)


def _read_key(text: str) -> KeySource:
    source = key_source(text)
    if source is None:
        raise ValueError("no source of a key")
    return source


def _result(result: Result) -> dict[str, Any]:
    match result:
        case Planned():
            return {"plan": to_document(result.plan, named=result.digest)}
        case Carried():
            return {
                "digest": result.digest,
                "outcomes": [_outcome(each) for each in result.outcomes],
                "exit_code": int(result.exit_code),
                "failure": None if result.failure is None else failure_document(result.failure),
            }
        case Surveyed():
            return {
                "look": looked_document(result.look.environment, result.look, result.correction),
                "exit_code": int(result.exit_code),
                "failure": None if result.failure is None else failure_document(result.failure),
            }
        case Failure():
            return {"error": failure_document(result)}
        case _:
            assert_never(result)


def _read_result(document: Mapping[str, Any]) -> Result:
    if "error" in document:
        return read_failure(document["error"])
    if "plan" in document:
        return Planned(plan=from_document(document["plan"]), digest=document["plan"]["digest"])
    failure = None if document["failure"] is None else read_failure(document["failure"])
    if "look" in document:
        return Surveyed(
            look=read_look(document["look"]),
            correction=read_correction(document["look"]),
            exit_code=ExitCode(document["exit_code"]),
            failure=failure,
        )
    return Carried(
        digest=document["digest"],
        outcomes=tuple(_read_outcome(each) for each in document["outcomes"]),
        exit_code=ExitCode(document["exit_code"]),
        failure=failure,
    )


def _outcome(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome with what a report of it does not say."""
    return {
        **outcome_document(outcome),
        "cause": int(outcome.cause),
        "harmless": outcome.harmless,
        "stops": outcome.stops,
        "released": outcome.released,
    }


def _read_outcome(document: Mapping[str, Any]) -> Outcome:
    flags = {key: document[key] for key in ("harmless", "stops", "released")}
    return replace(read_outcome(document), cause=ExitCode(document["cause"]), **flags)
