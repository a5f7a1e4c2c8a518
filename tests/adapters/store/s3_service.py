"""A real S3 service in a process of its own, and a proxy before it that drops, cuts, delays and answers by itself."""

import atexit
import functools
import http.client
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock
from urllib.parse import unquote, urlsplit

from reconciler.adapters.store.s3 import S3Backend
from tests.adapters.store.store_contract import Place

# What no message may ever show: the id of a key, its secret, the token of a session.
CANARIES = ("AKIDCANARY0123456789", "canary-of-a-secret-access-key", "canary-of-a-session-token")
_NUMBERS = itertools.count(1)


class Service(NamedTuple):
    port: int
    process: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def new_bucket(self) -> str:
        bucket = f"bucket-{next(_NUMBERS)}"
        assert self.ask("PUT", f"/{bucket}").status == 200
        return bucket

    def objects(self, bucket: str) -> tuple[str, ...]:
        """Return the keys in a bucket; what is random or tells a time in them is cut off."""
        keys = re.findall(r"<Key>([^<]*)</Key>", self.ask("GET", f"/{bucket}?list-type=2").body.decode())
        return tuple(re.sub(r"(probe|/\d{10})-.*", r"\1", key) for key in keys)

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> "Answer":
        return forward(self.port, Request(method, path, {"Authorization": _SIGNED, **(headers or {})}, body))


class Request(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        """The method and the object, such as `PUT state.lock`; a listing as `LIST folder`."""
        parts = urlsplit(self.path)
        if "list-type" in parts.query:
            prefix = next(each for each in parts.query.split("&") if each.startswith("prefix="))
            return f"LIST {unquote(prefix[7:]).rstrip('/')}"
        return f"{self.method} {unquote(parts.path).partition('/')[2].partition('/')[2]}"


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


_SIGNED = (
    f"AWS4-HMAC-SHA256 Credential={CANARIES[0]}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
)


def failing(status: int, code: str) -> Answer:
    """An answer as S3 gives it, with what must never be shown."""
    body = f"<Error><Code>{code}</Code><Message>no</Message><AWSAccessKeyId>{CANARIES[0]}</AWSAccessKeyId></Error>"
    return Answer(status, {"Content-Type": "application/xml"}, body.encode())


def forward(port: int, request: Request) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(request.method, request.path, request.body, dict(request.headers))
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


@functools.cache
def running_service() -> Service:
    """Return the one service of this test run; it ends with the run, by its own process id."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tempfile.TemporaryDirectory(prefix="s3-service-")
    environment = {"PATH": os.environ["PATH"], "HOME": folder.name, "TMPDIR": folder.name, "SERVICES": "s3"}
    command = [sys.executable, "-m", "uvicorn", "ministack.app:app", "--host", "127.0.0.1", "--port", str(port)]
    with (Path(folder.name) / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder.name, env=environment, stdout=log, stderr=log)

    def end() -> None:
        process.send_signal(signal.SIGKILL)
        process.wait()
        folder.cleanup()

    atexit.register(end)
    while True:
        assert process.poll() is None, (Path(folder.name) / "log").read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            continue
        return Service(port, process.pid)


def opened(url: str, bucket: str, key: str = "state.json", **options: Any) -> S3Backend:
    """Return a backend as a process would have it whose environment leads to the service."""
    with mock.patch.dict(os.environ):
        for name in [each for each in os.environ if each.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(environment(url))
        return S3Backend(bucket, key, **options)


def s3_place(folder: Path) -> Place:
    """Return a fresh place for the contract suite."""
    service = running_service()
    bucket = service.new_bucket()
    return Place(open=lambda: opened(service.url, bucket, "states/production.json"), emergency=folder / "emergency")


def environment(url: str) -> dict[str, str]:
    """The variables that lead to a service."""
    return {
        "AWS_ENDPOINT_URL_S3": url,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": CANARIES[0],
        "AWS_SECRET_ACCESS_KEY": CANARIES[1],
        "AWS_SESSION_TOKEN": CANARIES[2],
    }


Onward = Callable[[Request], Answer]
# What becomes of one request: an answer, or None for a connection that is closed without one.
Rule = Callable[[Request, Onward], Answer | None]


def passing(request: Request, onward: Onward) -> Answer:
    return onward(request)


class Proxy:
    """A proxy whose rule decides what becomes of each request; `seen` names them all."""

    def __init__(self, port: int, service: Service) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.seen: list[str] = []
        self.rule: Rule = passing
        self._service = service

    def act(self, request: Request) -> Answer | None:
        self.seen.append(request.name)
        return self.rule(request, functools.partial(forward, self._service.port))

    def once(self, name: str, then: Rule) -> None:
        """Let a rule decide on the first request of this name, and pass the others."""
        used = threading.Event()

        def rule(request: Request, onward: Onward) -> Answer | None:
            if request.name == name and not used.is_set():
                used.set()
                return then(request, onward)
            return onward(request)

        self.rule = rule

    def always(self, method: str, then: Rule) -> None:
        """Let a rule decide on all requests of a method (or `LIST`), and pass the others."""
        self.rule = lambda request, onward: (
            then(request, onward) if request.name.partition(" ")[0] == method else onward(request)
        )


def lost_before(_: Request, __: Onward) -> None:
    """The connection is cut before the service hears of it."""


def lost_after(request: Request, onward: Onward) -> None:
    """It is done, and nobody is told."""
    onward(request)


def answered(status: int, code: str) -> Rule:
    """It is refused on the way."""
    return lambda _, __: failing(status, code)


def answered_after(status: int, code: str) -> Rule:
    """It is done, and called a failure."""

    def rule(request: Request, onward: Onward) -> Answer:
        onward(request)
        return failing(status, code)

    return rule


@contextmanager
def proxied(service: Service) -> Iterator[Proxy]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            answer = proxy.act(Request(self.command, self.path, dict(self.headers), self.rfile.read(length)))
            self.close_connection = True
            if answer is None:
                return
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(name, value)
            length = int(answer.headers.get("content-length", 0)) if self.command == "HEAD" else len(answer.body)
            self.send_header("Content-Length", str(length))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body)

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    for method in ("PUT", "DELETE", "HEAD"):
        setattr(Handler, f"do_{method}", Handler.do_GET)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = Proxy(server.server_address[1], service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
