"""A run that is stopped, or whose process is killed, in the middle of a wave: it goes on, and nothing is doubled.

The farm lives in this process and outlives the one that applies; its ledgers forget nothing.
"""

import json
import signal
import subprocess
from collections import Counter
from contextlib import suppress

import pytest

from reconciler.sandbox.switches import Switches
from reconciler.wiring.fleet_run import run_folder
from tests.cli.test_documents import check
from tests.fleet.apply_bench import SEQUENCES, Applying, stands
from tests.fleet.fleet_bench import FarmServer, FleetRepository, behind_a_farm

NAMES = tuple(f"org{number}" for number in range(9))


@pytest.fixture
def bench(fleet: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch) -> Applying:
    behind_a_farm(fleet, farm, monkeypatch.setenv, *NAMES)
    return Applying(fleet, farm, NAMES, monkeypatch.setenv)


@pytest.fixture
def applied(bench: Applying) -> Applying:
    """Everything is there already, and is to change."""
    assert bench.apply().code == 0
    for each in SEQUENCES:
        bench.fleet.sequence(each, name="New")
    bench.forget_runs()
    return bench


# In the canaries, in the middle of the second wave, and in the third.
@pytest.mark.parametrize("number", [2, 9, 20])
def test_a_process_that_is_killed_doubles_nothing_and_everything_arrives(applied: Applying, number: int) -> None:
    # Two at a time, so that not everything has left already when it is killed.
    few = ("--canaries", "org4", "--parallel", "2", "--format", "json")
    code, _ = applied.struck(number, signal.SIGKILL, *few)
    assert code == -signal.SIGKILL
    before = sum(len(applied.writes(name)) for name in NAMES) - len(NAMES) * len(SEQUENCES)
    assert before < len(NAMES) * len(SEQUENCES)
    run = applied.only_run()
    known = run_folder(applied.fleet.root, "clients").read(run)
    assert all(sorted(applied.writes(name)) == sorted([*SEQUENCES] * 2) for name in known.results)
    report = applied.report("--resume", run)
    check("fleet-apply", report)
    assert report["exit_code"] == 0, json.dumps(report["organisations"])
    assert set(stands(report).values()) <= {"applied", "unchanged"}
    applied.all_arrived_once(times=2)
    assert applied.report()["waves"] == []


def test_creates_that_were_cut_off_are_unknown_until_somebody_looks_and_then_the_run_goes_on(bench: Applying) -> None:
    bench.struck(6, signal.SIGKILL, "--canaries", "org4")
    for name in NAMES:  # so that no look-up tells whether they were created
        bench.farm.farm.simulators[name].switches = Switches.parse(["lookup=off"])
    report = bench.report("--resume", "last", "--max-unknowns", "100%")
    check("fleet-apply", report)
    assert "unknown" in stands(report).values()
    assert set(stands(report).values()) <= {"applied", "unknown", "not_begun"}
    assert report["exit_code"] == 9
    for name, where in stands(report).items():
        assert max(Counter(bench.writes(name)).values(), default=0) <= 1, name
        for custom_id in SEQUENCES if where == "unknown" else ():
            # By what the ledger says, as somebody who looks into the dashboard would.
            simulator, org_id = bench.farm.farm.simulators[name], bench.farm.farm.org_id(name)
            found = simulator.find(custom_id, org_id=org_id)
            answer = ["--not-created"] if found is None else ["--id", str(found["id"])]
            result = bench.fleet.run("--env", f"clients/{name}", "state", "resolve", custom_id, *answer)
            assert result.code in (0, 64), result.err  # 64: that one's end is known
    assert bench.report("--resume", "last")["exit_code"] == 0
    bench.all_arrived_once()


def test_what_was_killed_and_then_asked_for_otherwise_comes_back_and_the_others_go_on(applied: Applying) -> None:
    applied.struck(8, signal.SIGKILL, "--canaries", "org4")
    known = run_folder(applied.fleet.root, "clients").read(applied.only_run())
    assert known.under_way
    applied.fleet.sequence("welcome", name="Otherwise")
    report = applied.report("--resume", "last")
    assert {stands(report)[name] for name in known.under_way} == {"returned"}
    assert report["exit_code"] == 8
    for name in NAMES:
        assert max(Counter(applied.writes(name)).values()) <= 2


@pytest.mark.parametrize(("sent", "code", "why"), [(signal.SIGTERM, 143, "SIGTERM"), (signal.SIGINT, 130, "Ctrl-C")])
def test_a_signal_leaves_every_organisation_accounted_for_and_the_run_goes_on(
    bench: Applying, sent: int, code: int, why: str
) -> None:
    found, told = bench.struck(7, sent, "--canaries", "org4", "--parallel", "2", "--out", "report.json")
    assert found == code, told
    run = bench.only_run()
    assert f"stopped by {why}: finishing what is under way" in told
    assert f"Go on with: reconciler fleet apply clients --resume {run}" in told
    report = json.loads((bench.fleet.root / "report.json").read_bytes())
    check("fleet-apply", report)
    assert report["stopped"] == f"stopped by {why}"
    assert set(stands(report).values()) <= {"applied", "stopped", "not_begun"}
    for each in report["organisations"]:
        written = sum(one["status"] == "applied" for one in each.get("apply", {"outcomes": []})["outcomes"])
        assert len(bench.writes(each["name"])) == written, each
    again = bench.report("--resume", run)
    assert again["exit_code"] == 0, json.dumps([e for e in again["organisations"] if e["standing"] != "applied"])
    # What was done before the stop is told too.
    assert again["summary"]["outcomes"] == {"applied": len(NAMES) * len(SEQUENCES)}
    assert again["summary"]["requests"] > report["summary"]["requests"]
    bench.all_arrived_once()


def test_a_second_signal_does_not_wait_and_the_run_goes_on_all_the_same(applied: Applying) -> None:
    process: list[subprocess.Popen[str]] = []

    def again_and_again() -> None:
        # Nothing is answered meanwhile, so what is under way cannot end.
        while process[0].poll() is None:
            process[0].send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process[0].wait(timeout=0.1)

    applied.at_write(7, again_and_again)
    process.append(applied.begun("--canaries", "org4"))
    _, told = process[0].communicate(timeout=60)
    applied.farm.heard = lambda _method, _key: None
    run = applied.only_run()
    assert process[0].returncode == 143, told
    assert f"run {run} was cut off: --resume {run} goes on with it" in told
    report = applied.report("--resume", run)
    assert report["exit_code"] == 0, json.dumps(report["organisations"])
    applied.all_arrived_once(times=2)


def test_a_run_that_is_being_carried_out_is_not_carried_out_twice(bench: Applying) -> None:
    results = []
    bench.at_write(4, lambda: results.append(bench.begun("--resume", "last").communicate(timeout=60)))
    assert bench.apply("--canaries", "org4").code == 0
    ((_, told),) = results
    assert "is being carried out by another process of this machine" in told
    bench.all_arrived_once()
