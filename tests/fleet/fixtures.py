"""Fixtures of fleets, for every folder of tests that has some."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.fleet_bench import FarmServer, FleetRepository, fleet_repository


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
