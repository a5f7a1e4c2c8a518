"""Fixtures: a repository laid out by `init --ci`, its remote behind a token, its forge, and its organisation."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.main import run as run_command
from reconciler.sandbox.keys import FULL_KEY, READ_KEY
from tests.adapters.store.git_places import Door as GitDoor
from tests.adapters.store.git_places import Places, git, make_places
from tests.adapters.store.git_places import served as serve_git
from tests.forge.forge_server import TOKEN, Forge, serve
from tests.scenarios.workbench import Door, manifest
from tests.workflows.expressions import holds
from tests.workflows.runner import Canceling, Job, Ran, Server, workflow

CONFIGURATION = """default_environment = "production"
[environments.production]
api = "{url}"
state = "git:refs/reconciler/production"
rate_limit = {{ requests = 0, seconds = 1 }}
timeouts = {{ settle = 0.2 }}
"""


@dataclass
class Team:
    """People who work on one repository, and the forge that plays its workflows."""

    root: Path
    places: Places
    remote: GitDoor
    forge: Forge
    door: Door
    secrets: dict[str, str] = field(
        default_factory=lambda: {
            "OPENCX_API_KEY": FULL_KEY,
            "OPENCX_API_KEY_READ": READ_KEY,
            "OPENCX_API_KEY_CORRECT": FULL_KEY,
        }
    )
    settings: dict[str, str] = field(default_factory=dict)
    _runs: int = 0

    @property
    def desk(self) -> Path:
        return self.root / "desk"

    def write(self, custom_id: str, **changes: Any) -> None:
        path = self.desk / "sequences" / f"{custom_id}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(manifest(custom_id, **changes), indent=1) + "\n", encoding="utf-8")

    def commit(self, words: str) -> str:
        git("add", ".", folder=self.desk)
        git("commit", "--quiet", "-m", words, folder=self.desk)
        return git("rev-parse", "HEAD", folder=self.desk)

    def pull_request(self, number: int, *, with_note: bool = False) -> dict[str, Any]:
        """Put what stands on the desk on a branch; return the event of its pull request, with its merge in `sha`."""
        if with_note:
            (self.desk / "note.txt").write_text(f"of {number}\n", encoding="utf-8")
        base = git("rev-parse", "origin/main", folder=self.desk)
        git("checkout", "--quiet", "-B", f"change-{number}", folder=self.desk)
        head = self.commit(f"Change {number}")
        git("checkout", "--quiet", "--detach", base, folder=self.desk)
        git("merge", "--quiet", "--no-ff", "-m", "Merge", head, folder=self.desk)
        sha = git("rev-parse", "HEAD", folder=self.desk)
        git("push", "--quiet", "origin", f"HEAD:refs/pull/{number}/merge", folder=self.desk)
        pull = {"number": number, "head": {"sha": head, "repo": {"full_name": "ann/plants"}}, "base": {"sha": base}}
        return {"pull_request": pull, "sha": sha}

    def merge(self, event: dict[str, Any]) -> dict[str, Any]:
        """Squash a pull request into main, and return the event of that push."""
        pull = event["pull_request"]
        git("checkout", "--quiet", "main", folder=self.desk)
        git("merge", "--quiet", "--squash", pull["head"]["sha"], folder=self.desk)
        sha = self.commit(f"Change {pull['number']} (#{pull['number']})")
        git("push", "--quiet", "origin", "main", folder=self.desk)
        merged = {"merged_at": "2026-01-01", "merge_commit_sha": sha, "state": "merged", "sha": pull["head"]["sha"]}
        self.forge.pulls[sha] = [{**merged, "number": pull["number"], "iid": pull["number"], "head": pull["head"]}]
        return {"repository": {"default_branch": "main"}, "sha": sha, "ref": "refs/heads/main"}

    def jobs(
        self, name: str, event: dict[str, Any], *, but: tuple[str, ...] = (), canceled_by: Canceling | None = None
    ) -> dict[str, Ran]:
        """Run a workflow's jobs in order, those whose condition holds; `but` names some that a test has no use for."""
        self._runs += 1
        path = self.desk / ".github" / "workflows" / f"reconciler-{name}.yml"
        given, ran = workflow(path), dict[str, Ran]()
        for key, job in given["jobs"].items():
            needs = {other: {"outputs": ran[other].outputs} for other in [job.get("needs")] if other in ran}
            contexts = {**self._contexts(name, event), "needs": needs}
            failed = any(ran[other].failed for other in needs)
            if key in but or not holds(str(job.get("if", "always()")), contexts, failed=failed):
                continue
            # Only what runs in an environment is given that environment's secrets.
            contexts["secrets"] = self.secrets if "environment" in job else {}
            folder = self.root / f"run-{self._runs}" / key
            server = Server(self.places.remote.as_uri(), self.remote.url, self.root / f"run-{self._runs}" / "artifacts")
            ran[key] = Job(given, job, contexts, server, folder, canceled_by).run()
        return ran

    def artifact(self, name: str) -> Path:
        return self.root / f"run-{self._runs}" / "artifacts" / name

    def _contexts(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        kind = event.get("kind") or ("pull_request" if name == "plan" else "push")
        file = self.root / f"event-{self._runs}.json"
        file.write_text(json.dumps(event), encoding="utf-8")
        ref = event.get("ref", "refs/pull/7/merge")
        variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.forge.url,
            "GITHUB_EVENT_NAME": kind,
            "GITHUB_EVENT_PATH": str(file),
            "GITHUB_REF": ref,
            "GITHUB_REPOSITORY": "ann/plants",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": str(500 + self._runs),
            "GITHUB_SERVER_URL": self.remote.url.removesuffix("/remote.git"),
            "GITHUB_SHA": event["sha"],
        }
        github = {"event": event, "event_name": kind, "ref": ref, "repository": "ann/plants"}
        return {
            "github": {**github, "sha": event["sha"], "token": TOKEN},
            "inputs": event.get("inputs", {}),
            "vars": self.settings,
            "variables": variables,
        }


@pytest.fixture
def team(tmp_path: Path, door: Door, request: pytest.FixtureRequest) -> Iterator[Team]:
    """A team whose repository was laid out by `init --ci`, and pushed; nothing was applied yet."""
    ci = getattr(request, "param", "github")
    places, forge = make_places(tmp_path / "git"), Forge()
    server = serve(forge)
    with serve_git(places) as remote:
        user = "x-access-token" if ci == "github" else "reconciler"
        remote.credential = f"Basic {base64.b64encode(f'{user}:{TOKEN}'.encode()).decode()}"
        team = Team(tmp_path, places, remote, forge, door)
        git("clone", "--quiet", places.remote.as_uri(), "desk", folder=tmp_path)
        (team.desk / "reconciler.toml").write_text(CONFIGURATION.format(url=door.url), encoding="utf-8")
        team.write("hello")
        assert run_command(["-q", "init", "--ci", ci, str(team.desk)]) == 0
        team.commit("Lay out the repository")
        git("push", "--quiet", "origin", "main", folder=team.desk)
        yield team
    server.shutdown()
    server.server_close()
