"""What the `state` commands say, for programs."""

from collections.abc import Iterable
from typing import Any

from reconciler.model.hold import Hold
from reconciler.model.plan import FORMAT_VERSION
from reconciler.model.sequence import Record
from reconciler.model.state import Pending, Saved, State


def list_document(environment: str, state: State, hold: Hold | None) -> dict[str, Any]:
    """Return everything that is recorded, without the payloads."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "lineage": state.lineage,
        "serial": state.serial,
        "org_id": state.org_id,
        "records": [
            {"custom_id": name, "id": record.id, "status": record.status} for name, record in state.records.items()
        ],
        "pending": [_pending(name, each) for name, each in state.pending.items()],
        "overrides": [
            {"guard": each.guard, "reason": each.reason, "since": each.since, "plan": each.plan}
            for each in state.overrides
        ],
        "acknowledgements": [
            {"risk": each.acknowledged, "since": each.since, "plan": each.digest}
            for each in state.plans
            if each.acknowledged is not None
        ],
        "lock": None if hold is None else _hold(hold),
    }


def record_document(environment: str, custom_id: str, record: Record | None, pending: Pending | None) -> dict[str, Any]:
    """Return all that is known of one sequence."""
    document: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "custom_id": custom_id,
        "record": None,
        "pending": None if pending is None else {**_pending(custom_id, pending), "payload": pending.payload.value},
    }
    if record is not None:
        document["record"] = {
            "id": record.id,
            "status": record.status,
            "applied": record.applied.value,
            "stored": None if record.stored is None else record.stored.value,
        }
    return document


def history_document(environment: str, versions: Iterable[Saved]) -> dict[str, Any]:
    """Return the versions that were saved, the newest first."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "versions": [{"serial": each.serial, "since": each.since, "by": each.by} for each in versions],
    }


def _pending(custom_id: str, pending: Pending) -> dict[str, Any]:
    return {"custom_id": custom_id, "id": pending.id, "since": pending.since}


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "nonce": hold.nonce,
        "purpose": hold.purpose,
        "since": hold.since,
        "who": hold.who,
        "host": hold.host,
        "url": hold.url,
    }
