"""What a look at live comes to, sequence by sequence: what drifted, what is gone, what could not be read.

Drift is live against recorded, whatever the manifests say. Moments are RFC 3339.
"""

from dataclasses import dataclass, field

from reconciler.errors import ExitCode, gravest
from reconciler.model.jsonvalue import MaybeJson
from reconciler.model.look import Standing
from reconciler.model.plan import Violation
from reconciler.model.pointer import Path
from reconciler.model.risk import RiskClass


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftedField:
    """One field that differs; a value that is not there is ABSENT. `risk` is the class of setting it back.

    `corrected` is when it was last set back, if it ever was.
    """

    path: Path
    recorded: MaybeJson
    live: MaybeJson
    risk: RiskClass = RiskClass.R0
    corrected: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """One sequence of which live is not what is recorded.

    `risk` is the class of setting all of it back, with the `reasons` for it. `handed_off` are the differences that the
    manifest leaves to others: they are no drift. `read_before` is when it was last read before this look.
    `is_orphan` is None where the manifests do not tell.
    """

    custom_id: str
    id: str
    status: str | None
    read_before: str | None
    fields: tuple[DriftedField, ...] = ()
    handed_off: tuple[DriftedField, ...] = ()
    risk: RiskClass = RiskClass.R0
    reasons: tuple[str, ...] = ()
    is_orphan: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """One sequence that is recorded, and that the API says is not there."""

    custom_id: str
    id: str
    read_before: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """One sequence that could not be read, or of which nothing can be said yet, and why."""

    custom_id: str
    id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One sequence that this look has left out, and that was not as recorded when it was last read."""

    custom_id: str
    id: str
    read: str | None
    standing: Standing
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of what is recorded was looked at, and how long it takes until all of it is.

    `read` is how many were read now, `ever` how many at all. `within` has how many were read within so many seconds.
    `oldest` is the moment before which none was last read; None where some never were. A full round takes at most
    `sweeps` like this one, and `seconds` of requests at the limit in all. `pace` is how many seconds lie between this
    look and the one before, None where there was none; `budget` is None where all was to be read.
    """

    recorded: int
    read: int
    ever: int
    within: tuple[tuple[int, int], ...]
    oldest: str | None
    budget: int | None
    sweeps: int
    seconds: float
    pace: float | None

    @property
    def is_whole(self) -> bool:
        """Tell whether each recorded sequence has been read at some time."""
        return self.ever == self.recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One sequence that has drifted and is not set back, and why not."""

    custom_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that one look comes to. `unsettled` are sequences with a write that may still land: nothing is said of them.

    `in_step` is how many are as recorded. `warnings` are what a reader should know of the look itself.
    """

    environment: str
    lineage: str
    serial: int
    moment: str
    coverage: Coverage
    only: tuple[str, ...] = ()
    drifted: tuple[Drifted, ...] = ()
    handed_off: tuple[Drifted, ...] = ()
    gone: tuple[Vanished, ...] = ()
    unreadable: tuple[Unread, ...] = ()
    unsettled: tuple[Unread, ...] = ()
    known: tuple[Known, ...] = ()
    in_step: int = 0
    warnings: tuple[Violation, ...] = field(default_factory=tuple)

    @property
    def has_differences(self) -> bool:
        """Tell whether anything was found, now or by an earlier look, that is not as recorded."""
        return bool(self.drifted or self.gone or self.known)

    @property
    def risk(self) -> RiskClass:
        """The gravest class of setting anything back; R0 where nothing drifted."""
        return max((each.risk for each in self.drifted), default=RiskClass.R0)

    @property
    def is_settled(self) -> bool:
        """Tell whether all that is recorded is known to be as recorded: each sequence was read, and none differs."""
        return self.coverage.is_whole and not (self.has_differences or self.unreadable or self.unsettled)

    @property
    def exit_code(self) -> ExitCode:
        """What the look comes to where nobody asks whether there are differences."""
        unread = [ExitCode.UNAVAILABLE] if self.unreadable else []
        return gravest([*unread, *(each.exit_code for each in self.warnings)])
