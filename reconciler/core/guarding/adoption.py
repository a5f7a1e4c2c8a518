"""Whether a sequence that exists may be recorded, and its fields taken over."""

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.core.guarding.proposal import Finding, Proposal
from reconciler.model.change import Action
from reconciler.model.guards import Adoption


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAsked:
    """A sequence that exists, and that nobody said to adopt: saying it is simpler than any override."""

    custom_id: str
    fact: str = "it exists and is not recorded; adopting takes the fields shown over (`--adopt` allows it)"
    remedy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotHere:
    """A sequence that exists, in an environment where nobody adopts."""

    custom_id: str
    fields: int
    remedy: str = "take the manifest out, or give it another custom_id"

    @property
    def fact(self) -> str:
        """How much would be taken over, and what forbids it."""
        return (
            f"it exists and is not recorded; adopting takes the fields shown over ({self.fields}), and this "
            'environment adopts nothing (`adoption = "refuse"`)'
        )


def check(proposal: Proposal) -> Iterator[Finding]:
    """Refuse each adoption that the policy does not allow; what an earlier run of ours created is no adoption."""
    policy = proposal.guards.adoption
    for change in proposal.changes:
        if change.action is not Action.ADOPT or change.made is not None:
            continue
        if policy is Adoption.REFUSE:
            yield NotHere(custom_id=change.custom_id, fields=len(change.fields))
        elif policy is Adoption.ASKED and not proposal.adopts:
            yield NotAsked(custom_id=change.custom_id)
