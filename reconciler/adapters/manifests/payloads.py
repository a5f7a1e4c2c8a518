"""Remembered payloads, in a file beside all else that is remembered: nine tenths of it, of which a check reads nothing.

What is new is put behind what is there. Each place has the digest of its bytes, so that two runs that write at once,
and a file that was cut off, cost time and nothing else.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

from reconciler.adapters.manifests.ownfile import append_own, read_own, replace_own

# Where a payload begins, how many bytes it has, and their digest.
Place: TypeAlias = tuple[int, int, bytes]

# With more than that beside twice what is still asked for, the file is written anew.
_SLACK: Final = 2**20


def read_payloads(file: Path, places: Mapping[str, Place]) -> dict[str, bytes]:
    """Return the payloads at these places, without those that are not whole."""
    data = read_own(file) or b""
    found = {name: data[begin : begin + length] for name, (begin, length, _) in places.items()}
    return {name: payload for name, payload in found.items() if _digest_of(payload) == places[name][2]}


def write_payloads(file: Path, kept: Mapping[str, Place], new: Mapping[str, bytes]) -> dict[str, Place]:
    """Add payloads to those that are kept, and return where all of them stand; OSError where that cannot be done."""
    needed = sum(length for _, length, _ in kept.values())
    if kept and _size_of(file) <= 2 * needed + _SLACK:
        begin = append_own(file, b"".join(new.values()))
        if begin is not None:
            return {**kept, **_places(new, begin)}
    everything = {**read_payloads(file, kept), **new}
    replace_own(file, everything.values())
    return _places(everything, 0)


def _places(payloads: Mapping[str, bytes], begin: int) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for name, payload in payloads.items():
        places[name] = (begin, len(payload), _digest_of(payload))
        begin += len(payload)
    return places


def _size_of(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _digest_of(payload: bytes) -> bytes:
    return hashlib.sha256(payload).digest()
