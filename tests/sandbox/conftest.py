"""A real simulator on a real file, its ASGI application driven by httpx, and a clock that the test moves."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.sandbox.app import create_app
from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.simulator import Simulator
from reconciler.sandbox.switches import Switches
from tests.sandbox.sandbox_bodies import SCHEMA


class Clock:
    """Seconds since the epoch, standing still until the test moves them."""

    def __init__(self) -> None:
        self.seconds = 1_767_225_600.0  # 2026-01-01T00:00:00Z

    def __call__(self) -> float:
        return self.seconds

    def move(self, *, seconds: float = 0, minutes: float = 0) -> None:
        self.seconds += seconds + 60 * minutes


class Api:
    """The simulator's HTTP side."""

    def __init__(self, simulator: Simulator, runner: asyncio.Runner) -> None:
        self.simulator = simulator
        self._runner = runner
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(simulator)), base_url="http://sandbox", trust_env=False
        )

    def request(self, method: str, path: str, *, key: str | None = FULL_KEY, **content: Any) -> httpx.Response:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self._runner.run(self._client.request(method, path, headers=headers, **content))

    def raw(self, method: str, path: str, **headers: str) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, headers=headers))

    def create(self, body: dict[str, Any]) -> str:
        response = self.request("POST", "/sequences", json=body)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def get(self, reference: str) -> dict[str, Any]:
        response = self.request("GET", f"/sequences/{reference}")
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def patch(self, sequence_id: str, body: dict[str, Any]) -> None:
        response = self.request("PATCH", f"/sequences/{sequence_id}", json=body)
        assert response.status_code == 200, response.text

    def throw(self, *settings: str) -> None:
        self.simulator.switches = Switches.parse(settings, self.simulator.switches)

    def close(self) -> None:
        self._runner.run(self._client.aclose())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(tmp_path: Path, clock: Clock) -> Iterator[Simulator]:
    with Simulator(tmp_path / "deep" / "sandbox.sqlite3", schema=SCHEMA, now=clock) as simulator:
        yield simulator


@pytest.fixture
def api(simulator: Simulator) -> Iterator[Api]:
    with asyncio.Runner() as runner:
        api = Api(simulator, runner)
        yield api
        api.close()
