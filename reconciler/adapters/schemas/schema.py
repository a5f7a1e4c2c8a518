"""What a JSON schema is here: a plain dictionary of dialect 2020-12 that refers only to its own definitions."""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

Schema: TypeAlias = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_PREFIX: Final = "#/$defs/"


def reference(name: str) -> str:
    """Return the reference to a definition."""
    return _PREFIX + name


def referred(ref: str) -> str:
    """Return the name of the definition that a reference speaks of."""
    return ref.removeprefix(_PREFIX)


def subschemas(schema: Any) -> Iterator[Schema]:
    """Yield every object in a schema, itself included: each subschema, and also the mappings that hold them."""
    if isinstance(schema, dict):
        yield schema
        for child in schema.values():
            yield from subschemas(child)
    elif isinstance(schema, list):
        for child in schema:
            yield from subschemas(child)
