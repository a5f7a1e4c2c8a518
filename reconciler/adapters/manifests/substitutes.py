"""Which texts are known to fit where an instruction stands, so that a manifest need not be judged twice.

A manifest is judged as it is written, and once more with the texts of its files and variables in it. By the schema,
what a text has to be depends on the keys above it and on the `type` of each mapping that it lies in, and on nothing
else: so a text that has passed in a place passes there in every other manifest, and most manifests use the same few
variables in the same few places. A test holds the schema to that.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from reconciler.adapters.manifests.instructions import Resolved

# The keys above a text, each with the `type` of the mapping that it is a key of, None for lists; and the text.
Fitting: TypeAlias = tuple[Any, ...]

# Texts longer than that are hardly ever met again, and of this many nobody has more variables.
_LONGEST: Final = 200
_MOST: Final = 20_000


class Substitutes:
    """What has passed in one run, with one schema."""

    def __init__(self) -> None:
        self._passed: set[Fitting] = set()

    def have_passed(self, resolved: Resolved) -> bool:
        """Tell whether all texts that were put into a value, which is valid as it is written, have passed before."""
        passed = self._passed
        return all(each in passed for each in _fittings(resolved))

    def note(self, resolved: Resolved) -> None:
        """Remember the texts that were put into a value in which nothing is wrong."""
        if len(self._passed) < _MOST:
            self._passed.update(each for each in _fittings(resolved) if each is not None)


def _fittings(resolved: Resolved) -> Iterator[Fitting | None]:
    """Yield a fitting for each text that was put in, None for one that is not remembered."""
    for path in resolved.sources:
        node: Any = resolved.value
        place: list[Any] = []
        for part in path:
            if type(node) is dict:
                kind = node.get("type")
                place += (part, kind if type(kind) is str else None)
            else:
                place.append(None)
            node = node[part]
        yield (*place, node) if type(node) is str and len(node) <= _LONGEST else None
