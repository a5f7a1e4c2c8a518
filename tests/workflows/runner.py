"""Plays the runner of GitHub Actions on one job: its steps in order, its scripts in bash, its files and its signal.

Actions that are not ours are played too: a checkout without credentials, artifacts in a folder. Of our own action only
the folder has to be there; the command that it would install is the one under test.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.adapters.store.git_places import git
from tests.workflows.expressions import filled, holds

BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
Canceling = Callable[[Callable[[], None]], None]


@dataclass
class Server:
    """What a job finds around it: where to clone from, and where artifacts are kept."""

    clone_url: str
    origin: str
    artifacts: Path


@dataclass
class Ran:
    """How a job ended: what its scripts said, what it put out, and the exit code of each script by its name."""

    codes: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""
    summary: str = ""
    failed: bool = False
    variables: list[dict[str, str]] = field(default_factory=list)


def workflow(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def plain_variables(home: Path) -> dict[str, str]:
    """The variables of a machine that knows no secret."""
    kept = {name: os.environ[name] for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME") if name in os.environ}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**kept, "PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "CI": "true", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass
class Job:
    """One job of a workflow at work in a folder of its own."""

    given: Mapping[str, Any]
    job: Mapping[str, Any]
    contexts: dict[str, Any]
    server: Server
    folder: Path
    # Is given what cancels the run, as GitHub does: one signal, to the process that the step was started with.
    canceled_by: Canceling | None = None

    def run(self) -> Ran:
        ran = Ran()
        for name in ("workspace", "temp", "home"):
            (self.folder / name).mkdir(parents=True)
        self.contexts = {**self.contexts, "runner": {"temp": str(self.temp)}, "steps": {}}
        for number, step in enumerate(self.job["steps"]):
            if not holds(str(step.get("if", "always()" if not ran.failed else "")), self.contexts, failed=ran.failed):
                continue
            if "uses" in step:
                self._use(step["uses"], {key: self._filled(str(each)) for key, each in step.get("with", {}).items()})
            elif (
                self._script(number, step, ran) != 0 and self._filled(str(step.get("continue-on-error", ""))) != "true"
            ):
                ran.failed = True
        ran.outputs = {name: self._filled(each) for name, each in self.job.get("outputs", {}).items()}
        return ran

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def temp(self) -> Path:
        return self.folder / "temp"

    def _filled(self, text: str) -> str:
        return filled(text, self.contexts)

    def _use(self, action: str, options: Mapping[str, str]) -> None:
        name = action.partition("@")[0]
        artifact = self.server.artifacts / options.get("name", "")
        if name.startswith("./"):
            assert (self.workspace / name / "action.yml").is_file(), f"there is no {name} in what was checked out"
        elif name == "actions/checkout":
            self._check_out(options)
        elif name == "actions/upload-artifact":
            if any(Path(options["path"]).rglob("*")):
                shutil.copytree(options["path"], artifact, dirs_exist_ok=True)
            else:
                assert options["if-no-files-found"] == "ignore"
        elif name == "actions/download-artifact":
            shutil.copytree(artifact, options["path"], dirs_exist_ok=True)
        else:
            raise AssertionError(f"not known here: {name}")

    def _check_out(self, options: Mapping[str, str]) -> None:
        assert options["persist-credentials"] == "False"
        into = self.workspace / options.get("path", "")
        git("clone", "--quiet", "--no-checkout", self.server.clone_url, str(into), folder=self.folder)
        git("fetch", "--quiet", "origin", "+refs/pull/*:refs/pull/*", folder=into)
        git("remote", "set-url", "origin", self.server.origin, folder=into)
        git("checkout", "--quiet", "--detach", options.get("ref") or self.contexts["github"]["sha"], folder=into)

    def _script(self, number: int, step: Mapping[str, Any], ran: Ran) -> int:
        assert "${{" not in step["run"], "a value is woven into a script"
        files = {
            name: self.temp / f"{number}.{name}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")
        }
        for file in files.values():
            file.touch()
        script = self.temp / f"{number}.sh"
        script.write_text(step["run"], encoding="utf-8")
        own = {**self.given.get("env", {}), **self.job.get("env", {}), **step.get("env", {})}
        variables = {
            **plain_variables(self.folder / "home"),
            **self.contexts["variables"],
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_WORKSPACE": str(self.workspace),
            **{name: str(file) for name, file in files.items()},
            **{name: self._filled(str(each)) for name, each in own.items()},
        }
        ran.variables.append(variables)
        process = subprocess.Popen(
            [*BASH, str(script)],
            cwd=self.workspace,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if self.canceled_by is not None:
            self.canceled_by(lambda: process.send_signal(signal.SIGINT))
        with process:
            ran.log += process.communicate(timeout=120)[0]
        ran.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        outputs = {key: each for key, _, each in (line.partition("=") for line in lines)}
        self.contexts["steps"][step.get("id", str(number))] = {"outputs": outputs}
        ran.codes[step["name"]] = process.returncode
        return process.returncode
