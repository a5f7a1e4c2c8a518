"""Writing the derived schemas, and telling which of those on disk are stale."""

import json
from pathlib import Path

from reconciler.adapters.schemas.bundled import COMMAND, REQUEST_SCHEMA, SEQUENCE_SCHEMA
from reconciler.adapters.schemas.contract import CONTRACT_FILE, read_contract
from reconciler.adapters.schemas.manifest import manifest_schema
from reconciler.adapters.schemas.request import request_schema
from reconciler.adapters.schemas.schema import Schema
from reconciler.errors import ConfigurationError
from reconciler.model.jsonvalue import digest


def derived_files(openapi: bytes) -> dict[str, bytes]:
    """Return the derived files by name; the same bytes in give the same bytes out."""
    contract = read_contract(openapi)
    origin = f"Derived from {CONTRACT_FILE} ({digest(openapi)}) by `{COMMAND}`: change that, not this."
    return {
        REQUEST_SCHEMA: _encoded(request_schema(contract), origin),
        SEQUENCE_SCHEMA: _encoded(manifest_schema(contract), origin),
    }


def write(folder: Path) -> list[str]:
    """Write the files derived from the contract in a schemas folder; return the names of those that changed."""
    changed = stale(folder)
    for name, content in _derived(folder).items():
        if name in changed:
            (folder / name).write_bytes(content)
    return changed


def stale(folder: Path) -> list[str]:
    """Return the names of the derived files in a schemas folder that are missing or not what the contract yields."""
    return [name for name, content in _derived(folder).items() if _read(folder / name) != content]


def _derived(folder: Path) -> dict[str, bytes]:
    openapi = _read(folder / CONTRACT_FILE)
    if openapi is None:
        raise ConfigurationError(f"the contract {folder / CONTRACT_FILE} is missing")
    return derived_files(openapi)


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _encoded(schema: Schema, origin: str) -> bytes:
    dialect = {"$schema": schema["$schema"], "$comment": origin}
    return (json.dumps({**dialect, **schema}, indent=2, ensure_ascii=False) + "\n").encode()
