"""Servers on loopback that do to a connection whatever a test says; and certificates to do it over TLS."""

import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

Behaviour = Callable[["Peer"], None]


@dataclass
class Peer:
    """One connection, seen from the server. `number` counts them from 0."""

    socket: socket.socket
    number: int
    gone: threading.Event

    def request(self) -> bytes:
        """Read one request whole; nothing where the client has hung up."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(65536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [int(each.split(b":")[1]) for each in head.lower().split(b"\r\n") if each.startswith(b"content-leng")]
        while len(body) < sum(lengths):
            body += self.socket.recv(65536)
        return head + b"\r\n\r\n" + body

    def drip(self, data: bytes, seconds: float) -> None:
        """Send a byte at a time, over so many seconds in all, while anybody listens."""
        for index in range(len(data)):
            self.socket.sendall(data[index : index + 1])
            if self.gone.wait(seconds / len(data)):
                return


@dataclass
class Loopback:
    """A server; `port`, and what each of its connections sent that its behaviour read with `note`."""

    port: int
    seen: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bytes(self) -> bytes:
        return b"".join(each for _, each in self.seen)


@contextmanager
def serving(behaviour: Callable[[Peer, Loopback], None]) -> Iterator[Loopback]:
    """Serve, a thread for each connection."""
    gone = threading.Event()
    counted = iter(range(10_000))

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # the client may hang up
                behaviour(Peer(self.request, next(counted), gone), loopback)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        loopback = Loopback(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield loopback
        finally:
            gone.set()
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Certificate:
    """A certificate that vouches for itself, and its key."""

    chain: Path
    key: Path

    def accept(self, connection: socket.socket) -> ssl.SSLSocket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context.wrap_socket(connection, server_side=True)


def certificate(folder: Path, names: str) -> Certificate:
    """Make a certificate for names as in `DNS:api.example,IP:127.0.0.1`."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test"
    extension = f"subjectAltName={names}"
    files = ["-keyout", str(made.key), "-out", str(made.chain)]
    subprocess.run([*command.split(), "-addext", extension, *files], check=True, capture_output=True)
    return made
