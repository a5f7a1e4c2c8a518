"""What the record of a fleet's run keeps, entry by entry, so that a run that was cut short can go on.

It says how the run went. What was written to an organisation, that organisation's own state alone says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.errors import ExitCode
from reconciler.model.fleet_run import Gate, Result, Wave
from reconciler.model.waves import WaveSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The first entry: which plan of which fleet, in which waves. `acknowledged` is the class that was answered for.

    `since` is RFC 3339 in UTC, `by` who ran it, `tool` the version of reconciler.
    """

    run: str
    fleet: str
    digest: str
    since: str
    by: str
    tool: str
    waves: tuple[Wave, ...]
    settings: WaveSettings
    acknowledged: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A wave began: from now on each organisation of it that has not ended may be under way.

    `places` are where the states of those lie that were to be done, by name.
    """

    wave: int
    since: str
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What became of one organisation; a later entry of the same one counts in the place of this."""

    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a gate decided."""

    gate: Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The run ended before its end; `cause` is the exit code of what ended it, where no gate did."""

    reason: str
    since: str
    cause: ExitCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """Somebody had the run go on."""

    since: str
    by: str


RunEntry: TypeAlias = Opened | Began | Ended | Judged | Stopped | Resumed


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A record as it was read. `results` are the last ones of each organisation, by name.

    `places` are all that an organisation's state lay in whenever it was begun.
    """

    opened: Opened
    results: dict[str, Result]
    gates: tuple[Gate, ...]
    began: frozenset[int]
    stopped: Stopped | None
    resumed: int
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def under_way(self) -> tuple[str, ...]:
        """The organisations of waves that have begun, of which nothing is recorded: they may have been under way."""
        return tuple(
            name
            for wave in self.opened.waves
            if wave.number in self.began
            for name in wave.organisations
            if name not in self.results
        )


def record_of(entries: tuple[RunEntry, ...]) -> RunRecord:
    """Return what entries come to; ValueError where the first does not open a run, or another one does."""
    if not entries or not isinstance(entries[0], Opened):
        raise ValueError("no run is opened")
    results: dict[str, Result] = {}
    gates: list[Gate] = []
    began: set[int] = set()
    places: dict[str, frozenset[str]] = {}
    stopped, resumed = None, 0
    for entry in entries[1:]:
        match entry:
            case Opened():
                raise ValueError("a second run is opened")
            case Began():
                began.add(entry.wave)
                for name, place in entry.places.items():
                    places[name] = places.get(name, frozenset()) | {place}
            case Ended():
                results[entry.result.organisation] = entry.result
            case Judged():
                gates.append(entry.gate)
            case Stopped():
                stopped = entry
            case Resumed():
                stopped, resumed = None, resumed + 1
    return RunRecord(
        opened=entries[0],
        results=results,
        gates=tuple(gates),
        began=frozenset(began),
        stopped=stopped,
        resumed=resumed,
        places=places,
    )
