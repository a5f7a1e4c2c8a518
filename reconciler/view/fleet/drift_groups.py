"""Drift that is the same in many organisations, told once; what only some have is told apart.

Two are the same where the sequence, its class and every value are, recorded and live.
"""

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final, TypeAlias

from reconciler.model.drift import Drifted, DriftedField, Known, Report
from reconciler.model.drift_set import DriftPart, DriftSet
from reconciler.model.look import Standing
from reconciler.model.pointer import Path
from reconciler.model.risk import RiskClass
from reconciler.view.fleet.merging import is_odd, leaves, merged
from reconciler.view.words import place

_Had: TypeAlias = tuple[str, Drifted]
_Noted: TypeAlias = tuple[str, str, str | None, Hashable]
_MOST_PLACES: Final = 4
# Ids and moments differ everywhere, and make nothing another thing.
_OWN: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
_GONE: Final = "recorded, and the API knows it no more: someone may have removed it to stop it"


@dataclass(frozen=True, slots=True)
class DriftGroup:
    """Drift of one sequence as it is in several organisations. `varies` are the places whose values differ among them.

    `is_odd`: few organisations have it, where others have something in common. `statuses` are the server's words.
    """

    shown: Drifted
    organisations: tuple[str, ...]
    varies: tuple[str, ...]
    statuses: tuple[tuple[str, int], ...]
    is_odd: bool


@dataclass(frozen=True, slots=True)
class Aside:
    """Something that there is to say beside drift: what kind of thing it is, of which sequences, and of whom."""

    word: str
    message: str
    custom_ids: tuple[str, ...]
    organisations: tuple[str, ...]


def drift_groups(drift: DriftSet) -> tuple[DriftGroup, ...]:
    """Return all drift once: what most organisations have first, what few have last; among equals the gravest."""
    shapes: dict[Hashable, dict[bytes, list[_Had]]] = {}
    total = 0
    for part, look in drift.looks:
        total += 1
        for each in look.drifted:
            values = shapes.setdefault(_shape(each), {}).setdefault(_values(each), [])
            values.append((part.organisation, each))
    found = [each for values in shapes.values() for each in merged(list(values.values()), _differing)]
    widest: Counter[str] = Counter()
    for had, _ in found:
        name = had[0][1].custom_id
        widest[name] = max(widest[name], len(had))
    made = [_group(had, varies, total, widest[had[0][1].custom_id]) for had, varies in found]
    if all(group.is_odd for group in made):
        # Where nothing is common to many, nothing is apart from it.
        made = [replace(group, is_odd=False) for group in made]
    return tuple(sorted(made, key=_order))


def _group(had: list[_Had], varies: tuple[str, ...], total: int, widest: int) -> DriftGroup:
    statuses = Counter(each.status or "unknown" for _, each in had)
    return DriftGroup(
        shown=had[0][1],
        organisations=tuple(name for name, _ in had),
        varies=varies,
        statuses=tuple(statuses.most_common()),
        is_odd=is_odd(len(had), total=total, widest=widest),
    )


def _order(group: DriftGroup) -> tuple[bool, int, int, str]:
    ranks = list(RiskClass)
    return (group.is_odd, -len(group.organisations), -ranks.index(group.shown.risk), group.shown.custom_id)


def _shape(each: Drifted) -> Hashable:
    fields = tuple((field.path, field.risk, field.corrected is not None) for field in each.fields)
    others = tuple(field.path for field in each.handed_off)
    return (each.custom_id, each.risk, each.reasons, each.is_orphan, fields, others)


def _values(each: Drifted) -> bytes:
    told = [_written(field) for field in (*each.fields, *each.handed_off)]
    return sha256("\n".join(told).encode("utf-8", "surrogatepass")).digest()


def _written(field: DriftedField) -> str:
    """Return both values as text; keys in any order are the same object."""
    return json.dumps([field.recorded, field.live], sort_keys=True, default=repr)


def _differing(one: Drifted, other: Drifted) -> Iterator[Path]:
    pairs = zip((*one.fields, *one.handed_off), (*other.fields, *other.handed_off), strict=True)
    for mine, theirs in pairs:
        yield from leaves(mine.path, mine.recorded, theirs.recorded)
        yield from leaves(mine.path, mine.live, theirs.live)


def asides(drift: DriftSet) -> tuple[Aside, ...]:
    """Return all else that there is to say, each thing once with the organisations that it is of, by kind."""
    names: dict[Hashable, dict[str, None]] = {}
    ids: dict[Hashable, dict[str, None]] = {}
    first: dict[Hashable, tuple[str, str]] = {}
    for part in drift.parts:
        for word, message, custom_id, key in _noted(part):
            same = (word, key)
            first.setdefault(same, (word, message))
            names.setdefault(same, {})[part.organisation] = None
            ids.setdefault(same, {}).update({custom_id: None} if custom_id else {})
    made = [Aside(*first[same], tuple(ids[same]), tuple(names[same])) for same in first]
    return tuple(sorted(made, key=lambda each: (_WORDS.index(each.word), -len(each.organisations), each.message)))


_WORDS: Final = (
    "refused",
    "stopped",
    "gone",
    "unreadable",
    "unsettled",
    "not set back",
    "not read now",
    "handed off",
    "warning",
)


def _noted(part: DriftPart) -> Iterator[_Noted]:
    """Yield what kind of thing is said, how, of which sequence, and what makes it another thing."""
    if part.correction is not None:
        for said in part.correction.violations:
            yield "refused", f"{said.message} [{said.rule}]", said.custom_id, (said.rule, said.custom_id)
        if part.correction.failure is not None:
            message = part.correction.failure.message
            yield "stopped", message, None, _OWN.sub("", message)
        for left in part.correction.left:
            yield "not set back", left.reason, left.custom_id, _OWN.sub("", left.reason)
    if part.look is not None:
        yield from _of_look(part.look)


def _of_look(look: Report) -> Iterator[_Noted]:
    for gone in look.gone:
        yield "gone", _GONE, gone.custom_id, gone.custom_id
    for word, unread in (("unreadable", look.unreadable), ("unsettled", look.unsettled)):
        for each in unread:
            yield word, each.reason, each.custom_id, _OWN.sub("", each.reason)
    for known in look.known:
        yield "not read now", _before(known), known.custom_id, (known.custom_id, known.standing, known.paths)
    for drifted in look.handed_off:
        places = _places(place(field.path) for field in drifted.handed_off)
        yield (
            "handed off",
            f"{places}, which the manifest leaves to others",
            drifted.custom_id,
            (drifted.custom_id, places),
        )
    for warning in look.warnings:
        message = f"{warning.message} [{warning.rule}]"
        yield "warning", message, warning.custom_id, (warning.rule, _OWN.sub("", message))


def _before(known: Known) -> str:
    if known.standing is Standing.GONE:
        return "it was gone when it was last read"
    return f"it had drifted when it was last read: {_places(known.paths)}"


def _places(names: Any) -> str:
    told = list(dict.fromkeys(names))
    more = f" and {len(told) - _MOST_PLACES} more" if len(told) > _MOST_PLACES else ""
    return ", ".join(told[:_MOST_PLACES]) + more
