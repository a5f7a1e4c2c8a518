"""Objects in a bucket, each written only by whoever knows what is there: conditional puts, and what becomes of them.

obstore does the HTTP. Its own retries serve reads only: a put that it repeated after a lost answer would come back as
`412`, although it had been done. Here an answer that settles nothing is read back, and the bytes decide.
"""

import os
from collections.abc import Callable, Iterable, MutableMapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from reconciler.adapters.store.backend import Held, MovedError, Version
from reconciler.adapters.store.s3_settings import read_settings
from reconciler.adapters.store.s3_trouble import Fault, fault_of, trouble
from reconciler.errors import StateError

if TYPE_CHECKING:
    from obstore import PutMode

# Seconds: connecting; retrying a read.
_CONNECT: Final = 5
_RETRYING: Final = 20
_READ_RETRIES: Final = 3
_ATTEMPTS: Final = 4
_PAUSE: Final = 0.1
# What obstore raises: its own tree, FileNotFoundError for a 404, and plain OSErrors.
_ERRORS: Final = (BaseError, OSError)


class Objects:
    """One bucket. Safe to use from several threads. StateError where the service cannot be reached or refuses."""

    def __init__(self, bucket: str, *, request: float, sleep: Callable[[float], None]) -> None:
        """`request` is how many seconds one request may take, and `sleep` what waits before a write is repeated."""
        self._where = f"s3://{bucket}"
        self._sleep = sleep
        self._reading = _store(bucket, retries=_READ_RETRIES, request=request)
        self._writing = _store(bucket, retries=0, request=request)

    def read(self, key: str) -> Held | None:
        """Return an object; None where there is none."""
        try:
            answer = obstore.get(self._reading, key)
            return Held(bytes(answer.bytes()), _version(answer.meta["e_tag"], self._name(key)))
        except _ERRORS as error:
            if self._is_absence(error):
                return None
            raise trouble("read", self._name(key), fault_of(error)) from None

    def exists(self, key: str) -> bool:
        """Tell whether an object is there."""
        try:
            obstore.head(self._reading, key)
        except _ERRORS as error:
            if self._is_absence(error):
                return False
            raise trouble("read", self._name(key), fault_of(error)) from None
        return True

    def names(self, folder: str) -> list[str]:
        """Return the keys below a folder, in order."""
        try:
            found = [each["path"] for batch in obstore.list(self._reading, folder) for each in batch]
        except _ERRORS as error:
            raise trouble("list", f"{self._name(folder)}/", fault_of(error)) from None
        return sorted(found)

    def create(self, key: str, data: bytes, *, is_unique: bool = False) -> Version:
        """Put an object where there is none; MovedError where there is one."""
        return self._write(key, data, expected=None, is_unique=is_unique)

    def replace(self, key: str, data: bytes, *, expected: Version, is_unique: bool = False) -> Version:
        """Replace the version of an object that is expected; MovedError where it is another, or gone.

        With `is_unique` no other write ever has the same bytes: finding them proves that this one was done.
        """
        return self._write(key, data, expected=expected, is_unique=is_unique)

    def remove(self, keys: Iterable[str]) -> None:
        """Remove objects, in no order; those that are gone already are no matter."""
        named = list(keys)
        if not named:
            return
        try:
            obstore.delete(self._writing, named)
        except FileNotFoundError as error:
            if not self._is_absence(error):
                raise trouble("remove", self._name(named[0]), fault_of(error)) from None
        except _ERRORS as error:
            raise trouble("remove", self._name(named[0]), fault_of(error)) from None

    def pause(self, attempt: int) -> None:
        """Wait before an attempt: not before the first, and longer before each further one."""
        if attempt:
            self._sleep(_PAUSE * 2**attempt)

    def _write(self, key: str, data: bytes, *, expected: Version | None, is_unique: bool) -> Version:
        mode: PutMode = "create" if expected is None else {"e_tag": expected}
        is_proof = is_unique
        for attempt in range(_ATTEMPTS):
            self.pause(attempt)
            try:
                answer = obstore.put(self._writing, key, data, mode=mode, use_multipart=False)
                return _version(answer["e_tag"], self._name(key))
            except _ERRORS as error:
                fault = fault_of(error)
            if fault.was_refused:
                raise trouble("write", self._name(key), fault)
            # Until an answer got lost, the same bytes in the place are somebody else's.
            is_proof = is_proof or not fault.was_not_done
            found = self._read_back(key, fault, is_open=is_proof)
            if is_proof and found is not None and found.data == data:
                return found.version
            if (None if found is None else found.version) != expected:
                raise MovedError(f"{self._name(key)} was changed by somebody else meanwhile")
        raise self._given_up(key, fault)

    def _read_back(self, key: str, fault: Fault, *, is_open: bool) -> Held | None:
        try:
            return self.read(key)
        except StateError as error:
            if not is_open:
                raise trouble("write", self._name(key), fault) from None
            raise StateError(
                f"nobody knows whether {self._name(key)} was written: no answer came, and reading it back failed "
                f"({error.message})",
                hint=error.hint,
            ) from None

    def _given_up(self, key: str, fault: Fault) -> StateError:
        failed = trouble("write", self._name(key), fault)
        return StateError(f"{failed.message}, {_ATTEMPTS} times in a row; it is unchanged", hint=failed.hint)

    def _is_absence(self, error: BaseException) -> bool:
        """Tell a missing object from a missing bucket, which is not an empty one."""
        return isinstance(error, FileNotFoundError) and fault_of(error).code != "NoSuchBucket"

    def _name(self, key: str) -> str:
        return f"{self._where}/{key}"


def _store(bucket: str, *, retries: int, request: float) -> S3Store:
    settings = read_settings(os.environ)
    _unset_empty(os.environ)
    return S3Store(
        bucket,
        config={
            "region": settings.region,
            **({"endpoint": settings.endpoint} if settings.endpoint else {}),
            "conditional_put": "etag",
            "disable_bulk_delete": True,  # several services do not know it
        },
        client_options={
            "allow_http": settings.is_plain,
            "allow_invalid_certificates": False,
            "connect_timeout": timedelta(seconds=_CONNECT),
            "timeout": timedelta(seconds=request),
        },
        retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=_RETRYING)},
    )


def _unset_empty(environ: MutableMapping[str, str]) -> None:
    """Unset what is empty, as CI leaves it: for AWS's own tools that is the same, obstore takes it at its word."""
    for name in [name for name, value in environ.items() if name.startswith("AWS_") and not value]:
        del environ[name]


def _version(e_tag: str | None, name: str) -> Version:
    if not e_tag:
        raise StateError(f"the service gives {name} no ETag", hint="state needs one; keep it in another service")
    return e_tag
