"""A fleet's table as its entries: a TOML or CSV file of the repository, or what a command of the operator's prints.

What an entry means is decided elsewhere; here it is read, with the place of everything in it.
"""

import os
import shlex
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler.adapters.fleet.csv_table import read_csv
from reconciler.adapters.fleet.toml_table import read_toml
from reconciler.errors import ConfigurationError
from reconciler.model.diagnostic import Diagnostic
from reconciler.model.fleet import Entry

# The name under which mistakes in a command's output are shown.
COMMAND: Final = "--organisations-from"
_LARGEST: Final = 64 * 2**20
_PATIENCE: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What was read: entries, and what is wrong with the table's form. `name` is the file's."""

    name: str
    entries: Sequence[Entry]
    diagnostics: Sequence[Diagnostic]


def read_table(root: Path, file: str) -> Table:
    """Read a file of the repository; ConfigurationError where it cannot be read, or lies outside of it."""
    data = _read(root, file)
    return _parsed(file, data, is_csv=file.endswith(".csv"))


def read_command(root: Path, command: str) -> Table:
    """Run a command in the repository's root, without a shell, and read what it prints, TOML or CSV."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ConfigurationError(f"{COMMAND} cannot be taken apart: {error}", hint="close its quotes") from error
    if not words:
        raise ConfigurationError(f"{COMMAND} names no command", hint="name the program that prints the table")
    try:
        ended = subprocess.run(  # noqa: S603 - whoever runs the tool named it
            words, cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False, timeout=_PATIENCE
        )
    except OSError as error:
        raise ConfigurationError(
            f"{COMMAND}: `{words[0]}` cannot be run: {(error.strerror or 'no reason given').lower()}",
            hint="name a program, without a shell's signs",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError(f"{COMMAND}: `{words[0]}` did not end within {_PATIENCE:g} s") from error
    if ended.returncode:
        raise ConfigurationError(
            f"{COMMAND}: `{words[0]}` ended with exit code {ended.returncode}, so what it printed is not used"
        )
    return _parsed(COMMAND, ended.stdout, is_csv=not _looks_like_toml(ended.stdout))


def _parsed(name: str, data: bytes, *, is_csv: bool) -> Table:
    if len(data) > _LARGEST:
        raise ConfigurationError(f"{name} is larger than {_LARGEST // 2**20} MiB", hint="split the fleet in two")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{name}:{line} is not UTF-8 text", hint="save it as UTF-8") from error
    entries, diagnostics = read_csv(name, text) if is_csv else read_toml(name, text)
    return Table(name=name, entries=entries, diagnostics=diagnostics)


def _looks_like_toml(data: bytes) -> bool:
    lines = (line.strip() for line in data.splitlines())
    first = next((line for line in lines if line and not line.startswith(b"#")), b"")
    return first.startswith(b"[") or b"=" in first


def _read(root: Path, file: str) -> bytes:
    """Read a regular file below the root that no link leads to, so that the table is the one that was reviewed."""
    path = root / file
    try:
        if path.resolve() != root.resolve() / file:
            raise ConfigurationError(
                f"{file} is a link, or lies behind one, and links are not followed", hint="put the file itself there"
            )
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise ConfigurationError(f"{file} is not a regular file", hint="put the file itself there")
            return stream.read(_LARGEST + 1)
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"there is no file {file}, which is to hold the fleet's organisations",
            hint="write it, or have `organisations` in reconciler.toml name the one that there is",
        ) from error
    except (OSError, RuntimeError) as error:
        reason = (getattr(error, "strerror", None) or "it cannot be found").lower()
        raise ConfigurationError(f"{file} cannot be read: {reason}") from error
