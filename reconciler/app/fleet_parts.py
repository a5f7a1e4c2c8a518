"""What errands of a fleet come to: a part for each organisation, in the order of their names."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from reconciler.model.errand import Done, Errand
from reconciler.ports import Executor

_Part = TypeVar("_Part")


def parts_of(
    errands: Iterable[Errand],
    executor: Executor,
    part: Callable[[Done, tuple[str, ...]], _Part],
    progress: Callable[[str], None],
) -> tuple[_Part, ...]:
    """Have the errands done and make a part of each, given its labels; `progress` is told of each that is done."""
    asked = {each.organisation: each for each in errands}
    parts: dict[str, _Part] = {}
    for done in executor.run(asked.values()):
        parts[done.organisation] = part(done, asked[done.organisation].labels)
        progress(done.organisation)
    return tuple(parts[name] for name in sorted(parts))
