"""JSON as it travels in a body and as it is kept: decoding that refuses what JSON is not, and encoding."""

import json
from typing import Any, NoReturn, TypeAlias

JsonObject: TypeAlias = dict[str, Any]


class BodyError(ValueError):
    """A body that the API does not take, and why."""


def encode(value: object) -> bytes:
    """Encode as compact UTF-8 JSON, keys in the order in which they stand."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def decode(body: bytes) -> Any:
    """Decode a body; BodyError with the reason for all that is not JSON in UTF-8."""
    if not body:
        raise BodyError("the body is empty")
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        if b"\\u" in body:
            # Half of a surrogate pair is legal in JSON's grammar, and no text that could be stored.
            encode(value)
    except (ValueError, RecursionError) as error:
        raise BodyError(f"the body is not JSON: {error}") from error
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
