"""What two environments have recorded, side by side and by meaning: one source leaves only real differences.

An id means nothing in another organisation. So the id of a recorded sequence counts as its custom_id, and a text that
equals the value of a variable as that variable, where both environments have one of that name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from reconciler.core.fields import field_changes
from reconciler.core.meaning import same_payload
from reconciler.model.change import FieldChange
from reconciler.model.sequence import Payload, Record
from reconciler.model.state import State

_Each = TypeVar("_Each")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One environment: its name, what it has recorded, and its variables."""

    environment: str
    state: State
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A sequence that both have and that is not the same in both.

    In `fields`, `recorded` is what the first environment has, `desired` what the second has.
    """

    custom_id: str
    first_id: str
    second_id: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How two environments differ. `unsettled` names the sequences with a write that nobody knows the end of."""

    first: str
    second: str
    same: int
    differences: tuple[Difference, ...] = ()
    only_in_first: tuple[str, ...] = ()
    only_in_second: tuple[str, ...] = ()
    unsettled_in_first: tuple[str, ...] = ()
    unsettled_in_second: tuple[str, ...] = ()

    @property
    def is_different(self) -> bool:
        """Tell whether anything differs at all."""
        return bool(self.differences or self.only_in_first or self.only_in_second)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What stands for what in one environment: custom_ids by id, names of variables by value.

    `moved` are the values of variables, as canonical bytes have them, that are others in the other environment.
    """

    sequences: Mapping[str, str]
    variables: Mapping[str, frozenset[str]]
    moved: tuple[bytes, ...] = field(default=())


def compare(first: Side, second: Side, only: Iterable[str] = ()) -> Comparison:
    """Return how what the two have recorded differs; `only` are patterns of custom_ids, none means all."""
    patterns = tuple(only)
    here, there = (_selected(side.state.records, patterns) for side in (first, second))
    ours, theirs = _names(first, second), _names(second, first)
    both = sorted(here.keys() & there.keys())
    found = (_difference(name, here[name], there[name], ours, theirs) for name in both)
    differences = tuple(each for each in found if each is not None)
    return Comparison(
        first=first.environment,
        second=second.environment,
        same=len(both) - len(differences),
        differences=differences,
        only_in_first=tuple(sorted(here.keys() - there.keys())),
        only_in_second=tuple(sorted(there.keys() - here.keys())),
        unsettled_in_first=tuple(sorted(_selected(first.state.pending, patterns))),
        unsettled_in_second=tuple(sorted(_selected(second.state.pending, patterns))),
    )


def _selected(named: Mapping[str, _Each], patterns: tuple[str, ...]) -> dict[str, _Each]:
    return {
        name: each
        for name, each in named.items()
        if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def _names(side: Side, other: Side) -> _Names:
    shared = [name for name in side.variables if name in other.variables]
    variables: dict[str, frozenset[str]] = {}
    for name in shared:
        value = side.variables[name]
        variables[value] = variables.get(value, frozenset()) | {name}
    moved = {side.variables[name] for name in shared if side.variables[name] != other.variables[name]}
    return _Names(
        sequences={record.id: name for name, record in side.state.records.items()},
        variables=variables,
        moved=tuple(Payload.of({"": value}).encoded[len(b'{"":') : -1] for value in sorted(moved)),
    )


def _difference(name: str, one: Record, other: Record, ours: _Names, theirs: _Names) -> Difference | None:
    if _is_plainly_same(one.applied, other.applied, (*ours.moved, *theirs.moved)):
        return None
    was, becomes = one.applied.value, other.applied.value
    # The custom_id is what the two have in common, whatever else a variable is worth.
    here: dict[str, Any] = {**_named(was, becomes, ours, theirs), "custom_id": name}
    there: dict[str, Any] = {**_named(becomes, was, theirs, ours), "custom_id": name}
    if same_payload(Payload.of(here), Payload.of(there)):
        return None
    fields = field_changes(here, there, None)
    return Difference(custom_id=name, first_id=one.id, second_id=other.id, fields=fields) if fields else None


def _is_plainly_same(one: Payload, other: Payload, moved: tuple[bytes, ...]) -> bool:
    """Tell whether two payloads are the same bytes with nothing in them that has another meaning elsewhere."""
    data = one.encoded
    return data == other.encoded and b'"sequence_id"' not in data and not any(value in data for value in moved)


def _named(value: Any, beside: Any, mine: _Names, others: _Names) -> Any:
    """Return a value with names for ids; `beside` is what stands at the same place in the other environment."""
    if isinstance(value, str):
        return _name_of(value, beside if isinstance(beside, str) else "", mine, others)
    if isinstance(value, Mapping):
        known = beside if isinstance(beside, Mapping) else {}
        return {key: _named(each, known.get(key), mine, others) for key, each in value.items()}
    if isinstance(value, list):
        listed = beside if isinstance(beside, list) else []
        return [
            _named(each, listed[position] if position < len(listed) else None, mine, others)
            for position, each in enumerate(value)
        ]
    return value


def _name_of(value: str, beside: str, mine: _Names, others: _Names) -> str:
    names = mine.variables.get(value, frozenset())
    # Several variables may have one value here and several there: the name that fits both is the one that is meant.
    common = names & others.variables.get(beside, frozenset())
    if common:
        return f"$var {min(common)}"
    if value in mine.sequences:
        return f"$sequence {mine.sequences[value]}"
    return f"$var {min(names)}" if names else value
