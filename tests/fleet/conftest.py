"""Fixtures for fleets."""

from tests.engine.conftest import cluster  # noqa: F401 - a fixture
from tests.fleet.fixtures import farm, fleet  # noqa: F401 - fixtures
