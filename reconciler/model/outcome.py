"""What happened: the API's answer to one request, and the outcome of one change."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from reconciler.errors import ExitCode
from reconciler.model.change import Action, FieldChange
from reconciler.model.sequence import Record


@dataclass(frozen=True, slots=True)
class Accepted:
    """A 2xx: a claim, not a proof. `id` is the new sequence's, where the answer named one."""

    id: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The API refused the request and changed nothing (4xx)."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Provably, the API has not acted on the request, and no further one would fare better now."""

    reason: str
    cause: ExitCode = ExitCode.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody knows whether the API acted: no answer came, or one that settles nothing.

    `redirected` means that it sent us elsewhere, where nothing goes: the same request would fare no better.
    `accepted` means that it did create a sequence and did not say which.
    """

    reason: str
    redirected: bool = False
    accepted: bool = False


Answer: TypeAlias = Accepted | Rejected | NotSent | Unanswered


class Status(StrEnum):
    """How a change ended (contract: design, section 9)."""

    APPLIED = "applied"
    DIFFERENT = "different"
    UNVERIFIED = "unverified"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to one change.

    `record` is what state holds from now on, where that changed. `harmless` means that what is stored otherwise is a
    matter of form. `cause` is why it was not done, as the exit code that it would come to alone. `fields` is the new
    diff of one that comes back for review: `recorded` is what the plan saw. `stops` means that no further change may
    be started. `released` where state keeps no record of it from now on.
    """

    custom_id: str
    id: str | None
    action: Action
    status: Status
    detail: str = ""
    record: Record | None = None
    recorded_as: str | None = None
    org_id: str | None = None
    harmless: bool = False
    cause: ExitCode = ExitCode.REFUSED
    fields: tuple[FieldChange, ...] = ()
    stops: bool = False
    released: bool = False

    @property
    def succeeded(self) -> bool:
        """Tell whether what refers to this sequence may go on."""
        return self.status in (Status.APPLIED, Status.DIFFERENT, Status.UNVERIFIED)
