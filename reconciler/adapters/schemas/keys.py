"""Which keys of an object are wrong or missing, and what was probably meant.

A key that is misspelt, or stands at the wrong level, is also missing where it belongs: that is one mistake.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from reconciler.adapters.schemas.judge import MAX_MISTAKES, Mistake
from reconciler.adapters.schemas.overlay import INSTRUCTIONS, TEXT
from reconciler.adapters.schemas.phrases import (
    and_listed,
    key_name,
    known_keys,
    listed,
    object_name,
    place_name,
    resolved,
)
from reconciler.adapters.schemas.schema import Schema, reference
from reconciler.adapters.schemas.whereabouts import (
    Home,
    elsewhere,
    home_of,
    kinds_that_take,
    spots_of_keys,
)
from reconciler.core.spelling import is_one_slip, nearest
from reconciler.model import rules
from reconciler.model.diagnostic import Finding
from reconciler.model.jsonvalue import ABSENT, Json
from reconciler.model.pointer import Path, value_at

_MANY: Final = 14


@dataclass(slots=True)
class _Object:
    """One object with wrong or missing keys."""

    path: Path
    value: dict[str, Any]
    schema: Schema
    known: list[str]
    unknown: list[str]
    missing: list[str]
    meant: set[str] = field(default_factory=set)


@dataclass(slots=True)
class KeyExplainer:
    """Explains all mistakes about keys of one document together."""

    document: Json
    schema: Schema
    tags: frozenset[str]
    _found: list[Finding] = field(default_factory=list)
    _settled: set[tuple[Path, str]] = field(default_factory=set)

    def explain(self, mistakes: Sequence[Mistake]) -> list[Finding]:
        """Return the findings for mistakes of the keywords `required` and `additionalProperties`."""
        objects = self._objects(mistakes)
        for each in [each for each in objects if _is_instruction(each)]:
            self._found.append(_no_place_for_text(each))
            objects.remove(each)
        if any(each.unknown for each in objects):
            spots = spots_of_keys(self.schema)
            for each in objects:
                self._found += self._unknown(each, spots)
        for each in objects:
            missing = [key for key in each.missing if (each.path, key) not in self._settled]
            if missing:
                self._found.append(self._missing(each, missing))
        return self._found

    def _objects(self, mistakes: Sequence[Mistake]) -> list[_Object]:
        objects: dict[Path, _Object] = {}
        for mistake in mistakes:
            known = known_keys(mistake.schema, self.schema)
            # An object with ten thousand wrong keys is one mistake of the reference.
            unknown = list(islice((key for key in mistake.value if key not in known), MAX_MISTAKES))
            required = mistake.schema["required"] if mistake.keyword == "required" else ()
            missing = [key for key in required if key not in mistake.value]
            each = objects.setdefault(
                mistake.path, _Object(mistake.path, mistake.value, mistake.schema, known, unknown, [])
            )
            each.missing += [key for key in missing if key not in each.missing]
        return list(objects.values())

    def _name(self, each: _Object) -> str:
        return object_name(each.path, each.schema, self.document, self.tags)

    def _unknown(self, each: _Object, spots: dict[str, Any]) -> Iterator[Finding]:
        moved: dict[Home, list[str]] = {}
        for key in each.unknown:
            free = [known for known in each.known if known not in each.value and known not in each.meant]
            meant = nearest(key, free)
            home = home_of(key, each.path, spots.get(key, []), self.document)
            if home is not None and not (meant and is_one_slip(key, meant)):
                moved.setdefault(home, []).append(key)
                self._settle(home, key)
            elif meant or (meant := None if key in spots or key in self.tags else _only_one(each)):
                each.meant.add(meant)
                self._settled.add((each.path, meant))
                yield self._at_key(each, key, f"did you mean `{meant}`?")
            else:
                yield self._at_key(each, key, self._hint(each, key, spots))
        for home, keys in moved.items():
            yield self._misplaced(each, home, keys)

    def _hint(self, each: _Object, key: str, spots: dict[str, Any]) -> str:
        if (twice := nearest(key, each.known, likeness=0.8)) is not None:
            return f"`{twice}` is there already: remove one of the two"
        if set(each.known) == set(INSTRUCTIONS):
            return f"write a text, or one of {listed(each.known)}"
        others = kinds_that_take(each.path, spots.get(key, []))
        if others:
            return f"only {and_listed(others)} {'take' if len(others) > 1 else 'takes'} it; {self._choice(each)}"
        return self._hint_elsewhere(each, key, spots) or self._choice(each)

    def _hint_elsewhere(self, each: _Object, key: str, spots: dict[str, Any]) -> str | None:
        if key in self.tags and "type" in each.known and "type" not in each.value:
            self._settled.add((each.path, "type"))
            return f"did you mean `type: {key}`?"
        if key in self.tags and (home := home_of("type", each.path, spots.get("type", []), self.document)):
            self._settle(home, "type")
            return f"`{key}` is a kind, not a key: write `type: {key}` {home.words}"
        for likely in (key, nearest(key, spots, likeness=0.8)):
            found = home_of(likely, each.path, spots.get(likely, []), self.document) if likely else None
            if likely and found:
                self._settle(found, likely)
                return f"did you mean `{likely}`? It belongs {found.words}"
        place = elsewhere(spots.get(key, []))
        return f"it belongs {place}" if place else None

    def _choice(self, each: _Object) -> str:
        free = [key for key in each.known if key not in each.value]
        if not free:
            return "remove it: every key that can stand here does"
        return f"known keys: {listed(free[:_MANY])}" + (" and more" if len(free) > _MANY else "")

    def _misplaced(self, each: _Object, home: Home, keys: list[str]) -> Finding:
        if len(keys) == 1:
            message = f"`{keys[0]}` does not belong in {self._name(each)}"
            return _finding(rules.UNKNOWN_KEY, (*each.path, keys[0]), message, f"move it: it belongs {home.words}")
        message = f"{and_listed(keys)} do not belong in {self._name(each)}"
        return _finding(rules.UNKNOWN_KEY, (*each.path, keys[0]), message, f"move them: they belong {home.words}")

    def _settle(self, home: Home, key: str) -> None:
        """Note what will no longer be missing when the key stands in its place."""
        self._settled.add((home.target, key))
        for length in range(len(home.target)):
            part = home.target[length]
            if value_at(self.document, home.target[: length + 1]) is ABSENT and isinstance(part, str):
                self._settled.add((home.target[:length], part))

    def _at_key(self, each: _Object, key: str, hint: str) -> Finding:
        message = f"unknown {key_name(key)} in {self._name(each)}"
        return _finding(rules.UNKNOWN_KEY, (*each.path, key), message, hint)

    def _missing(self, each: _Object, missing: list[str]) -> Finding:
        message = f"{self._name(each)} needs {and_listed(missing)}"
        if missing == ["type"] and (fitting := self._fitting(each)):
            hint = f"its other keys fit `{fitting}`: add `type: {fitting}`"
            return _finding(rules.MISSING_KEY, each.path, message, hint)
        return _finding(rules.MISSING_KEY, each.path, message, "add " + self._to_write(each, missing))

    def _fitting(self, each: _Object) -> str | None:
        """Return the one `type` whose branch takes all the keys that are there."""
        fitting = [
            branch["if"]["properties"]["type"]["const"]
            for branch in each.schema.get("allOf", ())
            if each.value and each.value.keys() <= resolved(branch["then"], self.schema)["properties"].keys()
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _to_write(self, each: _Object, missing: list[str]) -> str:
        properties = each.schema.get("properties", {})
        texts = [self._written(key, properties.get(key, {})) for key in missing]
        why = _explained(properties.get(missing[0], {})) if len(missing) == 1 else ""
        return (texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}") + why

    def _written(self, key: str, schema: Schema) -> str:
        whole = resolved(schema, self.schema)
        choices = whole.get("enum", [whole["const"]] if "const" in whole else [])
        if choices:
            given = f"`{key}: {choices[0]}`"
            return given if len(choices) == 1 else f"`{key}:` with one of {listed(choices)}"
        if schema.get("$ref") == reference(TEXT):
            return f"`{key}: ...`"
        match whole.get("type"):
            case "boolean":
                return f"`{key}: true` or `{key}: false`"
            case "array":
                return f"`{key}:` with a list below it"
            case "object" | ["object", "null"]:
                below = whole.get("required") or list(whole.get("properties", ()))
                return f"`{key}:` with {and_listed(below)} below it"
        return f"`{key}: ...`"


def _is_instruction(each: _Object) -> bool:
    return len(each.value) == 1 and each.value.keys() <= set(INSTRUCTIONS) and not each.value.keys() & set(each.known)


def _no_place_for_text(each: _Object) -> Finding:
    message = f"`{next(iter(each.value))}` yields text and cannot stand for {place_name(each.path)}"
    hint = "write the keys that belong there, and this below one of them"
    return Finding(rule=rules.BAD_INSTRUCTION, path=each.path, message=message, hint=hint)


def _only_one(each: _Object) -> str | None:
    """Return the one key that is missing where one is unknown: it may be the same in another language."""
    return each.missing[0] if len(each.missing) == 1 == len(each.unknown) else None


def _explained(schema: Schema) -> str:
    if "enum" in schema or "const" in schema:
        return ""
    first = schema.get("description", "").partition(";")[0].rstrip(".")
    return f" ({first[0].lower()}{first[1:]})" if first and ". " not in first else ""


def _finding(rule: str, path: Path, message: str, hint: str) -> Finding:
    return Finding(rule=rule, path=path, message=message, hint=hint, at_key=True)
