"""Serving the simulator over HTTP, on this machine only."""

import ipaddress
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

_GRACE_SECONDS: Final = 5


def serve(app: ASGIApp, host: str, port: int, ready: Callable[[str], None]) -> signal.Signals | None:
    """Serve until SIGINT or SIGTERM and return which one it was; `ready` gets the URL once connections are accepted.

    Port 0 chooses a free one. ValueError for a host that is not a loopback address, OSError for a port in use. Signals
    are taken only in the main thread.
    """
    with _listener(host, port) as listener:
        server = _Server(_url(listener), app, ready)
        server.run([listener])
        return server.ended_by


class _Server(uvicorn.Server):
    def __init__(self, url: str, app: ASGIApp, ready: Callable[[str], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,
                log_config=None,
                lifespan="off",
                ws="none",
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self._url = url
        self._ready = ready
        self.ended_by: signal.Signals | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready(self._url)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not remembered as uvicorn does, which would raise the signal once more after everything is closed.
        del frame
        self.force_exit = self.should_exit
        self.should_exit = True
        self.ended_by = signal.Signals(sig)


def _listener(host: str, port: int) -> socket.socket:
    address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else _literal(host))
    if not address.is_loopback:
        raise ValueError(f"the sandbox is served on loopback only, not on `{host}`; use 127.0.0.1")
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    # The protocol is named because asyncio switches Nagle's algorithm off only where it reads TCP, and an accepted
    # socket inherits it; with the algorithm on, each answer may wait 40 ms for the client's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((str(address), port))
    except BaseException:
        listener.close()
        raise
    return listener


def _literal(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError as error:
        raise ValueError(f"the sandbox is served on loopback only, not on `{host}`; use 127.0.0.1") from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"
