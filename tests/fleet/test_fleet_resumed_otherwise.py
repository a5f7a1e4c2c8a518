"""A run that goes on where something is another one by now: its plan, its waves, the table, or who else began."""

import shutil
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.core.codec.plan_set import set_digest
from reconciler.errors import LockedError
from reconciler.model.plan_set import PlanSet
from reconciler.model.waves import DEFAULT_WAVES
from reconciler.sandbox.switches import Switches
from reconciler.wiring.fleet_run import begun, recorded, run_folder
from tests.fleet.apply_bench import SEQUENCES, Applying, stands
from tests.fleet.fleet_bench import CONFIG, FarmServer, FleetRepository, behind_a_farm

NAMES = ("acme", "globex", "hooli")


@pytest.fixture
def halted(fleet: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch) -> Applying:
    """A run whose gate is shut after the canaries, of whom one is applied, and that may go on by now."""
    behind_a_farm(fleet, farm, monkeypatch.setenv, *NAMES)
    bench = Applying(fleet, farm, NAMES, monkeypatch.setenv)
    bench.plan_file()
    bench.setenv("OPENCX_GLOBEX", "nobody")
    assert bench.apply("plan.json", "--canaries", "acme", "--canaries", "globex", "--pause", "0.01").code == 8
    bench.setenv("OPENCX_GLOBEX", "canary-globex")
    return bench


def test_another_plan_in_the_place_of_the_reviewed_one_is_refused(halted: Applying) -> None:
    halted.fleet.sequence("bye", name="Nobody has reviewed this")
    halted.plan_file()
    run = halted.only_run()
    shutil.copy(halted.fleet.root / "plan.json", halted.fleet.root / f".reconciler/fleet/clients/runs/{run}/plan.json")
    result = halted.apply("--resume", run)
    assert result.code == 7
    assert f"the plan that lies with run {run} is not the one that it was begun with; nothing was sent" in result.err
    assert [halted.writes(name) for name in ("globex", "hooli")] == [[], []]


def test_a_canary_that_has_left_the_table_keeps_nobody_else_from_going_on(halted: Applying) -> None:
    halted.fleet.organisations("globex", "hooli")
    report = halted.report("--resume", "last", "--pause", "0.01")
    assert stands(report) == {"acme": "applied", "globex": "applied", "hooli": "applied"}
    for name in NAMES:
        assert sorted(halted.writes(name)) == sorted(SEQUENCES)


@pytest.mark.parametrize("option", [("--canaries", "hooli"), ("--growth", "9")])
def test_waves_are_formed_once(halted: Applying, option: tuple[str, str]) -> None:
    result = halted.apply("--resume", "last", *option)
    assert result.code == 64
    assert "a run that goes on keeps the waves that it was begun with" in result.err


def test_of_two_that_begin_the_same_run_the_second_is_told_so(fleet: FleetRepository) -> None:
    plans = PlanSet(fleet="clients", parts=(), digest=set_digest("clients", ()))
    folder = run_folder(fleet.root, "clients")
    run = begun(plans, DEFAULT_WAVES, folder, acknowledged=None)
    run = replace(run, run=replace(run.run, run="twice"))
    with (
        recorded(run, folder, iter([b"{}"]), {}),
        pytest.raises(LockedError, match="was begun by another process"),
        recorded(run, folder, iter([b"{}"]), {}),
    ):
        pass


@pytest.fixture
def killed(fleet: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch) -> Applying:
    """A process was killed while its canary created, and the API has no look-up by custom_id."""
    behind_a_farm(fleet, farm, monkeypatch.setenv, *NAMES)
    bench = Applying(fleet, farm, NAMES, monkeypatch.setenv)
    for simulator in farm.farm.simulators.values():
        simulator.switches = Switches.parse(["lookup=off"])
    code, _ = bench.struck(2, signal.SIGKILL, "--canaries", "acme")
    assert code == -signal.SIGKILL
    assert bench.writes("acme")
    return bench


def only_once(bench: Applying) -> None:
    for name in NAMES:
        assert max(Counter(bench.writes(name)).values(), default=0) <= 1, name


def test_who_was_under_way_comes_back_where_its_state_is_said_to_lie_elsewhere_now(killed: Applying) -> None:
    killed.fleet.configure(CONFIG + 'state = "file:elsewhere/{{org}}.json"\n')
    report = killed.report("--resume", "last")
    assert stands(report)["acme"] == "returned"
    only_once(killed)


def test_who_was_under_way_comes_back_where_only_the_run_was_brought_to_another_folder(
    killed: Applying, tmp_path: Path
) -> None:
    shutil.copytree(killed.fleet.root, tmp_path / "another")
    for state in (tmp_path / "another/.reconciler/fleet/clients").iterdir():
        if state.name != "runs":
            shutil.rmtree(state) if state.is_dir() else state.unlink()
    there = replace(killed.fleet, root=tmp_path / "another")
    report = there.run("fleet", "apply", "clients", "--yes", "--format", "json", "--resume", "last").json
    assert stands(report)["acme"] == "returned"
    only_once(killed)


def test_a_state_that_was_brought_along_goes_on(killed: Applying) -> None:
    (killed.fleet.root / ".reconciler/fleet/clients").rename(killed.fleet.root / "states")
    (killed.fleet.root / ".reconciler/fleet/clients").mkdir()
    (killed.fleet.root / "states/runs").rename(killed.fleet.root / ".reconciler/fleet/clients/runs")
    killed.fleet.configure(CONFIG + 'state = "file:states/{{org}}.json"\n')
    report = killed.report("--resume", "last")
    assert stands(report)["acme"] in ("applied", "unknown")
    only_once(killed)
