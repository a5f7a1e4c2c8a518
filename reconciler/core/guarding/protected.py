"""Sequences that nobody changes in passing: a pattern of custom_ids says which."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.core.guarding.proposal import Finding, Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A sequence that would be written, though a pattern protects it under the name `name`."""

    custom_id: str
    name: str
    pattern: str
    patterns: int
    remedy: str = "take the change back"

    @property
    def fact(self) -> str:
        """Which pattern protects it."""
        subject = "it is" if self.name == self.custom_id else f"`{self.name}`, which it is recorded as, is"
        return f"{subject} protected by `{self.pattern}`, one of {self.patterns} in `protected`"


def check(proposal: Proposal) -> Iterator[Finding]:
    """Refuse each write to a protected sequence; a rename needs both of its names to be free."""
    patterns = proposal.guards.protected
    for change in proposal.writes if patterns else ():
        names = [name for name in (change.custom_id, change.recorded_as) if name is not None]
        found = next(((n, p) for n in names for p in patterns if fnmatchcase(n, p)), None)
        if found is not None:
            name, pattern = found
            yield Protected(custom_id=change.custom_id, name=name, pattern=pattern, patterns=len(patterns))
