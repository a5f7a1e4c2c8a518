"""An exchange of which each request is told: as a span, counted, and timed. Only there where somebody listens.

Nothing of a body, of a header or of an answer's words is told; a route stands for all the ids that it is asked with.
"""

from typing import Final
from urllib.parse import urlsplit

from reconciler.adapters.api.exchange import Exchange
from reconciler.core.classify import Reply
from reconciler.core.sent import NoReply
from reconciler.model.metrics import LIMITED, REQUEST_DURATION, REQUESTS, Attributes
from reconciler.ports import Clock, Span, Telemetry

_TOO_MANY: Final = 429
_NOT_FOUND: Final = 404
_FIRST_ERROR: Final = 400


class ObservedExchange:
    """An Exchange that tells of each request; `base_url` is what the paths are below."""

    def __init__(self, exchange: Exchange, telemetry: Telemetry, *, base_url: str, clock: Clock) -> None:
        self._exchange = exchange
        self._telemetry = telemetry
        self._base_url = base_url.rstrip("/")
        self._server = _server_of(base_url)
        self._clock = clock

    def exchange(self, method: str, path: str, body: bytes | None = None) -> Reply | NoReply:
        """Send one request once, and tell what came of it."""
        route = route_of(path)
        attributes = {
            "http.request.method": method,
            "url.template": route,
            "url.full": self._base_url + path,
            **self._server,
        }
        with self._telemetry.span(f"{method} {route}", attributes, calls=True) as span:
            began = self._clock.monotonic()
            seen = self._exchange.exchange(method, path, body)
            seconds = self._clock.monotonic() - began
            _describe(span, method, seen)
        kind = {"http.request.method": method}
        counted = {**kind, "url.template": route, "reconciler.status_class": status_class(seen)}
        self._telemetry.tell(REQUESTS, 1, counted)
        self._telemetry.tell(REQUEST_DURATION, seconds, kind)
        if isinstance(seen, Reply) and seen.status == _TOO_MANY:
            self._telemetry.tell(LIMITED, 1)
        return seen


def route_of(path: str) -> str:
    """Return a path with the word `{id}` in the place of a sequence's id or custom_id."""
    parts = path.split("/")
    return "/".join("{id}" if place == 2 else part for place, part in enumerate(parts))


def status_class(seen: Reply | NoReply) -> str:
    """Return the hundred of a status as `4xx`, or `none` where no answer came."""
    return f"{seen.status // 100}xx" if isinstance(seen, Reply) else "none"


def _describe(span: Span, method: str, seen: Reply | NoReply) -> None:
    if isinstance(seen, NoReply):
        span.fail(seen.failure.value)
        return
    span.put({"http.response.status_code": seen.status})
    # Before a create the API is asked whether there is one: that there is none is what was hoped for.
    if seen.status >= _FIRST_ERROR and (method, seen.status) != ("GET", _NOT_FOUND):
        span.fail(str(seen.status))


def _server_of(base_url: str) -> Attributes:
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {"server.address": parts.hostname or "", "server.port": port}
