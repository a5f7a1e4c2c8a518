"""Snippets for VS Code, derived from the manifest schema: a whole manifest, a step for each action, each filter.

What a snippet leaves when every place is taken as it stands is valid by the schema, whatever the contract holds.
"""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from reconciler.adapters.schemas.overlay import TEXT
from reconciler.adapters.schemas.schema import Schema, reference, referred

_ACTION: Final = "action."
_FILTER: Final = "ContactsFilter."
_UUID: Final = "123e4567-e89b-42d3-a456-426614174000"
# What stands at a place before its author writes something, where the title of the place will not do.
_EXAMPLES: Final = {
    "custom_id": "welcome",
    "from_email": "hello@example.com",
    "contact_ids": _UUID,
    "after": "2026-01-01T00:00:00Z",
    "before": "2026-02-01T00:00:00Z",
    "email_in": "someone@example.com",
    "phone_number_in": "+12025550123",
    "domain_name_in": "example.com",
    "aiPhoneAgentId": _UUID,
    "language": "en",
}


def snippets(schema: Schema) -> bytes:
    """Return the content of a `.code-snippets` file."""
    written = {
        "OpenCX sequence": {
            "scope": "yaml",
            "prefix": ["sequence"],
            "description": "A whole manifest",
            "body": [*_Writer(schema).sequence()],
        }
    }
    for name, definition in schema["$defs"].items():
        title, tag = definition.get("title", ""), name.partition(".")[2]
        if name.startswith(_ACTION):
            written[f"OpenCX step: {title}"] = _snippet(tag, definition, _Writer(schema).step(name))
        elif name.startswith(_FILTER):
            written[f"OpenCX filter: {title}"] = _snippet(tag, definition, _Writer(schema).condition(name))
    return (json.dumps(written, indent=2, ensure_ascii=False) + "\n").encode()


def _snippet(tag: str, definition: Schema, body: Iterator[str]) -> dict[str, Any]:
    return {"scope": "yaml", "prefix": [tag], "description": definition.get("description", tag), "body": [*body]}


class _Writer:
    """Writes one snippet; its places are numbered in the order in which they are visited."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._numbers = count(1)

    def sequence(self) -> Iterator[str]:
        yield f"custom_id: {self._place('welcome')}"
        yield f'name: "{self._place("Welcome")}"'
        yield from ("filter:", "  or:", "    - and:")
        yield from (f"        {line}" for line in self.condition(f"{_FILTER}contact_belongs_to_segment"))
        yield "steps:"
        yield from (f"  {line}" for line in self.step(f"{_ACTION}send_emails"))

    def step(self, name: str) -> Iterator[str]:
        yield "- action:"
        yield from (f"    {line}" for line in self._object(self._schema["$defs"][name]))
        yield f"  delay_in_minutes: {self._place('0')}"

    def condition(self, name: str) -> Iterator[str]:
        first, *others = self._object(self._schema["$defs"][name])
        yield f"- {first}"
        yield from (f"  {line}" for line in others)

    def _object(self, schema: Schema) -> Iterator[str]:
        properties, required = schema["properties"], set(schema.get("required", ()))
        # A filter that says nothing beside its type is one that matches everyone: it shows all that it can say.
        everything = required <= {"type"} and "type" in properties
        for key, child in properties.items():
            if everything or key in required:
                yield from self._pair(key, child)

    def _pair(self, key: str, schema: Schema) -> Iterator[str]:
        if schema.get("$ref") != reference(TEXT) and "$ref" in schema:
            schema = {**self._schema["$defs"][referred(schema["$ref"])], **schema}
        kind = schema.get("type")
        if key == "email_body":
            yield f"{key}: {{\\$file: {self._place('welcome.html')}}}"
        elif kind == "object" and schema.get("required"):
            yield f"{key}:"
            yield from (f"  {line}" for line in self._object(schema))
        elif kind == "object":
            yield f"{key}: {{}}"
        elif kind == "array" and schema["items"].get("type") == "object":
            yield from (f"{key}:", f'  - {self._place("name")}: "{self._place("value")}"')
        elif kind == "array":
            yield f'{key}: ["{self._text(key, schema)}"]'
        else:
            yield f"{key}: {self._scalar(key, schema)}"

    def _scalar(self, key: str, schema: Schema) -> str:
        if "const" in schema or "enum" in schema:
            values = schema.get("enum") or [schema["const"]]
            return str(values[0]) if len(values) == 1 else f"${{{next(self._numbers)}|{','.join(values)}|}}"
        match schema.get("type"):
            case "boolean":
                return f"${{{next(self._numbers)}|false,true|}}"
            case "number" | "integer":
                return self._place("0")
        return f'"{self._text(key, schema)}"'

    def _text(self, key: str, schema: Schema) -> str:
        return self._place(_EXAMPLES.get(key) or schema.get("title", key))

    def _place(self, text: str) -> str:
        return f"${{{next(self._numbers)}:{text}}}"
