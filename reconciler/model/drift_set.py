"""A look at a whole fleet: for each organisation what its look found and what was set back, or why there was none."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.errors import ExitCode, gravest
from reconciler.model.drift import Left, Report
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan import Violation
from reconciler.model.plan_set import Failure
from reconciler.model.risk import RiskClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What came of setting back in one organisation: what was left, and the run's `digest` and outcomes, if it ran.

    `violations` are what refused it, `failure` is how it ended before its end.
    """

    left: tuple[Left, ...] = ()
    digest: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    violations: tuple[Violation, ...] = ()
    failure: Failure | None = None

    @property
    def is_done(self) -> bool:
        """Tell whether nothing of what drifted is left."""
        undone = self.left or self.violations or self.failure
        return not undone and all(each.status is Status.APPLIED for each in self.outcomes)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftPart:
    """What became of one organisation.

    A `failure` without a `look` is why there is none; beside one it is what cut the look short, or stopped setting
    back. `code` is what the organisation comes to where nobody asks whether there are differences.
    """

    organisation: str
    labels: tuple[str, ...]
    look: Report | None = None
    correction: Correction | None = None
    failure: Failure | None = None
    code: ExitCode = ExitCode.DONE

    @property
    def has_differences(self) -> bool:
        """Tell whether anything is still not as recorded, once what could be set back was."""
        if self.look is None:
            return False
        if self.correction is None:
            return self.look.has_differences
        return bool(self.look.gone or self.look.known) or not self.correction.is_done

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """Return what this part comes to: what went wrong, or (if asked for) differences."""
        if self.code is ExitCode.DONE and detailed and self.has_differences:
            return ExitCode.DIFFERENCES
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetCoverage:
    """How much of what is recorded was looked at, over all organisations of which that is known.

    As in the coverage of one: `sweeps` and `seconds` are those of the organisation that takes longest, since each goes
    at its own pace. `whole` is how many organisations have each sequence read at some time, `organisations` how many
    there are in this sum.
    """

    organisations: int
    whole: int
    recorded: int
    read: int
    ever: int
    within: tuple[tuple[int, int], ...]
    oldest: str | None
    sweeps: int
    seconds: float

    def share(self, number: int) -> float:
        """Return which part of what is recorded so many sequences are; all of it where nothing is."""
        return number / self.recorded if self.recorded else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSet:
    """The parts of a look at a fleet, sorted by organisation.

    `only` are the organisations that were asked for, `shard` the part of the fleet; both where it was not all.
    """

    fleet: str
    moment: str
    parts: tuple[DriftPart, ...]
    only: tuple[str, ...] = ()
    shard: str | None = None

    @property
    def looks(self) -> Iterator[tuple[DriftPart, Report]]:
        """The parts of organisations that were looked at, each with its look."""
        return ((part, part.look) for part in self.parts if part.look is not None)

    @property
    def unseen(self) -> tuple[DriftPart, ...]:
        """The parts of organisations that could not be looked at."""
        return tuple(part for part in self.parts if part.look is None)

    @property
    def failed(self) -> tuple[DriftPart, ...]:
        """The parts in which something went wrong as a whole: not looked at, cut short, or not set back."""
        return tuple(part for part in self.parts if part.failure is not None)

    @property
    def differing(self) -> int:
        """How many organisations have something that is not as recorded."""
        return sum(part.has_differences for part in self.parts)

    @property
    def corrected(self) -> tuple[tuple[DriftPart, Correction], ...]:
        """The parts in which something was to be set back, each with what came of it."""
        found = ((part, part.correction) for part in self.parts if part.correction is not None)
        return tuple((part, each) for part, each in found if each.left or each.digest is not None)

    @property
    def risk(self) -> RiskClass:
        """The gravest class of setting anything back."""
        return max((look.risk for _, look in self.looks), default=RiskClass.R0)

    @property
    def is_settled(self) -> bool:
        """Tell whether every organisation is known to be as recorded, all of it."""
        return bool(self.parts) and all(part.look is not None and part.look.is_settled for part in self.parts)

    def counts(self) -> Counter[str]:
        """How many sequences there are of each kind, in all organisations, by the words of a look's summary."""
        counts: Counter[str] = Counter()
        for _, look in self.looks:
            counts["in_step"] += look.in_step
            for kind in ("drifted", "handed_off", "gone", "unreadable", "unsettled", "known"):
                counts[kind] += len(getattr(look, kind))
        return counts

    def statuses(self) -> Counter[Status]:
        """How many sequences were set back with which outcome, in all organisations."""
        return Counter(outcome.status for _, each in self.corrected for outcome in each.outcomes)

    def coverage(self) -> FleetCoverage:
        """How much was looked at, summed up."""
        covered = [look.coverage for _, look in self.looks]
        within: Counter[int] = Counter()
        for each in covered:
            within.update(dict(each.within))
        whole = [each for each in covered if each.is_whole]
        moments = [each.oldest for each in whole if each.oldest is not None]
        return FleetCoverage(
            organisations=len(covered),
            whole=len(whole),
            recorded=sum(each.recorded for each in covered),
            read=sum(each.read for each in covered),
            ever=sum(each.ever for each in covered),
            within=tuple(sorted(within.items())),
            oldest=min(moments) if moments and len(whole) == len(covered) else None,
            sweeps=max((each.sweeps for each in covered), default=0),
            seconds=max((each.seconds for each in covered), default=0.0),
        )

    def exit_code(self, *, detailed: bool) -> ExitCode:
        """Return what the whole comes to: the gravest of its parts."""
        return gravest(part.exit_code(detailed=detailed) for part in self.parts)
