"""JSON values: their types, the absent value, the canonical form and its digest.

Python's `==` says that 1, 1.0 and True are equal; JSON values are compared by their canonical form instead. The
canonical form is ASCII JSON with sorted keys and no spaces in which an integral float is written as an integer. It is
at once what is hashed, what state keeps and what is sent, so a digest always speaks of the very bytes.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, final

# Immutable by agreement: a value that was read is never changed, only replaced.
Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
JsonObject: TypeAlias = Mapping[str, Json]

LARGEST_INTEGER: Final = 2**53 - 1


class DuplicateKeyError(ValueError):
    """An object in a JSON text has one key twice."""


@final
class Absent:
    """The type of ABSENT: there is no value here, which is not null."""

    _only: "Absent | None" = None

    def __new__(cls) -> "Absent":
        """Return the one instance, so that `is ABSENT` also holds after a copy or in another process."""
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> tuple[type["Absent"], tuple[()]]:
        return (Absent, ())


ABSENT: Final = Absent()
MaybeJson: TypeAlias = Json | Absent

_encode = json.JSONEncoder(
    ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False, default=dict
).encode


def integral(value: Any) -> Any:
    """Return `value` with each integral float as the integer that it equals; nothing is copied without need."""
    kind = type(value)
    if kind in _PLAIN or (kind is dict and _PLAIN.issuperset(map(type, value.values()))):
        return value
    if kind is float:
        return int(value) if value.is_integer() else value
    if kind is dict or isinstance(value, Mapping):
        return {key: integral(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [integral(each) for each in value]
    return value


_PLAIN: Final = frozenset({str, bool, int, type(None)})


def canonical(value: Json) -> bytes:
    """Encode to the canonical form; ValueError for NaN and infinities."""
    text = _encode(value)
    if ".0" in text or "e+" in text:
        # Only then can there be an integral float; looking for one in every value would double the time.
        text = _encode(integral(value))
    return text.encode("ascii")


def digest(data: bytes | memoryview) -> str:
    """Return `sha256:` and the hexadecimal digest of the bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def digest_of(value: Json) -> str:
    """Return the digest of a value's canonical form."""
    return digest(canonical(value))


def strictly_equal(left: MaybeJson, right: MaybeJson) -> bool:
    """Tell whether two values are the same JSON value: 5 equals 5.0, true is not 1, null is not absent."""
    if isinstance(left, Mapping):
        return (
            isinstance(right, Mapping)
            and left.keys() == right.keys()
            and all(strictly_equal(value, right[key]) for key, value in left.items())
        )
    if isinstance(left, list | tuple):
        return (
            isinstance(right, list | tuple)
            and len(left) == len(right)
            and all(strictly_equal(one, other) for one, other in zip(left, right, strict=True))
        )
    # What is left are scalars, null and ABSENT, whose `==` errs only in calling a boolean a number.
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def decoded(data: bytes | str) -> Any:
    """Return the JSON value of a text in which no object has a key twice; ValueError or RecursionError if it is none.

    With a key twice, two readers can see two documents in one: the one who looks, and the one who acts.
    """
    return json.loads(data, object_pairs_hook=_closed, parse_constant=_refuse_constant)


def _closed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise DuplicateKeyError("an object has the same key twice")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
