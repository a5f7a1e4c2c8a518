"""What `init --ci gitlab` writes, at work: the scripts of its jobs in order, as GitLab's runner starts them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reconciler.core.sticky import text_of
from reconciler.sandbox.keys import FULL_KEY
from tests.adapters.store.git_places import git
from tests.forge.forge_server import TOKEN
from tests.scenarios.workbench import writes
from tests.workflows.conftest import Team
from tests.workflows.runner import BASH, plain_variables, workflow

pytestmark = pytest.mark.parametrize("team", ["gitlab"], indirect=True)


def play(team: Team, job: str, folder: Path, **variables: str) -> int:
    """Run a job's script and then what comes after it; what installs the tool has nothing to install here."""
    given = workflow(team.desk / ".gitlab-ci.yml")
    for each in given["include"]:
        given |= workflow(team.desk / each["local"])
    whole = extended(given, job)
    codes = []
    for part in ("script", "after_script"):
        lines = whole.get(part)
        if lines:
            script = folder / f"{part}.sh"
            script.write_text("\n".join(lines), encoding="utf-8")
            environment = {**plain_variables(folder), **given["variables"], **whole.get("variables", {}), **variables}
            codes.append(subprocess.run([*BASH, script], cwd=folder, env=environment, check=False).returncode)
    return codes[0] or max(codes)


def extended(given: dict[str, Any], job: str) -> dict[str, Any]:
    """A job with all that it extends."""
    own = given[job]
    return {**extended(given, own["extends"]), **own} if "extends" in own else own


def checked_out(team: Team, commit: str, name: str) -> Path:
    folder = team.root / name
    git("clone", "--quiet", "--no-checkout", team.places.remote.as_uri(), str(folder), folder=team.root)
    git("fetch", "--quiet", "origin", "+refs/pull/*:refs/pull/*", folder=folder)
    git("checkout", "--quiet", commit, folder=folder)
    return folder


def test_a_merge_request_is_planned_reviewed_merged_and_applied(team: Team) -> None:
    team.forge.knows_itself, team.forge.login = True, "project_1_bot"
    team.write("welcome")
    event = team.pull_request(7)
    gitlab = {
        "CI_API_V4_URL": team.forge.url,
        "CI_PROJECT_ID": "ann/plants",
        "CI_PIPELINE_ID": "9",
        "CI_SERVER_URL": team.remote.url.removesuffix("/remote.git"),
    }
    # The runner's own checkout can read the repository.
    folder = checked_out(team, event["sha"], "planned")
    assert play(team, "reconciler:plan", folder, **gitlab) == 0
    found = json.loads((folder / "gl-code-quality-report.json").read_bytes())
    assert {each["severity"] for each in found} <= {"minor"}
    assert json.loads((folder / "plan" / "terraform.json").read_bytes()) == {"create": 2, "update": 0, "delete": 0}
    request = {
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": event["pull_request"]["head"]["sha"],
        "GITLAB_TOKEN": TOKEN,
    }
    assert play(team, "reconciler:comment", folder, **gitlab, **request) == 0
    assert "2 to create" in team.forge.bodies(7)[0]

    push = team.merge(event)
    folder = checked_out(team, push["sha"], "applied")
    git("remote", "set-url", "origin", team.remote.url, folder=folder)
    protected = {"GITLAB_TOKEN": TOKEN, "RECONCILER_STATE_TOKEN": TOKEN, "OPENCX_API_KEY": FULL_KEY}
    apply = {**gitlab, **protected, "CI_COMMIT_SHA": push["sha"], "CI_COMMIT_REF_NAME": "main"}
    assert play(team, "reconciler:apply", folder, **apply) == 0
    assert [entry.method for entry in writes(team.door.simulator.ledger())] == ["POST", "POST"]
    assert "✅ Applied" in text_of(team.forge.bodies(7)[0]).splitlines()[1]
    # What was reviewed was applied, and is not applied once more.
    assert play(team, "reconciler:apply", folder, **apply) == 7
    assert len(writes(team.door.simulator.ledger())) == 2


def test_a_mistake_in_a_manifest_is_in_the_code_quality_report(team: Team) -> None:
    team.write("welcome", steps=[])
    folder = checked_out(team, team.pull_request(7)["sha"], "planned")
    assert play(team, "reconciler:plan", folder) == 3
    found = json.loads((folder / "gl-code-quality-report.json").read_bytes())
    (wrong,) = [each for each in found if each["severity"] != "minor"]
    assert wrong["location"]["path"] == "sequences/welcome.yaml"
    assert not (folder / "plan").exists()


def test_a_refused_risk_is_acknowledged_by_hand(team: Team) -> None:
    team.forge.knows_itself, team.forge.login = True, "project_1_bot"
    config = team.desk / "reconciler.toml"
    config.write_text(config.read_text(encoding="utf-8") + '\nguards = { acknowledge = "R3" }\n', encoding="utf-8")
    team.write("welcome")
    event = team.pull_request(7)
    gitlab = {
        "CI_API_V4_URL": team.forge.url,
        "CI_PROJECT_ID": "ann/plants",
        "CI_PIPELINE_ID": "9",
        "CI_SERVER_URL": team.remote.url.removesuffix("/remote.git"),
    }
    folder = checked_out(team, event["sha"], "planned")
    assert play(team, "reconciler:plan", folder, **gitlab) == 7
    plan = json.loads((folder / "plan" / "plan.json").read_bytes())
    assert [each["rule"] for each in plan["violations"]] == ["acknowledge"]
    request = {
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": event["pull_request"]["head"]["sha"],
        "GITLAB_TOKEN": TOKEN,
    }
    assert play(team, "reconciler:comment", folder, **gitlab, **request) == 0

    push = team.merge(event)
    folder = checked_out(team, push["sha"], "applied")
    git("remote", "set-url", "origin", team.remote.url, folder=folder)
    protected = {"GITLAB_TOKEN": TOKEN, "RECONCILER_STATE_TOKEN": TOKEN, "OPENCX_API_KEY": FULL_KEY}
    apply = {**gitlab, **protected, "CI_COMMIT_SHA": push["sha"], "CI_COMMIT_REF_NAME": "main"}
    by_hand = workflow(team.desk / ".gitlab-ci.yml")["reconciler:apply-by-hand"]
    assert [each["when"] for each in by_hand["rules"]] == ["manual"]
    assert play(team, "reconciler:apply", folder, **apply) == 7
    assert play(team, "reconciler:apply-by-hand", folder, **apply) == 7
    assert play(team, "reconciler:apply-by-hand", folder, **apply, RECONCILER_DIGEST="sha256:" + "0" * 64) == 7
    assert writes(team.door.simulator.ledger()) == []
    named = {"RECONCILER_DIGEST": plan["digest"], "RECONCILER_ACKNOWLEDGE": f"R4:{plan['digest']}"}
    assert play(team, "reconciler:apply-by-hand", folder, **apply, **named) == 0
    assert [entry.method for entry in writes(team.door.simulator.ledger())] == ["POST", "POST"]
    assert "✅ Applied" in text_of(team.forge.bodies(7)[0]).splitlines()[1]
