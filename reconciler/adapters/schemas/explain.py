"""From the rules that a value breaks to what its author reads: one mistake, one finding, in words of the manifest.

Values are never repeated, because a manifest holds addresses, phone numbers and ids of people. What is repeated is
keys, and what the schema itself says.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from reconciler.adapters.schemas.advice import MUST, advice
from reconciler.adapters.schemas.judge import Mistake
from reconciler.adapters.schemas.keys import KeyExplainer
from reconciler.adapters.schemas.overlay import CUSTOM_ID, INSTRUCTIONS, ONE_LINE, UUID_SHAPE
from reconciler.adapters.schemas.phrases import and_listed, known_tags, listed, place_name, type_name, wanted_types
from reconciler.adapters.schemas.schema import Schema
from reconciler.core.blank import NOT_BLANK
from reconciler.core.spelling import nearest
from reconciler.model import rules
from reconciler.model.diagnostic import Finding
from reconciler.model.jsonvalue import Json
from reconciler.model.pointer import Path

_FEW: Final = 8
_OF_KEYS: Final = ("required", "additionalProperties")
# By keyword: what a value has to be, and what to do.
_LIMITS: Final = {
    "minItems": ("have at least {} entries", "add what is missing"),
    "maxItems": ("have at most {} entries", "remove what is too much"),
    "minLength": ("have at least {} characters", "write more"),
    "maxLength": ("have at most {} characters", "shorten it"),
    "minimum": ("be at least {}", "write {} or more"),
    "maximum": ("be at most {}", "write {} or less"),
    "exclusiveMinimum": ("be more than {}", "write more than {}"),
    "exclusiveMaximum": ("be less than {}", "write less than {}"),
    "multipleOf": ("be a multiple of {}", "write a multiple of {}"),
}
_INSTEAD: Final = {
    "string": "write the text behind the colon, in quotes if it begins with a sign",
    "number": "write the number alone, in digits, with a dot before a fraction",
    "integer": "write the number alone, in digits",
    "boolean": "write true or false",
    "array": "write its entries below it, each beginning with `- `",
    "object": "write its keys below it, indented by two spaces",
}


def explain(mistakes: Sequence[Mistake], document: Json, schema: Schema) -> tuple[Finding, ...]:
    """Return the findings in the order of their paths; a value has at most one."""
    keys = KeyExplainer(document, schema, known_tags(schema))
    found = keys.explain([each for each in mistakes if each.keyword in _OF_KEYS and not each.of_key])
    of_values: dict[Path, Finding] = {}
    for mistake in mistakes:
        for finding in _of_value(mistake):
            known = of_values.get(finding.path)
            if known is None or finding.rule < known.rule:
                of_values[finding.path] = finding
    found += of_values.values()
    if mistakes and not found:
        raise AssertionError("a mistake without a finding would pass for a valid value")
    return tuple(sorted(found, key=lambda finding: (_order(finding.path), finding.rule, finding.message)))


def _order(path: Path) -> tuple[tuple[int, str], ...]:
    return tuple((part, "") if isinstance(part, int) else (0, part) for part in path)


def _of_value(mistake: Mistake) -> Iterator[Finding]:
    if mistake.of_key:
        return _no_place_for_text(mistake, mistake.value)
    if mistake.keyword in _OF_KEYS:
        return iter(())
    return _BY_KEYWORD.get(mistake.keyword, _outside_limits)(mistake)


def _finding(rule: str, mistake: Mistake, message: str, hint: str) -> Finding:
    return Finding(rule=rule, message=message, path=mistake.path, hint=hint)


def _wrong_type(mistake: Mistake) -> Iterator[Finding]:
    wanted = mistake.schema["type"]
    given = set(mistake.value) if isinstance(mistake.value, dict) else set()
    if wanted != "string" and len(given) == 1 and given <= set(INSTRUCTIONS):
        yield from _no_place_for_text(mistake, next(iter(mistake.value)))
        return
    message = f"{place_name(mistake.path)} must be {wanted_types(wanted)}, not {type_name(mistake.value)}"
    yield _finding(rules.WRONG_TYPE, mistake, message, _type_hint(mistake.value, mistake.schema))


def _type_hint(value: Any, schema: Schema) -> str:
    wanted = schema["type"]
    kind = wanted if isinstance(wanted, str) else "string" if "string" in wanted else wanted[0]
    if kind == "string" and isinstance(value, bool | int | float):
        return f"put it in quotes: without them YAML reads {type_name(value)}"
    if kind == "boolean" and isinstance(value, str):
        return "write true or false without quotes"
    if kind == "object" and isinstance(value, list):
        return "remove the `- ` before its keys: there is only one of it"
    if kind == "array" and isinstance(value, dict):
        return "begin each entry with `- `: it is a list"
    return _keys_below(schema) if kind == "object" else _INSTEAD[kind]


def _keys_below(schema: Schema) -> str:
    kinds = schema.get("properties", {}).get("type", {}).get("enum", ())
    if 0 < len(kinds) <= _FEW:
        return f"write `type:` below it, indented by two spaces, with {_one_of(kinds)}"
    keys = schema.get("required") or list(schema.get("properties", ()))
    return f"write {and_listed(keys)} below it, indented by two spaces" if keys else _INSTEAD["object"]


def _not_allowed(mistake: Mistake) -> Iterator[Finding]:
    allowed = mistake.schema.get("enum", [mistake.schema.get("const")])
    name = place_name(mistake.path)
    if not isinstance(mistake.value, str) and all(isinstance(each, str) for each in allowed):
        hint = (
            _type_hint(mistake.value, {"type": "string"})
            if str(mistake.value) in allowed
            else f"write {_one_of(allowed)}"
        )
        message = f"{name} must be text, not {type_name(mistake.value)}"
        yield _finding(rules.WRONG_TYPE, mistake, message, hint)
        return
    meant = nearest(mistake.value, allowed, likeness=0.7) if isinstance(mistake.value, str) else None
    few = len(allowed) <= _FEW
    message = f"{name} must be {_one_of(allowed)}" if few else f"{name} must be one of {len(allowed)} known values"
    hint = f"did you mean `{meant}`?" if meant else f"write {_one_of(allowed)}"
    yield _finding(rules.NOT_ALLOWED, mistake, message, hint)


def _one_of(allowed: list[Any]) -> str:
    return listed(allowed) if len(allowed) == 1 else f"one of {listed(allowed)}"


def _badly_written(mistake: Mistake) -> Iterator[Finding]:
    name = place_name(mistake.path)
    if mistake.keyword == "not" and mistake.schema["not"].get("pattern") == UUID_SHAPE:
        hint = "write a name of your own, such as `welcome`: it could not be told apart from the API's ids"
        yield _finding(rules.BAD_CUSTOM_ID, mistake, f"{name} must not look like a uuid", hint)
        return
    kind = mistake.schema.get(mistake.keyword, "")
    kind = kind if isinstance(kind, str) else ""
    if kind == NOT_BLANK:
        yield from _empty(mistake)
        return
    rule = {CUSTOM_ID: rules.BAD_CUSTOM_ID, ONE_LINE: rules.LINE_BREAK}.get(kind, rules.BAD_FORMAT)
    must = MUST.get(kind) or MUST.get(mistake.schema.get("format", ""), "be written otherwise")
    yield _finding(rule, mistake, f"{name} must {must}", advice(kind, mistake.value))


def _bad_instruction(mistake: Mistake) -> Iterator[Finding]:
    if all(key in INSTRUCTIONS for key in mistake.value):
        message = f"{place_name(mistake.path)} must be text, or exactly one of {listed([*INSTRUCTIONS])}"
        hint = "keep one of them" if mistake.value else "write the text, in quotes if it begins with a sign"
        yield _finding(rules.BAD_INSTRUCTION, mistake, message, hint)


def _no_place_for_text(mistake: Mistake, instruction: str) -> Iterator[Finding]:
    message = f"`{instruction}` yields text and cannot stand for {place_name(mistake.path)}"
    hint = _INSTEAD.get(str(mistake.schema.get("type")), "write it where text could stand, below one of the keys")
    yield _finding(rules.BAD_INSTRUCTION, mistake, message, hint)


def _empty(mistake: Mistake) -> Iterator[Finding]:
    hint = _INSTEAD["array"] if isinstance(mistake.value, list) else "write the text that is meant"
    why = "; it holds only what is not seen, such as spaces" if mistake.value else ""
    yield _finding(rules.EMPTY, mistake, f"{place_name(mistake.path)} must not be empty{why}", hint)


def _outside_limits(mistake: Mistake) -> Iterator[Finding]:
    limit = mistake.schema.get(mistake.keyword)
    name = place_name(mistake.path)
    if mistake.keyword in ("minItems", "minLength") and len(mistake.value) == 0:
        yield from _empty(mistake)
    elif mistake.keyword in _LIMITS:
        must, hint = _LIMITS[mistake.keyword]
        yield _finding(rules.OUT_OF_RANGE, mistake, f"{name} must {must.format(limit)}", hint.format(limit))
    else:
        message = f"{name} breaks the schema's `{mistake.keyword}`"
        yield _finding(rules.NOT_ALLOWED, mistake, message, "compare it with what `reconciler schema` prints")


_BY_KEYWORD: Final[dict[str, Callable[[Mistake], Iterator[Finding]]]] = {
    "type": _wrong_type,
    "enum": _not_allowed,
    "const": _not_allowed,
    "not": _badly_written,
    "pattern": _badly_written,
    "format": _badly_written,
    "minProperties": _bad_instruction,
    "maxProperties": _bad_instruction,
}
