"""The emergency copy: what a run did, beside a state that could not be saved, for `reconciler state recover`.

JSON lines: a heading, one entry a line, and a checksum of every byte before it. It holds what state holds and never a
key; only its owner can read it.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from reconciler.adapters.store.durable import sync_folder, write_all
from reconciler.adapters.store.journal import decode_entry, encode_entry
from reconciler.adapters.store.trouble import trouble
from reconciler.errors import StateError
from reconciler.model.jsonvalue import Json, canonical, digest
from reconciler.model.plan import FORMAT_VERSION
from reconciler.model.state import Entry

_KIND: Final = "emergency copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyCopy:
    """Every entry of one run, on top of the version of state that it began with. `where` is that state's place."""

    lineage: str
    serial: int
    where: str
    entries: tuple[Entry, ...]


class _Heading(msgspec.Struct):
    format_version: str
    kind: str
    lineage: str
    serial: int
    where: str


class _Checksum(msgspec.Struct):
    checksum: str


def emergency_folders(given: Path | None, variables: Mapping[str, str]) -> tuple[Path, ...]:
    """Return where an emergency copy may go, the best first: the operator's folder, the CI's, the system's."""
    runner = variables.get("RUNNER_TEMP")
    folders = (given, Path(runner) if runner else None, Path(tempfile.gettempdir()))
    return tuple(folder for folder in folders if folder is not None)


def write_emergency(copy: EmergencyCopy, folders: Iterable[Path]) -> Path:
    """Write the copy into the first folder that takes it, and return its path; StateError where none does."""
    data, failure = _encode(copy), StateError("there is no folder for an emergency copy")
    for folder in folders:
        try:
            return _write(folder, data, prefix=f"reconciler-emergency-{copy.serial}-")
        except OSError as error:
            failure = trouble("cannot write an emergency copy in", folder, error)
    raise failure


def read_emergency(path: Path) -> EmergencyCopy:
    """Return the copy; StateError for anything but a whole one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise trouble("cannot read", path, error) from error
    body, _, last = data.removesuffix(b"\n").rpartition(b"\n")
    try:
        heading, *lines = body.split(b"\n")
        head = msgspec.json.decode(heading, type=_Heading)
        checksum = msgspec.json.decode(last, type=_Checksum).checksum
        entries = tuple(decode_entry(line) for line in lines)
    except (ValueError, TypeError, msgspec.MsgspecError) as error:
        raise _broken(path) from error
    if (
        checksum != digest(body + b"\n")
        or data != body + b"\n" + _last_line(checksum)
        or (head.kind, head.format_version) != (_KIND, FORMAT_VERSION)
    ):
        raise _broken(path)
    return EmergencyCopy(lineage=head.lineage, serial=head.serial, where=head.where, entries=entries)


def _broken(path: Path) -> StateError:
    return StateError(
        f"{path} is not a whole emergency copy",
        hint="name the file that the run named when it could not save its state",
    )


def _encode(copy: EmergencyCopy) -> bytes:
    heading: dict[str, Json] = {
        "format_version": FORMAT_VERSION,
        "kind": _KIND,
        "lineage": copy.lineage,
        "serial": copy.serial,
        "where": copy.where,
    }
    lines: Sequence[bytes] = [canonical(heading), *(encode_entry(entry) for entry in copy.entries)]
    body = b"".join(line + b"\n" for line in lines)
    return body + _last_line(digest(body))


def _last_line(checksum: str) -> bytes:
    return canonical({"checksum": checksum}) + b"\n"


def _write(folder: Path, data: bytes, *, prefix: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A name that nobody can have put a link under: the system's folder is everybody's.
    descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=".jsonl", dir=folder)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    except OSError:
        Path(name).unlink()
        raise
    finally:
        os.close(descriptor)
    sync_folder(folder)
    return Path(name)
