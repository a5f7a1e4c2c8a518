"""Where in a manifest each key has its place, to tell someone who wrote it elsewhere.

A general path is a path with `[]` for any position of a list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from reconciler.adapters.schemas.overlay import TEXT
from reconciler.adapters.schemas.schema import Schema, referred
from reconciler.model.jsonvalue import Json
from reconciler.model.pointer import Path, value_at

ANY: Final = "[]"


@dataclass(frozen=True, slots=True)
class Spot:
    """An object that takes a key: its general path, and the `type` that each object on the way must have for it."""

    path: tuple[str, ...]
    tags: tuple[tuple[tuple[str, ...], str], ...]


@dataclass(frozen=True, slots=True)
class Home:
    """Where a key belongs that was written elsewhere. `target` is the object there, whether it is there or not.

    `words` completes "it belongs ...".
    """

    target: Path
    words: str


def general(path: Path) -> tuple[str, ...]:
    """Return the general form of a path."""
    return tuple(ANY if isinstance(part, int) else part for part in path)


def spots_of_keys(schema: Schema) -> dict[str, list[Spot]]:
    """Return for every key of the schema the objects that take it."""
    found: dict[str, list[Spot]] = {}
    for spot, keys in _objects(schema, schema, Spot((), ())):
        for key in keys:
            found.setdefault(key, []).append(spot)
    return found


def _objects(schema: Schema, root: Schema, spot: Spot) -> Iterator[tuple[Spot, list[str]]]:
    if "$ref" in schema:
        name = referred(schema["$ref"])
        if name != TEXT:
            yield from _objects(root["$defs"][name], root, spot)
        return
    for each in schema.get("allOf", ()):
        tag = each["if"]["properties"]["type"]["const"]
        yield from _objects(each["then"], root, Spot(spot.path, (*spot.tags, (spot.path, tag))))
    if "allOf" not in schema and "properties" in schema:
        yield spot, list(schema["properties"])
        for key, child in schema["properties"].items():
            yield from _objects(child, root, Spot((*spot.path, key), spot.tags))
    if "items" in schema:
        yield from _objects(schema["items"], root, Spot((*spot.path, ANY), spot.tags))


def home_of(key: str, path: Path, spots: list[Spot], document: Json) -> Home | None:
    """Return the nearest place further in or further out where a key of the object at a path could stand instead."""
    here = general(path)
    further_in = [spot for spot in spots if spot.path[: len(here)] == here and len(spot.path) > len(here)]
    further_out = [spot for spot in spots if here[: len(spot.path)] == spot.path and len(spot.path) < len(here)]
    for spot in sorted(further_in, key=lambda each: len(each.path)):
        target = (*path, *(0 if part == ANY else part for part in spot.path[len(here) :]))
        if _is_free(key, target, spot, document):
            return Home(target, _inside(spot.path))
    for spot in sorted(further_out, key=lambda each: -len(each.path)):
        target = path[: len(spot.path)]
        if _is_free(key, target, spot, document):
            return Home(target, f"{'further out' if target else 'at the top level'}, beside `{path[len(target)]}`")
    return None


def _is_free(key: str, target: Path, spot: Spot, document: Json) -> bool:
    """Tell whether the object there is of the kind that takes the key, and has not got it already."""
    there = value_at(document, target)
    if isinstance(there, dict) and key in there:
        return False
    kinds = [(value_at(document, (*target[: len(path)], "type")), tag) for path, tag in spot.tags]
    return all(kind == tag or not isinstance(kind, str) for kind, tag in kinds)


def _inside(path: tuple[str, ...]) -> str:
    name = next(part for part in reversed(path) if part != ANY)
    return f"in an entry of `{name}`" if path[-1] == ANY else f"under `{name}`"


def kinds_that_take(path: Path, spots: list[Spot]) -> list[str]:
    """Return the `type`s whose object at a path of this form takes a key."""
    here = general(path)
    return [spot.tags[-1][1] for spot in spots if spot.path == here and spot.tags]


def elsewhere(spots: list[Spot]) -> str | None:
    """Return in words the one place that takes a key, None where there are several."""
    places = {spot.path for spot in spots}
    if len(places) != 1:
        return None
    path: Any = next(iter(places))
    return _inside(path) if path else "at the top level"
