"""A repository on disk with a sandbox behind it: the real command line on real files, in process or in a process.

The sandbox's ledger is the oracle: what was sent is what stands there, whatever the tool says of it.
"""

import io
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from reconciler.cli.main import run
from reconciler.sandbox.api import Answer, Request
from reconciler.sandbox.ledger import Entry
from reconciler.sandbox.simulator import Simulator

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "openapi" / "update-sequence.yaml"
WRITES = ("POST", "PATCH", "PUT", "DELETE")
Document = dict[str, Any]


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Document:
        document: Document = json.loads(self.out)
        return document


def email(subject: str = "Hello", delay: float = 0) -> Document:
    data = {
        "from_email": "hello@example.com",
        "email_subject": subject,
        "email_body": "<p>Hello</p>",
        "email_sender_name": "Example",
        "email_is_transactional": False,
    }
    return {"action": {"type": "send_emails", "data": data}, "delay_in_minutes": delay}


def sms(message: str = "Hello", delay: float = 0) -> Document:
    return {"action": {"type": "send_sms_messages", "data": {"message": message}}, "delay_in_minutes": delay}


def reaching(*conditions: Document) -> Document:
    return {"or": [{"and": list(conditions)}]}


SEGMENT = {"type": "contact_belongs_to_segment", "segment_id": "segment-1"}


def after_sequence(custom_id: str) -> Document:
    return {"type": "contacts_affected_by_sequence", "sequence_id": {"$sequence": custom_id}}


def manifest(custom_id: str, **changes: Any) -> Document:
    """A whole manifest, with changes; a value of `...` leaves the key out."""
    whole = {
        "custom_id": custom_id,
        "name": custom_id.title(),
        "is_continuous": True,
        "filter": reaching(SEGMENT),
        "steps": [email()],
    }
    return {key: value for key, value in {**whole, **changes}.items() if value is not ...}


@dataclass
class Repository:
    """One repository and the sandbox that stands for its organisation."""

    root: Path
    simulator: Simulator
    environment: str = "sandbox"

    def write(self, custom_id: str, **changes: Any) -> Path:
        path = self.root / "sequences" / f"{custom_id}.yaml"
        path.parent.mkdir(exist_ok=True)
        # JSON is YAML, and says exactly which type a value has.
        path.write_text(json.dumps(manifest(custom_id, **changes), indent=1) + "\n", encoding="utf-8")
        return path

    def remove(self, custom_id: str) -> None:
        (self.root / "sequences" / f"{custom_id}.yaml").unlink()

    def configure(self, text: str) -> None:
        (self.root / "reconciler.toml").write_text(text, encoding="utf-8")

    @property
    def state_file(self) -> Path:
        return self.root / ".reconciler" / f"{self.environment}.json"

    def lose_state(self) -> None:
        """Remove the state with everything beside it, as if nothing had ever been applied from here."""
        for path in self.state_file.parent.glob(f"*{self.state_file.name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    @property
    def state(self) -> Document:
        document: Document = json.loads(self.state_file.read_bytes())
        return document

    @property
    def prefix(self) -> list[str]:
        return ["-C", str(self.root), "--env", self.environment]

    def run(self, *arguments: str) -> Result:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([*self.prefix, *arguments])
        return Result(int(code), out.getvalue(), err.getvalue())

    def json(self, *arguments: str) -> Document:
        result = self.run(*arguments, "--format", "json")
        assert result.err == ""
        return result.json

    def plan(self, *arguments: str) -> Document:
        return self.json("plan", *arguments)

    def apply(self, *arguments: str) -> Result:
        return self.run("apply", "--yes", *arguments)

    def applied(self, *arguments: str) -> Document:
        result = self.run("apply", "--yes", "--format", "json", *arguments)
        assert (result.code, result.err) == (0, ""), result
        return result.json

    def process(self, *arguments: str, **options: Any) -> "subprocess.Popen[str]":
        settings = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "reconciler", *self.prefix, *arguments],
            **{"cwd": ROOT, **settings, **options},
        )

    def command(self, *arguments: str, **options: Any) -> Result:
        with self.process(*arguments, **options) as process:
            out, err = process.communicate(timeout=60)
        return Result(process.returncode, out, err)

    @contextmanager
    def watched(self) -> Iterator[list[Entry]]:
        """Collect what reaches the sandbox meanwhile."""
        seen: list[Entry] = []
        before = len(self.simulator.ledger())
        yield seen
        seen += self.simulator.ledger()[before:]

    def requests(self, *arguments: str) -> tuple[Result, list[Entry]]:
        with self.watched() as seen:
            result = self.run(*arguments)
        return result, seen


def writes(entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.method in WRITES]


class Door:
    """The sandbox over HTTP in this process, with a say over each request: the seam for what a network can do.

    `before` is called with each request before it is answered, and may change the sandbox, wait, or return an answer
    of its own as (status, content type, body).
    """

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.before: Callable[[str, str, int], tuple[int, str, bytes] | None] = lambda _method, _path, _nth: None
        self._counted: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle(self) -> None:
                with suppress(ConnectionResetError):  # whoever asked was killed
                    super().handle()

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, kind, data = door.answer(self.command, self.path, self.headers["authorization"], body)
                try:
                    self.send_response(status)
                    self.send_header("content-type", kind)
                    self.send_header("content-length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_PATCH = do_PUT = answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, method: str, path: str, authorization: str | None, body: bytes) -> tuple[int, str, bytes]:
        self.last = Request(method=method, path=path, authorization=authorization, body=body)
        with self._lock:
            nth = self._counted[method, path] = self._counted.get((method, path), 0) + 1
        own = self.before(method, path, nth)
        if own is not None:
            return own
        answer: Answer = self.simulator.answer(
            Request(method=method, path=path, authorization=authorization, body=body)
        )
        return answer.status, "application/json", answer.body

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def served(root: Path) -> Iterator[str]:
    """`reconciler sandbox serve` in a process of its own; its URL is its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "reconciler", "-C", str(root), "sandbox", "serve", "--port", "0", "--limit", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=60)


def remote(root: Path, url: str, simulator: Simulator) -> Repository:
    (root / "sequences").mkdir(parents=True)
    repository = Repository(root=root, simulator=simulator, environment="remote")
    repository.configure(
        f'[environments.remote]\napi = "{url}"\n'
        "rate_limit = { requests = 0, seconds = 1 }\ntimeouts = { settle = 0.2 }\n"
    )
    return repository
