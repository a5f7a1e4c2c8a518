"""The project as others get it: the wheel in an empty environment, the declared versions, and the two commands."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the command, installed in an environment that has nothing else, at a path with a space in it."""
    environment = tmp_path_factory.mktemp("an empty environment")
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    command = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return environment / "bin" / "reconciler"


def run(command: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "OPENCX", "VIRTUAL"))}
    return subprocess.run([str(command), *arguments], cwd=cwd, env=clean, capture_output=True, text=True, check=False)


def test_the_wheel_carries_the_contract_the_schemas_and_the_examples(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        bundled = archive.read("reconciler/_bundled/schemas/openapi/update-sequence.yaml")
    for folder in ("schemas", "sequences"):
        wanted = {
            f"reconciler/_bundled/{path.relative_to(ROOT)}" for path in (ROOT / folder).rglob("*") if path.is_file()
        }
        assert wanted <= names
    assert bundled == (ROOT / "schemas" / "openapi" / "update-sequence.yaml").read_bytes()
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_the_installed_command_does_the_main_job_in_any_directory(installed: Path, tmp_path: Path) -> None:
    demo = run(installed, "demo", cwd=tmp_path)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "10 applied" in demo.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_installed_schemas_are_not_stale(installed: Path, tmp_path: Path) -> None:
    checked = run(installed, "schema", "build", "--check", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr


def test_a_repository_of_ones_own_works_with_the_installed_command(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "sequences").mkdir()
    (tmp_path / "sequences" / "hello.yaml").write_text(
        "custom_id: hello\n"
        "name: Hello\n"
        "filter: {or: [{and: [{type: contact_belongs_to_segment, segment_id: x}]}]}\n"
        "steps: [{action: {type: send_sms_messages, data: {message: Hi}}}]\n",
        encoding="utf-8",
    )
    assert run(installed, "validate", cwd=tmp_path).returncode == 0
    assert run(installed, "plan", "--detailed-exitcode", cwd=tmp_path).returncode == 2
    assert run(installed, "apply", "--yes", cwd=tmp_path).returncode == 0
    assert run(installed, "plan", "--refresh", "all", "--detailed-exitcode", cwd=tmp_path).returncode == 0


def test_the_installed_command_lays_out_a_repository_that_works(installed: Path, tmp_path: Path) -> None:
    laid_out = run(installed, "init", "new", cwd=tmp_path)
    assert laid_out.returncode == 0, laid_out.stderr
    for arguments in (["validate"], ["fmt", "--check"], ["plan"], ["apply", "--yes"]):
        ended = run(installed, *arguments, cwd=tmp_path / "new")
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_lowest_versions_that_ci_tests_are_those_that_are_declared() -> None:
    declared = dict(
        re.fullmatch(r"([\w-]+)>=([\d.]+)", each.replace(" ", "")).groups()  # type: ignore[union-attr]
        for group in (
            PROJECT["dependencies"],
            *map(PROJECT["optional-dependencies"].get, ("s3", "keyring", "otel", "engine")),
        )
        for each in group
    )
    lines = (ROOT / ".github" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert {name: padded(version) for name, version in pinned.items()} == {
        name: padded(version) for name, version in declared.items()
    }


def padded(version: str) -> list[int]:
    numbers = [int(part) for part in version.split(".")]
    return numbers + [0] * (3 - len(numbers))


def test_the_workflows_pin_every_action_by_commit_and_grant_nothing_by_default() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        used = [each for each in re.findall(r"uses: (\S+)", text) if not each.startswith("./")]
        assert used
        assert [each for each in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == []
        assert "\npermissions: {}\n" in text
        assert "pull_request_target" not in text
        assert text.count("actions/checkout@") == text.count("persist-credentials: false")
