"""A server on loopback that answers with the very bytes that a test gives it."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from reconciler.adapters.api.client import ApiReader, ApiWriter
from reconciler.adapters.api.connection import Connection
from reconciler.adapters.api.limiter import Limiter

KEY = "canary-key-0123456789"


@dataclass
class Script:
    """Raw answers, one for each connection; an empty one hangs up without a word. `seen` has each request's head."""

    answers: list[bytes]
    seen: list[bytes] = field(default_factory=list)


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
                self.wfile.write(script.answers[0])

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        connection = connect(f"http://127.0.0.1:{server.server_address[1]}")
        started.append((server, thread, connection))
        return ApiReader(connection), ApiWriter(connection), script

    yield start
    for server, thread, connection in started:
        connection.close()
        server.shutdown()
        server.server_close()
        thread.join()


def connect(url: str, *, key: str = KEY) -> Connection:
    """Return a connection without a limit."""
    return Connection(
        base_url=url, key=key, limiter=Limiter(requests=0, seconds=60), connect_timeout=5, request_timeout=5
    )


def response(status: str, body: bytes = b"", kind: str = "application/json", **headers: str) -> bytes:
    """Return a whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", f"content-type: {kind}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
