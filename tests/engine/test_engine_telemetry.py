"""What workers of an engine tell: each for itself, as a part of the trace of whoever handed out the errands."""

from pathlib import Path

import pytest

from reconciler.model.metrics import ENVIRONMENT
from tests.engine.cluster import Cluster
from tests.engine.conftest import NAMES, settings_of_workers
from tests.fleet.errand_bench import Errands
from tests.telemetry.collector import Collector


def test_what_workers_do_is_a_part_of_the_trace_of_the_command(
    errands: Errands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Collector() as collector:
        # Workers are killed in the end, and so send what they tell while they live.
        soon = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_METRIC_EXPORT_INTERVAL": "50"}
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        with Cluster(tmp_path / "observed", settings={**settings_of_workers(tmp_path), **soon}) as cluster:
            cluster.add_workers(2)
            result = errands.fleet.plan("--engine", cluster.address)
            assert result.code == 0, result
            collector.wait_for(lambda: len(collector.named("organisation")) == len(NAMES))
            collector.wait_for(lambda: len(collector.sums("reconciler.plan.changes", ENVIRONMENT)) == len(NAMES))
        command = collector.one("reconciler fleet plan")
        organisations = collector.named("organisation")
        assert {each.attributes[ENVIRONMENT] for each in organisations} == {f"clients/{name}" for name in NAMES}
        assert {each.parent for each in organisations} == {command.id}
        assert {each.trace for each in collector.spans} == {command.trace}
        assert len({each["service.instance.id"] for each in collector.resources}) > 1
        assert not any(b"canary" in body for body in collector.bodies)
