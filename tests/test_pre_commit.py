"""The hook for other repositories, with the real pre-commit: installed from this repository as it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.test_validate_formats import RIGHT, WRONG

ROOT = Path(__file__).parents[1]
# Nobody's settings but ours.
ALONE = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@localhost",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@localhost",
}


def git(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON", "VIRTUAL"))}
    return subprocess.run(
        ["git", *arguments], cwd=folder, env={**clean, **ALONE}, capture_output=True, text=True, check=check
    )


def tree(folder: Path) -> None:
    """Copy what is kept of this repository, as it is now."""
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of sequences whose commits go through the hook, from a copy of this one."""
    ours, theirs = tmp_path / "tool", tmp_path / "sequences of ours"
    for folder in (ours, theirs):
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch=main")
    tree(ours)
    git(ours, "add", "--all")
    git(ours, "commit", "--quiet", "--message=As it is")
    commit = git(ours, "rev-parse", "HEAD").stdout.strip()
    hooks = {"repos": [{"repo": str(ours), "rev": commit, "hooks": [{"id": "reconciler-validate"}]}]}
    (theirs / ".pre-commit-config.yaml").write_text(yaml.safe_dump(hooks), encoding="utf-8")
    (theirs / "sequences").mkdir()
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "install"], cwd=theirs, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return theirs


def commit(repository: Path) -> subprocess.CompletedProcess[str]:
    git(repository, "add", "--all")
    return git(repository, "commit", "--message=Sequences", check=False)


def test_a_commit_with_a_wrong_manifest_is_refused_and_with_a_right_one_it_is_not(repository: Path) -> None:
    one, two = (repository / "sequences" / name for name in ("one.yaml", "two.yaml"))
    one.write_text(WRONG, encoding="utf-8")
    refused = commit(repository)
    assert refused.returncode == 1
    assert "sequences/one.yaml:2:7: error: " in refused.stderr
    assert "  2 | name: no\n    |       ^^\n" in refused.stderr
    assert git(repository, "log", check=False).returncode != 0

    one.write_text(RIGHT.format("one"), encoding="utf-8")
    after_one = "contacts_affected_by_sequence, sequence_id: {$sequence: one}"
    segment = "contact_belongs_to_segment, segment_id: vip"
    two.write_text(RIGHT.format("two").replace(segment, after_one), encoding="utf-8")
    allowed = commit(repository)
    assert allowed.returncode == 0, allowed.stderr
    assert "Passed" in allowed.stderr

    # Nothing that is left in the commit is wrong by itself: what is deleted is missed by another.
    one.unlink()
    missed = commit(repository)
    assert (missed.returncode, "sequences/two.yaml:3:" in missed.stderr) == (1, True)
