"""A key from where it is kept: a variable, a file that only its owner may read, or the system's keyring.

Whatever goes wrong, neither the key nor a part of it is in what is said.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler.errors import ConfigurationError, CredentialsError
from reconciler.model.fleet import KeyKind, KeySource

_LONGEST: Final = 8192
# Whoever else may read a key may use it, and whoever may write the file has its bearer act for another organisation.
_TOO_OPEN: Final = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP


def resolve_key(source: KeySource, *, root: Path, variables: Mapping[str, str]) -> str | None:
    """Return the key, None where there is none; CredentialsError where there is one that must not be used."""
    match source.kind:
        case KeyKind.ENV:
            return variables.get(source.address) or None
        case KeyKind.FILE:
            return _of_file(source, root)
        case KeyKind.KEYRING:
            return _of_keyring(source)


def missing(source: KeySource) -> str:
    """Say that a source holds no key."""
    match source.kind:
        case KeyKind.ENV:
            return f"${source.address} is not set"
        case KeyKind.FILE:
            return f"there is no file {source.address}"
        case KeyKind.KEYRING:
            return f"the keyring holds nothing for {source.address}"


def _of_file(source: KeySource, root: Path) -> str | None:
    path = root / Path(source.address).expanduser()
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            status = os.fstat(stream.fileno())
            _refuse_open(source, status)
            data = stream.read(_LONGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise CredentialsError(f"the key's file {source.address} cannot be read: {reason}") from error
    if len(data) > _LONGEST:
        raise CredentialsError(f"the key's file {source.address} holds more than a key", hint="put the key there alone")
    try:
        key = data.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise CredentialsError(f"the key's file {source.address} holds what is in no key") from error
    if not key:
        raise CredentialsError(f"the key's file {source.address} is empty", hint="put the key there alone")
    return key


def _refuse_open(source: KeySource, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise CredentialsError(f"the key's file {source.address} is not a regular file")
    if status.st_uid not in (os.geteuid(), 0):
        raise CredentialsError(f"the key's file {source.address} belongs to another user", hint="copy it to your own")
    if status.st_mode & _TOO_OPEN:
        mode = f"{stat.S_IMODE(status.st_mode):03o}"
        raise CredentialsError(
            f"the key's file {source.address} may be read or written by others (mode {mode})",
            hint=f"chmod 600 {source.address}",
        )


def _of_keyring(source: KeySource) -> str | None:
    try:
        # Imported where it is needed: an optional extra, and 100 ms.
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise ConfigurationError(
            f"the key {source} is in a keyring, and the package for keyrings is not installed",
            hint="pip install 'reconciler[keyring]'",
        ) from error
    service, _, user = source.address.rpartition("/")
    try:
        return keyring.get_password(service, user) or None
    except KeyringError as error:
        # The backend's own words may hold anything.
        raise CredentialsError(
            f"the keyring did not hand out {source.address} ({type(error).__name__})",
            hint="unlock it, or choose another one: `python -m keyring diagnose`",
        ) from error
