"""Two validators that judge by one schema: a fast one that screens, and the reference that explains.

Nearly every value is valid, so the screen alone sees nearly all of them, and `jsonschema`, which is slow to import and
slow to run, is only asked about those that the screen refuses. It is the reference: what it finds nothing wrong with
is valid, whatever the screen says. Neither ever retrieves anything, and neither library's words reach a user.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from reconciler.adapters.schemas.formats import FORMATS
from reconciler.adapters.schemas.schema import Schema, subschemas
from reconciler.core.undisturbed import undisturbed
from reconciler.errors import ConfigurationError
from reconciler.model.jsonvalue import Json
from reconciler.model.pointer import Path

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError
    from jsonschema_rs import Draft202012Validator as Screen


# Nobody reads more of one document, and each costs a tenth of a millisecond to put into words.
MAX_MISTAKES: Final = 1000
# No list that a person writes is longer.
_LONG: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One rule of a schema that a value breaks. `value` may be personal data: it is to decide by, never to show.

    `schema` is the subschema that `keyword` belongs to. `of_key` means that `value` is a key of the object at `path`.
    """

    keyword: str
    path: Path
    value: Any
    schema: Schema
    of_key: bool = False


class Judge:
    """Judges values, which must be plain dicts and lists, by one schema; both libraries are imported when needed."""

    def __init__(self, schema: Schema) -> None:
        used = {each["format"] for each in subschemas(schema) if isinstance(each.get("format"), str)}
        if unknown := used - FORMATS.keys():
            raise ConfigurationError(f"a schema has formats that nothing here checks: {sorted(unknown)}")
        self.schema = schema

    def passes(self, value: Json) -> bool:
        """Tell whether the screen finds the value valid; False also where it cannot tell."""
        return _passes(self._screen, value)

    def mistakes(self, value: Json) -> list[Mistake]:
        """Return what the reference finds wrong, choices followed into the branch that the value takes.

        At most MAX_MISTAKES of them, in the order in which the reference comes upon them: a megabyte holds 50,000.
        """
        found = (mistake for error in self._reference.iter_errors(value) for mistake in _leaves(error))
        return list(islice(found, MAX_MISTAKES))

    @cached_property
    def _screen(self) -> "Screen":
        return _screen_of(self.schema)

    @cached_property
    def _reference(self) -> "Draft202012Validator":
        from jsonschema import Draft202012Validator
        from jsonschema.validators import extend
        from referencing import Registry

        kind = extend(Draft202012Validator, {"items": self._items})  # type: ignore[no-untyped-call]
        # The default registry would go to the network for a reference that it does not hold.
        validator: Draft202012Validator = kind(self.schema, registry=Registry(), format_checker=_format_checker())
        return validator

    def _items(self, reference: Any, items: Any, value: Any, schema: Schema) -> "Iterator[ValidationError]":
        """Judge a list's items, in a very long list only those that the screen does not pass: they take 0.2 ms each."""
        if not isinstance(value, list) or len(value) <= _LONG or "prefixItems" in schema:
            from jsonschema import Draft202012Validator

            yield from Draft202012Validator.VALIDATORS["items"](reference, items, value, schema)
            return
        screen = _screen_of({"$defs": self.schema.get("$defs", {}), **items})
        for position, item in enumerate(value):
            if not _passes(screen, item):
                yield from reference.descend(item, items, path=position)


def _screen_of(schema: Schema) -> "Screen":
    # It imports what it needs of Python when it is first used, and panics on stderr when that is interrupted.
    with undisturbed():
        import jsonschema_rs

        screen = jsonschema_rs.Draft202012Validator(
            schema, validate_formats=True, formats=_remembering(), retriever=_retrieve_nothing
        )
        screen.is_valid({})
    return screen


def _remembering() -> dict[str, Callable[[object], bool]]:
    """Return the formats for the screen, which asks about texts alone: the same senders stand in many manifests."""
    return {name: lru_cache(maxsize=4096)(check) for name, check in FORMATS.items()}


def _passes(screen: "Screen", value: Json) -> bool:
    try:
        return screen.is_valid(value)
    except (ValueError, SystemError):
        # Too deep a nesting, or a lone surrogate (a SystemError before 0.46): the reference has to judge it.
        return False


def _format_checker() -> "FormatChecker":
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    for name, check in FORMATS.items():
        checker.checks(name)(check)
    return checker


def _retrieve_nothing(uri: str) -> Any:
    raise LookupError(f"schemas are never retrieved: {uri}")


def _leaves(error: "ValidationError") -> Iterator[Mistake]:
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    if not branches:
        yield _mistake(error)
        return
    taken = next((errors for errors in branches.values() if not any(map(_chooses, errors))), None)
    if taken is None:
        yield _no_branch(error, [inner for errors in branches.values() for inner in errors if _chooses(inner)])
        return
    for inner in taken:
        yield from _leaves(inner)


def _chooses(error: "ValidationError") -> bool:
    """Tell whether an error inside a branch says that the value belongs to another branch."""
    where = list(error.relative_path)
    if error.validator == "type":
        return where in ([], ["type"])
    return error.validator in ("const", "enum") and where == ["type"]


def _no_branch(error: "ValidationError", refusals: "list[ValidationError]") -> Mistake:
    by_tag = [refusal for refusal in refusals if refusal.validator in ("const", "enum")]
    if not by_tag:
        types = [refusal.validator_value for refusal in refusals if not refusal.relative_path]
        return _mistake(error, keyword="type", schema={"type": list(dict.fromkeys(types))})
    tags = [tag for each in by_tag for tag in _allowed(each.validator, each.validator_value)]
    path = (*error.absolute_path, "type")
    return Mistake(keyword="enum", path=path, value=by_tag[0].instance, schema={"enum": tags})


def _allowed(keyword: object, limit: Any) -> list[Any]:
    return list(limit) if keyword == "enum" else [limit]


def _mistake(error: "ValidationError", *, keyword: str | None = None, schema: Schema | None = None) -> Mistake:
    own: Any = error.schema
    return Mistake(
        keyword=keyword or str(error.validator),
        path=tuple(error.absolute_path),
        value=error.instance,
        schema=own if schema is None else schema,
        of_key="propertyNames" in list(error.absolute_schema_path)[-2:-1],
    )
