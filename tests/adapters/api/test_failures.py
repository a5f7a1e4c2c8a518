"""Every exception that httpx can raise is one of the failures, and the table of faults.md says which are harmless."""

import inspect
import socket
import ssl
from collections.abc import Iterator

import httpcore
import httpx
import pytest

from reconciler.adapters.api.failures import FAILURES, failure_of, told
from reconciler.adapters.api.transport import _twin
from reconciler.core.sent import Failure, may_have_arrived

NOT_SENT = {
    "ConnectError",
    "ConnectTimeout",
    "PoolTimeout",
    "UnsupportedProtocol",
    "InvalidURL",
    "LocalProtocolError",
    "ProxyError",
}


def exceptions(module: object) -> Iterator[type[Exception]]:
    for _, kind in inspect.getmembers(module, inspect.isclass):
        if issubclass(kind, Exception) and not issubclass(kind, Warning):
            yield kind


def subclasses(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def test_every_exception_of_httpx_has_its_row() -> None:
    found = set(exceptions(httpx)) | {each for kind in tuple(FAILURES) for each in subclasses(kind)}
    assert {each for each in found if each.__module__.startswith("httpx")} == set(FAILURES)


@pytest.mark.parametrize("kind", list(FAILURES), ids=lambda kind: kind.__name__)
def test_only_what_is_proved_not_to_have_left_is_called_so(kind: type[Exception]) -> None:
    assert may_have_arrived(FAILURES[kind]) == (kind.__name__ not in NOT_SENT)
    assert may_have_arrived(failure_of(kind.__new__(kind))) == (kind.__name__ not in NOT_SENT)


def test_a_class_that_nobody_knows_counts_as_its_base_and_else_as_unknown() -> None:
    class Odd(httpx.ReadTimeout):
        pass

    assert failure_of(Odd("")) is Failure.READ_TIMEOUT
    assert failure_of(ZeroDivisionError()) is Failure.UNKNOWN


def test_httpcores_exceptions_become_httpxs_of_the_same_name() -> None:
    kinds = [each for each in exceptions(httpcore) if each is not httpcore.ConnectionNotAvailable]
    assert len(kinds) > 12
    for kind in kinds:
        assert _twin(kind("")).__name__ == kind.__name__


def because(cause: BaseException) -> httpx.ConnectError:
    error = httpx.ConnectError("")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "failure"),
    [
        (ConnectionRefusedError(111, "x"), Failure.REFUSED),
        (socket.gaierror(-2, "x"), Failure.NAME),
        (UnicodeError("label too long"), Failure.NAME),
        (ssl.SSLCertVerificationError(1, "x"), Failure.UNTRUSTED),
        (ssl.SSLEOFError(8, "x"), Failure.UNREACHABLE),
        (ssl.SSLError(1, "x"), Failure.HANDSHAKE),
        (OSError(113, "No route to host"), Failure.UNREACHABLE),
    ],
)
def test_why_it_did_not_connect_decides_whether_to_try_again(cause: BaseException, failure: Failure) -> None:
    assert failure_of(because(cause)) is failure
    assert not may_have_arrived(failure)


def test_no_words_of_an_exception_are_passed_on() -> None:
    for kind in FAILURES:
        error = kind.__new__(kind)
        error.args = ("https://user:secret@host/?token=secret",)
        assert "secret" not in told(error, host="api.example", via="proxy.example", seconds=60).reason
    assert told(because(OSError(113, "secret")), host="api.example", via=None, seconds=60).reason == (
        "cannot connect to api.example: no route to host; nothing was sent"
    )
