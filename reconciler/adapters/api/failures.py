"""What each of httpx's exceptions says about the request: one row for each class, and a test that there are no more."""

import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import httpx

from reconciler.core.sent import Failure, NoReply, no_reply

# Faults, section 1. The bases of others, and what says nothing of what left, count as unknown.
FAILURES: Final[Mapping[type[Exception], Failure]] = MappingProxyType(
    {
        httpx.ConnectError: Failure.UNREACHABLE,
        httpx.ConnectTimeout: Failure.CONNECT_TIMEOUT,
        httpx.PoolTimeout: Failure.POOL,
        httpx.ProxyError: Failure.PROXY,
        httpx.UnsupportedProtocol: Failure.MALFORMED,
        httpx.LocalProtocolError: Failure.MALFORMED,
        httpx.InvalidURL: Failure.MALFORMED,
        httpx.WriteError: Failure.WRITE,
        httpx.WriteTimeout: Failure.WRITE_TIMEOUT,
        httpx.ReadError: Failure.READ,
        httpx.ReadTimeout: Failure.READ_TIMEOUT,
        httpx.RemoteProtocolError: Failure.PROTOCOL,
        httpx.CloseError: Failure.UNKNOWN,
        httpx.CookieConflict: Failure.UNKNOWN,
        httpx.DecodingError: Failure.UNKNOWN,
        httpx.HTTPError: Failure.UNKNOWN,
        httpx.HTTPStatusError: Failure.UNKNOWN,
        httpx.NetworkError: Failure.UNKNOWN,
        httpx.ProtocolError: Failure.UNKNOWN,
        httpx.RequestError: Failure.UNKNOWN,
        httpx.RequestNotRead: Failure.UNKNOWN,
        httpx.ResponseNotRead: Failure.UNKNOWN,
        httpx.StreamClosed: Failure.UNKNOWN,
        httpx.StreamConsumed: Failure.UNKNOWN,
        httpx.StreamError: Failure.UNKNOWN,
        httpx.TimeoutException: Failure.UNKNOWN,
        httpx.TooManyRedirects: Failure.UNKNOWN,
        httpx.TransportError: Failure.UNKNOWN,
    }
)
_TEXTS: Final[Mapping[Failure, str]] = MappingProxyType(
    {
        Failure.NAME: "cannot resolve {host}; nothing was sent",
        Failure.REFUSED: "cannot connect to {host}: refused; nothing was sent",
        Failure.UNREACHABLE: "cannot connect to {host}{why}; nothing was sent",
        Failure.CONNECT_TIMEOUT: "timed out connecting to {host}; nothing was sent",
        Failure.POOL: "no connection to {host} was free in time; nothing was sent",
        Failure.UNTRUSTED: "the certificate of {host} is not trusted{why}; the key was not sent",
        Failure.HANDSHAKE: "{host} could not be spoken to over TLS{why}; the key was not sent",
        Failure.PROXY: "the proxy {via} does not lead to {host}; nothing was sent",
        Failure.MALFORMED: "the request to {host} could not be built; nothing was sent",
        Failure.WRITE: "no answer from {host}: the connection broke while the request was sent",
        Failure.READ: "no answer from {host}: the connection was reset",
        Failure.PROTOCOL: "no answer from {host}: it hung up, or what came is not HTTP",
        Failure.WRITE_TIMEOUT: "{host} did not take the request within {seconds:g} s",
        Failure.READ_TIMEOUT: "no complete answer from {host} in {seconds:g} s",
    }
)


def failure_of(error: Exception) -> Failure:
    """Return what an exception of httpx stands for, looking at what lies behind it where it failed to connect."""
    kinds = (FAILURES[kind] for kind in type(error).__mro__ if kind in FAILURES)
    failure = next(kinds, Failure.UNKNOWN)
    return next(_behind(error), failure) if failure is Failure.UNREACHABLE else failure


def told(error: Exception, *, host: str, via: str | None, seconds: float) -> NoReply:
    """Return an exception as a value. Its words are ours: an exception's may quote what was sent, or what came."""
    failure = failure_of(error)
    text = _TEXTS.get(failure, "no answer from {host}")
    return no_reply(failure, text.format(host=host, via=via or "", why=_why(error), seconds=seconds))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__  # httpcore's pool takes the cause away


def _behind(error: Exception) -> Iterator[Failure]:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            yield Failure.UNTRUSTED
        elif isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            yield Failure.UNREACHABLE  # it hung up in the middle, which may pass
        elif isinstance(cause, ssl.SSLError):
            yield Failure.HANDSHAKE
        elif isinstance(cause, socket.gaierror | UnicodeError):
            yield Failure.NAME
        elif isinstance(cause, ConnectionRefusedError):
            yield Failure.REFUSED


def _why(error: Exception) -> str:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f": {cause.verify_message}"
        if isinstance(cause, ssl.SSLError) and cause.reason:
            return f": {cause.reason.replace('_', ' ').lower()}"
        if isinstance(cause, OSError) and cause.errno:
            return f": {os.strerror(cause.errno).lower()}"
    return ""
