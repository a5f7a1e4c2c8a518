"""Where the files that travel with the tool are: inside the package in a wheel, beside it in a checkout.

Knows the names of folders and files, and nothing of what is in them.
"""

from pathlib import Path
from typing import Final

from reconciler.errors import ConfigurationError

REQUEST_SCHEMA: Final = "request.schema.json"
SEQUENCE_SCHEMA: Final = "sequence.schema.json"
COMMAND: Final = "reconciler schema build"
_PACKAGE = Path(__file__).resolve().parents[2]


def schemas_folder() -> Path:
    """Return the folder of the bundled contract and of the schemas derived from it."""
    return _folder("schemas")


def sequences_folder() -> Path:
    """Return the folder of the example manifests."""
    return _folder("sequences")


def config_file() -> Path:
    """Return the configuration that goes with the example manifests."""
    return sequences_folder().parent / "reconciler.toml"


def _folder(name: str, package: Path = _PACKAGE) -> Path:
    candidates = (package / "_bundled" / name, package.parent / name)
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise ConfigurationError(
        f"the bundled `{name}` folder is missing: looked for {candidates[0]} and {candidates[1]}",
        hint="install reconciler again",
    )
