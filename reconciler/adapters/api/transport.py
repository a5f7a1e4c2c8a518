"""HTTP over sockets that keep to a deadline, as an httpx transport: connections, proxies, certificates."""

import os
import threading
import urllib.request
from collections.abc import Iterator
from functools import lru_cache, partial
from ssl import SSLContext
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
import httpx

from reconciler.adapters.api.deadline import DeadlineBackend
from reconciler.core.hosts import is_loopback
from reconciler.errors import ConfigurationError

_CONNECTIONS: Final = 64
_TRUST: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class SocketTransport(httpx.BaseTransport):
    """Sends over TCP, through the machine's proxy where there is one.

    Each thread keeps a connection open; httpcore's pool looks through all of its connections for each request. A POST
    has one of its own: on one that was kept, nobody could tell whether the server closed it before it saw the request.
    """

    def __init__(self, url: httpx.URL) -> None:
        proxy = _proxy_for(url)
        self.via = None if proxy is None else proxy.url.host
        context = _trusted(*map(os.environ.get, _TRUST)) if url.scheme == "https" else None
        self._fresh = _pool(proxy, context, keepalive=0)
        self._new_pool = partial(_pool, proxy, context, keepalive=1)
        self._pools = [self._fresh]
        self._local = threading.local()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its answer as soon as the head is there."""
        assert isinstance(request.stream, httpx.SyncByteStream)  # noqa: S101 - for the type checker
        url = request.url
        outgoing = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = self._pool_for(request.method).handle_request(outgoing)
        except _FAILURES as error:
            raise _twin(error)(str(error)) from error
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))

    def close(self) -> None:
        """Close all connections."""
        for pool in tuple(self._pools):
            pool.close()

    def _pool_for(self, method: str) -> httpcore.ConnectionPool:
        if method == "POST":
            return self._fresh
        pool: httpcore.ConnectionPool | None = getattr(self._local, "pool", None)
        if pool is None:
            pool = self._local.pool = self._new_pool()
            self._pools.append(pool)
        return pool


@lru_cache(maxsize=4)
def _trusted(*_named: str | None) -> SSLContext:
    """Return what tells a trusted certificate, shared by all connections: to make one takes 20 ms and 1 MB.

    It depends on what these variables name, which httpx looks up by itself.
    """
    return httpx.create_ssl_context()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except _FAILURES as error:
            raise _twin(error)(str(error)) from error

    def close(self) -> None:
        self._stream.close()


_FAILURES: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ProxyError,
)


def _twin(error: Exception) -> type[httpx.TransportError]:
    """Return httpx's failure of the same name as one of httpcore's."""
    for kind in type(error).__mro__:
        twin = getattr(httpx, kind.__name__, None)
        if isinstance(twin, type) and issubclass(twin, httpx.TransportError):
            return twin
    return httpx.TransportError


def _proxy_for(url: httpx.URL) -> httpx.Proxy | None:
    """Return the proxy that the machine's settings name for a host; never one for what stays on this machine."""
    if is_loopback(url.host):
        return None
    proxies = urllib.request.getproxies()
    named = proxies.get(url.scheme) or proxies.get("all")
    if not named or urllib.request.proxy_bypass(url.host):
        return None
    try:
        parts = urlsplit(named if "://" in named else f"http://{named}")
        proxy = httpx.Proxy(parts.geturl()) if parts.scheme in ("http", "https") and parts.hostname else None
    except (ValueError, httpx.InvalidURL):
        proxy = None
    if proxy is None:
        raise ConfigurationError(
            "the proxy that the environment names cannot be used: it must be an http:// or https:// address",
            hint=f"check {url.scheme.upper()}_PROXY and ALL_PROXY; NO_PROXY={url.host} goes past it",
        )
    return proxy


def _pool(proxy: httpx.Proxy | None, context: Any, *, keepalive: int) -> httpcore.ConnectionPool:
    settings: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": _CONNECTIONS,
        "max_keepalive_connections": keepalive,
        "keepalive_expiry": 5.0,
        "network_backend": DeadlineBackend(),
    }
    if proxy is None:
        return httpcore.ConnectionPool(**settings)
    url = proxy.url
    return httpcore.HTTPProxy(
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        proxy_auth=proxy.raw_auth,
        proxy_headers=proxy.headers.raw,
        proxy_ssl_context=proxy.ssl_context,
        **settings,
    )
