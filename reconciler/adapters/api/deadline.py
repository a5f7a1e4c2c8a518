"""Sockets on which a request is over when its time is up, however slowly its bytes drip.

The timeouts of httpx are for each chunk. Here each one is shortened to what is left of the whole.
"""

import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from ssl import SSLContext
from typing import Any, Final

import httpcore

# A slice this small goes out in one piece once the socket takes anything at all.
_SLICE: Final = 4096
_local: Final = threading.local()


class TimeLimit:
    """Gives whatever this thread does on such sockets inside the block so many seconds in all."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        _local.until = time.monotonic() + self._seconds

    def __exit__(self, *_: object) -> None:
        del _local.until


def _left(timeout: float | None, late: type[Exception]) -> float | None:
    """Return the part of a timeout that is left; raises `late` where none is."""
    until: float | None = getattr(_local, "until", None)
    if until is None:
        return timeout
    left = until - time.monotonic()
    if left <= 0:
        raise late("the request's time is up")
    return left if timeout is None else min(timeout, left)


class DeadlineStream(httpcore.NetworkStream):
    """A stream whose every operation ends in time.

    What is written leaves once an answer is to be read: httpcore writes the head of a request and its body one after
    the other, and two small packets cost both sides nearly twice what one does.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._unsent = b""
        self._write_timeout: float | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what there is."""
        if self._unsent:
            # As httpcore has it: whoever does not take all of a request may have answered it already.
            with suppress(httpcore.WriteError):
                self._send()
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it, at the latest before anything is read."""
        self._unsent += buffer
        self._write_timeout = timeout
        if len(self._unsent) > _SLICE:
            self._send()

    def _send(self) -> None:
        unsent, self._unsent = self._unsent, b""
        for start in range(0, len(unsent), _SLICE):
            self._stream.write(unsent[start : start + _SLICE], _left(self._write_timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Shake hands; what is left is for the whole of it."""
        left = _left(timeout, httpcore.ConnectTimeout)
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks of a stream."""
        return self._stream.get_extra_info(info)


class DeadlineBackend(httpcore.NetworkBackend):
    """Connects in time, also where a name has many addresses or does not resolve for long."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers; each gets its share of the time."""
        timeout = _left(timeout, httpcore.ConnectTimeout)
        until = float("inf") if timeout is None else time.monotonic() + timeout
        addresses = _addresses(host, port, timeout)
        for index, address in enumerate(addresses):
            share = max(0.001, until - time.monotonic()) / (len(addresses) - index)
            try:
                stream = self._backend.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if index + 1 == len(addresses):
                    raise
            else:
                return DeadlineStream(stream)
        raise httpcore.ConnectError("the host has no address")


def _addresses(host: str, port: int, timeout: float | None) -> list[str]:
    """Resolve a name on a thread of its own: the system's resolver knows no time limit. An address is one already."""
    with suppress(ValueError):
        return [str(ip_address(host))]
    found: SimpleQueue[list[str] | OSError | UnicodeError] = SimpleQueue()

    def resolve() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(answer[4][0]) for answer in answers)))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=resolve, name="resolver", daemon=True).start()
    try:
        answer = found.get(timeout=timeout)
    except Empty:
        raise httpcore.ConnectTimeout("the host's name was not resolved in time") from None
    if isinstance(answer, list):
        return answer
    try:
        raise answer
    except (OSError, UnicodeError) as error:  # as its context, since httpcore's pool takes the cause away
        raise httpcore.ConnectError("the host's name was not resolved") from error
