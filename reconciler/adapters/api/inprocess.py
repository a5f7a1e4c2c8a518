"""An ASGI application as a synchronous httpx transport, so that the embedded sandbox is spoken to like any API.

Nothing here waits for the event loop's thread without a bound: a signal may land at any moment, also while it starts.
"""

import asyncio
import threading
from concurrent.futures import CancelledError, Future
from types import TracebackType
from typing import Any, Final

import httpx

# Seconds that the application is given to end once it is closed; its thread never keeps the process from ending.
_PATIENCE: Final = 5.0


class InProcessTransport(httpx.BaseTransport):
    """Runs the application on an event loop of its own, in a background thread that ends with `close`."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app=app)
        self._running: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="sandbox", daemon=True)
        try:
            self._thread.start()
        except BaseException:
            self._running.add_done_callback(_stop)
            raise

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        loop, _ = self._running.result()
        # With the lock, what is handed to the loop reaches it before the order to stop, and is ended by it.
        with self._lock:
            if self._closed:
                raise httpx.ConnectError("the sandbox is closed", request=request)
            answer = asyncio.run_coroutine_threadsafe(self._answer(request), loop)
        try:
            return answer.result()
        except CancelledError as error:
            raise httpx.ReadError("the sandbox was closed meanwhile", request=request) from error

    def close(self) -> None:
        """Stop the event loop and its thread; requests in flight get no answer any more."""
        with self._lock:
            self._closed = True
        self._running.add_done_callback(_stop)
        self._thread.join(_PATIENCE)

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    async def _run(self) -> None:
        stop = asyncio.Event()
        self._running.set_result((asyncio.get_running_loop(), stop))
        await stop.wait()  # what is still in flight then is canceled by `asyncio.run`

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        outgoing = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        response = await self._transport.handle_async_request(outgoing)
        content = await response.aread()
        # As a stream, which is what comes from a socket: what is handed over whole counts as read already.
        stream = httpx.ByteStream(content)
        return httpx.Response(response.status_code, headers=response.headers, stream=stream)


def _stop(running: "Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]") -> None:
    loop, stop = running.result()
    if not loop.is_closed():
        loop.call_soon_threadsafe(stop.set)
