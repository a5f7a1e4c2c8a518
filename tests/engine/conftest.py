"""Fixtures for the engine: a cluster that is only looked at by many tests, since each process of it costs a second."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.cluster import Cluster
from tests.fleet import fixtures
from tests.fleet.errand_bench import Errands
from tests.fleet.fleet_bench import FarmServer, FleetRepository, behind_a_farm
from tests.scenarios.workbench import after_sequence, reaching

NAMES = ("acme", "globex", "initech")
MANY = 6
fleet, farm = fixtures.fleet, fixtures.farm
EVERYTHING = sorted(["welcome", *(f"news-{number:02}" for number in range(MANY))])


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers, which nobody ends: for tests that harm nothing."""
    folder = tmp_path_factory.mktemp("cluster")
    with Cluster(folder, settings=settings_of_workers(folder)) as cluster:
        cluster.add_workers(2)
        yield cluster


def settings_of_workers(folder: Path) -> dict[str, str]:
    """The environment of workers: the keys, which they alone have, and no settings of whoever runs the tests."""
    keys = {f"OPENCX_{name.upper()}": f"canary-{name}" for name in NAMES}
    return {**keys, "XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}


@pytest.fixture
def errands(fleet: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch) -> Errands:
    """Enough sequences that a run has a middle; each names the one before, so that one create is out at a time."""
    behind_a_farm(fleet, farm, monkeypatch.setenv, *NAMES)
    for number in range(MANY):
        before = f"news-{number - 1:02}" if number else "welcome"
        fleet.sequence(f"news-{number:02}", filter=reaching(after_sequence(before)))
    return Errands(fleet)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster with one worker, which does one errand at a time, and of which nothing is done a second time."""
    settings = {**settings_of_workers(tmp_path), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with Cluster(tmp_path / "alone", settings=settings) as cluster:
        cluster.add_workers(1, threads=1)
        yield cluster
