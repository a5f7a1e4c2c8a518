"""A proxy on loopback that does to requests what networks and servers do, in front of a served sandbox.

Every request is handed to the first rule that fits its method, its path and how many like it there were; without one
it is forwarded. A fault gets the request in its hands as an Exchange: it may forward it or not, answer with any bytes,
and end the connection in any way. Nothing here waits for a clock except where slowness is the fault itself.
"""

import json
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

JSON = "application/json"
HTML = "text/html; charset=utf-8"


class Answer(NamedTuple):
    """What the sandbox answered; `headers` without those of the connection."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(eq=False)
class Exchange:
    """One request. `nth` counts it on its connection, from 1; `answered` counts the bytes of the answer."""

    proxy: "FaultProxy"
    client: socket.socket
    nth: int
    method: str
    path: str
    head: bytes
    hung_up: bool = False
    answered: int = 0
    forwarded: Answer | None = None
    keep: bool = True
    finished: threading.Event = field(default_factory=threading.Event)
    _body: bytes | None = None

    def body(self) -> bytes:
        """Read the request's body off the connection."""
        if self._body is None:
            found = re.search(rb"(?im)^content-length: *(\d+)\r$", self.head)
            self._body = _read(self.client, int(found[1]) if found else 0)
        return self._body

    def is_about(self, sequence: str) -> bool:
        """Tell whether this is about one sequence, by its id or custom_id; reads the body of a POST."""
        if self.method == "POST":
            return bool(json.loads(self.body())["custom_id"] == sequence)
        return self.path.rpartition("/")[2] == sequence

    def forward(self) -> Answer:
        """Have the sandbox answer, whatever the client is told of it."""
        if self.forwarded is None:
            self.forwarded = self.proxy.ask(self.method, self.path, self.head, self.body())
        return self.forwarded

    def given_up(self) -> bool:
        """Wait until the fault is through, and tell whether the client hung up before that."""
        assert self.finished.wait(30)
        return self.hung_up

    def send(self, data: bytes) -> bool:
        """Send bytes to the client; False once it is gone."""
        try:
            self.client.sendall(data)
        except OSError:
            self.hung_up, self.keep = True, False
            return False
        self.answered += len(data)
        return True

    def end(self) -> None:
        """Close the connection in order."""
        self.keep = False
        with suppress(OSError):
            self.client.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """End the connection with RST."""
        self.keep = False
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def hang(self) -> None:
        """Say nothing until the client hangs up, or the proxy closes."""
        self.keep = False
        self.client.settimeout(0.02)
        while not self.proxy.closing.is_set():
            try:
                if not self.client.recv(4096):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.hung_up = not self.proxy.closing.is_set()


Fault = Callable[[Exchange], None]


@dataclass
class Rule:
    """`nth` are the turns, from 1, at which it strikes; None means every time. `after` is a method that came before.

    `of` is one sequence: what its path ends with or, for a POST, the custom_id in its body.
    """

    method: str
    fault: Fault
    nth: Collection[int] | None
    of: str | None
    after: str | None
    met: int = 0

    def strikes(self, exchange: Exchange, seen: list[Exchange]) -> bool:
        """Count a request that fits, and tell whether it is one of the turns."""
        if exchange.method != self.method or (self.of is not None and not exchange.is_about(self.of)):
            return False
        if self.after is not None and not any(each.method == self.after for each in seen):
            return False
        self.met += 1
        return self.nth is None or self.met in self.nth


@dataclass
class FaultProxy:
    """Listens as soon as it is made. `seen` are the requests in order; `accepted` counts connections."""

    upstream: str
    tls: ssl.SSLContext | None = None
    seen: list[Exchange] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    accepted: int = 0
    handshakes: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener: socket.socket | None = None
        self.port = 0
        self.up()

    @property
    def url(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}"

    def on(
        self,
        method: str,
        fault: Fault,
        *,
        nth: Collection[int] | None = (1,),
        of: str | None = None,
        after: str | None = None,
    ) -> None:
        """Let a fault strike at these turns of the requests that fit."""
        with self._lock:
            self.rules.append(Rule(method=method, fault=fault, nth=nth, of=of, after=after))

    def forget(self) -> None:
        """Take all rules back, and forget what was seen."""
        with self._lock:
            self.rules.clear()
            self.seen.clear()
            self.accepted = self.handshakes = 0

    def requests(self, method: str) -> list[Exchange]:
        with self._lock:
            return [each for each in self.seen if each.method == method]

    def up(self) -> None:
        """Accept connections, on the same port as before."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._listener = listener
        self._start(self._accept, listener)

    def down(self, keep: socket.socket | None = None) -> None:
        """Refuse connections from now on, and end those that are open, except for one."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # closing alone would not wake who accepts
            self._listener.close()
            self._listener = None
        with self._lock:
            for client in self._open - {keep}:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.closing.set()
        self.down()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def ask(self, method: str, path: str, head: bytes, body: bytes) -> Answer:
        """Send a request to the sandbox as it came."""
        address = urlsplit(self.upstream)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            lines = (line.partition(b":") for line in head.split(b"\r\n")[1:] if line)
            headers = {name.decode().lower(): value.strip().decode("latin-1") for name, _, value in lines}
            kept = {name: value for name, value in headers.items() if name in ("authorization", "content-type")}
            connection.request(method, path, body=body or None, headers=kept)
            response = connection.getresponse()
            data = response.read()
            shown = {name.lower(): value for name, value in response.getheaders()}
        finally:
            connection.close()
        dropped = {"content-length", "connection", "transfer-encoding", "keep-alive"}
        return Answer(response.status, {k: v for k, v in shown.items() if k not in dropped}, data)

    def background(self, work: Callable[[], object]) -> None:
        """Have something done that nobody waits for before `close`."""
        self._start(work)

    def _start(self, work: Callable[..., object], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        thread.start()
        with self._lock:
            self._threads = [each for each in self._threads if each.is_alive()] + [thread]

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.accepted += 1
                self._open.add(client)
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        spoken = client
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is not None:
                spoken = self._shake_hands(client, self.tls)
            nth = 1
            while self._one(spoken, nth):
                nth += 1
        except OSError:
            pass
        finally:
            with self._lock:
                self._open -= {client, spoken}
            with suppress(OSError):
                spoken.close()
            client.close()

    def _shake_hands(self, client: socket.socket, tls: ssl.SSLContext) -> socket.socket:
        client.settimeout(10)
        spoken = tls.wrap_socket(client, server_side=True)
        spoken.settimeout(None)
        with self._lock:
            self.handshakes += 1
            self._open.add(spoken)
        return spoken

    def _one(self, client: socket.socket, nth: int) -> bool:
        """Serve one request, and tell whether the connection goes on."""
        head = b""
        # Byte by byte, so that the body stays unread on the socket until a fault or the sandbox wants it.
        while not head.endswith(b"\r\n\r\n"):
            byte = client.recv(1)
            if not byte:
                return False
            head += byte
            if not head[:1].isalpha():  # TLS, where nobody speaks it: what servers say to that
                client.sendall(message(400, b"Client sent something that is no HTTP request.", kind="text/plain"))
                return False
        method, path, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        exchange = Exchange(proxy=self, client=client, nth=nth, method=method, path=path, head=head)
        with self._lock:
            self.seen.append(exchange)
            # Each rule counts for itself, also where another one strikes.
            struck = [rule.fault for rule in self.rules if rule.strikes(exchange, self.seen)]
        try:
            (struck or [forwarded])[0](exchange)
        finally:
            exchange.finished.set()
        return exchange.keep and not self.closing.is_set()


def _read(client: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        chunk = client.recv(length - len(data))
        if not chunk:
            raise ConnectionResetError
        data += chunk
    return data


def message(
    status: int, body: bytes = b"", *, kind: str | None = JSON, length: int | None = -1, **headers: str
) -> bytes:
    """Return an answer's bytes; `length` None leaves content-length out, and a header's `_` becomes `-`."""
    lines = [f"HTTP/1.1 {status} Status"]
    lines += [f"content-type: {kind}"] if kind else []
    lines += [] if length is None else [f"content-length: {len(body) if length < 0 else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def forwarded(exchange: Exchange) -> None:
    """No fault at all."""
    answer = exchange.forward()
    kind = answer.headers.pop("content-type", None)
    exchange.send(message(answer.status, answer.body, kind=kind, **answer.headers))
