"""Addresses of states: how they are written, and which of them are one place."""

import posixpath
import re
from typing import Final

# The adapter of each place says more about what it is given.
STATE: Final = re.compile(r"file:.+|git:refs/[^/\s]+/\S+|s3://[^/\s]+/\S+")
_FILE: Final = "file:"


def is_state_address(text: str) -> bool:
    """Tell whether a text names a place that state can be kept in."""
    return STATE.fullmatch(text) is not None


def place_of(address: str) -> str:
    """Return one text for all addresses of one place. Case does not count in files: on some disks it does not."""
    if address.startswith(_FILE):
        return _FILE + posixpath.normpath(address.removeprefix(_FILE)).casefold()
    return address
