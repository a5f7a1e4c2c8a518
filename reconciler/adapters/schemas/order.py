"""The order in which a manifest's keys are written: that of the schema, in each object by the branch that it takes."""

from collections.abc import Iterator
from typing import Any

from reconciler.adapters.schemas.schema import Schema, referred
from reconciler.model.jsonvalue import Json
from reconciler.model.pointer import Path


def key_order(schema: Schema, value: Json) -> dict[Path, tuple[str, ...]]:
    """Return the known keys of each object in a value, in order; what the schema does not know has no entry."""
    return dict(_orders(schema, schema, value, ()))


def _orders(root: Schema, schema: Schema, value: Any, path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    schema = _resolved(root, schema)
    if isinstance(value, dict):
        known = _properties(root, schema, value)
        if known:
            yield path, tuple(known)
        free = schema.get("additionalProperties")
        for key, child in value.items():
            below = known.get(key, free)
            if isinstance(below, dict):
                yield from _orders(root, below, child, (*path, key))
    elif isinstance(value, list) and "items" in schema:
        for position, child in enumerate(value):
            yield from _orders(root, schema["items"], child, (*path, position))


def _properties(root: Schema, schema: Schema, value: dict[str, Any]) -> dict[str, Schema]:
    """Return the properties that an object may have: of a choice, those of the branch that its `type` names."""
    known = dict(schema.get("properties", {}))
    branches = {each["if"]["properties"]["type"]["const"]: each["then"] for each in schema.get("allOf", ())}
    tag = value.get("type")
    chosen = [branches[tag]] if isinstance(tag, str) and tag in branches else list(branches.values())
    for branch in chosen:
        for key, child in _resolved(root, branch).get("properties", {}).items():
            known.setdefault(key, child)
    return known


def _resolved(root: Schema, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    return {**_resolved(root, root["$defs"][referred(schema["$ref"])]), **schema}
