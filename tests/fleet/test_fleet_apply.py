"""Applying a fleet in waves: canaries first, gates that close, and one organisation's trouble that is nobody else's."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox.switches import Switches
from tests.cli.test_documents import check
from tests.fleet.apply_bench import SEQUENCES, Applying, stands
from tests.fleet.fleet_bench import CONFIG, FarmServer, FleetRepository, behind_a_farm

NAMES = ("acme", "globex", "hooli", "initech", "umbrella")


@pytest.fixture
def bench(fleet: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch) -> Applying:
    behind_a_farm(fleet, farm, monkeypatch.setenv, *NAMES)
    return Applying(fleet, farm, NAMES, monkeypatch.setenv)


def test_everything_arrives_once_wave_by_wave_and_the_next_run_has_nothing_to_do(bench: Applying) -> None:
    heard: list[str] = []
    bench.farm.heard = lambda method, key: heard.append(key.removeprefix("canary-")) if method == "POST" else None
    report = bench.report("--canaries", "hooli", "--growth", "2")
    check("fleet-apply", report)
    assert stands(report) == dict.fromkeys(NAMES, "applied")
    assert [len(each["organisations"]) for each in report["waves"]] == [1, 2, 2]
    bench.all_arrived_once()
    # No wave begins before the one before it has ended.
    by_wave = [set(each["organisations"]) for each in report["waves"]]
    assert set(heard[:3]) == by_wave[0] == {"hooli"}
    assert set(heard[3:9]) == by_wave[1]
    assert report["summary"]["outcomes"] == {"applied": 15}
    assert report["summary"]["requests"] >= 45
    again = bench.report()
    assert stands(again) == dict.fromkeys(NAMES, "unchanged")
    assert again["waves"] == []
    assert again["exit_code"] == 0
    bench.all_arrived_once()
    assert bench.only_run() == report["run"]


def test_a_canary_in_trouble_keeps_everybody_else_as_they_are_until_it_goes_on(bench: Applying) -> None:
    bench.plan_file()
    bench.farm.farm.revoke("canary-hooli")
    result = bench.apply("plan.json", "--canaries", "hooli")
    assert result.code == 7  # the gate; nothing was written anywhere
    assert "The gate after wave 1 of 3 is shut: its only organisation failed, and none may." in result.out
    assert "failed in hooli: the API refused the key" in result.out
    assert all(bench.writes(name) == [] for name in NAMES)
    run = bench.only_run()
    assert result.out.splitlines()[-1] == f"Go on with: reconciler fleet apply clients --resume {run}"
    # A new key, and it goes on: what was reviewed, everywhere, once.
    bench.farm.farm.renew("hooli", "canary-new")
    bench.setenv("OPENCX_HOOLI", "canary-new")
    again = bench.apply("--resume", run)
    assert again.code == 0
    assert "All 5 organisations with changes applied." in again.out
    bench.all_arrived_once()
    finished = bench.apply("--resume", "last")
    assert (finished.code, finished.err) == (0, f"run {run} has come to its end; nothing was sent\n")
    assert "All 5 organisations with changes applied." in finished.out
    bench.all_arrived_once()


def test_a_key_that_expired_fails_its_organisation_only(bench: Applying) -> None:
    bench.plan_file()
    bench.farm.farm.revoke("canary-umbrella")
    report = bench.report("plan.json", "--canaries", "acme", "--max-failures", "1")
    assert report["exit_code"] == 8
    assert stands(report) == {**dict.fromkeys(NAMES, "applied"), "umbrella": "failed"}
    parts = {each["name"]: each for each in report["organisations"]}
    assert (parts["umbrella"]["exit_code"], parts["umbrella"]["error"]["kind"]) == (4, "credentials")
    assert bench.writes("umbrella") == []


def test_a_key_that_is_wrong_from_the_start_is_in_no_wave(bench: Applying) -> None:
    bench.farm.farm.revoke("canary-acme")
    report = bench.report()
    check("fleet-apply", report)
    assert report["exit_code"] == 8
    assert stands(report) == {**dict.fromkeys(NAMES, "applied"), "acme": "failed"}
    assert {each["name"]: each["wave"] for each in report["organisations"]}["acme"] is None


def test_too_many_failures_in_a_later_wave_stop_the_rest(bench: Applying) -> None:
    bench.plan_file()
    for name in ("globex", "initech", "umbrella"):
        bench.farm.farm.revoke(f"canary-{name}")
    report = bench.report("plan.json", "--canaries", "acme", "--canaries", "hooli", "--growth", "1")
    later = report["waves"][1]
    assert later["gate"]["open"] is False
    assert report["stopped"].startswith("the gate after wave 2 of 3 is shut")
    assert report["summary"]["not_begun"] == 1
    (left,) = [name for name, where in stands(report).items() if where == "not_begun"]
    assert bench.writes(left) == []


def test_what_moved_since_the_review_comes_back_and_the_others_go_on(bench: Applying) -> None:
    assert bench.apply().code == 0
    for each in SEQUENCES:
        bench.fleet.sequence(each, name="New")
    bench.plan_file("--refresh", "all")
    bench.farm.farm.simulators["globex"].edit("news", {"/name": "Theirs"}, org_id=bench.farm.farm.org_id("globex"))
    report = bench.report("plan.json", "--canaries", "acme")
    assert report["exit_code"] == 8
    assert stands(report) == {**dict.fromkeys(NAMES, "applied"), "globex": "returned"}
    assert sorted(bench.writes("globex")) == sorted([*SEQUENCES, "bye", "welcome"])
    parts = {each["name"]: each for each in report["organisations"]}
    back = next(each for each in parts["globex"]["apply"]["outcomes"] if each["custom_id"] == "news")
    assert (back["status"], back["fields"][0]["live"]) == ("not_sent", "Theirs")


def test_an_old_plan_comes_back_from_everywhere(bench: Applying) -> None:
    bench.plan_file()
    bench.fleet.sequence("welcome", name="Other")
    report = bench.report("plan.json")
    assert report["exit_code"] == 7
    assert report["stopped"].endswith("its only organisation was not applied, so nothing is proved by it")
    (canary,) = report["waves"][0]["organisations"]
    assert stands(report) == {**dict.fromkeys(NAMES, "not_begun"), canary: "returned"}
    assert all(bench.writes(name) == [] for name in NAMES)


def test_the_digest_of_the_whole_is_what_is_expected_and_acknowledged(bench: Applying) -> None:
    bench.fleet.configure(CONFIG.replace("[fleets", '[environments.production.guards]\nacknowledge = "R1"\n[fleets'))
    digest = json.loads(bench.fleet.plan("--format", "json").out)["digest"]
    refused = bench.apply()
    assert refused.code == 7
    assert f"--acknowledge=R3:{digest}" in refused.out.replace("\n", " ").replace("     ", " ")
    assert "refused in 5 organisations" in refused.out
    wrong = bench.apply("--acknowledge", "R3:sha256:" + "0" * 64)
    assert (wrong.code, "names the plan sha256:00" in wrong.out.replace("\n    ", " ")) == (7, True)
    unlike = bench.apply("--expect", "sha256:" + "0" * 64)
    assert (unlike.code, f"the digest of the fleet's plan is {digest}" in unlike.err) == (7, True)
    assert all(bench.writes(name) == [] for name in NAMES)
    assert not (bench.fleet.root / ".reconciler/fleet/clients/runs").exists()
    assert bench.apply("--acknowledge", f"R3:{digest}", "--expect", digest).code == 0
    bench.all_arrived_once()


def test_who_goes_on_with_a_run_need_not_answer_for_it_again(bench: Applying) -> None:
    bench.fleet.configure(CONFIG.replace("[fleets", '[environments.production.guards]\nacknowledge = "R1"\n[fleets'))
    digest = bench.plan_file(code=7)["digest"]
    bench.farm.farm.revoke("canary-hooli")
    assert bench.apply("plan.json", "--canaries", "hooli", "--acknowledge", f"R3:{digest}").code == 7
    bench.farm.farm.renew("hooli", "canary-new")
    bench.setenv("OPENCX_HOOLI", "canary-new")
    wrong = bench.apply("--resume", "last", "--acknowledge", "R3:sha256:" + "0" * 64)
    assert (wrong.code, "`--acknowledge` names the plan" in wrong.err) == (7, True)
    assert bench.apply("--resume", "last").code == 0
    bench.all_arrived_once()


def test_what_has_moved_again_after_the_pause_closes_the_gate(bench: Applying) -> None:
    simulator, org_id = bench.farm.farm.simulators["acme"], bench.farm.farm.org_id("acme")

    def heard(method: str, key: str) -> None:
        read = [each for each in simulator.ledger() if (each.method, each.status) == ("GET", 200)]
        # Everything was read back; the next read is the look's.
        if (method, key, len(read)) == ("GET", "canary-acme", 3):
            simulator.edit("news", {"/name": "Somebody's"}, org_id=org_id)

    bench.farm.heard = heard
    report = bench.report("--canaries", "acme", "--pause", "0.01")
    check("fleet-apply", report)
    assert report["stopped"].endswith("after the pause, what was written had moved again in `acme`")
    assert report["exit_code"] == 8
    parts = {each["name"]: each for each in report["organisations"]}
    assert parts["acme"]["seen"] == {"read": 3, "moved": ["news"], "unread": []}
    assert all(bench.writes(name) == [] for name in NAMES if name != "acme")
    # It has still moved when the run goes on; whoever means to go on all the same says so.
    bench.farm.heard = lambda _method, _key: None
    assert bench.report("--resume", report["run"])["stopped"] == report["stopped"]
    assert bench.report("--resume", report["run"], "--pause", "0")["exit_code"] == 0
    bench.all_arrived_once()


def test_an_organisation_that_left_the_table_is_told_and_left_alone(bench: Applying) -> None:
    bench.plan_file()
    bench.fleet.organisations(*NAMES[:-1])
    report = bench.report("plan.json")
    assert stands(report) == {**dict.fromkeys(NAMES, "applied"), NAMES[-1]: "failed"}
    assert "is not in the fleet's table any more" in report["organisations"][-1]["error"]["message"]
    assert bench.writes(NAMES[-1]) == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--resume", "x"), 64, "no run `x` of fleet `clients` is kept on this machine"),
        (("--resume", "x", "plan.json"), 64, "a run that goes on brings its own plan and its options"),
        (("--resume", "x", "--only", "acme"), 64, "what was reviewed says which organisations are meant"),
        (("plan.json", "--refresh", "all"), 64, "a saved plan brings its own"),
        (("plan.json", "--only", "acme"), 64, "what was reviewed says which organisations are meant"),
        (("--canaries", "2%", "--canaries", "acme"), 64, "--canaries names organisations or says one share of them"),
        (("--canaries", "acmee"), 64, "no organisation is meant by `acmee`"),
        (("--max-failures", "some"), 64, "--max-failures says how many organisations of a wave may"),
        (("--max-unknowns", "-1"), 64, "--max-unknowns says how many organisations of a wave may"),
        (("--growth", "0.5"), 64, "--growth"),
        (("--acknowledge", "R9:x"), 64, "--acknowledge needs a class of risk"),
        (("reconciler.toml",), 7, "is not JSON"),
        (("single.json",), 7, "the file holds no plan of a fleet"),
        (("others.json",), 7, "the plan is for fleet `others`, not `clients`"),
        (("edited.json",), 7, "the plan was edited"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_sent(
    bench: Applying, arguments: tuple[str, ...], code: int, message: str
) -> None:
    saved = bench.plan_file()
    root: Path = bench.fleet.root
    (root / "single.json").write_text(json.dumps(saved["organisations"][0]["plan"]))
    (root / "edited.json").write_text(json.dumps({**saved, "summary": {**saved["summary"], "create": 0}}))
    text = CONFIG + '[fleets.others]\nenvironment = "production"\norganisations = "{table}"\n'
    if "others.json" in arguments:
        bench.fleet.configure(text.replace("[fleets.others]", '[fleets.others]\nkey = "env:OPENCX_{{ORG}}"'))
        assert bench.fleet.plan("--out", "others.json", "--refresh", "none", name="others").code == 0
    result = bench.apply(*arguments)
    assert (result.code, message in result.err) == (code, True), result.err
    assert result.err.count("error: ") == 1
    assert "Traceback" not in result.err
    assert all(bench.writes(name) == [] for name in NAMES)


def test_nobody_is_asked_where_nobody_can_answer(bench: Applying) -> None:
    result = bench.apply(yes=False)
    assert (result.code, "nobody can be asked here" in result.err) == (64, True)


def edited(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def test_a_record_or_a_plan_that_somebody_edited_is_not_gone_on_with(bench: Applying) -> None:
    bench.plan_file()
    bench.farm.farm.revoke("canary-hooli")
    bench.apply("plan.json", "--canaries", "hooli")
    run = bench.fleet.root / ".reconciler/fleet/clients/runs" / bench.only_run()
    good: dict[str, Any] = {name: (run / name).read_bytes() for name in ("journal", "plan.json")}
    edited(run / "journal", lambda data: data.replace(b'"failed"', b'"applied"', 1))
    result = bench.apply("--resume", run.name)
    assert (result.code, "is damaged or was edited" in result.err) == (5, True)
    (run / "journal").write_bytes(good["journal"])
    edited(run / "plan.json", lambda data: data.replace(b'"create": 15', b'"create": 14', 1))
    result = bench.apply("--resume", run.name)
    assert (result.code, "the plan was edited" in result.err) == (7, True)
    assert all(bench.writes(name) == [] for name in NAMES)


def test_a_report_is_drawn_in_every_format_also_later(bench: Applying) -> None:
    bench.farm.farm.simulators["acme"].switches = Switches.parse(["strings=trimmed"])
    result = bench.apply("--format", "html", "--out", "report.json")
    assert result.code == 0
    assert result.out.startswith("<!doctype html>")
    check("fleet-apply", json.loads((bench.fleet.root / "report.json").read_bytes()))
    for format_, begins in (
        ("html", "<!doctype"),
        ("markdown", "### ✅ Applied"),
        ("text", "Applied to fleet clients"),
    ):
        shown = bench.fleet.run("show", "report.json", "--format", format_)
        assert shown.code == 0, shown.err
        assert shown.out.startswith(begins)
    assert bench.fleet.run("show", "report.json", "--format", "html").out == result.out
    assert bench.fleet.run("show", "report.json", "--format", "terraform").code == 64


def test_a_plan_says_what_the_requests_that_it_counts_are_without(bench: Applying) -> None:
    document = bench.plan_file()
    told = document["summary"]["requests"]
    text = " ".join(bench.fleet.plan().out.split())
    assert f"Applying takes {told} requests beside those that make each plan anew, each organisation" in text
    anew = len(SEQUENCES) * len(bench.names)  # a look-up by its custom_id for each that is to be created
    assert bench.report("plan.json")["summary"]["requests"] == told + anew
