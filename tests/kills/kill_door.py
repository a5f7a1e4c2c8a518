"""What a trial is made with: when to strike, a zygote that makes processes, and the sandbox behind a door."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from reconciler.sandbox.api import Request
from reconciler.sandbox.simulator import Simulator
from tests.scenarios.workbench import ROOT

PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """When a process gets which signal: at its nth step, or at the nth request, before or after that is answered."""

    step: int | None = None
    request: int | None = None
    answered: bool = False
    number: int = signal.SIGKILL


class Zygote:
    """A process that forks into command lines. `start` one, then `wait` for it; close it in the end."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.kill_zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asked, self._told = self._process.stdin, self._process.stdout
        assert self._line() == "ready"

    def start(self, asked: dict[str, Any]) -> int:
        self._asked.write(json.dumps(asked).encode() + b"\n")
        self._asked.flush()
        return int(self._line())

    def wait(self, process: int) -> int:
        """Return how it ended; AssertionError where it does not."""
        if not select.select([self._told], [], [], PATIENCE)[0]:
            os.kill(process, signal.SIGKILL)
            self._line()
            raise AssertionError("the process did not end")
        return os.waitstatus_to_exitcode(int(self._line()))

    def _line(self) -> str:
        return self._told.readline().decode().strip()

    def close(self) -> None:
        self._asked.close()
        self._process.wait(PATIENCE)
        self._told.close()


class Door:
    """The sandbox on a socket; before or after it answers a certain request, the client gets a signal."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._strike = Strike()
        self._client: int | None = None
        self._known = threading.Condition()
        self._open = 0
        self.seen: list[str] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                with door._known:
                    door._open += 1

            def finish(self) -> None:
                try:
                    super().finish()
                except OSError:
                    pass  # the client is gone
                finally:
                    with door._known:
                        door._open -= 1
                        door._known.notify_all()

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:
                    self.close_connection = True

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, data = door.answer(self.command, self.path, self.headers["authorization"], body)
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_PUT = answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def expect(self, strike: Strike) -> None:
        """Forget the last client, and what it asked for."""
        with self._known:
            self._strike, self._client, self.seen = strike, None, []

    def meet(self, client: int) -> None:
        """Learn who the client is; requests wait until then."""
        with self._known:
            self._client = client
            self._known.notify_all()

    def answer(self, method: str, path: str, authorization: str | None, body: bytes) -> tuple[int, bytes]:
        with self._known:
            self._known.wait_for(lambda: self._client is not None, PATIENCE)
            self.seen.append(method)
            is_struck = len(self.seen) == self._strike.request
        if is_struck and not self._strike.answered:
            self._hit()
            if self._strike.number == signal.SIGKILL:
                raise BrokenPipeError  # it never came to be answered
        answer = self._simulator.answer(Request(method=method, path=path, authorization=authorization, body=body))
        if is_struck and self._strike.answered:
            self._hit()
        return answer.status, answer.body

    def settle(self) -> None:
        """Wait until everything that a client which is gone has sent was answered."""
        host, port = self._server.server_address[:2]
        with socket.create_connection((str(host), int(port)), PATIENCE) as last:
            # Connections are taken in turn: when this one is answered, all before it have been taken.
            last.sendall(b"OPTIONS / HTTP/1.0\r\n\r\n")
            while last.recv(65536):
                pass
        with self._known:
            assert self._known.wait_for(lambda: self._open == 0, PATIENCE), "a connection stays open"

    def _hit(self) -> None:
        assert self._client is not None
        with suppress(ProcessLookupError):
            os.kill(self._client, self._strike.number)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
