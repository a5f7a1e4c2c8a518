"""What an earlier run made of manifests that have not changed since: a cache by content, safe to delete.

An entry counts only while every file that it was made from (the manifest, and the files that it names) still has the
very bytes, and only under the same key: the caller's digest of everything else that decides, such as the schema, the
variables and the code itself. Manifests without an error are remembered, with the warnings about them. The file lives
among the user's own caches, never in the repository, where a pull request could bring one along.
"""

import hashlib
import marshal
import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path as FilePath
from typing import Any, Final, TypeAlias

from reconciler.adapters.manifests.document import Refusal
from reconciler.adapters.manifests.files import MAX_MANIFEST, Below

# Each file that a result was made from, relative to the manifests folder, with the digest of its bytes.
Fingerprint: TypeAlias = tuple[tuple[str, bytes], ...]
# What a result was made from, and what came of it in the form of `transfer`.
Entry: TypeAlias = tuple[Fingerprint, tuple[Any, ...]]
Entries: TypeAlias = Mapping[str, Entry]

_DIGEST_SIZE: Final = 32
_OTHERS_MAY_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


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
    data = _read_own(file)
    if data is None or digest_of(data[_DIGEST_SIZE:]) != data[:_DIGEST_SIZE]:
        return {}
    try:
        found_key, entries = marshal.loads(memoryview(data)[_DIGEST_SIZE:])  # noqa: S302 - ours, and whole
    except (ValueError, EOFError, TypeError):
        return {}
    return entries if found_key == key else {}


def remember(file: FilePath, key: str, entries: Entries) -> None:
    """Keep entries for the next run; a cache that cannot be written is only slower."""
    # Imported here: a run in which nothing changed writes nothing.
    import tempfile

    data = marshal.dumps((key, dict(entries)))
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(digest_of(data))
                stream.write(data)
            FilePath(name).replace(file)
        except BaseException:
            FilePath(name).unlink(missing_ok=True)
            raise


def _read_own(file: FilePath) -> bytes | None:
    """Return a file's bytes if it is the user's own and nobody else can write it."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            status = os.fstat(stream.fileno())
            is_ours = status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_MAY_WRITE
            return stream.read() if is_ours and stat.S_ISREG(status.st_mode) else None
    except OSError:
        return None
