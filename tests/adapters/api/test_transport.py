"""Sockets that misbehave: what a request comes to is in time, and never more certain than what was seen."""

import gzip
import os
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from reconciler.adapters.api.connection import Connection
from reconciler.adapters.api.transport import SocketTransport
from reconciler.core.classify import Reply
from reconciler.core.sent import Failure, NoReply
from reconciler.errors import ConfigurationError, RefusedError
from tests.adapters.api.conftest import KEY, connect, response
from tests.adapters.api.loopback import Certificate, Loopback, Peer, certificate, serving

FINE = response("200 OK", b'{"fine": true}')
KEPT = FINE.replace(b"connection: close\r\n", b"")
PATH = "/sequences/x"


def exchanged(url: str, method: str = "GET", *, body: bytes | None = None, seconds: float = 5) -> Reply | NoReply:
    connection = connect(url, connect_timeout=seconds, request_timeout=seconds)
    try:
        return connection.exchange(method, PATH, body)
    finally:
        connection.close()


def test_a_head_that_drips_is_over_when_the_request_s_time_is() -> None:
    """Each byte comes in time; all of them do not. Whoever waited for each of them would get the answer."""
    with serving(lambda peer, _: peer.request() and peer.drip(FINE, 2)) as server:
        seen = exchanged(server.url, seconds=0.3)
    assert seen == NoReply("no complete answer from 127.0.0.1 in 0.3 s", True, Failure.READ_TIMEOUT)


def test_silence_is_not_given_more_time_than_is_left() -> None:
    def pause(peer: Peer, _: Loopback) -> None:
        peer.request()
        peer.gone.wait(0.6)
        peer.socket.sendall(FINE[:9])
        peer.gone.wait(0.7)  # less than a second after the bytes before it
        peer.socket.sendall(FINE[9:])

    with serving(pause) as server:
        seen = exchanged(server.url, seconds=1)
    assert isinstance(seen, NoReply)
    assert seen.failure is Failure.READ_TIMEOUT


def test_a_flood_of_preliminary_answers_is_over_in_time_too() -> None:
    def flood(peer: Peer, _: Loopback) -> None:
        peer.request()
        for _ in range(100):
            peer.socket.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            peer.gone.wait(0.02)
        peer.socket.sendall(FINE)

    with serving(flood) as server:
        seen = exchanged(server.url, seconds=0.3)
    assert isinstance(seen, NoReply)
    assert seen.failure is Failure.READ_TIMEOUT


def test_a_body_that_drips_keeps_its_status() -> None:
    def drip(peer: Peer, _: Loopback) -> None:
        peer.request()
        head, _, body = response("201 Created", b'{"id": "0123456789"}').partition(b"\r\n\r\n")
        peer.socket.sendall(head + b"\r\n\r\n")
        peer.drip(body, 2)

    with serving(drip) as server:
        seen = exchanged(server.url, "POST", body=b"{}", seconds=0.3)
    assert isinstance(seen, Reply)
    assert (seen.status, seen.is_json) == (201, False)
    assert seen.trouble == "the answer was cut off: no complete answer from 127.0.0.1 in 0.3 s"


def test_a_server_that_takes_a_request_slowly_has_no_more_time_for_it() -> None:
    def sip(peer: Peer, _: Loopback) -> None:
        for _ in range(100):
            peer.socket.recv(8192)
            peer.gone.wait(0.02)

    with serving(sip) as server:
        seen = exchanged(server.url, "PATCH", body=b" " * 50_000_000, seconds=0.3)
    assert isinstance(seen, NoReply)
    assert (seen.failure, seen.was_sent) == (Failure.WRITE_TIMEOUT, True)


@contextmanager
def silent(address: str, port: int) -> Iterator[int]:
    """Take no connection and refuse none; return the port."""
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind((address, port))
        listening.listen(0)
        for each in (first, second):
            each.setblocking(False)
            each.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def test_a_full_backlog_is_a_timeout_before_anything_was_sent() -> None:
    with silent("127.0.0.1", 0) as port:
        seen = exchanged(f"http://127.0.0.1:{port}", "POST", body=b"{}", seconds=0.3)
    assert seen == NoReply("timed out connecting to 127.0.0.1; nothing was sent", False, Failure.CONNECT_TIMEOUT)


def reset(peer: Peer, _: Loopback) -> None:
    peer.request()
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.socket.close()


def test_a_reset_may_have_come_after_the_deed() -> None:
    with serving(reset) as server:
        seen = exchanged(server.url, "POST", body=b"{}")
    assert seen == NoReply("no answer from 127.0.0.1: the connection was reset", True, Failure.READ)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [(b"", Failure.PROTOCOL), (b"SSH-2.0-x\r\n", Failure.PROTOCOL), (b"HTTP/1.1 2", Failure.PROTOCOL)],
)
def test_what_is_no_http_settles_nothing(answer: bytes, failure: Failure) -> None:
    with serving(lambda peer, _: peer.request() and peer.socket.sendall(answer)) as server:
        seen = exchanged(server.url, "PATCH", body=b"{}")
    assert isinstance(seen, NoReply)
    assert (seen.failure, seen.was_sent) == (failure, True)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (FINE.replace(b"HTTP/1.1", b"HTTP/1.0"), ""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + FINE, ""),
        (response("200 OK", gzip.compress(b"{}"), content_encoding="gzip"), "the answer is compressed, which it was"),
        (response("200 OK", b"{}", content_encoding="identity"), ""),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
            "the answer was cut off: no answer from 127.0.0.1",
        ),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", "the answer was cut off: no answer from 127.0.0.1"),
    ],
    ids=["HTTP/1.0", "100 first", "gzip", "identity", "a broken chunk", "cut off"],
)
def test_a_status_that_was_seen_counts_whatever_follows(answer: bytes, trouble: str) -> None:
    with serving(lambda peer, _: peer.request() and peer.socket.sendall(answer)) as server:
        seen = exchanged(server.url)
    assert isinstance(seen, Reply)
    assert seen.status == 200
    assert seen.trouble.startswith(trouble)
    assert seen.is_json == (not trouble)


def test_what_the_policy_needs_of_the_head_is_kept() -> None:
    answer = response("429 Too Many", b"{}", retry_after="12", date="Sun, 06 Nov 1994 08:49:37 GMT", location="x" * 600)
    with serving(lambda peer, _: peer.request() and peer.socket.sendall(answer)) as server:
        seen = exchanged(server.url)
    assert isinstance(seen, Reply)
    assert (seen.retry_after, seen.date, seen.location) == ("12", "Sun, 06 Nov 1994 08:49:37 GMT", "")


def keep_open(peer: Peer, server: Loopback) -> None:
    while request := peer.request():
        server.seen.append((peer.number, request))
        peer.socket.sendall(KEPT)


def test_reads_share_a_connection_and_each_create_has_a_fresh_one() -> None:
    with serving(keep_open) as server:
        connection = connect(server.url)
        for method in ("GET", "PATCH", "POST", "POST", "GET"):
            assert isinstance(connection.exchange(method, PATH, None if method == "GET" else b"{}"), Reply)
        connection.close()
    kept = server.seen[0][0]
    numbers = [number for number, _ in server.seen]
    assert [number == kept for number in numbers] == [True, True, False, False, True]
    assert len(set(numbers)) == 3


def test_nothing_is_compressed_no_cookie_is_kept_and_the_key_is_in_one_place() -> None:
    def bake(peer: Peer, server: Loopback) -> None:
        while request := peer.request():
            server.seen.append((peer.number, request.lower()))
            peer.socket.sendall(KEPT.replace(b"\r\n\r\n", b"\r\nset-cookie: a=b\r\n\r\n", 1))

    with serving(bake) as server:
        connection = connect(server.url)
        connection.exchange("GET", PATH)
        connection.exchange("GET", PATH)
        connection.close()
    for _, request in server.seen:
        assert b"cookie" not in request
        assert b"\r\naccept-encoding: identity\r\n" in request
        assert request.count(KEY.encode()) == 1


@pytest.mark.parametrize(
    "path",
    ["", "/", "x", "//evil.example/x", "/a/../b", "/a/./b", "/a?b", "/a#b", "/a b", "/é", "/a\\b", "@evil.example/"],
)
def test_a_path_that_leads_elsewhere_is_never_requested(path: str) -> None:
    with serving(keep_open) as server:
        connection = connect(server.url + "/base")
        with pytest.raises(RefusedError):
            connection.exchange("GET", path)
        assert isinstance(connection.exchange("GET", "/a%2Fb"), Reply)
        connection.close()
    assert [request.split(b"\r\n")[0] for _, request in server.seen] == [b"GET /base/a%2Fb HTTP/1.1"]


# --- names and addresses ----------------------------------------------------------------------------------------------


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Have one name resolve as a test says: nothing on this machine can answer for others' names."""
    real = socket.getaddrinfo

    def resolve(host: str, port: int, *rest: int, **options: int) -> object:
        if host != "api.invalid":
            return real(host, port, *rest, **options)
        if not addresses:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch)
    assert exchanged("https://api.invalid") == NoReply(
        "cannot resolve api.invalid; nothing was sent", False, Failure.NAME
    )


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = threading.Event()

    def resolve(*_: object, **__: object) -> list[object]:
        ends.wait(3)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    seen = exchanged("http://api.invalid", seconds=0.2)
    ends.set()
    assert isinstance(seen, NoReply)
    assert seen.failure is Failure.CONNECT_TIMEOUT


def test_the_next_address_is_tried_where_one_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(keep_open) as server:
        resolving(monkeypatch, "127.0.0.2", "127.0.0.1")
        assert isinstance(exchanged(f"http://api.invalid:{server.port}"), Reply)
        resolving(monkeypatch, "127.0.0.2", "127.0.0.3")
        seen = exchanged(f"http://api.invalid:{server.port}")
    assert isinstance(seen, NoReply)
    assert seen.failure is Failure.REFUSED


def test_an_address_that_is_silent_leaves_time_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(keep_open) as server, silent("127.0.0.2", server.port):
        resolving(monkeypatch, "127.0.0.2", "127.0.0.1")
        assert isinstance(exchanged(f"http://api.invalid:{server.port}", seconds=1), Reply)


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("ours"), "DNS:api.invalid,DNS:localhost")


@pytest.fixture
def secure(ours: Certificate) -> Iterator[Loopback]:
    def shake(peer: Peer, server: Loopback) -> None:
        try:
            with ours.accept(peer.socket) as wrapped:
                keep_open(Peer(wrapped, peer.number, peer.gone), server)
        except ssl.SSLError as error:
            server.seen.append((peer.number, str(error).encode()))

    with serving(shake) as server:
        yield server


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Loopback) -> None:
    seen = exchanged(f"https://localhost:{secure.port}", "POST", body=b"{}")
    text = "the certificate of localhost is not trusted: self-signed certificate; the key was not sent"
    assert isinstance(seen, NoReply)
    assert (seen.reason.replace("self signed", "self-signed"), seen.failure) == (text, Failure.UNTRUSTED)
    assert KEY.encode() not in secure.bytes


def test_a_certificate_for_another_name_is_refused(
    secure: Loopback, ours: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.chain))
    seen = exchanged(f"https://127.0.0.1:{secure.port}")
    assert isinstance(seen, NoReply)
    assert seen.failure is Failure.UNTRUSTED
    assert KEY.encode() not in secure.bytes


def test_a_certificate_that_the_operator_trusts_is_accepted(
    secure: Loopback, ours: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.chain))
    assert isinstance(exchanged(f"https://localhost:{secure.port}"), Reply)
    assert secure.bytes.count(KEY.encode()) == 1


def test_what_tells_a_trusted_certificate_is_made_once_for_all_organisations(
    ours: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str | None] = []
    real = httpx.create_ssl_context

    def create() -> ssl.SSLContext:
        named.append(os.environ.get("SSL_CERT_FILE"))
        return real()

    monkeypatch.setattr(httpx, "create_ssl_context", create)
    first, second = (tmp_path / name for name in ("first.pem", "second.pem"))
    for chain in (first, first, second, first):
        chain.write_bytes(ours.chain.read_bytes())
        monkeypatch.setenv("SSL_CERT_FILE", str(chain))
        SocketTransport(httpx.URL("https://host.example")).close()
    assert named == [str(first), str(second)]


def test_plain_http_where_tls_is_meant_gets_no_key() -> None:
    def answer(peer: Peer, server: Loopback) -> None:
        server.seen.append((0, peer.socket.recv(65536)))
        peer.socket.sendall(FINE)

    with serving(answer) as server:
        seen = exchanged(f"https://localhost:{server.port}")
    assert isinstance(seen, NoReply)
    assert seen.failure is Failure.HANDSHAKE
    assert seen.reason.startswith("localhost could not be spoken to over TLS: ")
    assert KEY.encode() not in server.bytes


def test_a_handshake_that_never_ends_is_over_in_time() -> None:
    with serving(lambda peer, _: peer.socket.recv(9) and peer.gone.wait(3)) as server:
        seen = exchanged(f"https://localhost:{server.port}", seconds=0.3)
    assert isinstance(seen, NoReply)
    assert seen.failure is Failure.CONNECT_TIMEOUT


# --- proxies ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)


@pytest.mark.usefixtures("no_proxies")
def test_a_proxy_leads_to_the_api_and_sees_no_key(ours: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ours.chain))
    inside: list[bytes] = []

    def lead(peer: Peer, proxy: Loopback) -> None:
        proxy.seen.append((peer.number, peer.request()))
        peer.socket.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with ours.accept(peer.socket) as wrapped:
            inside.append(Peer(wrapped, 0, peer.gone).request())
            wrapped.sendall(FINE)

    with serving(lead) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ann:secret@127.0.0.1:{proxy.port}")
        connection = connect("https://api.invalid")
        assert connection.via == "127.0.0.1"
        assert isinstance(connection.exchange("GET", PATH), Reply)
        connection.close()
    assert proxy.bytes.startswith(b"CONNECT api.invalid:443 HTTP/1.1\r\n")
    assert KEY.encode() not in proxy.bytes
    assert KEY.encode() in inside[0]


@pytest.mark.usefixtures("no_proxies")
def test_a_proxy_that_leads_nowhere_proves_that_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda peer, _: peer.request() and peer.socket.sendall(response("407 Pay First"))) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://ann:secret@localhost:{proxy.port}")
        seen = exchanged("https://api.invalid", "POST", body=b"{}")
    text = "the proxy localhost does not lead to api.invalid; nothing was sent"
    assert seen == NoReply(text, False, Failure.PROXY)


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://", "http://[half", "ftp://ann:secret@x"])
def test_a_proxy_that_cannot_be_used_is_an_error_and_not_gone_past(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigurationError) as caught:
        connect("https://api.invalid")
    assert "secret" not in f"{caught.value.message}{caught.value.hint}"


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://localhost:1", "http://[::1]:1", "https://api.invalid"])
def test_what_stays_here_or_is_excepted_goes_through_no_proxy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "invalid")
    connection = connect(url)
    assert connection.via is None
    connection.close()


@pytest.mark.parametrize("key", ['a"b\\c{}%s', "(.*)[$^", "':;<>&|"])
def test_a_key_of_strange_characters_is_in_no_text(key: str) -> None:
    quoting = response(
        "400 Bad", b'{"message": "no key ' + key.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"}'
    )
    with serving(lambda peer, _: peer.request() and peer.socket.sendall(quoting)) as server:
        connection = Connection(base_url=server.url, key=key, connect_timeout=5, request_timeout=5)
        seen = connection.exchange("GET", PATH)
        connection.close()
    assert isinstance(seen, Reply)
    assert seen.body == {"message": "no key (the key)"}
    assert key not in repr(seen)
