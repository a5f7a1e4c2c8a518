"""The simulator as an ASGI application: it carries requests in and answers out, and decides nothing."""

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reconciler.sandbox.api import Request
from reconciler.sandbox.simulator import Simulator

# What `reconciler sandbox serve` allows a key in a minute unless it is told otherwise; in process there is no limit.
HTTP_LIMIT = 100


def create_app(simulator: Simulator, *, limit: int | None = None) -> ASGIApp:
    """Return the application; `limit` overrides the switch of that name. It does not close the simulator."""
    # Without routes, because a request to a path that does not exist enters the ledger as well.
    return _Endpoint(simulator, limit)


class _Endpoint:
    def __init__(self, simulator: Simulator, limit: int | None) -> None:
        self._simulator = simulator
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = HttpRequest(scope, receive)
        request = Request(
            method=http.method,
            path=_path(scope),
            authorization=http.headers.get("authorization"),
            body=await http.body(),
        )
        # On the event loop and not in a thread: a request takes less time than changing threads twice.
        answer = self._simulator.answer(request, limit=self._limit)
        response = Response(
            answer.body, answer.status, {"content-type": "application/json; charset=utf-8", **dict(answer.headers)}
        )
        await response(scope, receive, send)


def _path(scope: Scope) -> str:
    """Return the path as it was sent: decoded, a custom_id with a slash would look like two segments."""
    raw: bytes | None = scope.get("raw_path")
    return raw.partition(b"?")[0].decode("latin-1") if raw is not None else scope["path"]
