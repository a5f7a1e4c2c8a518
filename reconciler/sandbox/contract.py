"""The published contract as the simulated server enforces it: which bodies it takes, and what it makes of them."""

from pathlib import Path
from typing import Any

import yaml

from reconciler.sandbox.jsonbody import BodyError, JsonObject
from reconciler.sandbox.shape import Compiler, Problem, Shape
from reconciler.sandbox.switches import UnknownKeys

_COMPONENTS = "#/components/schemas/"
# The contract of record states PATCH; the public pages say of POST that it requires these two as well.
_REQUIRED_TO_CREATE = ("filter", "steps")


class Contract:
    """The bodies of POST and PATCH, compiled from the published OpenAPI document at `path`."""

    def __init__(self, path: Path) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe loaders
        body = _patch_body(document)
        schemas = document["components"]["schemas"]
        definitions = {_COMPONENTS + name: schema for name, schema in schemas.items()}
        self._open = Compiler(definitions=definitions, closed=False).compile(body)
        self._closed = Compiler(definitions=definitions, closed=True).compile(body)
        self.defaults: JsonObject = {
            name: schema["default"] for name, schema in body["properties"].items() if "default" in schema
        }

    def accept(self, body: Any, *, unknown_keys: UnknownKeys, creating: bool) -> JsonObject:
        """Return what is left of a body to be stored; BodyError says where it breaks the contract."""
        accepted: JsonObject = self._known(body, unknown_keys)
        for name in _REQUIRED_TO_CREATE:
            if creating and name not in accepted:
                raise BodyError(str(Problem((), f"lacks `{name}`")))
        return accepted

    def _known(self, body: Any, unknown_keys: UnknownKeys) -> Any:
        strict = self._closed.problem(body)
        if strict is None:
            return body
        _refuse(self._open, body)
        match unknown_keys:
            case UnknownKeys.DROPPED:
                return self._open.known(body)
            case UnknownKeys.KEPT:
                return body
            case UnknownKeys.REFUSED:
                raise BodyError(str(strict))


def _patch_body(document: Any) -> Any:
    operation = document["paths"]["/sequences/{sequence_id}"]["patch"]
    return operation["requestBody"]["content"]["application/json"]["schema"]


def _refuse(shape: Shape, body: Any) -> None:
    problem = shape.problem(body)
    if problem is not None:
        raise BodyError(str(problem))
