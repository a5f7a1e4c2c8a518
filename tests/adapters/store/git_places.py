"""A bare repository that stands for the remote, and clones of it as people and CI make them. Real git, over file://."""

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from reconciler.adapters.store.git import GitBackend
from reconciler.model.state import Saved

REF = "refs/reconciler/production"
ROOT = Path(__file__).parents[3]


def git(*arguments: str, folder: Path, check: bool = True) -> str:
    ended = subprocess.run(
        ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *arguments],
        cwd=folder,
        check=check,
        capture_output=True,
        text=True,
    )
    return ended.stdout.strip()


def saved(serial: int, by: str = "ann@ci") -> Saved:
    return Saved(serial=serial, since="2026-01-02T03:04:05Z", by=by)


def everything_in(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below one, `.git` included, with what is in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@dataclass
class Places:
    """The remote and its clones, all below one folder."""

    root: Path

    @property
    def remote(self) -> Path:
        return self.root / "remote.git"

    def clone(self, name: str = "clone", *options: str) -> Path:
        """Make a clone; one without options is a copy of a plain one, and knows its remote by a relative path."""
        if not options:
            return shutil.copytree(self.root / "plain", self.root / name)
        git("clone", "--quiet", "--template=", *options, self.remote.as_uri(), name, folder=self.root)
        return self.root / name

    def backend(self, name: str = "clone") -> GitBackend:
        """Open the state from a clone, which is made where there is none of this name."""
        folder = self.root / name
        return GitBackend(folder if folder.exists() else self.clone(name), REF)

    def hook(self, name: str, script: str) -> None:
        path = self.remote / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)

    def refs(self) -> dict[str, str]:
        """Where the remote's refs of ours point, without the part that all share."""
        lines = git("for-each-ref", "--format=%(refname) %(objectname)", "refs/reconciler", folder=self.remote)
        pairs = (line.split(" ") for line in lines.splitlines())
        return {ref.removeprefix("refs/reconciler/"): name for ref, name in pairs}


def make_places(root: Path, *options: str) -> Places:
    """Make a remote with two commits on its branch `main`, and a clone; copied, since a copy is made faster."""
    shutil.copytree(_template(*options), root, dirs_exist_ok=True)
    return Places(root)


@functools.cache
def _template(*options: str) -> Path:
    root = Path(tempfile.mkdtemp(prefix="git-places-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    init = ("init", "--quiet", "--initial-branch=main", "--template=", *options)
    git(*init, "--bare", "remote.git", folder=root)
    # What servers check where they check at all; an object of ours that is not quite right is refused.
    git("config", "receive.fsckObjects", "true", folder=root / "remote.git")
    git("config", "core.fsync", "none", folder=root / "remote.git")
    git(*init, "plain", folder=root)
    git("remote", "add", "origin", "../remote.git", folder=root / "plain")
    for text in ("first", "second"):
        (root / "plain" / "welcome.yaml").write_text(text)
        git("add", ".", folder=root / "plain")
        git("commit", "--quiet", "-m", text, folder=root / "plain")
    git("push", "--quiet", "--set-upstream", "origin", "main", folder=root / "plain")
    return root


def wrapped_git(folder: Path, script: str) -> str:
    """Put a `git` of the test's before the real one, whose path it has as $GIT; return the PATH that finds it."""
    real = subprocess.run(["which", "git"], check=True, capture_output=True, text=True).stdout.strip()
    folder.mkdir(exist_ok=True)
    wrapper = folder / "git"
    wrapper.write_text(f"#!/bin/sh\nGIT={real}\n{script}\n")
    wrapper.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def start_python(code: str, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a process of its own on our code."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass
class Door:
    """A remote over HTTP that asks for a token, and whose answers the test has a say in."""

    root: Path
    credential: str = "Basic YW5uOmxldHRlcnM="
    port: int = 0
    # Parts of paths of requests that are done and then not answered.
    unanswered: set[str] = field(default_factory=set)
    # Parts of paths of requests that are never answered, until `freed`.
    hung: set[str] = field(default_factory=set)
    freed: threading.Event = field(default_factory=threading.Event)
    headers_seen: list[list[str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/remote.git"


@contextmanager
def served(places: Places) -> Iterator[Door]:
    """Serve the remote over HTTP by git's own program for it."""
    git("config", "http.receivepack", "true", folder=places.remote)
    door = Door(places.root)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def log_message(self, *_: object) -> None:
            pass

        def answer(self) -> None:
            given = self.headers.get_all("Authorization") or []
            door.headers_seen.append(given)
            if given != [door.credential]:
                self.send_response(403 if given else 401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if any(part in self.path for part in door.hung):
                door.freed.wait(60)
                self.close_connection = True
                return
            head, _, content = self.backend().partition(b"\r\n\r\n")
            if any(part in self.path for part in door.unanswered):
                self.close_connection = True
                return
            lines = [line.split(": ", 1) for line in head.decode().split("\r\n")]
            status = next((value for key, value in lines if key == "Status"), "200 OK")
            self.send_response(int(status.split()[0]))
            for key, value in lines:
                if key != "Status":
                    self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def backend(self) -> bytes:
            path, _, query = self.path.partition("?")
            return subprocess.run(
                ["git", "http-backend"],
                input=self.body(),
                env={
                    "PATH": os.environ["PATH"],
                    "GIT_PROJECT_ROOT": str(door.root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "REMOTE_USER": "ann",
                },
                check=True,
                capture_output=True,
            ).stdout

        def body(self) -> bytes:
            length = self.headers.get("Content-Length")
            return self.rfile.read(int(length)) if length else b""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    door.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield door
    finally:
        door.freed.set()
        server.shutdown()
        server.server_close()
        thread.join()
