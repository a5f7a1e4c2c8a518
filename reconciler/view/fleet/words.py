"""Phrases that all drawings of a fleet's plan share."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, Protocol, TypeVar

from reconciler.model.change import Action
from reconciler.model.plan import Refresh
from reconciler.model.plan_set import Failure, Part, PlanSet
from reconciler.model.sequence import Retire
from reconciler.model.settings import RateLimit
from reconciler.view.fleet.groups import Group
from reconciler.view.words import counted, waiting

_DONE: Final = {
    Action.CREATE: "to create",
    Action.ADOPT: "to adopt",
    Action.UPDATE: "to update",
    Action.RENAME: "to rename",
    Action.ORPHAN: "orphaned",
}
_REFRESH: Final = {
    Refresh.NONE: "live not read",
    Refresh.CHANGED: "live read where something changed",
    Refresh.ALL: "all live sequences read",
}


def organisations(number: int) -> str:
    """Return so many organisations, in words."""
    return counted(number, "organisation")


def part_of(shard: str | None) -> str:
    """Return what stands behind a fleet's name where only a part of it is meant."""
    return "" if shard is None else f", shard {shard}"


def verdict(plans: PlanSet) -> str:
    """Return what becomes of the organisations: how many change, are as they should be, refused, or failed."""
    planned = len(plans.parts) - len(plans.failed)
    parts = [
        (plans.changing, "with changes"),
        (planned - plans.changing, "unchanged"),
        (len(plans.refused), "refused"),
        (len(plans.failed), "failed"),
    ]
    return ", ".join(f"{number:,} {word}" for number, word in parts if number) or "nothing to plan"


def tally(plans: PlanSet) -> str:
    """Return how many sequences get which action, in all organisations."""
    counts = plans.counts()
    drifted = f" ({counted(plans.drifted, 'sequence')} drifted)" if plans.drifted else ""
    given_up = Counter((change.action, change.retire) for _, plan in plans.planned for change in plan.changes)
    retired = Counter({retire: sum(n for (_, of), n in given_up.items() if of is retire) for retire in Retire})
    for (action, retire), number in given_up.items():
        counts[action] -= number if retire is not None else 0
    parts = [f"{counts[action]:,} {word}" for action, word in _DONE.items() if counts[action]]
    parts += [f"{number:,} to {retire.value}" for retire, number in retired.items() if number]
    return ", ".join([*parts, f"{counts[Action.KEEP]:,} unchanged"]) + drifted


def read(plans: PlanSet) -> str:
    """Return how much of live was read."""
    found = {plan.basis.refresh for _, plan in plans.planned}
    if not found:
        return "nothing was read"
    return _REFRESH[found.pop()] if len(found) == 1 else "live read where there is a key"


def share(group: Group, plans: PlanSet) -> str:
    """Return in how many organisations a change is."""
    planned = len(plans.parts) - len(plans.failed)
    if is_all(group, plans):
        return f"in all {organisations(planned)}"
    return f"in {len(group.organisations):,} of {organisations(planned)}"


def is_all(group: Group, plans: PlanSet) -> bool:
    """Tell whether every organisation that has a plan has this change: then nobody needs to be named."""
    return 1 < len(group.organisations) == len(plans.parts) - len(plans.failed)


def cost(plans: PlanSet) -> str:
    """Return how many requests applying takes, and how long for the organisation that takes longest.

    How many it takes to make the plans anew, which `fleet apply` does for each organisation, is not known here.
    """
    if not plans.requests:
        return "no request"
    said = f"{counted(plans.requests, 'request')} beside those that make each plan anew"
    known = [(plan.requests, plan.pace) for _, plan in plans.planned if plan.pace is not None]
    if not known:
        return said
    longest, pace = max(known, key=lambda each: _seconds(*each))
    time = waiting(longest, pace.requests, pace.seconds)
    return f"{said}, each organisation at its own limit; the one with most: {time}"


def _seconds(requests: int, pace: RateLimit) -> float:
    return 0.0 if not pace.requests else max(requests - 1, 0) // pace.requests * pace.seconds


class Failing(Protocol):
    """A part of anything about a fleet that may have failed."""

    @property
    def organisation(self) -> str:
        """Whose part it is."""
        ...

    @property
    def failure(self) -> Failure | None:
        """Why it failed."""
        ...


_Failing = TypeVar("_Failing", bound=Failing)


def failures(plans: PlanSet) -> list[tuple[Part, tuple[str, ...]]]:
    """Return each kind of failure once, told by the first organisation that has it, with all that have."""
    return failures_of(plans.failed)


def failures_of(failed: Iterable[_Failing]) -> list[tuple[_Failing, tuple[str, ...]]]:
    """Return each kind of failure once, told by the first organisation that has it, with all that have."""
    found: dict[tuple[str, str], list[_Failing]] = {}
    for part in failed:
        assert part.failure is not None  # noqa: S101 - that is what it is to have failed
        message = part.failure.message.replace(part.organisation, "").replace(part.organisation.upper(), "")
        found.setdefault((part.failure.kind, message), []).append(part)
    listed = ((parts[0], tuple(part.organisation for part in parts)) for parts in found.values())
    return sorted(listed, key=lambda each: (-len(each[1]), each[0].organisation))


def few(names: Sequence[str], most: int) -> str:
    """Return the first of many names, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
