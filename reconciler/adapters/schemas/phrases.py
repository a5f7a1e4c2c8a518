"""How a place and a value's type are called in a sentence. Only keys and types are named, never a value.

A key can be anything that someone typed, a customer's address too, so a key is only repeated where it looks like one.
"""

import re
from difflib import get_close_matches
from typing import Any, Final

from reconciler.adapters.schemas.schema import Schema, referred, subschemas
from reconciler.model.jsonvalue import Json
from reconciler.model.pointer import Path, value_at

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.-]{0,63}")
_DIGITS_IN_A_ROW = re.compile(r"[0-9]{5}")
_TYPES: Final = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
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
    plain = _PLAIN_KEY.fullmatch(key) and not _DIGITS_IN_A_ROW.search(key)
    return f"key `{key}`" if plain else "key that is no plain name"


def place_name(path: Path) -> str:
    """Name the value at a path by its key."""
    match path:
        case ():
            return "the manifest"
        case (*_, str(key)) if key_name(key).endswith("`"):
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
    if isinstance(tag, str) and tag in tags:
        return f"the `{tag}` object" if tag in schema.get("properties", ()) else f"`{tag}`"
    title = schema.get("title")
    if isinstance(path[-1], int) and isinstance(title, str):
        return f"the {title[0].lower()}{title[1:]}"
    return place_name(path)


def type_name(value: Any) -> str:
    """Name a value's type in JSON's words."""
    if isinstance(value, bool):
        return "a boolean"
    for kind, name in ((str, "string"), (int | float, "number"), (list, "array"), (dict, "object")):
        if isinstance(value, kind):
            return _TYPES[name]
    return "null"


def wanted_types(kind: str | list[str]) -> str:
    """Name the types that a schema asks for. Where a string or an instruction may stand, a string is what is meant."""
    kinds = [kind] if isinstance(kind, str) else kind
    if set(kinds) == {"string", "object"}:
        kinds = ["string"]
    return " or ".join(_TYPES[each] for each in kinds)


def nearest(word: str, candidates: list[str]) -> str | None:
    """Return the candidate that was probably meant; case, dashes and underscores hardly count."""
    folded = {_folded(candidate): candidate for candidate in candidates}
    # In a short word, two letters that changed places are too much for the ratio.
    same_letters = [each for each in folded if sorted(each) == sorted(_folded(word))]
    found = same_letters or get_close_matches(_folded(word), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def listed(words: list[Any]) -> str:
    """Return words in backticks, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


def _folded(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
