"""The entries of a fleet run's record as JSON values, and back."""

from collections.abc import Mapping
from typing import Any

from reconciler.core.codec.fleet_run import gate_document, read_gate, read_result, result_document
from reconciler.core.codec.shown import shown_name
from reconciler.core.fleet.waves import read_most
from reconciler.errors import ExitCode
from reconciler.model.fleet_run import Wave
from reconciler.model.plan import FORMAT_VERSION
from reconciler.model.run_record import Began, Ended, Judged, Opened, Resumed, RunEntry, Stopped
from reconciler.model.waves import Most, WaveSettings


def entry_document(entry: RunEntry, fleet: str) -> dict[str, Any]:
    """Return an entry's JSON object."""
    match entry:
        case Opened():
            return {"entry": "opened", "format_version": FORMAT_VERSION, **_opened(entry)}
        case Began():
            return {"entry": "began", "wave": entry.wave, "since": entry.since, "places": dict(entry.places)}
        case Ended():
            return {"entry": "ended", "result": result_document(fleet, entry.result)}
        case Judged():
            return {"entry": "judged", "wave": entry.gate.wave, "gate": gate_document(entry.gate)}
        case Stopped():
            cause = {} if entry.cause is None else {"cause": int(entry.cause)}
            return {"entry": "stopped", "reason": entry.reason, "since": entry.since, **cause}
        case Resumed():
            return {"entry": "resumed", "since": entry.since, "by": entry.by}


def read_entry(document: Mapping[str, Any]) -> RunEntry:
    """Return the entry that an object is; KeyError, TypeError or ValueError where it is none of ours."""
    match document["entry"]:
        case "opened" if document["format_version"] == FORMAT_VERSION:
            return _read_opened(document)
        case "began":
            places = {shown_name(name): str(place) for name, place in document["places"].items()}
            return Began(wave=int(document["wave"]), since=str(document["since"]), places=places)
        case "ended":
            return Ended(result=read_result(document["result"]))
        case "judged":
            return Judged(gate=read_gate(int(document["wave"]), document["gate"]))
        case "stopped":
            cause = ExitCode(document["cause"]) if "cause" in document else None
            return Stopped(reason=str(document["reason"]), since=str(document["since"]), cause=cause)
        case "resumed":
            return Resumed(since=str(document["since"]), by=str(document["by"]))
        case other:
            raise ValueError(other)


def _opened(entry: Opened) -> dict[str, Any]:
    settings = entry.settings
    return {
        "run": entry.run,
        "fleet": entry.fleet,
        "digest": entry.digest,
        "since": entry.since,
        "by": entry.by,
        "tool": entry.tool,
        "waves": [list(wave.organisations) for wave in entry.waves],
        "settings": {
            "canaries": list(settings.canaries),
            "share": settings.share,
            "growth": settings.growth,
            "failures": None if settings.failures is None else str(settings.failures),
            "unknowns": str(settings.unknowns),
            "pause": settings.pause,
        },
        "acknowledged": entry.acknowledged,
    }


def _read_opened(document: Mapping[str, Any]) -> Opened:
    given = document["settings"]
    waves = tuple(
        Wave(number=number, organisations=tuple(map(shown_name, names)))
        for number, names in enumerate(document["waves"], start=1)
    )
    acknowledged = document["acknowledged"]
    return Opened(
        **{key: str(document[key]) for key in ("run", "digest", "since", "by", "tool")},
        fleet=shown_name(document["fleet"]),
        waves=waves,
        settings=WaveSettings(
            canaries=tuple(map(str, given["canaries"])),
            share=float(given["share"]),
            growth=float(given["growth"]),
            failures=None if given["failures"] is None else _most(given["failures"]),
            unknowns=_most(given["unknowns"]),
            pause=float(given["pause"]),
        ),
        acknowledged=None if acknowledged is None else str(acknowledged),
    )


def _most(text: Any) -> Most:
    read = read_most(str(text))
    if read is None:
        raise ValueError(text)
    return read
