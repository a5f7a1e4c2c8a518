"""Fixtures for whoever watches what the tool tells of its work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.fleet_bench import FarmServer, FleetRepository, fleet_repository
from tests.telemetry.collector import Collector


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that the variables name."""
    with Collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        yield collector


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[FleetRepository]:
    """A repository with a fleet whose organisations are still to be named."""
    with fleet_repository(tmp_path / "a repository") as repository:
        yield repository


@pytest.fixture
def farm() -> Iterator[FarmServer]:
    """Sandboxes of as many organisations as the test lets in, over real HTTP."""
    server = FarmServer()
    yield server
    server.close()
