"""A fleet: many organisations that are kept by the same manifests, each described by an entry of a table.

An organisation comes to no more than an environment of its own and the place that its key comes from, so that nothing
else has to know of fleets. A key itself is in none of these values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from reconciler.model.diagnostic import FILE_START, Diagnostic, Span
from reconciler.model.settings import Environment

# What can be wrong with a table; the rules of manifests are in `model/rules`.
BAD_ENTRY: Final = "fleet-entry"
DUPLICATE: Final = "fleet-duplicate"
SHARED: Final = "fleet-shared"
NO_VARIABLE: Final = "fleet-variable"
FLEET_RULES: Final = frozenset({BAD_ENTRY, DUPLICATE, SHARED, NO_VARIABLE})


class KeyKind(StrEnum):
    """Where a key can come from."""

    ENV = "env"
    FILE = "file"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySource:
    """Where a key comes from: a variable's name, a path, or `SERVICE/USER` of the keyring."""

    kind: KeyKind
    address: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An organisation as a table has it, before anything is checked. `places` are those of its keys, by name.

    The variables stand in `values` as one table, and in `places` each as `variables.NAME`.
    """

    values: Mapping[str, Any]
    span: Span = FILE_START
    places: Mapping[str, Span] = field(default_factory=dict)

    def at(self, key: str) -> Span:
        """Return where a key's value stands, where that is known."""
        return self.places.get(key) or self.places.get(key.partition(".")[0]) or self.span


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One organisation of a fleet: its own environment, and where its key comes from (None: it needs none).

    `base` is the name of the environment that its own derives from.
    """

    name: str
    base: str
    environment: Environment
    key: KeySource | None
    span: Span = FILE_START


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of so many parts of a fleet, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A fleet as it was described, by name. What is wrong with its table is in `diagnostics`, `table` names that."""

    name: str
    table: str
    organisations: tuple[Organisation, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
