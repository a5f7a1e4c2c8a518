"""Fixtures for whoever watches what the tool tells of its work."""

from collections.abc import Iterator

import pytest

from tests.fleet.fixtures import farm, fleet  # noqa: F401 - fixtures
from tests.telemetry.collector import Collector


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that the variables name."""
    with Collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        yield collector
