"""State: everything that was applied, and what may have been.

`lineage` is set once at birth, is opaque, and is only compared. `serial` rises by one whenever the content changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from reconciler.model.look import Look
from reconciler.model.sequence import Payload, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A write that left, or was about to, and whose outcome nobody knows. `payload` is the body, byte for byte.

    Without `id` it is a create, which is never sent again; with one, an update of that sequence, which a look settles.
    `cancels` where it is the call that cancels it: then `payload` is what was recorded of it.
    """

    payload: Payload
    since: str
    id: str | None = None
    cancels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedPlan:
    """A plan that a run began to carry out: it is not carried out a second time. `by` says who did, for people.

    `acknowledged` is the class of risk that somebody answered for, where somebody did.
    """

    digest: str
    since: str
    by: str
    acknowledged: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedOverride:
    """A guard that a plan was begun in spite of, and why. `plan` is its digest. Nobody's name is kept with it."""

    guard: str
    reason: str
    since: str
    plan: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """What a run wrote to one sequence, and what stood there before it did.

    `before` is what was recorded, under `recorded_as` where that was another name; None where nothing was. `live` is
    what the run saw there, where that was something else. Without either it is a create. `left` is the digest of what
    is recorded since; None where nobody knows yet what came of it.
    """

    id: str | None = None
    before: Payload | None = None
    live: Payload | None = None
    recorded_as: str | None = None
    left: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run wrote, by custom_id, and the plan that it carried out: that is what names it."""

    plan: UsedPlan
    writes: Mapping[str, Write]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All records by custom_id; `org_id` is the organisation that the first contact pinned.

    `plans` are the last ones that were begun, `overrides` the last ones that such a plan carried, `runs` the last ones
    that wrote anything, with what was there before; oldest first.
    `looks` are the last looks at live, by the id of the sequence, which a rename does not move. `unmoved_since` is the
    serial at which anything but them last changed, None where that is the present one.
    """

    lineage: str
    serial: int
    org_id: str | None = None
    records: Mapping[str, Record] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)
    plans: tuple[UsedPlan, ...] = ()
    overrides: tuple[UsedOverride, ...] = ()
    runs: tuple[Run, ...] = ()
    looks: Mapping[str, Look] = field(default_factory=dict)
    unmoved_since: int | None = None

    @property
    def decided_serial(self) -> int:
        """The serial that plans name: looking at live alone makes none of them stale."""
        return self.serial if self.unmoved_since is None else self.unmoved_since


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What is known of one version of a state that was saved."""

    serial: int
    since: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """Journal entry: a write is about to leave; an update of the sequence `id`, or a create where that is None.

    `seen` is what stood there, where that is not what was recorded. `cancels` where it is the call that cancels it.
    """

    custom_id: str
    payload: Payload
    since: str
    id: str | None = None
    seen: Payload | None = None
    cancels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Journal entry: a run begins to carry out a plan, in spite of the guards that it overrides."""

    plan: UsedPlan
    overrides: tuple[UsedOverride, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Journal entry: what is known of a sequence after its write.

    `record` replaces the one under `recorded_as` (or the custom_id); without a record, nothing but the intent is
    taken back. An unknown outcome is not settled: its intent stays. `released` where the record goes.
    """

    custom_id: str
    record: Record | None
    recorded_as: str | None = None
    org_id: str | None = None
    released: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Journal entry: what was found on looking at live, by the id of the sequence; each replaces the look before it."""

    looks: Mapping[str, Look]


Entry: TypeAlias = Intended | Settled | Begun | Looked
