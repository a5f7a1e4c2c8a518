"""Changes: what a plan says of one sequence, field by field, and the request that would carry it out."""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.jsonvalue import MaybeJson
from reconciler.model.pointer import Path
from reconciler.model.risk import Assessment
from reconciler.model.sequence import Payload, Record, Retire, Source
from reconciler.model.state import Pending


class Action(StrEnum):
    """Everything that a plan can say of a sequence; nothing else decides what an action is."""

    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    RENAME = "rename"
    KEEP = "keep"
    ORPHAN = "orphan"


class Origin(StrEnum):
    """Who moved a field: the manifest, someone behind the tool's back, both, or nobody yet."""

    AUTHORED = "authored"
    DRIFT = "drift"
    CONFLICT = "conflict"
    NEW = "new"
    TAKEOVER = "takeover"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that would be written; a value that is not there is ABSENT.

    `live` is ABSENT too where live was not read.
    """

    path: Path
    origin: Origin
    recorded: MaybeJson
    live: MaybeJson
    desired: MaybeJson


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One write to make. `path` begins with a slash; `body` may name sequences created earlier by `$sequence`.

    The call that cancels has no body.
    """

    method: str
    path: str
    body: Payload | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the plan says of one sequence.

    `record` is what state holds after success when there is nothing to write. `seen` is what the sequence must still
    look like right before the write. `waits_for` are the custom_ids that must have succeeded before this one starts,
    a subset of what the payload refers to. `recorded_as` is the name that state knows it by, if any.
    `made` is a create without an end, where that is all that state knows of the sequence.
    `unsettled_since` is when a write of it left that nobody knows the end of (RFC 3339): it may still land.
    `assessment` is what it means for the people who are written to. `retire` is how it is given up by this change.
    """

    custom_id: str
    id: str | None
    action: Action
    reason: str
    source: Source | None = None
    fields: tuple[FieldChange, ...] = ()
    operation: Operation | None = None
    record: Record | None = None
    seen: Payload | None = None
    waits_for: tuple[str, ...] = ()
    recorded_as: str | None = None
    unsettled_since: str | None = None
    made: Pending | None = None
    assessment: Assessment | None = None
    retire: Retire | None = None

    @property
    def body(self) -> Payload | None:
        """What is sent; None where nothing is, or only a call without a body."""
        return None if self.operation is None else self.operation.body

    @property
    def has_work(self) -> bool:
        """Tell whether carrying it out would write to the API or to state."""
        return self.operation is not None or self.record is not None or self.retire is not None

    @property
    def is_quiet(self) -> bool:
        """Tell whether there is nothing to do and nothing to say: the sequence is as it should be."""
        return self.action is Action.KEEP and self.record is None

    @property
    def overwrites_another(self) -> bool:
        """Tell whether this change would write over something that was never recorded."""
        return self.action is Action.ADOPT or any(
            each.origin in (Origin.DRIFT, Origin.CONFLICT, Origin.TAKEOVER) for each in self.fields
        )

    @property
    def is_drifted(self) -> bool:
        """Tell whether live was moved behind the tool's back in a field that this change would write."""
        return any(change.origin in (Origin.DRIFT, Origin.CONFLICT) for change in self.fields)
