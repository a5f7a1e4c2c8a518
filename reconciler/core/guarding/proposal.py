"""What a guard is given to judge, and what it hands back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from reconciler.core.snapshot import Snapshot
from reconciler.model.change import Change
from reconciler.model.guards import Guards
from reconciler.model.sequence import Live


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A plan before anything has judged it.

    `recorded` is how many sequences state holds, `statuses` has what is known of each, by custom_id. `adopts` where
    `--adopt` was said. `now` is the moment (RFC 3339); None where nobody told it. `resembled` has, by the custom_id of
    a create, the orphans that say nearly the same.
    """

    changes: tuple[Change, ...]
    guards: Guards
    recorded: int
    statuses: Mapping[str, str | None]
    adopts: bool
    now: str | None
    resembled: Mapping[str, tuple[str, ...]]

    @property
    def writes(self) -> list[Change]:
        """The changes that send something; the others only bring the record up to date."""
        return [change for change in self.changes if change.operation is not None]


class Finding(Protocol):
    """Why a guard refuses: a typed reason with its numbers. No custom_id where it is about the plan as a whole."""

    @property
    def custom_id(self) -> str | None:
        """The sequence that it is about."""
        ...

    @property
    def fact(self) -> str:
        """What is wrong, with the numbers and the limit."""
        ...

    @property
    def remedy(self) -> str | None:
        """What to do, other than to override the guard; None where nobody needs to hear of an override."""
        ...


def propose(snapshot: Snapshot, changes: tuple[Change, ...], resembled: Mapping[str, tuple[str, ...]]) -> Proposal:
    """Return what was decided about a snapshot, for the guards of its environment."""
    request = snapshot.request
    return Proposal(
        changes=changes,
        guards=request.guards,
        recorded=0 if snapshot.state is None else len(snapshot.state.records),
        statuses={change.custom_id: _status(snapshot, change) for change in changes},
        adopts=request.adopt,
        now=request.now,
        resembled=resembled,
    )


def _status(snapshot: Snapshot, change: Change) -> str | None:
    """Return where a sequence is in its life: as it was read, else as it is recorded."""
    reading = snapshot.readings.get(change.custom_id)
    if isinstance(reading, Live):
        return reading.status
    return None if change.recorded_as is None else snapshot.records[change.recorded_as].status
