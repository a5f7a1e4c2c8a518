"""JSON pointers (RFC 6901) and the paths they are written for."""

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Final, TypeAlias

from reconciler.model.jsonvalue import ABSENT, Json, MaybeJson

Path: TypeAlias = tuple[str | int, ...]

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.-]{0,63}")
_DIGITS_IN_A_ROW: Final = re.compile(r"[0-9]{5}")


def to_pointer(path: Path) -> str:
    """Write a path as a JSON pointer; the root is the empty string."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def shown_pointer(path: Path) -> str:
    """Write a path as a pointer that may be shown: it ends before a key that could be somebody's name or address."""
    plain = takewhile(lambda part: isinstance(part, int) or is_plain_key(part), path)
    return to_pointer(tuple(plain))


def is_plain_key(key: str) -> bool:
    """Tell whether a key looks like one that a program has, and not like something personal that someone typed."""
    return _PLAIN_KEY.fullmatch(key) is not None and _DIGITS_IN_A_ROW.search(key) is None


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """Return the parts of a pointer, as strings; ValueError if it does not begin with a slash."""
    if pointer == "":
        return ()
    if not pointer.startswith("/"):
        raise ValueError(pointer)
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))


def value_at(document: MaybeJson, path: Sequence[str | int]) -> MaybeJson:
    """Return what stands at a path, ABSENT where nothing does; list positions may be written as digits."""
    found: MaybeJson = document
    for part in path:
        found = _step(found, part)
    return found


def _step(value: MaybeJson, part: str | int) -> MaybeJson:
    if isinstance(value, Mapping):
        return value.get(str(part), ABSENT)
    if isinstance(value, str) or not isinstance(value, Sequence):
        return ABSENT
    position = position_of(part)
    return value[position] if position is not None and position < len(value) else ABSENT


def position_of(part: str | int) -> int | None:
    """Return the list position that a part of a path stands for, None where it can only be a key."""
    if isinstance(part, int):
        return part if part >= 0 else None
    plain = part.isascii() and part.isdigit() and (part == "0" or not part.startswith("0"))
    return int(part) if plain else None


def replaced(document: Json, path: Sequence[str | int], value: MaybeJson) -> Json:
    """Return a copy of the document with the value at the path replaced, or removed where `value` is ABSENT.

    A path that leads nowhere leaves the document as it is.
    """
    if not path:
        return document if value is ABSENT else value  # type: ignore[return-value]
    head, rest = path[0], path[1:]
    if isinstance(document, Mapping):
        key = str(head)
        if rest and key not in document:
            return document
        child = value if not rest else replaced(document[key], rest, value)
        return {k: v for k, v in {**document, key: child}.items() if not isinstance(v, type(ABSENT))}
    if isinstance(document, str) or not isinstance(document, Sequence):
        return document
    position = position_of(head)
    if position is None or position > len(document) - (1 if rest or value is ABSENT else 0):
        return document
    return _with_element(list(document), position, rest, value)


def _with_element(elements: list[Json], position: int, rest: Sequence[str | int], value: MaybeJson) -> Json:
    if rest:
        elements[position] = replaced(elements[position], rest, value)
    elif isinstance(value, type(ABSENT)):
        del elements[position]
    elif position == len(elements):
        elements.append(value)
    else:
        elements[position] = value
    return elements
