"""From the rules that a value breaks to what its author reads: one mistake, one finding, in words of the manifest.

Values are never repeated, because a manifest holds addresses, phone numbers and ids of people. What is repeated is
keys, and what the schema itself says.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from reconciler.adapters.schemas.judge import MAX_MISTAKES, Mistake
from reconciler.adapters.schemas.overlay import (
    CUSTOM_ID,
    INSTRUCTIONS,
    POINTER,
    RELATIVE_FILE,
    UUID_SHAPE,
    VARIABLE_NAME,
)
from reconciler.adapters.schemas.phrases import (
    key_name,
    known_keys,
    known_tags,
    listed,
    nearest,
    object_name,
    place_name,
    type_name,
    wanted_types,
)
from reconciler.adapters.schemas.schema import Schema
from reconciler.model import rules
from reconciler.model.diagnostic import Finding
from reconciler.model.jsonvalue import Json
from reconciler.model.pointer import Path

_FEW: Final = 8
_WRITTEN: Final = {
    "date-time": "be a date-time with its offset, such as `2026-01-31T09:00:00Z`",
    "uuid": "be a uuid, such as `123e4567-e89b-42d3-a456-426614174000`",
    POINTER: "be a JSON pointer, such as `/name`",
    RELATIVE_FILE: "be the relative path of a file, with `/` between its parts",
    VARIABLE_NAME: "be the name of a variable: letters, digits and `_`, not beginning with a digit",
}
_LIMITS: Final = {
    "minItems": "have at least {} entries",
    "maxItems": "have at most {} entries",
    "minLength": "have at least {} characters",
    "maxLength": "have at most {} characters",
    "minimum": "be at least {}",
    "maximum": "be at most {}",
    "exclusiveMinimum": "be more than {}",
    "exclusiveMaximum": "be less than {}",
    "multipleOf": "be a multiple of {}",
}


def explain(mistakes: Sequence[Mistake], document: Json, schema: Schema) -> tuple[Finding, ...]:
    """Return the findings in the order of their paths; a value has at most one, an object one for each wrong key."""
    explainer = _Explainer(document, schema)
    found: dict[tuple[Path, str], Finding] = {}
    for mistake in mistakes:
        # An object with ten thousand wrong keys is one mistake of the reference.
        for finding in islice(explainer.findings(mistake), MAX_MISTAKES):
            per_key = finding.rule in (rules.UNKNOWN_KEY, rules.MISSING_KEY)
            key = (finding.path, finding.message if per_key else "")
            if key not in found or finding.rule < found[key].rule:
                found[key] = finding
    if mistakes and not found:
        raise AssertionError("a mistake without a finding would pass for a valid value")
    return tuple(sorted(found.values(), key=lambda finding: (_order(finding.path), finding.rule, finding.message)))


def _order(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((part, "") if isinstance(part, int) else (0, part) for part in path)


class _Explainer:
    """Words for the mistakes in one document. Each keyword has its own; what has none still gets a sentence."""

    def __init__(self, document: Json, schema: Schema) -> None:
        self._document = document
        self._schema = schema
        self._tags = known_tags(schema)
        self._by_keyword: dict[str, Callable[[Mistake], Iterator[Finding]]] = {
            "additionalProperties": self._unknown_keys,
            "required": self._missing_keys,
            "type": _wrong_type,
            "enum": _not_allowed,
            "const": _not_allowed,
            "not": _badly_written,
            "pattern": _badly_written,
            "format": _badly_written,
            "minProperties": _bad_instruction,
            "maxProperties": _bad_instruction,
        }

    def findings(self, mistake: Mistake) -> Iterator[Finding]:
        if mistake.of_key:
            return _instruction_for_object(mistake)
        return self._by_keyword.get(mistake.keyword, _outside_limits)(mistake)

    def _name(self, mistake: Mistake) -> str:
        return object_name(mistake.path, mistake.schema, self._document, self._tags)

    def _unknown_keys(self, mistake: Mistake) -> Iterator[Finding]:
        known = known_keys(mistake.schema, self._schema)
        for key in mistake.value:
            if key not in known:
                yield self._unknown_key(
                    mistake, key, nearest(key, [each for each in known if each not in mistake.value])
                )

    def _unknown_key(self, mistake: Mistake, key: str, meant: str | None) -> Finding:
        known = known_keys(mistake.schema, self._schema)
        hint = f"did you mean `{meant}`?" if meant else None
        if hint is None and _is_text(mistake.schema):
            hint = f"write a string, or an object with one of {listed(known)}"
        elif hint is None and 0 < len(known) <= _FEW:
            hint = f"known keys: {listed(known)}"
        message = f"unknown {key_name(key)} in {self._name(mistake)}"
        return _finding(rules.UNKNOWN_KEY, mistake, message, hint, at_key=key)

    def _missing_keys(self, mistake: Mistake) -> Iterator[Finding]:
        known = known_keys(mistake.schema, self._schema)
        missing = [key for key in mistake.schema["required"] if key not in mistake.value]
        absent = [key for key in known if key not in mistake.value]
        meant = {nearest(key, absent): key for key in mistake.value if key not in known}
        for key in missing:
            if key in meant:
                # It is there, misspelt: one mistake. A choice of branches does not complain of its keys by itself.
                yield self._unknown_key(mistake, meant[key], key)
            else:
                choices = mistake.schema.get("properties", {}).get(key, {}).get("enum", ())
                hint = f"one of {listed(choices)}" if 0 < len(choices) <= _FEW else None
                yield _finding(rules.MISSING_KEY, mistake, f"{self._name(mistake)} needs `{key}`", hint)


def _finding(
    rule: str, mistake: Mistake, message: str, hint: str | None = None, *, at_key: str | None = None
) -> Finding:
    path = mistake.path if at_key is None else (*mistake.path, at_key)
    return Finding(rule=rule, message=message, path=path, hint=hint, at_key=at_key is not None)


def _is_text(schema: Schema) -> bool:
    return set(schema.get("properties", ())) == set(INSTRUCTIONS)


def _wrong_type(mistake: Mistake) -> Iterator[Finding]:
    wanted = wanted_types(mistake.schema["type"])
    message = f"{place_name(mistake.path)} must be {wanted}, not {type_name(mistake.value)}"
    yield _finding(rules.WRONG_TYPE, mistake, message, _type_hint(mistake.value, mistake.schema["type"]))


def _type_hint(value: Any, wanted: str | list[str]) -> str | None:
    if value is None:
        return "a value left blank is null in YAML"
    if "string" in wanted and isinstance(value, bool | int | float):
        return f"put it in quotes: without them YAML reads {type_name(value)}"
    if isinstance(value, str) and wanted in ("number", "integer", "boolean"):
        return f"write {wanted_types(wanted)} without quotes"
    if wanted == "array":
        return "begin each entry with `- `"
    return None


def _not_allowed(mistake: Mistake) -> Iterator[Finding]:
    allowed = mistake.schema.get("enum", [mistake.schema.get("const")])
    name = place_name(mistake.path)
    if not isinstance(mistake.value, str) and all(isinstance(each, str) for each in allowed):
        yield from _wrong_type(_as_string(mistake))
        return
    meant = nearest(mistake.value, allowed) if isinstance(mistake.value, str) else None
    one_of = "" if len(allowed) == 1 else "one of "
    few = len(allowed) <= _FEW
    message = f"{name} must be {one_of}{listed(allowed)}" if few else f"{name} is none of its {len(allowed)} values"
    hint = f"did you mean `{meant}`?" if meant else None if few else f"one of {listed(allowed)}"
    yield _finding(rules.NOT_ALLOWED, mistake, message, hint)


def _as_string(mistake: Mistake) -> Mistake:
    return Mistake(keyword="type", path=mistake.path, value=mistake.value, schema={"type": "string"})


def _badly_written(mistake: Mistake) -> Iterator[Finding]:
    schema = mistake.schema
    name = place_name(mistake.path)
    if mistake.keyword == "not" and schema["not"].get("pattern") == UUID_SHAPE:
        message = f"{name} must not look like a uuid"
        yield _finding(rules.BAD_CUSTOM_ID, mistake, message, "an id and a custom_id could not be told apart")
        return
    if mistake.keyword == "pattern" and schema["pattern"] == CUSTOM_ID:
        message = f"{name} must be 1 to 50 letters, digits, `_` and `-`, and begin and end with a letter or digit"
        yield _finding(rules.BAD_CUSTOM_ID, mistake, message)
        return
    how = _WRITTEN.get(schema.get("format", "")) or _WRITTEN.get(schema.get("pattern", "")) or "be written otherwise"
    yield _finding(rules.BAD_FORMAT, mistake, f"{name} must {how}")


def _bad_instruction(mistake: Mistake) -> Iterator[Finding]:
    if all(key in INSTRUCTIONS for key in mistake.value):
        message = (
            f"{place_name(mistake.path)} must be a string, or an object with exactly one of {listed([*INSTRUCTIONS])}"
        )
        yield _finding(rules.BAD_INSTRUCTION, mistake, message)


def _instruction_for_object(mistake: Mistake) -> Iterator[Finding]:
    message = f"`{mistake.value}` yields a string and cannot stand for {place_name(mistake.path)}"
    yield _finding(rules.BAD_INSTRUCTION, mistake, message, "an instruction may stand where a value is a string")


def _outside_limits(mistake: Mistake) -> Iterator[Finding]:
    limit = mistake.schema.get(mistake.keyword)
    name = place_name(mistake.path)
    if mistake.keyword in ("minItems", "minLength") and len(mistake.value) == 0:
        yield _finding(rules.EMPTY, mistake, f"{name} must not be empty")
    elif mistake.keyword in _LIMITS:
        yield _finding(rules.OUT_OF_RANGE, mistake, f"{name} must {_LIMITS[mistake.keyword].format(limit)}")
    else:
        yield _finding(rules.NOT_ALLOWED, mistake, f"{name} breaks the schema's `{mistake.keyword}`")
