"""How a place and a value's type are called in a sentence. Only keys and types are named, never a value.

A key can be anything that someone typed, a customer's address too, so a key is only repeated where it looks like one.
"""

from typing import Any, Final

from reconciler.adapters.schemas.schema import Schema, referred, subschemas
from reconciler.model.jsonvalue import Json
from reconciler.model.pointer import Path, is_plain_key, value_at

_MANY: Final = 6
_TYPES: Final = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys with values",
    "null": "null",
}


def known_tags(schema: Schema) -> frozenset[str]:
    """Return every value that some `type` key of the schema allows."""
    tags = (each["properties"].get("type", {}) for each in subschemas(schema) if _has_properties(each))
    return frozenset(value for tag in tags for value in [*tag.get("enum", ()), tag.get("const")] if value is not None)


def _has_properties(schema: Schema) -> bool:
    return isinstance(schema.get("properties"), dict) and "type" in schema


def known_keys(schema: Schema, root: Schema) -> list[str]:
    """Return the keys that an object may have in any of its branches."""
    keys = list(schema.get("properties", ()))
    for each in schema.get("allOf", ()):
        branch = root["$defs"][referred(each["then"]["$ref"])]
        keys += [key for key in branch["properties"] if key not in keys]
    return keys


def key_name(key: str) -> str:
    """Name a key in a sentence, or say only that there is one."""
    return f"key `{key}`" if is_plain_key(key) else "key that is no plain name"


def place_name(path: Path) -> str:
    """Name the value at a path by its key."""
    match path:
        case ():
            return "the manifest"
        case (*_, str(key)) if is_plain_key(key):
            return f"`{key}`"
        case (*_, str()):
            return "the value"
        case (*above, int(position)):
            return f"item {position + 1} of {place_name(tuple(above))}"
    raise AssertionError(path)


def object_name(path: Path, schema: Schema, document: Json, tags: frozenset[str]) -> str:
    """Name the object at a path: by the `type` that its author chose, or by its title or key."""
    if not path:
        return "the sequence"
    owner = path[:-1] if path[-1] == "data" else path
    tag = value_at(document, (*owner, "type"))
    chooses = path[-1] == "data" or "type" in schema.get("properties", ())
    if chooses and isinstance(tag, str) and tag in tags:
        return f"the `{tag}` object" if tag in schema.get("properties", ()) else f"`{tag}`"
    title = schema.get("title")
    if isinstance(path[-1], int) and isinstance(title, str):
        return f"the {title[0].lower()}{title[1:]}"
    return place_name(path)


def type_name(value: Any) -> str:
    """Name a value's type in words that are no programmer's."""
    if isinstance(value, bool):
        return "a boolean"
    for kind, name in ((str, "string"), (int | float, "number"), (list, "array"), (dict, "object")):
        if isinstance(value, kind):
            return _TYPES[name]
    return "blank (null)"


def wanted_types(kind: str | list[str]) -> str:
    """Name the types that a schema asks for. Where a string or an instruction may stand, a string is what is meant."""
    # Nobody is led to write null, which as a filter is everyone.
    kinds = [kind] if isinstance(kind, str) else [each for each in kind if each != "null"]
    if set(kinds) == {"string", "object"}:
        kinds = ["string"]
    return " or ".join(_TYPES[each] for each in kinds)


def listed(words: list[Any]) -> str:
    """Return words in backticks, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


def and_listed(words: list[Any]) -> str:
    """Return words in backticks, with `and` before the last; of many only the first."""
    if len(words) > _MANY:
        return f"{listed(words[:_MANY])} and {len(words) - _MANY} more"
    return f"{listed(words[:-1])} and `{words[-1]}`" if len(words) > 1 else f"`{words[0]}`"


def resolved(schema: Schema, root: Schema) -> Schema:
    """Return a schema with what it refers to put in beneath it."""
    if "$ref" not in schema:
        return schema
    return {**resolved(root["$defs"][referred(schema["$ref"])], root), **schema}
