"""A repository with a fleet, and a farm of sandboxes behind it: one process, many organisations, each with its key."""

import io
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from reconciler.cli.main import run
from reconciler.sandbox.farm import Farm
from tests.scenarios.workbench import SCHEMA, Result, manifest, sms

CONFIG = """\
default_environment = "production"
[environments.production]
api = "{api}"
rate_limit = {{ requests = 0, seconds = 1 }}
timeouts = {{ settle = 0.2 }}
variables = {{ common = "segment-1" }}
[fleets.clients]
environment = "production"
organisations = "{table}"
key = "env:OPENCX_{{ORG}}"
"""


@dataclass
class FleetRepository:
    """A repository on disk with a fleet `clients`."""

    root: Path
    api: str = "http://127.0.0.1:9"
    table: str = "fleet.toml"
    entries: list[str] = field(default_factory=list)

    def configure(self, text: str = CONFIG, **more: str) -> None:
        values: Mapping[str, str] = {"api": self.api, "table": self.table, **more}
        (self.root / "reconciler.toml").write_text(text.format(**values), encoding="utf-8")

    def organisations(self, *names: str, **lines: str) -> None:
        """Write the table; `lines` are lines of TOML by organisation."""
        entries = [f'[[organisations]]\nname = "{name}"\n{lines.get(name, "")}\n' for name in names]
        self.write(self.table, "\n".join(entries))

    def write(self, file: str, text: str) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def sequence(self, custom_id: str, **changes: Any) -> None:
        self.write(
            f"sequences/{custom_id}.yaml",
            json.dumps(manifest(custom_id, **{"steps": [sms()], **changes}), indent=1) + "\n",
        )

    def run(self, *arguments: str) -> Result:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(["-C", str(self.root), *arguments])
        return Result(int(code), out.getvalue(), err.getvalue())

    def validate(self, *arguments: str) -> Result:
        return self.run("fleet", "validate", "clients", *arguments)

    def plan(self, *arguments: str, name: str = "clients") -> Result:
        return self.run("fleet", "plan", name, *arguments)

    def planned(self, *arguments: str) -> dict[str, Any]:
        """The organisations of a plan, by name."""
        document = self.plan("--format", "json", *arguments).json
        return {each["name"]: each for each in document["organisations"]}

    def mistakes(self, *arguments: str) -> list[str]:
        """What `fleet validate` says, a line each: place, rule and message."""
        result = self.validate("--format", "json", *arguments)
        document = result.json
        is_about_the_table = any(each["rule"].startswith("fleet") for each in document["diagnostics"])
        assert result.code == (4 if is_about_the_table else 3)
        return [
            f"{each['file']}:{each['line']}:{each['column']} {each['rule']} {each['message']}"
            for each in document["diagnostics"]
        ]


@contextmanager
def fleet_repository(root: Path, **options: Any) -> Iterator[FleetRepository]:
    (root / "sequences").mkdir(parents=True)
    repository = FleetRepository(root, **options)
    repository.configure()
    repository.sequence("welcome")
    yield repository


class FarmServer:
    """A farm over real sockets in this process, so that a test can reach into every organisation behind it.

    `heard` is told the method of each request, and whose it is, before it is answered.
    """

    def __init__(self) -> None:
        self.farm = Farm(SCHEMA)
        self.heard: Callable[[str, str], None] = lambda _method, _key: None
        config = uvicorn.Config(
            self._answer, interface="asgi3", access_log=False, log_config=None, lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        presented = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        self.heard(scope["method"], presented.decode().removeprefix("Bearer "))
        await self.farm(scope, receive, send)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def behind_a_farm(fleet: FleetRepository, farm: FarmServer, setenv: Callable[[str, str], None], *names: str) -> None:
    """Put a fleet of these organisations in front of the farm, each with its own key."""
    fleet.api = farm.url
    fleet.configure()
    fleet.organisations(*names)
    for name in names:
        farm.farm.add(name, f"canary-{name}")
        setenv(f"OPENCX_{name.upper()}", f"canary-{name}")
