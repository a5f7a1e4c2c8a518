"""What reading one manifest's bytes yields: a document, or what is wrong with it and where.

Values here are plain JSON: dict, list, str, int, float, bool, None. Nothing knows files or schemas.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from reconciler.model.diagnostic import FILE_START, Span
from reconciler.model.pointer import Path

MAX_DEPTH: Final = 64
MAX_EVENTS: Final = 100_000
MAX_ALIASES: Final = 100
MAX_EXPANDED_NODES: Final = 100_000
MAX_EXPANDED_CHARACTERS: Final = 4 * 2**20
MAX_PROBLEMS: Final = 100

Value: TypeAlias = dict[str, Any] | list[Any] | str | int | float | bool | None
Places: TypeAlias = Mapping[Path, tuple[Span | None, Span]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is refused, before anyone knows where it stands: one sentence, and what to do."""

    rule: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A refusal with its place in the file; `path` is that of the value or key that it spoils."""

    rule: str
    message: str
    hint: str | None
    span: Span
    path: Path = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A manifest's value and the line of its first key, and what its reader came upon besides.

    `instructions` are the paths of all `{$file: ...}`, `{$var: ...}` and `{$sequence: ...}`, in order; None where they
    have to be looked for. `is_as_it_looks` tells that there is surely nothing invisible in any text, nor white space
    at its ends where these matter; False also where nobody looked.
    """

    value: dict[str, Any]
    line: int
    instructions: tuple[Path, ...] | None = field(default=None, compare=False, repr=False)
    is_as_it_looks: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """Bytes that are no manifest, with every problem that could be told apart.

    `value` is what could be read in spite of them, None where reading had to stop: enough to look for further
    mistakes outside the problems' paths, never to be applied.
    """

    problems: tuple[Problem, ...]
    value: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where everything stands: path to the spans of its key (None in a list) and of its value."""

    result: Document | Malformed
    places: Places = field(default_factory=dict)
    _first_keys: dict[Path, Span] = field(default_factory=dict, compare=False, repr=False)

    def place(self, path: Path, *, at_key: bool = False) -> Span:
        """Return the span of a path, or that of its nearest ancestor that is there."""
        for length in range(len(path), -1, -1):
            found = self.places.get(path[:length])
            if found is not None:
                key, value = found
                if not at_key or length < len(path):
                    return value
                return key or self._first_key(path) or value
        return FILE_START

    def _first_key(self, path: Path) -> Span | None:
        """Return the first key of a mapping that has no key of its own: an entry of a list, or the whole manifest."""
        if not self._first_keys:
            # All at once: a thousand entries without a key they need would each go through a hundred thousand places.
            for at, (key, _) in self.places.items():
                if key is not None:
                    self._first_keys.setdefault(at[:-1], key)
        return self._first_keys.get(path)
