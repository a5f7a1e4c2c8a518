"""The schema of a manifest, derived from the contract: every object closed, every branch chosen by its `type`.

Whatever the contract comes to hold is carried over by the same rules. A construct that the rules do not know is
refused, because passing over it would loosen the schema without a word.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from reconciler.adapters.schemas.contract import Contract
from reconciler.adapters.schemas.overlay import (
    CUSTOM_ID_NAME,
    DEFINITIONS,
    INSTRUCTIONS,
    MAY_BE_EMPTY,
    NOTHING_FOLLOWS,
    RECONCILER_BLOCK,
    REQUIRED,
    TEXT,
    WRITTEN,
)
from reconciler.adapters.schemas.schema import DIALECT, Schema, reference, referred
from reconciler.adapters.schemas.wording import words
from reconciler.core.blank import NOT_BLANK
from reconciler.errors import ConfigurationError

_ANNOTATIONS: Final = frozenset({"title", "description", "default", "examples", "deprecated"})
_KNOWN: Final[dict[str, frozenset[str]]] = {
    "string": frozenset({"format", "pattern", "minLength", "maxLength", "const", "enum"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "const", "enum"}),
    "boolean": frozenset({"const", "enum"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "object": frozenset({"properties", "required", "additionalProperties", "propertyNames"}),
}
_SEEN: Final[Schema] = {"pattern": NOT_BLANK}
_KNOWN_TYPES: Final = {**_KNOWN, "integer": _KNOWN["number"]}


def manifest_schema(contract: Contract) -> Schema:
    """Return the closed schema of a manifest."""
    derivation = _Derivation(contract)
    root = derivation.derive(contract.body, "")
    properties = root["properties"]
    properties["custom_id"] = {"$ref": reference(CUSTOM_ID_NAME), **words("custom_id", {})}
    properties["reconciler"] = RECONCILER_BLOCK
    first = {key: properties[key] for key in REQUIRED if key in properties}
    return {
        "$schema": DIALECT,
        **root,
        "properties": {"custom_id": first.pop("custom_id"), **properties},
        "required": list(REQUIRED),
        "$defs": {**DEFINITIONS, **dict(sorted(derivation.definitions.items()))},
    }


@dataclass(slots=True)
class _Derivation:
    """One walk over the contract. A place is written `a.b` for a key, `a[]` for an entry, `a{}` for a map's value."""

    contract: Contract
    definitions: dict[str, Schema] = field(default_factory=dict)

    def derive(self, schema: Schema, place: str) -> Schema:
        if "$ref" in schema:
            return self._reference(schema, place)
        if "anyOf" in schema or "oneOf" in schema:
            return self._choice(schema, place)
        kind = schema.get("type")
        if not isinstance(kind, str) or kind not in _KNOWN_TYPES:
            raise _unknown(f"the type `{kind}`", place)
        for keyword in schema.keys() - _ANNOTATIONS - _KNOWN_TYPES[kind] - {"type"}:
            raise _unknown(f"`{keyword}`", place)
        match kind:
            case "object":
                return self._object(schema, place)
            case "array":
                items = {"items": self.derive(schema["items"], f"{place}[]")} if "items" in schema else {}
                return {**words(place, schema), **_rules(schema), **items}
            case _:
                return _scalar(schema, place)

    def _reference(self, schema: Schema, place: str) -> Schema:
        name = referred(schema["$ref"])
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = self.derive(self.contract.components[name], name)
        return {"$ref": reference(name), **words(place, schema)}

    def _object(self, schema: Schema, place: str) -> Schema:
        if "properties" not in schema and isinstance(schema.get("additionalProperties"), dict):
            return self._map(schema, place)
        if schema.get("additionalProperties", False) is not False or "propertyNames" in schema:
            raise _unknown("named and free keys side by side", place)
        properties = schema.get("properties", {})
        return {
            **words(place, schema),
            "type": "object",
            "properties": {key: self.derive(child, f"{place}.{key}".lstrip(".")) for key, child in properties.items()},
            **({"required": schema["required"]} if schema.get("required") else {}),
            "additionalProperties": False,
        }

    def _map(self, schema: Schema, place: str) -> Schema:
        if schema.get("propertyNames", {}) not in ({}, {"type": "string"}) or "required" in schema:
            raise _unknown("a map with rules about its keys", place)
        return {
            **words(place, schema),
            "type": "object",
            # An attribute of that name could not be told from an instruction.
            "propertyNames": {"not": {"enum": list(INSTRUCTIONS)}},
            "additionalProperties": self.derive(schema["additionalProperties"], f"{place}{{}}"),
        }

    def _choice(self, schema: Schema, place: str) -> Schema:
        if len(schema.keys() - _ANNOTATIONS) != 1:
            raise _unknown("alternatives beside other rules", place)
        branches = schema.get("anyOf") or schema["oneOf"]
        given = [branch for branch in branches if branch != {"type": "null"}]
        if len(given) == 1 and len(branches) == 2:
            only = self.derive({**given[0], **{key: schema[key] for key in _ANNOTATIONS & schema.keys()}}, place)
            if only.get("type") != "object":
                raise _unknown("null beside something that is not an object", place)
            return {**only, "type": ["object", "null"]}
        tags = [_tag(branch) for branch in branches]
        if None in tags or len(set(tags)) != len(tags):
            raise _unknown("alternatives that no `type` tells apart", place)
        prefix = place.rsplit(".", 1)[-1].replace("[]", "")
        names = {str(tag): f"{prefix}.{tag}" for tag in tags}
        for name, branch in zip(names.values(), branches, strict=True):
            if name in self.definitions:
                raise _unknown(f"a second `{name}`", place)
            self.definitions[name] = self.derive(branch, name)
        return {**words(place, schema), **_dispatch(names)}


def _dispatch(names: dict[str, str]) -> Schema:
    # The `if` asks for an object too: it would hold for anything else, and every branch would complain.
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"title": "Type", "enum": list(names)}},
        "allOf": [
            {
                "if": {"type": "object", "required": ["type"], "properties": {"type": {"const": tag}}},
                "then": {"$ref": reference(name)},
            }
            for tag, name in names.items()
        ],
    }


def _tag(branch: Schema) -> str | None:
    if "type" not in branch.get("required", ()):
        return None
    tag = branch.get("properties", {}).get("type", {})
    values = [tag["const"]] if "const" in tag else tag.get("enum", [])
    return values[0] if len(values) == 1 and isinstance(values[0], str) else None


def _scalar(schema: Schema, place: str) -> Schema:
    if "const" in schema or "enum" in schema:
        # Without its type: a value of another type is one mistake, not two.
        return {**words(place, schema), **{key: schema[key] for key in ("const", "enum") if key in schema}}
    if schema["type"] != "string":
        return {**words(place, schema), **_rules(schema)}
    limits = {key: value for key, value in _rules(schema).items() if key != "type"}
    key = place.rsplit(".", 1)[-1]
    written = WRITTEN.get(key, {})
    may_be_empty = key in MAY_BE_EMPTY or place.endswith("{}")
    if not may_be_empty and not {"format", "pattern"} & limits.keys():
        limits = {"minLength": 1, **limits}
        # A schema has one pattern.
        written = {**written, **({"allOf": [_SEEN]} if "pattern" in written else _SEEN)}
    if "pattern" in limits:
        limits["pattern"] = _portable(limits["pattern"], place)
    return {"$ref": reference(TEXT), **words(place, schema), **written, **limits}


def _portable(pattern: str, place: str) -> str:
    """Return a pattern that means in Python and in Rust what the contract's means in ECMAScript."""
    if re.search(r"\\[dDwWsSbBpP]|\(\?", pattern):
        raise _unknown("a pattern that is read differently by different libraries", place)
    return re.sub(r"(?<!\\)\$\Z", lambda _: NOTHING_FOLLOWS, pattern)


def _rules(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in _ANNOTATIONS and key != "items"}


def _unknown(what: str, place: str) -> ConfigurationError:
    return ConfigurationError(
        f"the contract has {what} at `{place or 'the root'}`, which no rule turns into a manifest's schema",
        hint="teach reconciler/adapters/schemas/manifest.py what a manifest may hold there",
    )
