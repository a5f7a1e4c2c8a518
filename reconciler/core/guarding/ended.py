"""No write to what has ended for good: it reaches nobody, or wakes up what somebody has stopped."""

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.core.guarding.proposal import Finding, Proposal
from reconciler.model.guards import Rule
from reconciler.model.sequence import SequenceStatus, is_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A sequence that would be written, and that is over."""

    custom_id: str
    status: str
    fields: int
    remedy: str = "take the change back, or remove the manifest and run `reconciler state forget`"

    @property
    def fact(self) -> str:
        """What has become of it."""
        reached = "that reaches nobody"
        if self.status == SequenceStatus.COMPLETE:
            reached += ", unless it makes it send again"
        return f"it is {self.status}, and {_fields(self.fields)} would be written to it: {reached}"


def check(proposal: Proposal) -> Iterator[Finding]:
    """Refuse each write to a sequence that is complete or canceled, as far as its status is known."""
    if proposal.guards.ended is Rule.REFUSE:
        yield from findings(proposal)


def findings(proposal: Proposal) -> Iterator[Ended]:
    """Return each write to a sequence that has ended, whatever the guard says of it."""
    for change in proposal.writes:
        if change.retire is not None:
            continue  # it writes nothing to what has ended: it ends it
        status = proposal.statuses.get(change.custom_id)
        if status is not None and is_over(status):
            yield Ended(custom_id=change.custom_id, status=status, fields=len(change.fields))


def _fields(number: int) -> str:
    return f"{number} field" if number == 1 else f"{number} fields"
