"""The files of a new repository as they are written: a configuration, an example, and what editors and git need."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler.core.modeline import SCHEMA_PATH, modeline

_FILES: Final = Path(__file__).parent / "files"
_MANIFESTS: Final = "MANIFESTS"


def repository_files(manifests: str, schema: bytes, snippets: bytes) -> Mapping[str, bytes]:
    """Return the content of each file by its path; the example is in the folder `manifests`."""
    example = f"{manifests}/welcome.yaml"
    return {
        "reconciler.toml": _read("reconciler.toml"),
        example: f"{modeline(example)}\n".encode() + _read("welcome.yaml"),
        f"{manifests}/welcome.html": _read("welcome.html"),
        SCHEMA_PATH: schema,
        ".gitignore": _read("gitignore"),
        ".vscode/settings.json": _read("settings.json").replace(_MANIFESTS.encode(), manifests.encode()),
        ".vscode/extensions.json": _read("extensions.json"),
        ".vscode/reconciler.code-snippets": snippets,
    }


def _read(name: str) -> bytes:
    return (_FILES / name).read_bytes()
