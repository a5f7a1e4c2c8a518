"""Changes of a fleet that say the same in many organisations, told once; what only some have is told apart.

Two changes are the same where the sequence, the action, its reason and class, and every value are. Where nearly every
organisation has values of its own, as variables make them, what differs is named and one of them is shown.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from reconciler.model.change import Action, Change
from reconciler.model.plan import Violation
from reconciler.model.plan_set import PlanSet
from reconciler.model.pointer import Path
from reconciler.model.risk import RiskClass
from reconciler.view.fleet.merging import is_odd, leaves, merged

_Had: TypeAlias = tuple[str, Change]


@dataclass(frozen=True, slots=True)
class Group:
    """One change as it is in several organisations. `varies` are the places whose values differ among them.

    `is_odd`: few organisations have it, or far more have another change of the same sequence.
    """

    shown: Change
    organisations: tuple[str, ...]
    varies: tuple[str, ...]
    is_odd: bool

    @property
    def risk(self) -> RiskClass:
        """The class of the change."""
        return RiskClass.R0 if self.shown.assessment is None else self.shown.assessment.risk


@dataclass(frozen=True, slots=True)
class Saying:
    """A refusal or a warning, and the organisations whose plan has it."""

    said: Violation
    organisations: tuple[str, ...]


def groups(plans: PlanSet) -> tuple[Group, ...]:
    """Return every change once: what most organisations have first, what few have last; among equals the gravest."""
    shapes: dict[Hashable, dict[bytes, list[_Had]]] = {}
    told: dict[Hashable, list[_Had]] = {}
    total = 0
    for part, plan in plans.planned:
        total += 1
        for change in plan.changes:
            # Organisations whose plan came out the same share its parts: those need not be looked at again.
            same = _identity(change)
            if same not in told:
                told[same] = shapes.setdefault(_shape(change), {}).setdefault(_values(change), [])
            told[same].append((part.organisation, change))
    found = [each for values in shapes.values() for each in merged(list(values.values()), _differing)]
    widest: dict[str, int] = {}
    for had, _ in found:
        name = had[0][1].custom_id
        widest[name] = max(widest.get(name, 0), len(had))
    made = (_group(had, varies, total, widest) for had, varies in found)
    return tuple(sorted(made, key=_order))


def _group(had: list[_Had], varies: tuple[str, ...], total: int, widest: Mapping[str, int]) -> Group:
    shown, number = had[0][1], len(had)
    odd = is_odd(number, total=total, widest=widest[shown.custom_id])
    return Group(shown, tuple(name for name, _ in had), varies, odd)


def _order(group: Group) -> tuple[bool, int, int, str]:
    ranks = list(RiskClass)
    return (group.is_odd, -len(group.organisations), -ranks.index(group.risk), group.shown.custom_id)


def sayings(plans: PlanSet, *, warnings: bool = False) -> tuple[Saying, ...]:
    """Return each refusal once (or each warning), with the organisations that it is of, those of most first."""
    found: dict[Hashable, list[str]] = {}
    first: dict[Hashable, Violation] = {}
    for part, plan in plans.planned:
        for each in plan.warnings if warnings else plan.violations:
            key = (each.rule, each.custom_id)
            first.setdefault(key, each)
            found.setdefault(key, []).append(part.organisation)
    made = (Saying(first[key], tuple(dict.fromkeys(names))) for key, names in found.items())
    return tuple(sorted(made, key=lambda each: (-len(each.organisations), each.said.rule, each.said.custom_id or "")))


def _identity(change: Change) -> Hashable:
    body = None if change.body is None else id(change.body.encoded)
    is_new = change.action is Action.CREATE
    return (
        change.custom_id,
        change.action,
        change.retire,
        change.reason,
        id(change.assessment),
        id(change.fields),
        is_new and body,
    )


def _shape(change: Change) -> Hashable:
    """What is done to which sequence, why, with which class, and in which fields: all but the values."""
    assessment = change.assessment
    told = None
    if assessment is not None:
        told = (assessment.risk, assessment.reasons, assessment.audience, assessment.reach.people)
    fields = tuple((field.path, field.origin) for field in change.fields)
    return (change.custom_id, change.action, change.retire, change.reason, told, fields)


def _values(change: Change) -> bytes:
    """Return a short stand-in for all values that a reader is shown. Ids differ everywhere, and are none of them."""
    if change.action is Action.CREATE and change.body is not None:
        return sha256(change.body.encoded).digest()
    told = [(field.recorded, field.live, field.desired) for field in change.fields]
    return sha256(repr(told).encode("utf-8", "surrogatepass")).digest()


def _differing(one: Change, other: Change) -> Iterator[Path]:
    if one.action is Action.CREATE and one.body is not None and other.body is not None:
        yield from leaves((), one.body.value, other.body.value)
        return
    for mine, theirs in zip(one.fields, other.fields, strict=True):
        for side in ("recorded", "live", "desired"):
            yield from leaves(mine.path, getattr(mine, side), getattr(theirs, side))
