"""A server on loopback that answers with the very bytes that a test gives it, and a clock of the test's own."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from reconciler.adapters.api.caller import Caller
from reconciler.adapters.api.client import ApiReader, ApiWriter
from reconciler.adapters.api.connection import Connection
from reconciler.adapters.api.exchange import Exchange
from reconciler.adapters.api.limiter import Limiter
from reconciler.core.budget import Limit
from reconciler.ports import Clock

KEY = "canary-key-0123456789"


@dataclass
class Script:
    """Raw answers, one for each request, the last one for all that follow; an empty one hangs up without a word.

    `seen` has each request.
    """

    answers: list[bytes]
    seen: list[bytes] = field(default_factory=list)

    def next(self) -> bytes:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class VirtualClock:
    """A clock that moves only when somebody sleeps or the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def moment(self) -> str:
        return "2026-01-01T00:00:00Z"

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], tuple[ApiReader, ApiWriter, Script]]]:
    """Return a function that starts a server with one answer for every request."""
    started: list[tuple[socketserver.ThreadingTCPServer, threading.Thread, Connection]] = []

    def start(answer: bytes) -> tuple[ApiReader, ApiWriter, Script]:
        script = Script([answer])

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = self.rfile.readline()
                    if not line:
                        return
                    head += line
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.lower().split(b"\r\n")
                        if line.startswith(b"content-length")
                    ),
                    0,
                )
                script.seen.append(head + self.rfile.read(length))
                self.wfile.write(script.next())

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        connection = connect(f"http://127.0.0.1:{server.server_address[1]}")
        started.append((server, thread, connection))
        caller = caller_of(connection)
        return ApiReader(caller), ApiWriter(caller), script

    yield start
    for server, thread, connection in started:
        connection.close()
        server.shutdown()
        server.server_close()
        thread.join()


def connect(url: str, *, key: str = KEY, connect_timeout: float = 5, request_timeout: float = 5) -> Connection:
    return Connection(base_url=url, key=key, connect_timeout=connect_timeout, request_timeout=request_timeout)


def caller_of(
    exchange: Exchange,
    *,
    clock: Clock | None = None,
    limiter: Limiter | None = None,
    told: list[tuple[float, str]] | None = None,
    deadline: float | None = None,
    chance: float = 0.5,
) -> Caller:
    """Return a caller on a clock of its own; without a limiter, without a limit. `told` collects what it waits for."""
    return Caller(
        exchange,
        limiter=limiter or Limiter(Limit(requests=0, seconds=60, patience=60)),
        clock=clock or VirtualClock(),
        random=lambda: chance,
        waiting=lambda seconds, reason: [] if told is None else told.append((seconds, reason)),
        deadline=deadline,
    )


def response(status: str, body: bytes = b"", kind: str = "application/json", **headers: str) -> bytes:
    """Return a whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", f"content-type: {kind}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
