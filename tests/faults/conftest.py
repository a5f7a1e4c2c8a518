"""Fixtures: a repository whose API is a served sandbox behind the fault proxy."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.sandbox.keys import DEFAULT_ORG, Scope
from reconciler.sandbox.simulator import Simulator
from reconciler.sandbox.switches import Switches
from tests.faults.fault_bench import KEY, Bench
from tests.faults.fault_proxy import FaultProxy
from tests.scenarios.workbench import remote


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def proxy(server: tuple[str, Simulator]) -> Iterator[FaultProxy]:
    proxy = FaultProxy(server[0])
    yield proxy
    proxy.close()


@pytest.fixture
def bench(tmp_path: Path, server: tuple[str, Simulator], proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Bench:
    simulator = server[1]
    simulator.reset(Switches())
    simulator.add_key(KEY, DEFAULT_ORG, list(Scope), name="canary")
    monkeypatch.setenv("OPENCX_API_KEY", KEY)
    bench = Bench(repository=remote(tmp_path / "a repository", proxy.url, simulator), proxy=proxy)
    bench.configure()
    return bench
