"""Completion as a shell asks for it: through bash itself, and by the protocol that zsh and fish speak."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler.cli.main import COMMANDS, complete
from reconciler.sandbox.simulator import Simulator
from tests.scenarios.workbench import ROOT, SCHEMA, Repository, Result

SANDBOX = ".reconciler/sandbox.sqlite3"
MANIFESTS = ("torn", "welcome", "winback")
BASH = shutil.which("bash") or "bash"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
Ask = Callable[..., list[str]]
CONFIGURATION = """\
[environments.sandbox]
api = "sandbox"
[environments.production]
api = "https://api.open.cx"
state = "git:refs/reconciler/production"
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """Two manifests of which one is recorded, and a third one that is broken but for its custom_id."""
    root = tmp_path_factory.mktemp("typing") / "a repository"
    (root / ".reconciler").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch, Simulator(root / SANDBOX, schema=SCHEMA) as simulator:
        patch.setenv("XDG_CACHE_HOME", str(root.parent / "cache"))
        repository = Repository(root=root, simulator=simulator)
        repository.configure(CONFIGURATION)
        repository.write("welcome")
        repository.applied()
        repository.write("winback", reconciler={"owner": "lifecycle-team"})
        (root / "sequences" / "torn.yaml").write_text("# torn\ncustom_id: 'torn'\nname: [\n", encoding="utf-8")
        yield repository


@pytest.fixture
def ask(repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """What a shell is told at the end of a line, in this process; nothing else is ever said."""

    def asked(line: str, shell: str = "bash") -> list[str]:
        words = line.split(" ")
        monkeypatch.chdir(repository.root)
        monkeypatch.setenv("_RECONCILER_COMPLETE", f"{shell}_complete")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words) - 1))
        assert complete() == 0
        told = capsys.readouterr()
        assert told.err == ""
        lines = told.out.split("\n")
        if shell == "zsh":
            return [value for kind, value in zip(lines[::3], lines[1::3], strict=False) if kind == "plain"]
        return [each.partition(",")[2].partition("\t")[0] for each in lines if each.startswith("plain,")]

    return asked


def protocol(root: Path, instruction: str, **variables: str) -> Result:
    environment = {**os.environ, "_RECONCILER_COMPLETE": instruction, **variables}
    command = [sys.executable, "-W", "error", "-m", "reconciler"]
    ended = subprocess.run(
        command, cwd=root, env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("reconciler ", list(COMMANDS)),
        ("reconciler va", ["validate"]),
        ("reconciler --env ", ["sandbox", "production"]),
        ("reconciler --env pro", ["production"]),
        ("reconciler plan --refresh ", ["none", "changed", "all"]),
        ("reconciler plan --only ", ["torn", "welcome", "winback"]),
        ("reconciler plan --only wi", ["winback"]),
        ("reconciler apply --only w", ["welcome", "winback"]),
        ("reconciler plan --only o", ["owner:"]),
        ("reconciler plan --only owner:", ["owner:lifecycle-team"]),
        ("reconciler plan --only path:sequences/wi", ["path:sequences/winback.yaml"]),
        ("reconciler plan --only path:", ["path:sequences", *(f"path:sequences/{each}.yaml" for each in MANIFESTS)]),
        ("reconciler state sh", ["show"]),
        ("reconciler state show ", ["welcome"]),
        ("reconciler state forget ", ["welcome"]),
        ("reconciler state move ", ["welcome"]),
        ("reconciler state move welcome ", ["torn", "welcome", "winback"]),
        ("reconciler state resolve ", []),
        ("reconciler state unlock ", []),
        ("reconciler --env production state show ", ["torn", "welcome", "winback"]),
        ("reconciler sandbox edit ", ["welcome"]),
        ("reconciler sandbox show ", ["welcome"]),
        ("reconciler completion ", ["bash", "zsh", "fish"]),
        ("reconciler fmt --d", ["--diff"]),
        ("reconciler --c", ["--color"]),
        ("reconciler no-such-command ", []),
        ("reconciler --env nowhere state show ", []),
        ("reconciler plan --no-such-option ", []),
        ("reconciler 'unclosed ", []),
    ],
)
def test_what_can_follow_is_offered(ask, line, offered):
    assert ask(line) == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_are_told_the_same(ask, shell):
    assert ask("reconciler state show ", shell) == ["welcome"]
    assert ask("reconciler ", shell) == list(COMMANDS)


def test_bash_completes_by_the_script_that_is_printed(repository):
    script = repository.run("completion", "bash").out
    ask = "COMPREPLY=(); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _reconciler_completion reconciler; echo ${COMPREPLY[@]}"
    typed = f"{script}\nCOMP_WORDS=(reconciler state show w); {ask}\nCOMP_WORDS=(reconciler --env ''); {ask}\n"
    # As bash splits what somebody types: a colon is a word of its own, and only what follows it is replaced.
    typed += (
        f"COMP_WORDS=(reconciler plan --only owner : li); {ask}\nCOMP_WORDS=(reconciler plan --only path :); {ask}\n"
    )
    typed += f"COMP_WORDS=(reconciler plan --only owner : lifecycle-team --refresh a); {ask}\n"
    typed += "complete -p reconciler\n"
    ended = subprocess.run(
        [BASH, "--norc", "-c", typed],
        cwd=repository.root,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        check=True,
    )
    first, second, owner, places, after, registered = ended.stdout.splitlines()
    assert (owner, after) == ("lifecycle-team", "all")
    assert places.split() == ["sequences", *(f"sequences/{each}.yaml" for each in MANIFESTS)]
    assert (first, second, ended.stderr) == ("welcome", "sandbox production", "")
    assert registered.endswith("-F _reconciler_completion reconciler")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_script_asks_the_program_itself(repository, shell):
    printed = repository.run("completion", shell)
    assert (printed.code, printed.err) == (0, "")
    assert f"_RECONCILER_COMPLETE={shell}_complete" in printed.out


@pytest.mark.parametrize(
    ("instruction", "variables"),
    [
        ("bash_complete", {}),
        ("bash_complete", {"COMP_WORDS": "reconciler ", "COMP_CWORD": "much"}),
        ("tcsh_complete", {}),
        ("bash_nonsense", {}),
        ("", {}),
    ],
)
def test_a_question_that_makes_no_sense_has_no_answer(tmp_path, instruction, variables):
    assert protocol(tmp_path, instruction, **variables) == (0, "", "")


@pytest.mark.parametrize("spoil", ["reconciler.toml", ".reconciler/sandbox.json", SANDBOX])
def test_what_cannot_be_read_is_not_complained_of(repository, ask, tmp_path, spoil):
    copy = shutil.copytree(repository.root, tmp_path / "copy")
    (copy / spoil).write_bytes(b"\xff[[[")
    for line in ("--env ", "state show ", "sandbox edit ", "plan --only "):
        assert set(ask(f"reconciler -C {copy} {line}")) <= {"sandbox", "production", "welcome", "winback", "torn"}


def test_nothing_is_made_by_asking(tmp_path):
    (tmp_path / "sequences").mkdir()
    for line in ("reconciler state show ", "reconciler sandbox edit ", "reconciler state unlock "):
        protocol(tmp_path, "bash_complete", COMP_WORDS=line, COMP_CWORD=str(line.count(" ")))
    assert [each.name for each in tmp_path.rglob("*")] == ["sequences"]
