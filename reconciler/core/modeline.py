"""The first line of every manifest that the tool writes: it tells editors which schema the file follows."""

from posixpath import dirname, relpath
from typing import Final

SCHEMA_PATH: Final = "schemas/sequence.schema.json"


def modeline(manifest: str) -> str:
    """Return the line for a manifest, whose path is relative to the repository's root as the schema's is."""
    return f"# yaml-language-server: $schema={relpath(SCHEMA_PATH, dirname(manifest) or '.')}"
