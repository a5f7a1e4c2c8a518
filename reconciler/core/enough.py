"""How much is told of very much that is wrong: the first ones, and how many more there are.

Nobody mends more at a time, and no file may keep anybody waiting; but whoever reads is told that this is not all.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, TypeVar

from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity

Told = TypeVar("Told")

AGAIN: Final = "mend those that are listed, and run `reconciler validate` again"
# Of one manifest, beside what its YAML has of its own.
MOST_OF_MANIFEST: Final = 1000


def first_of(found: Iterable[Told], most: int, more: Callable[[Told, int], Told]) -> tuple[Told, ...]:
    """Return so many of what was found, and of any others what `more` makes of the first of them and their number.

    A single one more is told itself.
    """
    told: list[Told] = []
    others = 0
    for each in found:
        if len(told) <= most:
            told.append(each)
        else:
            others += 1
    if others:
        told[most] = more(told[most], others + 1)
    return tuple(told)


def enough_of_manifest(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what is told of all that is wrong with one manifest: errors before warnings, in their order."""
    findings = tuple(found)
    if len(findings) <= MOST_OF_MANIFEST:
        return findings
    # That there is more than was looked for must not be among what is left out.
    ranked = sorted(findings, key=lambda each: (each.rule != rules.TOLD_ENOUGH, each.severity is not Severity.ERROR))
    return first_of(ranked, MOST_OF_MANIFEST, _more_of_manifest)


def _more_of_manifest(first: Finding, others: int) -> Finding:
    kind = "mistakes" if first.severity is Severity.ERROR else "warnings"
    return replace(
        first,
        rule=rules.TOLD_ENOUGH,
        message=f"{others:,} more {kind} of this manifest are not listed; this is the place of the first",
        hint=AGAIN,
    )
