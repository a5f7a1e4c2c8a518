"""What a change means for the people who are written to: its risk, whom it reaches, and what of it can still matter.

Derived from what a plan decides, never decided from: no digest depends on anything here.
"""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.jsonvalue import ABSENT, MaybeJson
from reconciler.model.pointer import Path
from reconciler.model.risk_class import RiskClass as RiskClass


class AudienceDelta(StrEnum):
    """How the contacts that a filter matches differ from before, at any one moment. `docs/risk.md` defines each word.

    SAME, NARROWER, WIDER and DISJOINT hold however the server reads what is not known about it and whatever contacts
    there are. EVERYONE: the new filter is not known to leave anyone out. UNKNOWN: nothing of this can be shown.
    """

    SAME = "same"
    NARROWER = "narrower"
    WIDER = "wider"
    DISJOINT = "disjoint"
    OVERLAPPING = "overlapping"
    EVERYONE = "everyone"
    UNKNOWN = "unknown"


class StepKind(StrEnum):
    """What became of one step between two versions of a sequence."""

    SAME = "same"
    EDITED = "edited"
    MOVED = "moved"
    INSERTED = "inserted"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEdit:
    """One value inside a step that differs; `path` begins at the step. A value that is not there is ABSENT."""

    path: Path
    before: MaybeJson
    after: MaybeJson


@dataclass(frozen=True, slots=True, kw_only=True)
class StepChange:
    """One step before and after, found by likeness. Positions begin with 0; None where there is no such step.

    A moved step may have edits too. `removed` is the step itself where it is removed. `sent_before` and `sent_after`
    are the minutes up to its sending if each delay counts from the step before; None where that cannot be told.
    """

    kind: StepKind
    before: int | None
    after: int | None
    edits: tuple[StepEdit, ...] = ()
    removed: MaybeJson = ABSENT
    sent_before: float | None = None
    sent_after: float | None = None

    @property
    def is_shifted(self) -> bool:
        """Tell whether a step that stays is sent at another time than before."""
        return self.before is not None and self.after is not None and self.sent_before != self.sent_after


class People(StrEnum):
    """Who can be reached that was not reached before. Everyone means that nobody is known to be left out."""

    EVERYONE = "everyone"
    SOMEONE_NEW = "someone new"
    NOBODY_NEW = "nobody new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom a change can reach, and what of it can still matter, in sentences.

    `status` is the server's word; `is_read` tells whether it was read now, or is the one that state remembers.
    """

    people: People
    status: str | None
    is_read: bool
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The risk of one change and the reasons for it, gravest first. `audience` is None where no filter is concerned.

    `affected_by` are the custom_ids of the sequences that the filter names and whose own audience moves. `steps` are
    all steps side by side, in the new order, where any of them differs.
    """

    risk: RiskClass
    reasons: tuple[str, ...]
    reach: Reach
    audience: AudienceDelta | None = None
    affected_by: tuple[str, ...] = ()
    steps: tuple[StepChange, ...] = ()

    @property
    def is_restructured(self) -> bool:
        """Tell whether steps came, went or changed places, so that positions alone say little."""
        return any(step.before != step.after for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A sequence that stays as it is, and whose audience moves with that of a sequence which its filter names."""

    custom_id: str
    id: str
    assessment: Assessment
