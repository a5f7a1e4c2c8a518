"""What manifests are called and whose they are, for whoever is typing: fast, and now and then a little wrong."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from reconciler.adapters.manifests.discovery import discover
from reconciler.adapters.manifests.document import Refusal
from reconciler.adapters.manifests.files import MAX_MANIFEST, read_below

# As a key of its own line, in YAML or in JSON. It may also stand in a text, which does no harm here.
_CUSTOM_ID: Final = re.compile(rb"^[{\s]*[\"']?custom_id[\"']?[ \t]*:[ \t]*[\"']?([A-Za-z0-9_-]+)", re.MULTILINE)
_OWNER: Final = re.compile(rb"^[{\s]*[\"']?owner[\"']?[ \t]*:[ \t]*[\"']?([^\s\"'#,}]+)", re.MULTILINE)


def custom_ids(folder: Path) -> Iterator[str]:
    """Yield what looks like the custom_id of each manifest below the folder, also of one that has mistakes."""
    return _found(folder, _CUSTOM_ID)


def owners(folder: Path) -> Iterator[str]:
    """Yield what looks like the owner of each manifest below the folder that names one."""
    return _found(folder, _OWNER)


def _found(folder: Path, key: re.Pattern[bytes]) -> Iterator[str]:
    for path in discover(folder).paths:
        data = read_below(folder, path.split("/"), limit=MAX_MANIFEST)
        if not isinstance(data, Refusal) and (found := key.search(data)):
            yield found.group(1).decode("utf-8", "replace")
