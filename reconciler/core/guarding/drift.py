"""Whether what somebody changed in live may be overwritten."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.core.guarding.proposal import Finding, Proposal
from reconciler.core.spelling import first_few
from reconciler.model.change import Origin
from reconciler.model.guards import Rule
from reconciler.model.pointer import to_pointer

_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwriting:
    """A sequence of which live was changed, and would be set back."""

    custom_id: str
    paths: tuple[str, ...]
    remedy: str = "bring the manifest in line with live, or hand the fields off with `reconciler.ignore`"

    @property
    def fact(self) -> str:
        """How many fields somebody changed, and which."""
        number = len(self.paths)
        what = f"{number} field" if number == 1 else f"{number} fields"
        listed = first_few([f"`{path}`" for path in self.paths], _MOST_NAMED)
        return f'{what} that somebody changed in live would be overwritten ({listed}), and `drift = "refuse"`'


def check(proposal: Proposal) -> Iterator[Finding]:
    """Refuse each write over a field that was moved behind the tool's back."""
    for change in proposal.writes if proposal.guards.drift is Rule.REFUSE else ():
        moved = [field for field in change.fields if field.origin in (Origin.DRIFT, Origin.CONFLICT)]
        if moved:
            yield Overwriting(custom_id=change.custom_id, paths=tuple(to_pointer(field.path) for field in moved))
