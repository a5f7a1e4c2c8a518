"""What is looked at in the place of a `$sequence` that stands where no filter names a sequence.

It is legal wherever the schema has a string and is sent as an id, so it is judged as one: no date, no address, and as
a message nothing that a rule about texts could read.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from reconciler.model.pointer import Path
from reconciler.model.sequence import ANY_ID

# Where a reference belongs, and where whoever looks at filters knows what to make of it.
_AT_HOME: Final = "sequence_id"


def strays(references: Iterable[tuple[str, Path]]) -> list[Path]:
    """Return the paths of the references that stand somewhere else."""
    return [path for _, path in references if not path or path[-1] != _AT_HOME]


def with_ids(value: Any, paths: Sequence[Path]) -> Any:
    """Return a value with an id at each of the paths; what is on no way to one is the same value, not a copy."""
    for path in paths:
        value = _with_id(value, path)
    return value


def _with_id(value: Any, path: Path) -> Any:
    if not path:
        return ANY_ID
    key: Any = path[0]
    inner = _with_id(value[key], path[1:])
    if isinstance(value, dict):
        return {**value, key: inner}
    return [*value[:key], inner, *value[key + 1 :]]
