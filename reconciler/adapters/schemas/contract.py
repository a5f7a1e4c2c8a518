"""The published contract as JSON schemas: the body of a write, and the components that it refers to.

The components carry `$id: '#/components/schemas/X'`, which 2020-12 does not allow, and their own `$schema`. Both are
left out, and the components stand under `$defs`, the one place where a reference is sure to resolve.
"""

from dataclasses import dataclass
from typing import Any, Final

import yaml

from reconciler.adapters.schemas.schema import Schema, reference, subschemas
from reconciler.errors import ConfigurationError

CONTRACT_FILE: Final = "openapi/update-sequence.yaml"
_PUBLISHED: Final = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Contract:
    """The schema of a request's body and, by name, the components that it needs; references are `#/$defs/NAME`."""

    body: Schema
    components: dict[str, Schema]


def read_contract(openapi: bytes) -> Contract:
    """Return the contract in a published OpenAPI document; ConfigurationError where it is not laid out as known."""
    document = yaml.safe_load(openapi)
    try:
        patch = document["paths"]["/sequences/{sequence_id}"]["patch"]
        body = patch["requestBody"]["content"]["application/json"]["schema"]
        published = document["components"]["schemas"]
    except (KeyError, TypeError) as missing:
        raise ConfigurationError(f"the contract {CONTRACT_FILE} has no schema of a PATCH: {missing}") from None
    return Contract(_legal(body), {name: _legal(published[name]) for name in _reached(body, published)})


def _reached(body: Schema, published: dict[str, Schema]) -> list[str]:
    found: dict[str, None] = {}
    waiting = [body]
    while waiting:
        for each in subschemas(waiting.pop(0)):
            ref = each.get("$ref")
            name = ref.removeprefix(_PUBLISHED) if isinstance(ref, str) else None
            if name is None or name in found:
                continue
            if name not in published:
                raise ConfigurationError(f"the contract {CONTRACT_FILE} refers to `{ref}`, which it does not hold")
            found[name] = None
            waiting.append(published[name])
    return sorted(found)


def _legal(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_legal(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _legal(value) for key, value in schema.items() if key not in ("$id", "$schema")}
    if isinstance(kept.get("$ref"), str):
        kept["$ref"] = reference(kept["$ref"].removeprefix(_PUBLISHED))
    return kept
