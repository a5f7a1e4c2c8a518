"""Changes that say the same of different sequences, told once: who reads five hundred of them one by one reads none."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.model.change import Action, Change, FieldChange
from reconciler.view.words import channel

# Up to so many changes are each shown by themselves.
FEW: Final = 20
# So many have to be alike before the others of them are named alone.
_SEVERAL: Final = 3
# What may differ: words, and nothing that says who gets them, when, from whom or by which way.
_COPY: Final = frozenset({"name", "email_subject", "email_body", "message"})


@dataclass(frozen=True, slots=True)
class Alike:
    """One change to show, and those that differ from it in their words alone."""

    shown: Change
    others: tuple[Change, ...]


def alike(changes: Sequence[Change]) -> Iterator[Alike]:
    """Yield the changes in their order, each group of like ones where its first stands; few changes are not grouped."""
    if len(changes) <= FEW:
        yield from (Alike(each, ()) for each in changes)
        return
    groups: dict[Hashable, list[Change]] = {}
    for each in changes:
        groups.setdefault(_likeness(each), []).append(each)
    for first, *others in groups.values():
        if len(others) + 1 < _SEVERAL:
            yield from (Alike(each, ()) for each in (first, *others))
        else:
            yield Alike(first, tuple(others))


def _likeness(change: Change) -> Hashable:
    """What changes have in common that read alike: what is done and why, class and reach, and every value but copy."""
    assessment = change.assessment
    told = None
    if assessment is not None:
        steps = tuple((each.kind, each.before, each.after, each.is_shifted) for each in assessment.steps)
        reach = (assessment.reach.sentences, assessment.reach.status)
        told = (assessment.risk, assessment.reasons, assessment.audience, reach, steps)
    fields = tuple((each.path, each.origin, _value(each)) for each in change.fields)
    return (change.action, change.reason, told, fields, _new(change))


def _value(field: FieldChange) -> Hashable:
    if field.path and field.path[-1] in _COPY:
        return None
    return repr((field.recorded, field.live, field.desired))


def _new(change: Change) -> Hashable:
    """Of a sequence that is created: whom it reaches, and when it sends what kind of message."""
    if change.action is not Action.CREATE or change.body is None:
        return None
    payload = change.body.value
    steps = [(channel(each), each.get("delay_in_minutes")) for each in payload["steps"] if isinstance(each, Mapping)]
    return repr((payload["is_continuous"], payload["filter"], steps))
