"""Applying a fleet: its waves, what became of each organisation, what each gate decided, and the run as a whole."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from reconciler.errors import ExitCode, gravest
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan_set import Failure

_SIGNALS: Final = (ExitCode.INTERRUPTED, ExitCode.TERMINATED)


class Standing(StrEnum):
    """Where an organisation stands in a run.

    `applied`: everything was done, and read back; `unchanged`: there was nothing to do; `returned`: its plan, or a part
    of it, is not the reviewed one any more; `refused`: something refuses its plan; `failed`; `unknown`: nobody knows
    the end of a write, or of the whole; `stopped`: it was under way when the run was stopped; `not_begun`.
    """

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    RETURNED = "returned"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    STOPPED = "stopped"
    NOT_BEGUN = "not_begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """The organisations that are applied together, sorted by name. The first wave, number 1, are the canaries."""

    number: int
    organisations: tuple[str, ...]

    @property
    def is_canary(self) -> bool:
        """Tell whether nothing has gone before."""
        return self.number == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What an organisation took: requests, answers 429, and seconds, `waited` of them for its limit."""

    requests: int = 0
    throttled: int = 0
    waited: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look after the pause found of the sequences that were written: those that were moved, or gone, and those
    that could not be read (all of them, with `reason`, where the look itself failed)."""

    read: int = 0
    moved: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether all could be read."""
        return not self.unread and self.reason is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one organisation. `digest` names the plan that was carried out, where one was.

    `wave` is None for one that is in none: nothing is to do in it, or nothing may be done.
    """

    organisation: str
    labels: tuple[str, ...] = ()
    wave: int | None = None
    standing: Standing
    exit_code: ExitCode
    digest: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    failure: Failure | None = None
    spent: Spent = field(default_factory=Spent)
    seen: Seen | None = None

    @property
    def is_settled(self) -> bool:
        """Tell whether a resumed run has nothing to do about it."""
        return self.standing in (Standing.APPLIED, Standing.UNCHANGED)

    @property
    def written(self) -> tuple[str, ...]:
        """The custom_ids of the sequences that were written."""
        return tuple(each.custom_id for each in self.outcomes if each.succeeded)

    @property
    def reason(self) -> str | None:
        """Why it is not as it should be, in a sentence; None where it is."""
        if self.failure is not None:
            return self.failure.message
        worst = (Status.UNKNOWN, Status.REJECTED, Status.NOT_SENT, Status.DIFFERENT, Status.UNVERIFIED, Status.SKIPPED)
        for status in worst:
            for each in self.outcomes:
                if each.status is status and not (status is Status.DIFFERENT and each.harmless):
                    return f"`{each.custom_id}`: {each.detail or status.value.replace('_', ' ')}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How the organisations of a wave ended, as a gate counts them; `unread` are those that nobody could look at."""

    organisations: int
    failed: int = 0
    unknown: int = 0
    moved: int = 0
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a gate decided after a wave, and why, in a sentence."""

    wave: int
    is_open: bool
    reason: str
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRun:
    """A run as a whole, over all the times that it was resumed. `results` has every organisation of the plan, by name.

    `run` is its short name, None for one that was never begun, since nothing was to do. `digest` is that of the plan
    that was reviewed. `stopped` says what ended it before its end: a gate, or something else, of which `cause` is the
    exit code. `seconds` is how long it took, this time. `shard` is the part of the fleet that was planned, where that
    was not all of it.
    """

    run: str | None
    fleet: str
    digest: str
    waves: tuple[Wave, ...]
    results: tuple[Result, ...]
    gates: tuple[Gate, ...] = ()
    stopped: str | None = None
    cause: ExitCode | None = None
    seconds: float = 0.0
    shard: str | None = None

    def of(self, *standings: Standing) -> tuple[Result, ...]:
        """Return the results that stand so."""
        return tuple(each for each in self.results if each.standing in standings)

    def counts(self) -> Counter[Standing]:
        """Return how many organisations stand where."""
        return Counter(each.standing for each in self.results)

    def outcomes(self) -> Counter[Status]:
        """Return how many sequences have which outcome, in all organisations."""
        return Counter(outcome.status for each in self.results for outcome in each.outcomes)

    def in_wave(self, number: int) -> tuple[Result, ...]:
        """Return the results of a wave."""
        return tuple(each for each in self.results if each.wave == number)

    def gate(self, number: int) -> Gate | None:
        """Return what was decided after a wave, the last word where it was asked again."""
        return next((each for each in reversed(self.gates) if each.wave == number), None)

    @property
    def shut(self) -> tuple[Gate, ...]:
        """The gates that are shut, by their last word."""
        found = (self.gate(wave.number) for wave in self.waves)
        return tuple(each for each in found if each is not None and not each.is_open)

    @property
    def moved(self) -> tuple[Result, ...]:
        """The organisations in which a look after a pause found what was written moved again."""
        return tuple(each for each in self.results if each.seen is not None and each.seen.moved)

    @property
    def is_resumable(self) -> bool:
        """Tell whether going on has anything to do."""
        return any(each.wave is not None and not each.is_settled for each in self.results)

    @property
    def exit_code(self) -> ExitCode:
        """What the run comes to: the gravest over the organisations, and at least a refusal where a gate is shut."""
        codes = list(self._codes())
        grave = {ExitCode.UNKNOWN, ExitCode.STATE_UNUSABLE, ExitCode.INTERNAL}
        if self.cause in _SIGNALS and grave.isdisjoint(codes):
            return self.cause
        done = any(outcome.succeeded for each in self.results for outcome in each.outcomes)
        left = [code for code in codes if code is not ExitCode.DONE]
        return gravest([*left, *([ExitCode.PARTIAL] if left and done else [])])

    def _codes(self) -> Iterator[ExitCode]:
        yield from (each.exit_code for each in self.results if each.standing is not Standing.NOT_BEGUN)
        if self.stopped is not None and self.cause not in _SIGNALS:
            yield self.cause or ExitCode.REFUSED
