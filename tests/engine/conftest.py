"""Fixtures for the engine: a cluster that is only looked at by many tests, since each process of it costs a second."""

from collections.abc import Iterator

import pytest

from tests.engine.cluster import Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler with two workers, which nobody ends: for tests that harm nothing."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.add_workers(2)
        yield cluster
