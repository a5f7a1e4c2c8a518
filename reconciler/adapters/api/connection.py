"""One API with one key over HTTP: what leaves, and what is seen of the answer.

Redirects are not followed, cookies not kept and no certificate but a trusted one is accepted, so that the key goes
nowhere else. The answer is streamed, so that a status that was seen is kept whatever becomes of the body.
"""

import re
from functools import lru_cache
from typing import Any, Final

import httpx

from reconciler import __version__
from reconciler.adapters.api.answer import reply_of
from reconciler.adapters.api.deadline import TimeLimit
from reconciler.adapters.api.failures import FAILURES, told
from reconciler.adapters.api.transport import SocketTransport
from reconciler.adapters.api.withheld import Withheld
from reconciler.core.classify import Reply
from reconciler.core.sent import Failure, NoReply, no_reply
from reconciler.errors import ConfigurationError, RefusedError

_KEY: Final = re.compile(r"[!-~]+", re.ASCII)
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9_.~%-]+)+", re.ASCII)
_ADDRESSES: Final = 64


class Connection:
    """Sends requests one by one (an Exchange). Safe to share between threads; `close` it. Times are in seconds.

    `via` names the proxy that they go through.
    """

    def __init__(
        self,
        *,
        base_url: str,
        key: str,
        connect_timeout: float,
        request_timeout: float,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if not _KEY.fullmatch(key):
            raise ConfigurationError(
                "the API key holds a space, a line break or another character that no key has",
                hint="set the variable again, without quotes or a line break inside",
            )
        self._url = httpx.URL(base_url.rstrip("/"))
        self._withheld = Withheld(key)
        # A write comes with a look before and after it: taking an address apart three times would cost more than that.
        self._url_of = lru_cache(maxsize=_ADDRESSES)(self._built)
        self._headers = httpx.Headers(
            {
                "host": self._url.netloc.decode("ascii"),
                "authorization": f"Bearer {key}",
                "accept": "application/json",
                "accept-encoding": "identity",
                "user-agent": f"reconciler/{__version__}",
            }
        )
        self._seconds = request_timeout
        timeout = httpx.Timeout(request_timeout, connect=connect_timeout).as_dict()
        self._extensions: dict[str, Any] = {"timeout": timeout}
        self._transport = transport or SocketTransport(self._url)
        self.via = self._transport.via if isinstance(self._transport, SocketTransport) else None

    def exchange(self, method: str, path: str, body: bytes | None = None) -> Reply | NoReply:
        """Send one request and return what came back; never raises for what the network does."""
        try:
            request = self._request(method, path, body)
        except (httpx.InvalidURL, ValueError):
            return no_reply(Failure.MALFORMED, "the request could not be built; nothing was sent")
        with TimeLimit(self._seconds):
            try:
                response = self._transport.handle_request(request)
            except tuple(FAILURES) as error:
                return self._told(error)
            return reply_of(response, lambda error: self._told(error).reason, self._withheld)

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def _request(self, method: str, path: str, body: bytes | None) -> httpx.Request:
        """Build a request. Its head is stated whole: what httpx would add is the same each time, and costs more."""
        headers = self._headers
        if body is not None:
            headers = headers.copy()
            headers.update({"content-type": "application/json", "content-length": str(len(body))})
        stream = httpx.ByteStream(body or b"")
        return httpx.Request(method, self._url_of(path), headers=headers, stream=stream, extensions=self._extensions)

    def _built(self, path: str) -> httpx.URL:
        """Build an address and look again where it leads; RefusedError where that is not the path that was meant."""
        if not _PATH.fullmatch(path):
            raise RefusedError("a path holds what none of the API's has; nothing was sent")
        url, base = httpx.URL(f"{self._url}".rstrip("/") + path), self._url
        meant = (base.scheme, base.raw_host, base.port, base.raw_path.rstrip(b"/") + path.encode("ascii"))
        if (url.scheme, url.raw_host, url.port, url.raw_path) != meant or url.userinfo:
            raise RefusedError("a request would have gone to another path than was meant; nothing was sent")
        return url

    def _told(self, error: Exception) -> NoReply:
        return told(error, host=self._url.host, via=self.via, seconds=self._seconds)
