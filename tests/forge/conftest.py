"""Fixtures: a forge over real HTTP, and the command as a step of a workflow runs it."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.cli.main import run as run_command
from tests.forge.forge_server import TOKEN, Forge, serve

HEAD = "a" * 40
MERGE = "b" * 40


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def forge() -> Iterator[Forge]:
    forge = Forge()
    server = serve(forge)
    yield forge
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command for pull request 7 with the variables that GitHub sets; keywords change them, None takes away."""
    (tmp_path / "sequences").mkdir()
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": HEAD}}}), encoding="utf-8")
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "ann/plants",
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_RUN_ID": "500",
        "GITHUB_RUN_ATTEMPT": "1",
    }

    def run(*words: str, stdin: str = "", **variables: str | None) -> Ended:
        for name, value in {**github, **variables}.items():
            monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = run_command(["-C", str(tmp_path), "comment", *words])
        told = capsys.readouterr()
        return Ended(code, told.out, told.err)

    return run
