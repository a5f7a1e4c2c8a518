"""The faults themselves: each takes an Exchange and does one thing to it that the tables in faults.md name."""

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.faults.fault_proxy import HTML, JSON, Exchange, Fault, message

PAGE = b"<!doctype html><html><title>Sign in</title><body>please sign in</body></html>"
DRIP_SECONDS = 0.05
# How often: for longer than any deadline of these tests, yet not for ever, for a client that has none.
DRIPS = 120
MEGABYTE = 2**20


def applied(then: Fault) -> Fault:
    """The sandbox does what it was asked to; what the client sees of it is another matter."""

    def fault(exchange: Exchange) -> None:
        exchange.forward()
        then(exchange)

    return fault


def reset_unread(exchange: Exchange) -> None:
    """RST while the request's body is still on its way."""
    exchange.reset()


def reset(exchange: Exchange) -> None:
    exchange.body()
    exchange.reset()


def end(exchange: Exchange) -> None:
    """The connection is closed in order, without a word: also what a server does that tires of an idle connection."""
    exchange.body()
    exchange.end()


def hang(exchange: Exchange) -> None:
    exchange.body()
    exchange.hang()


def raw(data: bytes, *, closes: bool = True) -> Fault:
    """Answer with these very bytes, and end the connection unless told otherwise."""

    def fault(exchange: Exchange) -> None:
        exchange.body()
        exchange.send(data)
        if closes:
            exchange.end()

    return fault


def says(status: int, body: object = b"", *, kind: str | None = JSON, **headers: str) -> Fault:
    """Answer whole; a body that is no bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return raw(message(status, data, kind=kind, **headers), closes=False)


def error(status: int, said: str = "no", **headers: str) -> Fault:
    """The API's own error."""
    return says(status, {"statusCode": status, "message": said, "error": "Error"}, **headers)


def page(status: int, **headers: str) -> Fault:
    """Somebody else's page."""
    return says(status, PAGE, kind=HTML, **headers)


def dripped(data: bytes | None = None, *, whole: int = 0) -> Fault:
    """Send the true answer (or `data`) byte by byte for six seconds, after `whole` bytes at once; then the rest."""

    def fault(exchange: Exchange) -> None:
        answer = data
        if answer is None:
            found = exchange.forward()
            answer = message(found.status, found.body + b" " * 800, x_padding="x" * 800)
        exchange.body()
        exchange.send(answer[:whole])
        for at in range(whole, whole + DRIPS):
            if not exchange.send(answer[at : at + 1]) or exchange.proxy.closing.wait(DRIP_SECONDS):
                break
        exchange.send(answer[whole + DRIPS :])
        exchange.end()

    return fault


def dripped_body(exchange: Exchange) -> None:
    """Send head and status at once and the body byte by byte."""
    found = exchange.forward()
    head = message(found.status, length=len(found.body) + 800)
    dripped(head + found.body + b" " * 800, whole=len(head))(exchange)


def flood(exchange: Exchange) -> None:
    """Promise an answer for six seconds, 1xx after 1xx, and give it then."""
    found = exchange.forward()
    for _ in range(DRIPS):
        sent = exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not sent or exchange.proxy.closing.wait(DRIP_SECONDS):
            break
    exchange.send(message(found.status, found.body))


def heralded(count: int) -> Fault:
    """So many 1xx answers before the true one."""

    def fault(exchange: Exchange) -> None:
        found = exchange.forward()
        exchange.send(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * count + message(found.status, found.body))

    return fault


def reworded(change: Callable[[bytes], bytes], *, kind: str = JSON, **headers: str) -> Fault:
    """The true answer with another body."""

    def fault(exchange: Exchange) -> None:
        found = exchange.forward()
        exchange.send(message(found.status, change(found.body), kind=kind, **headers))

    return fault


def cut(exchange: Exchange) -> None:
    """The true answer, ended in the middle of its body."""
    found = exchange.forward()
    exchange.send(message(found.status, found.body[: len(found.body) // 2], length=len(found.body) + 50))
    exchange.end()


def chunks_gone_wrong(exchange: Exchange) -> None:
    """The true status, and a body whose chunks are none."""
    found = exchange.forward()
    exchange.send(message(found.status, b'5\r\n{"id\nZZ\r\nnonsense\r\n', length=None, transfer_encoding="chunked"))
    exchange.end()


def old_protocol(exchange: Exchange) -> None:
    """The true answer in HTTP/1.0: no length, ended by the end of the connection."""
    found = exchange.forward()
    data = message(found.status, found.body, length=None)
    exchange.send(data.replace(b"HTTP/1.1", b"HTTP/1.0", 1))
    exchange.end()


def zipped(exchange: Exchange) -> None:
    """The true answer in an encoding that nobody asked for."""
    found = exchange.forward()
    exchange.send(message(found.status, gzip.compress(found.body), content_encoding="gzip"))


def bomb(exchange: Exchange) -> None:
    """A small answer that unfolds to 32 MB."""
    found = exchange.forward()
    data = gzip.compress(b'{"x": "' + b"a" * (32 * MEGABYTE) + b'"}', compresslevel=1)
    exchange.send(message(found.status, data, content_encoding="gzip"))


def huge(megabytes: int) -> Fault:
    """The true status and a body that is true to its length and much too long."""

    def fault(exchange: Exchange) -> None:
        status = exchange.forward().status
        start = b'{"id": "'
        exchange.send(message(status, start, length=len(start) + megabytes * MEGABYTE))
        piece = b"a" * MEGABYTE
        for _ in range(megabytes):
            if not exchange.send(piece):
                break
        exchange.end()

    return fault


def late(begins: threading.Event | float) -> Fault:
    """Hang up at once; the sandbox acts so many seconds later, or once that has happened."""

    def fault(exchange: Exchange) -> None:
        exchange.body()
        exchange.end()

        def act() -> None:
            if isinstance(begins, threading.Event):
                begins.wait(30)
            else:
                exchange.proxy.closing.wait(begins)
            exchange.forward()

        exchange.proxy.background(act)

    return fault


def before(fault: Fault, deed: Callable[[], object]) -> Fault:
    """Do something to the world, and then one thing to the request."""

    def both(exchange: Exchange) -> None:
        deed()
        fault(exchange)

    return both


def and_down(exchange: Exchange) -> None:
    """The true answer, and from then on nobody listens any more."""
    found = exchange.forward()
    exchange.proxy.down(keep=exchange.client)
    exchange.send(message(found.status, found.body, connection="close"))
    exchange.end()


@contextmanager
def bystander() -> Iterator[tuple[str, list[bytes]]]:
    """Another host: its address, and the first bytes of everybody who came, who should be nobody."""
    visits: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                visitor, _ = listener.accept()
            except OSError:
                return
            with visitor:
                visits.append(b"")
                visitor.settimeout(5)
                visits[-1] = visitor.recv(4096)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", visits
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(30)


@contextmanager
def full_backlog() -> Iterator[str]:
    """A port that neither takes a connection nor refuses it: its queue is full and nobody accepts."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(8):
        each = socket.socket()
        each.setblocking(False)
        each.connect_ex(listener.getsockname())
        waiting.append(each)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    for each in (*waiting, listener):
        each.close()
