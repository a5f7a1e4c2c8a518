"""Shapes: a JSON Schema compiled once into checks that are quick to run.

Only the keywords that the contract uses are known. Another one is refused when the shape is compiled, so that a newer
contract is never checked by halves. This is on purpose not the code by which the client checks its manifests.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from reconciler.sandbox.instant import is_instant


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where, from the outermost key inwards."""

    path: tuple[str | int, ...]
    message: str

    def under(self, part: str | int) -> "Problem":
        """Return the problem as seen from one level further out."""
        return Problem((part, *self.path), self.message)

    def __str__(self) -> str:
        pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.path)
        return f"`{pointer or '/'}` {self.message}"


Check: TypeAlias = Callable[[Any], Problem | None]
Known: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """`problem` finds the first problem of a value; `known` copies a valid value without the keys nobody named."""

    problem: Check
    known: Known


_ANNOTATIONS = frozenset({"$id", "$schema", "default", "description"})
_TYPES: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiler:
    """Compiles schemas. `closed` also refuses the keys that an open object would let pass."""

    definitions: Mapping[str, Any]
    closed: bool

    def compile(self, schema: Mapping[str, Any]) -> Shape:
        """Return the schema's shape; ValueError for a keyword, a type or a format that is not known."""
        if "$ref" in schema:
            return self.compile(self.definitions[schema["$ref"]])
        rest = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
        for keyword, form in (("anyOf", self._any_of), ("oneOf", self._one_of)):
            if keyword in rest:
                branches = [self.compile(branch) for branch in rest.pop(keyword)]
                _none_left(rest)
                return form(branches)
        kind = str(rest.pop("type", None))
        if kind not in _TYPES:
            raise ValueError(f"the contract uses the type `{kind}`, which the sandbox does not know")
        match kind:
            case "object":
                inner = self._object(rest)
            case "array":
                inner = self._array(rest)
            case _:
                inner = _scalar(rest)
        _none_left(rest)
        return Shape(_typed(kind, inner.problem), inner.known)

    def _object(self, rest: dict[str, Any]) -> Shape:
        properties = {name: self.compile(schema) for name, schema in rest.pop("properties", {}).items()}
        required = tuple(rest.pop("required", ()))
        others = rest.pop("additionalProperties", None)
        # A name is always a string, and that is all that the contract asks of one.
        if rest.pop("propertyNames", {"type": "string"}) != {"type": "string"}:
            raise ValueError("the contract restricts the names of properties, which the sandbox does not know")
        other = self.compile(others) if isinstance(others, dict) else None
        refused = others is False or (self.closed and other is None)
        checks = {name: shape.problem for name, shape in properties.items()}

        def problem(value: dict[str, Any]) -> Problem | None:
            for name, child in value.items():
                check = checks.get(name) or (other.problem if other else None)
                if check is None:
                    if refused:
                        return Problem((name,), "is not a key that the contract names")
                    continue
                found = check(child)
                if found is not None:
                    return found.under(name)
            return next((Problem((), f"lacks `{name}`") for name in required if name not in value), None)

        def known(value: dict[str, Any]) -> dict[str, Any]:
            if other is not None:
                return value
            return {name: properties[name].known(child) for name, child in value.items() if name in properties}

        return Shape(problem, known)

    def _array(self, rest: dict[str, Any]) -> Shape:
        items = self.compile(rest.pop("items"))
        least = rest.pop("minItems", 0)
        check = items.problem

        def problem(value: list[Any]) -> Problem | None:
            if len(value) < least:
                return Problem((), f"must have at least {least} element")
            for position, child in enumerate(value):
                found = check(child)
                if found is not None:
                    return found.under(position)
            return None

        return Shape(problem, lambda value: [items.known(child) for child in value])

    def _any_of(self, branches: list[Shape]) -> Shape:
        def problem(value: Any) -> Problem | None:
            problems = []
            for branch in branches:
                found = branch.problem(value)
                if found is None:
                    return None
                problems.append(found)
            return _most_telling(problems)

        return Shape(problem, _known_by_first(branches))

    def _one_of(self, branches: list[Shape]) -> Shape:
        def problem(value: Any) -> Problem | None:
            problems = [branch.problem(value) for branch in branches]
            if problems.count(None) == 1:
                return None
            if problems.count(None) > 1:
                return Problem((), "fits several forms, of which it must be one")
            return _most_telling([found for found in problems if found])

        return Shape(problem, _known_by_first(branches))


def _none_left(rest: Mapping[str, Any]) -> None:
    if rest:
        raise ValueError(f"the contract uses the keyword `{min(rest)}`, which the sandbox does not know")


def _typed(kind: str, check: Check) -> Check:
    kinds = _TYPES[kind]
    article = "an" if kind[0] in "aio" else "a"
    wrong = Problem((), "must be null" if kind == "null" else f"must be {article} {kind}")

    def problem(value: Any) -> Problem | None:
        # By `type` and not `isinstance`: true is no number.
        if type(value) in kinds or (kind == "integer" and type(value) is float and value.is_integer()):
            return check(value)
        return wrong

    return problem


def _scalar(rest: dict[str, Any]) -> Shape:
    checks = [_SCALAR_CHECKS[keyword](rest.pop(keyword)) for keyword in _SCALAR_CHECKS if keyword in rest]

    def problem(value: Any) -> Problem | None:
        for check in checks:
            found = check(value)
            if found is not None:
                return found
        return None

    return Shape(checks[0] if len(checks) == 1 else problem, lambda value: value)


def _enum(allowed: list[str]) -> Check:
    wrong = Problem((), f"must be {' or '.join(f'`{value}`' for value in allowed)}")
    return lambda value: None if value in allowed else wrong


def _minimum(least: float) -> Check:
    wrong = Problem((), f"must be at least {least}")
    return lambda value: None if value >= least else wrong


def _pattern(pattern: str) -> Check:
    # Where Python's `$` also matches before a line's end, that of JSON Schema does not.
    search = re.compile(pattern.removesuffix("$") + (r"\Z" if pattern.endswith("$") else "")).search
    wrong = Problem((), f"must match {pattern}")
    return lambda value: None if search(value) else wrong


def _format(name: str) -> Check:
    if name == "uuid":
        return lambda _value: None  # the contract states the pattern beside it
    if name != "date-time":
        raise ValueError(f"the contract uses the format `{name}`, which the sandbox does not know")
    wrong = Problem((), "must be a date-time such as 2026-01-01T00:00:00Z")
    return lambda value: None if is_instant(value) else wrong


_SCALAR_CHECKS: Mapping[str, Callable[[Any], Check]] = {
    "const": lambda value: _enum([value]),
    "enum": _enum,
    "minimum": _minimum,
    "pattern": _pattern,
    "format": _format,
}


def _known_by_first(branches: list[Shape]) -> Known:
    def known(value: Any) -> Any:
        return next(branch.known(value) for branch in branches if branch.problem(value) is None)

    return known


def _most_telling(problems: list[Problem]) -> Problem:
    """Choose what to say of a value that fits no branch: what is wrong in the branch that its `type` names."""
    if all(found.path == ("type",) for found in problems):
        return Problem(("type",), "is not one that the contract names")
    # The deepest problem belongs to the branch that fits best; a wrong `type` says that the branch is not meant at all.
    return max(problems, key=lambda found: len(found.path) - (1.5 if found.path[-1:] == ("type",) else 0))
