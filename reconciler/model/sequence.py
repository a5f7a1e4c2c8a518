"""One sequence in its three roles: desired by a manifest, recorded in state, live on the server.

The roles are different types so that they cannot be swapped in a call. A payload is the managed part of a sequence:
`name`, `custom_id`, `is_continuous`, `filter` and `steps`, never anything that only the server writes.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

from reconciler.model.jsonvalue import Json, JsonObject, canonical, digest

MANAGED_FIELDS: Final = ("custom_id", "name", "is_continuous", "filter", "steps")


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload in its canonical form: small to keep by the ten thousand, ready to hash and to send."""

    encoded: bytes

    @classmethod
    def of(cls, value: JsonObject) -> "Payload":
        """Encode a payload value."""
        return cls(canonical(value))

    @property
    def value(self) -> dict[str, Any]:
        """The payload as JSON values, decoded anew each time: keep it if you need it twice."""
        decoded: dict[str, Any] = json.loads(self.encoded)
        return decoded

    @property
    def digest(self) -> str:
        """The digest of the canonical form."""
        return digest(self.encoded)


# An id of the right form that names nothing, to judge what a reference stands in before its id is known.
ANY_ID: Final = "00000000-0000-4000-8000-000000000000"
# For where manifests are checked and nothing else is asked of them.
NO_PAYLOAD: Final = Payload(b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a manifest stands: file relative to the repository's root, with `/`; 1-based line of its first key."""

    file: str
    line: int


class Retire(StrEnum):
    """How a sequence is given up: stopped for good, or no longer recorded and otherwise left alone."""

    CANCEL = "cancel"
    RELEASE = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """Why a field is handed off, where `reconciler.ignore` says so. `position` is that of its entry there.

    `until` is the last day (`YYYY-MM-DD`, in UTC) on which it holds; None where there is no such day.
    """

    position: int
    pointer: str
    reason: str
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """A manifest's `reconciler` block: what is said to the tool and never sent.

    `ignore` has every pointer that is handed off, `hand_offs` those of which the manifest says why.
    `labels`: it is only for environments that carry one of them; without any it is for all.
    """

    audience: str | None = None
    ignore: tuple[str, ...] = ()
    hand_offs: tuple[HandOff, ...] = ()
    renamed_from: str | None = None
    owner: str | None = None
    retire: Retire | None = None
    labels: tuple[str, ...] = ()

    def is_for(self, labels: Collection[str]) -> bool:
        """Tell whether the manifest is meant for an environment that carries these labels."""
        return not self.labels or not set(self.labels).isdisjoint(labels)


NO_INSTRUCTIONS: Final = Instructions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What a valid manifest asks for. `references` are the custom_ids that the payload names with `$sequence`."""

    custom_id: str
    payload: Payload
    source: Source
    references: tuple[str, ...] = ()
    instructions: Instructions = NO_INSTRUCTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What state says was last applied, under which id.

    `stored` is what the server made of `applied`, where that is not the same: a rewrite learned once is not drift
    afterwards. `status` is the sequence's status when it was last read. `unverified` is when `applied` was accepted
    without ever being read back (RFC 3339); None where it was. `retired` where it was seen to have ended after a
    manifest asked to cancel it.
    """

    id: str
    applied: Payload
    status: str | None = None
    stored: Payload | None = None
    unverified: str | None = None
    retired: bool = False


class SequenceStatus(StrEnum):
    """The server's word for where a sequence is in its life; other words are kept as they came."""

    PENDING = "pending"
    ACTIVE = "active"
    COMPLETE = "complete"
    CANCELED = "canceled"


def is_over(status: str | None) -> bool:
    """Tell whether the server's word says that a sequence has ended for good."""
    return status in (SequenceStatus.COMPLETE, SequenceStatus.CANCELED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTimes:
    """When a live step began and ended, as the server wrote it (any text); None where it said nothing."""

    started_at: str | None = None
    ended_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What the API answered: the payload without the fields that only the server writes, and the facts about it.

    `times` has the times of each step, in the order of the payload's steps.
    """

    id: str
    org_id: str | None
    payload: Payload
    status: str | None = None
    facts: JsonObject = field(default_factory=dict)
    times: tuple[StepTimes, ...] = ()

    @property
    def custom_id(self) -> Json:
        """The custom_id that the server answered with; null where it has none."""
        return self.payload.value.get("custom_id")


@dataclass(frozen=True, slots=True)
class Gone:
    """The API answered that there is no such sequence."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The API did not answer in a way that can be believed; it says nothing about whether the sequence exists.

    `is_mixed_up` means that it answered about another sequence than it was asked for: nothing it says can be believed.
    `is_unasked` means that it was never asked: the run's time was up, or the run was stopped.
    """

    reason: str
    is_mixed_up: bool = False
    is_unasked: bool = False


Reading: TypeAlias = Live | Gone | Unreadable
