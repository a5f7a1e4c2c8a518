"""Fixtures for whoever drives the whole tool: repositories on each kind of sandbox, and nobody's settings but ours."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.simulator import Simulator
from reconciler.sandbox.switches import Switches
from tests.scenarios.workbench import SCHEMA, Door, Repository, remote, served


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard() -> None:
    """A shell that starts a job in the background has it ignore SIGINT, and so would every process it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No setting of whoever runs the tests reaches the tool."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "OPENCX_API_KEY", "OPENCX_API_URL", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("RECONCILER_NO_CACHE", raising=False)
    for name in [name for name in os.environ if name.startswith("OTEL_") or name == "TRACEPARENT"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state"))


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Repository]:
    """A repository on its embedded sandbox."""
    root = tmp_path / "a repository"
    (root / "sequences").mkdir(parents=True)
    folder = root / ".reconciler"
    folder.mkdir()
    with Simulator(folder / "sandbox.sqlite3", schema=SCHEMA) as simulator:
        yield Repository(root=root, simulator=simulator)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Simulator]]:
    """One served sandbox for the whole run; each test begins by emptying it."""
    root = tmp_path_factory.mktemp("served")
    with ExitStack() as stack:
        url = stack.enter_context(served(root))
        simulator = stack.enter_context(Simulator(root / ".reconciler" / "sandbox.sqlite3", schema=SCHEMA))
        yield url, simulator


@pytest.fixture
def http(tmp_path: Path, server: tuple[str, Simulator], monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository on a sandbox in another process, over real HTTP."""
    url, simulator = server
    simulator.reset(Switches())
    monkeypatch.setenv("OPENCX_API_KEY", FULL_KEY)
    return remote(tmp_path / "a repository", url, simulator)


@pytest.fixture(params=["embedded", "http"])
def repository(request: pytest.FixtureRequest) -> Repository:
    """A repository, once on each kind of sandbox."""
    found: Repository = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A sandbox whose every answer the test has a say in."""
    with Simulator(tmp_path / "behind" / "sandbox.sqlite3", schema=SCHEMA) as simulator:
        door = Door(simulator)
        yield door
        door.close()


@pytest.fixture
def behind(tmp_path: Path, door: Door, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository on the sandbox behind the door."""
    monkeypatch.setenv("OPENCX_API_KEY", FULL_KEY)
    return remote(tmp_path / "a repository", door.url, door.simulator)
