"""All guards over one proposal: each only judges, and here is looped over them, and what is overridden is told apart.

A new guard is a module of its own and a line in GUARDS.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.core.guarding import adoption, amount, drift, ended, freeze, protected, renames, senders
from reconciler.core.guarding.names import ENDED, FREEZE, IDLE_OVERRIDE, OVERRIDDEN, PROBABLE_RENAME, what_to_type
from reconciler.core.guarding.proposal import Finding, Proposal
from reconciler.model.guards import Override, Rule
from reconciler.model.plan import Judgement, Violation

Check: TypeAlias = Callable[[Proposal], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: the id that it is overridden by, and what it finds."""

    id: str
    check: Check


GUARDS: Final = (
    Guard("max-changes", amount.check_number),
    Guard("max-changes-percent", amount.check_share),
    Guard("senders", senders.check),
    Guard("protected", protected.check),
    Guard(FREEZE, freeze.check),
    Guard(ENDED, ended.check),
    Guard("adoption", adoption.check),
    Guard("drift", drift.check),
    Guard(PROBABLE_RENAME, renames.check),
)


def judge(proposal: Proposal, overrides: tuple[Override, ...]) -> Judgement:
    """Ask every guard."""
    reasons = {override.guard: override.reason for override in overrides}
    violations: list[Violation] = []
    warnings: list[Violation] = []
    for guard in GUARDS:
        found = list(guard.check(proposal))
        if guard.id not in reasons:
            violations += [refusal(guard.id, finding) for finding in found]
            continue
        warnings += [_overridden(guard.id, reasons[guard.id], finding) for finding in found]
        if not found and not (guard.id == FREEZE and proposal.guards.freeze):
            warnings.append(_idle(guard.id))
    return Judgement(violations=tuple(violations), warnings=(*warnings, *_told_all_the_same(proposal)))


def refusal(guard: str, finding: Finding) -> Violation:
    """Return what a finding says to whoever reads the plan: what is wrong, what to do, and what to type instead."""
    next_ = "" if finding.remedy is None else f"; {finding.remedy}, or say why it is meant: {what_to_type(guard)}"
    return Violation(rule=guard, message=finding.fact + next_, custom_id=finding.custom_id)


def _overridden(guard: str, reason: str, finding: Finding) -> Violation:
    message = f"`{guard}` is overridden ({reason}): {finding.fact}"
    return Violation(rule=OVERRIDDEN, message=message, custom_id=finding.custom_id)


def _idle(guard: str) -> Violation:
    message = f"`--override {guard}` overrides nothing: that guard refuses nothing here; leave it out"
    return Violation(rule=IDLE_OVERRIDE, message=message)


def _told_all_the_same(proposal: Proposal) -> list[Violation]:
    """Return what is allowed for good, and still worth a word."""
    if proposal.guards.ended is Rule.REFUSE:
        return []
    return [
        Violation(rule=ENDED, message=finding.fact, custom_id=finding.custom_id) for finding in ended.findings(proposal)
    ]
