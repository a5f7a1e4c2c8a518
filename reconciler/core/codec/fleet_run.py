"""Applying a fleet as a document (schemas/fleet-apply.schema.json), its parts, and the way back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.core.codec.apply import read_outcome
from reconciler.core.codec.apply import to_document as apply_document
from reconciler.core.codec.plan_set import failure_document, read_failure
from reconciler.core.codec.shown import shown_text
from reconciler.core.fleet.sharding import kept_shard
from reconciler.errors import ExitCode
from reconciler.model.fleet_run import FleetRun, Gate, Result, Seen, Spent, Standing, Tally, Wave
from reconciler.model.outcome import Status
from reconciler.model.plan import FORMAT_VERSION

_TALLIED = ("organisations", "failed", "unknown", "moved", "unread")


def to_document(run: FleetRun) -> dict[str, Any]:
    """Return the JSON document of a run."""
    return {
        "format_version": FORMAT_VERSION,
        "fleet": run.fleet,
        **({} if run.shard is None else {"shard": run.shard}),
        "run": run.run,
        "digest": run.digest,
        "exit_code": int(run.exit_code),
        **({} if run.stopped is None else {"stopped": run.stopped}),
        "summary": summary(run),
        "waves": [_wave(run, each) for each in run.waves],
        "organisations": [result_document(run.fleet, each) for each in run.results],
    }


def from_document(document: Mapping[str, Any]) -> FleetRun:
    """Return the run that a document shows, for drawing it; KeyError, TypeError or ValueError if it shows none."""
    waves = [(_count(each["number"]), each) for each in document["waves"]]
    stopped = document.get("stopped")
    return FleetRun(
        run=None if document["run"] is None else shown_text(document["run"]),
        fleet=shown_text(document["fleet"]),
        digest=shown_text(document["digest"]),
        waves=tuple(Wave(number=n, organisations=tuple(map(shown_text, each["organisations"]))) for n, each in waves),
        results=tuple(read_result(each) for each in document["organisations"]),
        gates=tuple(read_gate(number, each["gate"]) for number, each in waves if "gate" in each),
        stopped=None if stopped is None else shown_text(stopped),
        seconds=_seconds(document["summary"].get("took", 0)),
        shard=kept_shard(shown_text(document["shard"])) if "shard" in document else None,
    )


def summary(run: FleetRun) -> dict[str, Any]:
    """Return how many organisations stand where, and how many sequences have which outcome in all of them."""
    standings, outcomes = run.counts(), run.outcomes()
    return {
        "organisations": len(run.results),
        **{standing.value: standings[standing] for standing in Standing},
        "outcomes": {status.value: outcomes[status] for status in Status if outcomes[status]},
        **spent_document(total(run.results)),
        "took": round(run.seconds, 2),
    }


def total(results: Sequence[Result]) -> Spent:
    """Return what all of them took together; the seconds are those of all, one after the other."""
    return Spent(
        requests=sum(each.spent.requests for each in results),
        throttled=sum(each.spent.throttled for each in results),
        waited=sum(each.spent.waited for each in results),
        seconds=sum(each.spent.seconds for each in results),
    )


def result_document(fleet: str, result: Result) -> dict[str, Any]:
    """Return the document of what became of one organisation."""
    environment = f"{fleet}/{result.organisation}"
    applied = {} if result.digest is None else {"apply": apply_document(environment, result.digest, result.outcomes)}
    return {
        "name": result.organisation,
        "labels": list(result.labels),
        "wave": result.wave,
        "standing": result.standing.value,
        "exit_code": int(result.exit_code),
        **applied,
        **({} if result.failure is None else {"error": failure_document(result.failure)}),
        "spent": spent_document(result.spent),
        **({} if result.seen is None else {"seen": _seen(result.seen)}),
    }


def read_result(document: Mapping[str, Any]) -> Result:
    """Return the result that a document shows; KeyError, TypeError or ValueError if it shows none."""
    applied, error, seen = document.get("apply"), document.get("error"), document.get("seen")
    return Result(
        organisation=shown_text(document["name"]),
        labels=tuple(map(shown_text, document["labels"])),
        wave=None if document["wave"] is None else _count(document["wave"]),
        standing=Standing(document["standing"]),
        exit_code=ExitCode(document["exit_code"]),
        digest=None if applied is None else shown_text(applied["digest"]),
        outcomes=() if applied is None else tuple(read_outcome(each) for each in applied["outcomes"]),
        failure=None if error is None else read_failure(error),
        spent=read_spent(document["spent"]),
        seen=None if seen is None else _read_seen(seen),
    )


def gate_document(gate: Gate) -> dict[str, Any]:
    """Return the document of what a gate decided."""
    return {
        "open": gate.is_open,
        "reason": gate.reason,
        **{key: getattr(gate.tally, key) for key in _TALLIED},
    }


def read_gate(wave: int, document: Mapping[str, Any]) -> Gate:
    """Return the decision that a document shows; KeyError, TypeError or ValueError if it shows none."""
    tally = Tally(**{key: _count(document[key]) for key in _TALLIED})
    if not isinstance(document["open"], bool):
        raise TypeError(document)
    return Gate(wave=wave, is_open=document["open"], reason=shown_text(document["reason"]), tally=tally)


def spent_document(spent: Spent) -> dict[str, Any]:
    """Return the document of what something took, seconds to the hundredth."""
    return {
        "requests": spent.requests,
        "throttled": spent.throttled,
        "waited": round(spent.waited, 2),
        "seconds": round(spent.seconds, 2),
    }


def _wave(run: FleetRun, wave: Wave) -> dict[str, Any]:
    counts = Counter(each.standing for each in run.in_wave(wave.number))
    gate = run.gate(wave.number)
    return {
        "number": wave.number,
        "organisations": list(wave.organisations),
        "standings": {standing.value: counts[standing] for standing in Standing if counts[standing]},
        **({} if gate is None else {"gate": gate_document(gate)}),
    }


def _seen(seen: Seen) -> dict[str, Any]:
    return {
        "read": seen.read,
        "moved": list(seen.moved),
        "unread": list(seen.unread),
        **({} if seen.reason is None else {"reason": seen.reason}),
    }


def read_spent(document: Mapping[str, Any]) -> Spent:
    """Return what a document says something took; KeyError or TypeError if it does not."""
    return Spent(
        requests=_count(document["requests"]),
        throttled=_count(document["throttled"]),
        waited=_seconds(document["waited"]),
        seconds=_seconds(document["seconds"]),
    )


def _read_seen(document: Mapping[str, Any]) -> Seen:
    reason = document.get("reason")
    return Seen(
        read=_count(document["read"]),
        moved=tuple(map(shown_text, document["moved"])),
        unread=tuple(map(shown_text, document["unread"])),
        reason=None if reason is None else shown_text(reason),
    )


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(value)
    return value


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or value < 0:
        raise TypeError(value)
    return float(value)
