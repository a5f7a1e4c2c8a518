"""The workflows that are written for users, at work: review, merge, apply, and what must not be applied."""

import json
import shutil
from collections.abc import Callable

import pytest

from reconciler.cli.main import run as run_command
from reconciler.core.sticky import mark_of, text_of
from reconciler.errors import ExitCode
from reconciler.sandbox.keys import FULL_KEY, READ_KEY
from tests.adapters.store.git_places import git
from tests.forge.forge_server import TOKEN
from tests.scenarios.workbench import ROOT, after_sequence, reaching, writes
from tests.workflows.conftest import Team

PLAN = "Plan offline, from what is recorded"
APPLY = "Apply what was reviewed"
RESULT = "Write the result into the comment"


def written(team: Team) -> list[str]:
    return [entry.method for entry in writes(team.door.simulator.ledger())]


def test_a_change_is_planned_reviewed_merged_and_applied_and_then_nothing_is_left(team: Team) -> None:
    team.write("welcome")
    event = team.pull_request(7)
    ran = team.jobs("plan", event)
    assert {name: job.failed for name, job in ran.items()} == {"plan": False, "comment": False, "live": False}, ran
    plan = json.loads((team.artifact("reconciler-plan") / "plan.json").read_bytes())
    assert plan["summary"]["create"] == 2
    assert "2 to create" in ran["plan"].summary
    assert "2 to create" in ran["live"].summary
    assert (team.artifact("reconciler-plan") / "plan.html").read_bytes().startswith(b"<!doctype html>")
    (comment,) = team.forge.bodies(7)
    mark = mark_of(comment)
    assert mark is not None
    assert (mark.key, mark.digest, mark.commit) == (
        "plan production",
        plan["digest"],
        event["pull_request"]["head"]["sha"],
    )
    assert written(team) == []

    applied = team.jobs("apply", team.merge(event))["apply"]
    assert applied.codes == {APPLY: 0, RESULT: 0}, applied.log
    assert written(team) == ["POST", "POST"]
    (comment,) = team.forge.bodies(7)
    assert "✅ Applied" in text_of(comment).splitlines()[1]
    assert "2 to create" in comment
    assert "✅ Applied" in applied.summary
    assert set(team.places.refs()) == {"production"}

    team.door.simulator.edit("welcome", {"/name": "Somebody's name"})
    again = team.jobs("plan", team.pull_request(8, with_note=True))
    assert not any(job.failed for job in again.values())
    assert "2 unchanged" in again["plan"].summary.splitlines()[0]
    assert "1 to update" in again["live"].summary.splitlines()[0]
    assert written(team) == ["POST", "POST", "PATCH"]  # the last is the dashboard's
    for job in (*ran.values(), applied, *again.values()):
        assert not {TOKEN, FULL_KEY, READ_KEY} & set((job.log + job.summary + comment).split())


def test_what_changed_between_review_and_apply_is_refused_and_nothing_is_written(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.write("welcome")
    event = team.pull_request(7)
    team.jobs("plan", event, but=("live",))
    push = team.merge(event)
    monkeypatch.setenv("OPENCX_API_KEY", FULL_KEY)
    assert run_command(["-q", "-C", str(team.desk), "apply", "--yes", "--only", "hello"]) == 0
    before = written(team)
    refused = team.jobs("apply", push)["apply"]
    assert refused.codes == {APPLY: ExitCode.REFUSED, RESULT: 0}, refused.log
    assert written(team) == before == ["POST"]
    assert "❌ Not applied" in text_of(team.forge.bodies(7)[0])
    # Somebody looks, and hands over the digest of what is left.
    assert run_command(["-C", str(team.desk), "plan", "--refresh", "none", "--out", str(team.root / "left.json")]) == 0
    digest = json.loads((team.root / "left.json").read_bytes())["digest"]
    dispatched = {**push, "kind": "workflow_dispatch", "inputs": {"digest": digest}}
    assert team.jobs("apply", dispatched)["apply"].codes == {APPLY: 0, RESULT: 0}
    assert written(team) == ["POST", "POST"]


def test_a_risk_that_has_to_be_acknowledged_waits_for_somebody_who_names_the_plan(team: Team) -> None:
    with (team.desk / "reconciler.toml").open("a", encoding="utf-8") as file:
        file.write('[environments.production.guards]\nacknowledge = "R3"\n')
    event = team.pull_request(7)
    ran = team.jobs("plan", event, but=("live",))
    assert (ran["plan"].failed, ran["comment"].failed) == (True, False)
    mark = mark_of(team.forge.bodies(7)[0])
    assert mark is not None
    push = team.merge(event)
    assert team.jobs("apply", push)["apply"].codes == {APPLY: ExitCode.REFUSED, RESULT: 0}
    assert written(team) == []
    inputs = {"digest": mark.digest, "acknowledge": f"R3:{mark.digest}"}
    named = team.jobs("apply", {**push, "kind": "workflow_dispatch", "inputs": inputs})["apply"]
    assert named.codes == {APPLY: 0, RESULT: 0}, named.log
    assert written(team) == ["POST"]


def test_what_nobody_reviewed_is_not_applied(team: Team) -> None:
    team.write("welcome")
    event = team.pull_request(7)
    push = team.merge(event)
    ran = team.jobs("apply", push)["apply"]
    assert ran.codes == {APPLY: ExitCode.REFUSED, RESULT: 0}
    assert "pull request 7 has no comment with a plan" in ran.log
    assert "there is no result" in ran.log
    team.forge.pulls.clear()
    assert "nobody reviewed a plan for it" in team.jobs("apply", push)["apply"].log
    assert team.jobs("apply", {**push, "ref": "refs/heads/other"}) == {}
    assert written(team) == []
    assert team.places.refs() == {}


def test_a_fork_gets_the_same_bytes_and_no_secret(team: Team) -> None:
    team.write("welcome")
    event = team.pull_request(7)
    team.jobs("plan", event, but=("live",))
    ours = team.artifact("reconciler-plan")
    event["pull_request"]["head"]["repo"]["full_name"] = "mallory/plants"
    ran = team.jobs("plan", event)
    theirs = team.artifact("reconciler-plan")
    assert list(ran) == ["plan"]
    assert {each.name: each.read_bytes() for each in theirs.iterdir()} == {
        each.name: each.read_bytes() for each in ours.iterdir()
    }
    assert sorted(each.name for each in theirs.iterdir()) == ["plan.html", "plan.json", "plan.md"]
    assert len(team.forge.bodies(7)) == 1
    for variables in ran["plan"].variables:
        assert not {FULL_KEY, READ_KEY} & set(variables.values())


def test_a_mistake_in_a_manifest_is_marked_at_its_line_and_nothing_is_planned(team: Team) -> None:
    team.write("welcome", steps=[])
    ran = team.jobs("plan", team.pull_request(7))
    assert list(ran) == ["plan"]
    assert ran["plan"].failed
    assert "::error file=sequences/welcome.yaml,line=" in ran["plan"].log
    assert not team.artifact("reconciler-plan").exists()


def test_without_its_key_the_live_plan_says_so_and_asks_nothing(team: Team) -> None:
    team.secrets = {}
    ran = team.jobs("plan", team.pull_request(7, with_note=True), but=("comment",))
    assert not ran["live"].failed
    assert "::notice::OPENCX_API_KEY_READ is not set in the environment production-read" in ran["live"].log
    assert team.door.simulator.ledger() == []


def test_a_run_that_is_canceled_saves_what_it_did_and_says_so(team: Team) -> None:
    # Each names the one before it, so that they are created one after the other.
    team.write("one", filter=reaching(after_sequence("hello")))
    team.write("two", filter=reaching(after_sequence("one")))
    event = team.pull_request(7)
    team.jobs("plan", event, but=("live",))
    cancel: list[Callable[[], None]] = []

    def at_the_second_write(method: str, path: str, nth: int) -> None:
        if method == "POST" and nth == 2:
            cancel[0]()

    team.door.before = at_the_second_write
    ran = team.jobs("apply", team.merge(event), canceled_by=lambda act: cancel.insert(0, act))["apply"]
    assert ran.codes == {APPLY: 130, RESULT: 0}, ran.log
    outcomes = json.loads((team.root / "run-2" / "apply" / "temp" / "result.json").read_bytes())["outcomes"]
    done = [each for each in outcomes if each["status"] == "applied"]
    assert 1 <= len(done) < 3
    assert len(written(team)) == len(done)
    # State is saved and the lock let go: the next plan is of the rest.
    assert set(team.places.refs()) == {"production"}
    assert "⚠️ Applied in part" in text_of(team.forge.bodies(7)[0])
    rest = team.jobs("plan", team.pull_request(8, with_note=True), but=("comment", "live"))
    assert f"{3 - len(done)} to create, {len(done)} unchanged" in rest["plan"].summary


def test_this_repository_plays_its_own_workflows_on_the_sandbox(team: Team) -> None:
    shutil.rmtree(team.desk / "sequences")
    for name in ("sequences", ".github", "reconciler.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, team.desk / name, **({"dirs_exist_ok": True} if (ROOT / name).is_dir() else {}))
    team.commit("This repository")
    team.secrets = {}
    git("push", "--quiet", "origin", "HEAD:main", folder=team.desk)
    event = team.pull_request(7, with_note=True)
    ran = team.jobs("plan", event)
    assert [job.failed for job in ran.values()] == [False, False, False]
    assert "is not set in the environment sandbox-read" in ran["live"].log
    # Each run begins with a sandbox of its own, and so with the same plan.
    assert team.jobs("apply", team.merge(event))["apply"].codes == {APPLY: 0, RESULT: 0}
    assert "10 applied" in team.forge.bodies(7)[0]
    assert team.door.simulator.ledger() == []
