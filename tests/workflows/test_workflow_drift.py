"""The scheduled workflow, at work: an issue that comes and goes, and setting back for whoever opts in."""

import json
import shutil
from typing import Any

import pytest

from reconciler.cli.main import run as run_command
from reconciler.core.sticky import text_of
from reconciler.errors import ExitCode
from reconciler.sandbox.keys import FULL_KEY, READ_KEY
from tests.adapters.store.git_places import git
from tests.forge.forge_server import TOKEN
from tests.scenarios.workbench import ROOT, writes
from tests.workflows.conftest import Team
from tests.workflows.runner import Ran
from tests.workflows.test_workflow_gitlab import checked_out, play

LOOK = "Look at live"
BACK = "Set back what was found"


def applied(team: Team, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Apply what stands on the desk by hand; return the event of the schedule."""
    monkeypatch.setenv("OPENCX_API_KEY", FULL_KEY)
    assert run_command(["-q", "-C", str(team.desk), "apply", "--yes"]) == 0
    sha = git("rev-parse", "HEAD", folder=team.desk)
    return {"kind": "schedule", "repository": {"default_branch": "main"}, "sha": sha, "ref": "refs/heads/main"}


def secrets_of(ran: Ran) -> set[str]:
    known = {FULL_KEY, READ_KEY}
    return {value for variables in ran.variables for value in variables.values() if value in known}


def test_drift_is_told_set_back_by_who_opts_in_and_the_issue_is_closed(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = applied(team, monkeypatch)
    ran = team.jobs("drift", event)
    assert (list(ran), ran["drift"].codes, team.forge.issues) == (["drift"], {LOOK: 0}, {}), ran["drift"].log
    team.door.simulator.edit("hello", {"/name": "Somebody's"})
    found = team.jobs("drift", event)["drift"]
    assert (found.codes, found.failed, secrets_of(found)) == ({LOOK: 0}, False, {READ_KEY}), found.log
    [issue] = team.forge.opened()
    assert "1 drifted" in issue["body"]
    assert "1 drifted" in found.summary
    artifact = team.artifact("reconciler-drift")
    assert sorted(each.name for each in artifact.iterdir()) == ["drift.html", "drift.json", "drift.md"]
    assert json.loads((artifact / "drift.json").read_bytes())["summary"]["drifted"] == 1
    assert len(writes(team.door.simulator.ledger())) == 2  # the first apply, and the dashboard

    team.settings = {"RECONCILER_CORRECT": "yes"}
    ran = team.jobs("drift", event)
    assert (list(ran), ran["correct"].failed) == (["drift", "correct"], False), ran["correct"].log
    assert secrets_of(ran["correct"]) == {FULL_KEY}
    assert "✅ Applied" in ran["correct"].summary
    assert team.door.simulator.find("hello")["name"] == "Hello"
    team.settings = {}
    team.jobs("drift", event)
    assert team.forge.opened() == []
    assert "No drift is left" in text_of(issue["body"])
    for job in (found, *ran.values()):
        assert not {TOKEN, FULL_KEY, READ_KEY} & set((job.log + job.summary).split())


def test_a_look_does_not_make_the_reviewed_plan_stale(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    event = applied(team, monkeypatch)
    team.write("hello", name="Better")
    change = team.pull_request(7)
    team.jobs("plan", change, but=("live",))
    team.jobs("drift", event)
    assert team.jobs("apply", team.merge(change))["apply"].codes["Apply what was reviewed"] == 0


def test_somebody_may_say_so_by_hand_and_what_may_not_be_set_back_is_left(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = applied(team, monkeypatch)
    team.door.simulator.edit("hello", {"/steps/0/delay_in_minutes": 7})
    ran = team.jobs("drift", {**event, "kind": "workflow_dispatch", "inputs": {"correct": True}})
    assert ran["correct"].codes[BACK] == 0
    assert "Not set back" in ran["correct"].summary
    assert len(writes(team.door.simulator.ledger())) == 2
    assert len(team.forge.opened()) == 1


def test_what_cannot_be_read_fails_the_job_and_opens_nothing(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    event = applied(team, monkeypatch)
    team.door.before = lambda method, path, nth: (502, "text/html", b"x")
    ran = team.jobs("drift", event)["drift"]
    assert (ran.codes, ran.failed) == ({LOOK: ExitCode.UNAVAILABLE}, True)
    assert "1 unreadable" in ran.summary
    assert team.forge.issues == {}


def test_without_its_key_and_on_another_branch_nothing_is_looked_at(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = applied(team, monkeypatch)
    assert team.jobs("drift", {**event, "ref": "refs/heads/other"}) == {}
    before = len(team.door.simulator.ledger())
    team.secrets = {}
    ran = team.jobs("drift", event)["drift"]
    assert not ran.failed
    assert "::notice::OPENCX_API_KEY_READ is not set in the environment production-read" in ran.log
    assert len(team.door.simulator.ledger()) == before


def test_this_repository_looks_into_its_sandbox(team: Team) -> None:
    shutil.rmtree(team.desk / "sequences")
    for name in ("sequences", ".github", "reconciler.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, team.desk / name, **({"dirs_exist_ok": True} if (ROOT / name).is_dir() else {}))
    sha = team.commit("This repository")
    git("push", "--quiet", "origin", "HEAD:main", folder=team.desk)
    team.secrets = {}
    event = {"repository": {"default_branch": "main"}, "sha": sha, "ref": "refs/heads/main"}
    ran = team.jobs("drift", {**event, "kind": "workflow_dispatch", "inputs": {"correct": True}})
    assert [job.failed for job in ran.values()] == [False, False], ran
    assert "no drift, 10 as recorded" in ran["drift"].summary
    assert (team.forge.issues, team.door.simulator.ledger()) == ({}, [])


@pytest.mark.parametrize("team", ["gitlab"], indirect=True)
def test_gitlab_looks_and_sets_back_the_same_way(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.forge.knows_itself, team.forge.login = True, "project_1_bot"
    event = applied(team, monkeypatch)
    gitlab = {
        "CI_API_V4_URL": team.forge.url,
        "CI_PROJECT_ID": "ann/plants",
        "CI_PIPELINE_ID": "9",
        "CI_SERVER_URL": team.remote.url.removesuffix("/remote.git"),
        "GITLAB_TOKEN": TOKEN,
        "RECONCILER_STATE_TOKEN": TOKEN,
        "OPENCX_API_KEY_READ": READ_KEY,
        "OPENCX_API_KEY_CORRECT": FULL_KEY,
    }
    team.door.simulator.edit("hello", {"/name": "Somebody's"})
    folder = checked_out(team, event["sha"], "looked")
    git("remote", "set-url", "origin", team.remote.url, folder=folder)
    assert play(team, "reconciler:drift", folder, **gitlab) == 0
    assert len(team.forge.opened()) == 1
    assert (folder / "drift" / "drift.html").read_bytes().startswith(b"<!doctype html>")
    assert play(team, "reconciler:correct", folder, **gitlab) == 0
    assert team.door.simulator.find("hello")["name"] == "Hello"
    assert play(team, "reconciler:drift", folder, **{**gitlab, "CI_PIPELINE_ID": "10"}) == 0
    assert team.forge.opened() == []
