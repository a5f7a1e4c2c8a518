"""What an earlier run made of manifests that have not changed since: a cache by content, safe to delete.

An entry counts only while every file that it was made from (the manifest, and the files that it names) still has the
very bytes, and only under the same key: the caller's digest of everything else that decides, such as the schema, the
variables and the code itself. Manifests without an error are remembered, with the warnings about them. The file lives
among the user's own caches, never in the repository, where a pull request could bring one along.
"""

import hashlib
import marshal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path as FilePath
from typing import Any, Final, TypeAlias

from reconciler.adapters.manifests.document import Refusal
from reconciler.adapters.manifests.files import MAX_MANIFEST, Below
from reconciler.adapters.manifests.ownfile import read_own, replace_own
from reconciler.adapters.manifests.payloads import Place, read_payloads, write_payloads

# Each file that a result was made from, relative to the manifests folder, with the digest of its bytes.
Fingerprint: TypeAlias = tuple[tuple[str, bytes], ...]
# What a result was made from, what came of it in the form of `transfer`, and where its payload stands.
Entry: TypeAlias = tuple[Fingerprint, tuple[Any, ...], Place]
Entries: TypeAlias = Mapping[str, Entry]
# The same with the payload itself.
Result: TypeAlias = tuple[Fingerprint, tuple[Any, ...], bytes]

_DIGEST_SIZE: Final = 32


def digest_of(data: bytes) -> bytes:
    """Return the digest by which a file's bytes are known again."""
    return hashlib.sha256(data).digest()


def unchanged(folder: FilePath, fingerprints: Iterable[Fingerprint]) -> list[bool]:
    """Tell of each fingerprint whether every file of it still has its bytes and may still be read."""
    with Below(folder) as below:
        return [all(_is_unchanged(below, *each) for each in fingerprint) for fingerprint in fingerprints]


def _is_unchanged(below: Below, path: str, digest: bytes) -> bool:
    data = below.read(path.split("/"), limit=MAX_MANIFEST)
    return not isinstance(data, Refusal) and digest_of(data) == digest


def recall(file: FilePath, key: str) -> Entries:
    """Return what was remembered under a key; nothing where the file is missing, damaged or somebody else's."""
    data = read_own(file)
    if data is None or digest_of(data[_DIGEST_SIZE:]) != data[:_DIGEST_SIZE]:
        return {}
    try:
        found_key, entries = marshal.loads(memoryview(data)[_DIGEST_SIZE:])  # noqa: S302 - ours, and whole
    except (ValueError, EOFError, TypeError):
        return {}
    return entries if found_key == key else {}


def payloads_of(file: FilePath, entries: Entries) -> dict[str, bytes]:
    """Return the payloads of entries, without those that are not there any more."""
    return read_payloads(_beside(file), {path: place for path, (_, _, place) in entries.items()})


def remember(file: FilePath, key: str, kept: Entries, new: Mapping[str, Result]) -> None:
    """Keep entries for the next run, and add new ones; a cache that cannot be written is only slower."""
    with suppress(OSError):
        places = write_payloads(
            _beside(file),
            {path: place for path, (_, _, place) in kept.items()},
            {path: payload for path, (_, _, payload) in new.items()},
        )
        facts = {**kept, **new}
        entries = {path: (*facts[path][:2], place) for path, place in places.items()}
        data = marshal.dumps((key, entries))
        replace_own(file, (digest_of(data), data))


def _beside(file: FilePath) -> FilePath:
    return file.with_name(f"{file.name}.payloads")
