"""A new sequence that says nearly the same as one whose manifest is gone: probably a rename that nobody has called one.

The wrong guess is a second live sequence that mails the same people, so a person answers, in the manifest or by an
override.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reconciler.core.guarding.proposal import Finding, Proposal
from reconciler.core.resemblance import in_words

_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbableRename:
    """A sequence that would be created, and those without a manifest that say nearly the same and may still send."""

    custom_id: str
    orphans: tuple[str, ...]

    @property
    def fact(self) -> str:
        """What would come of it."""
        listed = in_words(self.orphans, _MOST_NAMED)
        go, have = ("goes on", "its manifest is") if len(self.orphans) == 1 else ("go on", "their manifests are")
        return (
            f"it says nearly the same as {listed}, which {go} though {have} gone: this is probably a rename, and "
            "creating it puts a second live sequence beside the first"
        )

    @property
    def remedy(self) -> str:
        """The answers that stand in a manifest."""
        first = self.orphans[0]
        return (
            f"if it is a rename, write `reconciler.renamed_from: {first}` into its manifest; if `{first}` is to end, "
            "bring its manifest back with `reconciler.retire: cancel` (or `release`)"
        )


def check(proposal: Proposal) -> Iterator[Finding]:
    """Refuse each create that resembles an orphan."""
    for custom_id, orphans in sorted(proposal.resembled.items()):
        yield ProbableRename(custom_id=custom_id, orphans=orphans)
