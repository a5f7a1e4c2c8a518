"""The field table: what to do with one field, and which fields differ at all.

Our own comparison by meaning decides whether there is a difference. deepdiff then says which fields people are shown;
it is asked only about the parts that differ, since comparing whole sequences costs it about 3 ms.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import Any

from reconciler.core.meaning import meaning, meaning_at, set_around
from reconciler.model.change import FieldChange, Origin
from reconciler.model.jsonvalue import ABSENT, MaybeJson, strictly_equal
from reconciler.model.pointer import Path, value_at
from reconciler.model.sequence import MANAGED_FIELDS, Payload


class Verdict(Enum):
    """There is nothing to write: live already is what is desired."""

    IN_STEP = "in step"


def merge(recorded: MaybeJson, desired: MaybeJson, live: MaybeJson) -> Origin | Verdict:
    """Decide one field by the table of design, section 5; without live, pass `recorded` as `live`.

    The values are meanings. An absent `desired` is a value like any other: the field is to be removed.
    """
    if strictly_equal(live, desired):
        return Verdict.IN_STEP
    if recorded is ABSENT and desired is not ABSENT:
        return Origin.NEW if live is ABSENT else Origin.TAKEOVER
    if strictly_equal(recorded, desired):
        return Origin.DRIFT
    if strictly_equal(live, recorded):
        return Origin.AUTHORED
    return Origin.CONFLICT


def field_changes(
    recorded: dict[str, Any] | None, desired: dict[str, Any], live: dict[str, Any] | None
) -> tuple[FieldChange, ...]:
    """Return every field to be written, in the order of the payload; payload values in, `live` None where not read."""
    before = recorded if live is None else live
    against_live = () if before is None else differing(before, desired)
    against_record = () if recorded is None or live is None else differing(recorded, desired)
    paths = [(key,) for key in _ordered(desired)] if before is None else [*against_live, *against_record]
    found = (_field(path, recorded, desired, live) for path in _outermost(paths))
    return tuple(change for change in found if change is not None)


@lru_cache(maxsize=4096)
def changes_between(recorded: Payload | None, desired: Payload, live: Payload | None) -> tuple[FieldChange, ...]:
    """Return `field_changes` of payloads. The organisations of a fleet ask the same again, and share the answer."""
    was, found = (None if each is None else each.value for each in (recorded, live))
    return field_changes(was, desired.value, found)


def _field(
    path: Path, recorded: dict[str, Any] | None, desired: dict[str, Any], live: dict[str, Any] | None
) -> FieldChange | None:
    was, wanted, found = (ABSENT if side is None else value_at(side, path) for side in (recorded, desired, live))
    seen = was if live is None else found
    verdict = merge(meaning_at(path, was), meaning_at(path, wanted), meaning_at(path, seen))
    if isinstance(verdict, Verdict):
        return None
    # Whoever adopts takes over whatever stands there, also what the manifest does not have.
    origin = Origin.TAKEOVER if recorded is None and live is not None and found is not ABSENT else verdict
    return FieldChange(path=path, origin=origin, recorded=was, live=found, desired=wanted)


def _ordered(payload: Iterable[str]) -> list[str]:
    keys = set(payload)
    return [key for key in MANAGED_FIELDS if key in keys] + sorted(keys - set(MANAGED_FIELDS))


def differing(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Path]:
    """Return the paths at which two payload values do not mean the same."""
    was, becomes = meaning(before), meaning(after)
    for key in _ordered({**was, **becomes}):
        yield from _differing_below((key,), was.get(key, ABSENT), becomes.get(key, ABSENT))


def _differing_below(path: Path, was: MaybeJson, becomes: MaybeJson) -> Iterator[Path]:
    if strictly_equal(was, becomes):
        return
    if path == ("steps",) and isinstance(was, list) and isinstance(becomes, list):
        for position in range(max(len(was), len(becomes))):
            one, other = value_at(was, (position,)), value_at(becomes, (position,))
            yield from _differing_below((*path, position), one, other)
    elif not _is_nested(was) or not _is_nested(becomes):
        yield path
    else:
        below = {(*path, *rest) for rest in _deepdiff_paths(was, becomes)}
        yield from {set_around(each) or each for each in below} or [path]


def _is_nested(value: MaybeJson) -> bool:
    return isinstance(value, dict | list)


def _deepdiff_paths(was: MaybeJson, becomes: MaybeJson) -> set[Path]:
    # Imported where it is used: it costs 120 ms, and most plans have nothing to compare.
    from deepdiff import DeepDiff

    difference = DeepDiff(
        was,
        becomes,
        view="tree",
        zip_ordered_iterables=True,
        threshold_to_diff_deeper=0,
        ignore_private_variables=False,  # a key of ours that begins with two underscores is a key like any other
    )
    return {tuple(level.path(output_format="list")) for kind in difference.values() for level in kind}


def _path_order(path: Path) -> list[tuple[bool, int, str]]:
    return [(isinstance(part, str), part if isinstance(part, int) else 0, str(part)) for part in path]


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Drop each path that stands inside another one, and put the rest in the order of the payload."""
    given = set(paths)
    kept = [path for path in given if not any(path[:length] in given for length in range(len(path)))]
    rank = {key: position for position, key in enumerate(MANAGED_FIELDS)}
    return sorted(kept, key=lambda path: (rank.get(str(path[0]), len(rank)), _path_order(path)))
