"""A fleet on a real cluster: the same plans as here, a stop that reaches the workers, and no key on the way."""

import shutil
import threading
from pathlib import Path

from distributed import Client

from reconciler.app.watching import Nobody
from reconciler.errors import ConfigurationError, ExitCode, TerminatedRunError
from reconciler.model.errand import Done, ToPlan
from reconciler.model.outcome import Status
from reconciler.model.plan_set import Failure
from reconciler.wiring.engine import LOCAL
from tests.engine.cluster import ROOT, Cluster, Wire
from tests.engine.conftest import NAMES, settings_of_workers
from tests.engine.meeting import PATIENCE
from tests.fleet.errand_bench import Errands, carried, written
from tests.fleet.fleet_bench import CONFIG, FarmServer


class WindingUp(Nobody):
    """Hears when an errand winds up."""

    def __init__(self) -> None:
        self.heard = threading.Event()

    def stopping(self, flying: int) -> None:
        self.heard.set()


def test_a_stop_winds_up_what_is_under_way_on_a_worker(errands: Errands, farm: FarmServer, alone: Cluster) -> None:
    errands.fleet.configure(CONFIG.replace("settle = 0.2", "settle = 30"))
    prepared = [errands.to_apply(name) for name in NAMES]
    errands.engine = alone.address
    begun: list[str] = []
    why = Failure.of(TerminatedRunError("stopped by SIGTERM"))
    found: dict[str, Done] = {}
    winding_up = WindingUp()
    with errands.executor(winding_up) as executor:

        def heard(method: str, key: str) -> None:
            if method == "POST" and not begun:
                begun.append(key.removeprefix("canary-"))
                executor.stop(why)
                assert winding_up.heard.wait(PATIENCE)

        farm.heard = heard
        for done in executor.run(prepared):
            found[done.organisation] = done
        assert [each.is_begun for each in executor.run(prepared)] == [False] * len(NAMES)
    assert sorted(found) == sorted(NAMES)
    (name,) = begun
    assert found[name].is_stopped
    assert found[name].exit_code is ExitCode.TERMINATED
    outcomes = carried(found[name]).outcomes
    applied = {each.custom_id for each in outcomes if each.status is Status.APPLIED}
    assert {each.detail for each in outcomes if each.status is Status.NOT_SENT} == {"stopped by SIGTERM"}
    assert sorted(written(farm.farm.simulators[name])) == sorted(applied)
    assert sorted(errands.state(name).records) == sorted(applied)
    for other in {*NAMES} - {name}:
        assert not found[other].is_begun
        assert written(farm.farm.simulators[other]) == []


def test_workers_plan_what_would_be_planned_here_and_no_key_is_seen_on_the_way(
    errands: Errands, farm: FarmServer, tmp_path: Path
) -> None:
    fleet = errands.fleet
    with Cluster(tmp_path / "watched", settings=settings_of_workers(tmp_path)) as cluster:
        wire = Wire(cluster.address)
        cluster.add_workers(2, through=wire.address)
        drawn = [(each.code, each.out) for each in (fleet.plan(), fleet.plan("--engine", wire.address))]
        assert drawn[0] == drawn[1]
        errands.engine = wire.address
        prepared = [errands.to_apply(name) for name in NAMES]
        farm.farm.simulators["acme"].add_key("canary-other", "x", [], name="other")
        (fleet.root / "k").write_text("canary-wrong")
        (fleet.root / "k").chmod(0o600)
        fleet.organisations(*NAMES, globex='key = "file:k"')
        errands.reopen()
        prepared[1] = errands.errand("globex", prepared[1].task)
        found = errands.run(prepared)
        assert found["globex"].failure is not None
        assert found["globex"].failure.kind == "credentials"
        assert found["acme"].exit_code is ExitCode.DONE
        with Client(cluster.address, set_as_default=False) as client:
            said = [client.get_scheduler_logs(), client.get_worker_logs(), client.get_events()]
            said += [client.sync(client.scheduler.get_cluster_state, exclude=[])]
        said += [cluster.logs, found, bytes(wire.seen)]
    assert b"news-03" in wire.seen
    assert b"file:k" in wire.seen
    assert [len(str(each)) for each in said if "canary" in str(each) or "Bearer" in str(each)] == []


def test_a_worker_of_another_version_is_refused_before_anything_begins(
    errands: Errands, farm: FarmServer, tmp_path: Path
) -> None:
    other = tmp_path / "other version"
    shutil.copytree(ROOT / "reconciler", other / "reconciler", ignore=shutil.ignore_patterns("__pycache__"))
    (other / "reconciler" / "__init__.py").write_text('"""Another one."""\n__version__ = "99.0"\n')
    for name in ("tests", "schemas"):
        (other / name).symlink_to(ROOT / name)
    with Cluster(tmp_path / "mixed", settings=settings_of_workers(tmp_path)) as cluster:
        cluster.add_workers(1)
        cluster.add_workers(1, folder=other)
        result = errands.fleet.plan("--engine", cluster.address)
    assert result.code == 4
    assert "runs reconciler 99.0, and this is " in result.err
    assert result.out == ""
    assert [entry for each in farm.farm.simulators.values() for entry in each.ledger()] == []


def test_a_worker_needs_a_checkout_and_a_state_that_all_of_them_see(
    errands: Errands, farm: FarmServer, alone: Cluster, tmp_path: Path
) -> None:
    alone.workers[0].end()
    empty = tmp_path / "empty"
    empty.mkdir()
    (without,) = alone.add_workers(1, RECONCILER_ROOT=str(empty))
    result = errands.fleet.plan("--engine", alone.address)
    assert (result.code, f"finds no reconciler.toml in {empty}" in result.err) == (4, True), result
    without.end()
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(errands.fleet.root, elsewhere)
    alone.add_workers(1, RECONCILER_ROOT=str(elsewhere))
    errands.engine = alone.address
    failure = errands.run([errands.errand("acme", ToPlan())])["acme"].failure
    assert failure is not None
    assert (failure.kind, "its state is in a file" in failure.message) == (ConfigurationError.kind, True)


def test_what_is_wrong_with_an_engine_ends_the_command_before_anything_begins(errands: Errands, alone: Cluster) -> None:
    plan = errands.fleet.plan
    assert (plan("--engine", "localhost:8786").code, plan("--engine", "ray://x:1").code) == (64, 64)
    assert (plan("--engine", alone.address).code, plan("--engine", LOCAL).code) == (0, 0)
    alone.workers[0].end()
    nobody = plan("--engine", alone.address)
    assert (nobody.code, "has no worker" in nobody.err) == (10, True), nobody
    alone.scheduler.end()
    gone = plan("--engine", alone.address, "--format", "json")
    assert (gone.code, gone.json["error"]["kind"]) == (10, "unavailable")
    assert "no engine answers at" in gone.json["error"]["message"]
