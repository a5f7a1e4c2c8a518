"""The way around click: it takes the plainest command lines alone, and makes of them what click makes of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from reconciler.cli.main import cli
from reconciler.cli.shortcut import COMPLETING, FORMATS, Asked, asked_of
from reconciler.cli.validate import command

ROOT = Path(__file__).parents[2]
PLAIN = [
    ["validate"],
    ["validate", "sequences/a.yaml"],
    ["validate", "sequences", "a b", ""],
    ["validate", "validate"],
    ["validate", "sequences/**/*.yaml", "--format", "json"],
    *(["validate", "--format", each] for each in FORMATS),
    ["validate", "--format", "gitlab", "a", "b"],
]
FOR_CLICK = [
    [],
    ["plan"],
    ["Validate"],
    ["-q", "validate"],
    ["validate", "-"],
    ["validate", "--"],
    ["validate", "--help"],
    ["validate", "--format=json"],
    ["validate", "--form", "json"],
    ["validate", "--format"],
    ["validate", "--format", "xml"],
    ["validate", "--format", "JSON"],
    ["validate", "--format", "--help"],
    ["validate", "--format", "json", "--format", "text"],
    ["validate", "-", "--stdin-filename", "sequences/a.yaml"],
]


def by_click(arguments: list[str]) -> tuple[dict[str, object], dict[str, object]]:
    """What click makes of a command line: the options before the command, and those of `validate`."""
    with (
        cli.make_context("reconciler", list(arguments)) as context,
        command.make_context("validate", arguments[1:], parent=context) as inner,
    ):
        return context.params, inner.params


@pytest.mark.parametrize("arguments", PLAIN)
def test_a_plain_command_line_is_understood_as_click_understands_it(arguments):
    before, within = by_click(arguments)
    asked = asked_of(arguments)
    assert asked is not None
    assert {**asked._asdict(), "stdin_filename": None} == within
    untouched = {"directory": Path(), "environment": None, "color": "auto", "verbose": False, "quiet": False}
    assert before == untouched


def test_every_option_of_validate_is_known_here():
    named = {each.name for each in command.params}
    assert named == {*Asked._fields, "stdin_filename"}
    choice = next(each for each in command.params if each.name == "format_").type
    assert isinstance(choice, click.Choice)
    assert tuple(choice.choices) == FORMATS


@pytest.mark.parametrize("arguments", FOR_CLICK)
def test_anything_else_is_left_to_click(arguments):
    assert asked_of(arguments) is None


def test_a_shell_that_asks_is_answered(monkeypatch):
    monkeypatch.setenv(COMPLETING, "bash_complete")
    assert asked_of(["validate"]) is None


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "reconciler.toml").write_text('manifests = "sequences"\n')
    (tmp_path / "sequences").mkdir()
    (tmp_path / "sequences" / "wrong.yaml").write_text("custom_id: wrong\nname: 5\n")
    return tmp_path


def ran(repository: Path, *arguments: str, tracing: bool = False) -> subprocess.CompletedProcess[str]:
    options = ["-X", "importtime"] if tracing else []
    return subprocess.run(
        [sys.executable, *options, "-m", "reconciler", *arguments],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(ROOT), "RECONCILER_NO_CACHE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("format_", FORMATS)
def test_both_ways_say_the_same(repository, format_):
    shortly = ran(repository, "validate", "--format", format_)
    by_click = ran(repository, "--color", "auto", "validate", "--format", format_)
    assert shortly.returncode == 3
    assert shortly.stdout
    assert (shortly.returncode, shortly.stdout, shortly.stderr) == (
        by_click.returncode,
        by_click.stdout,
        by_click.stderr,
    )


def test_a_failure_is_told_as_ever(tmp_path):
    shortly, by_click = (ran(tmp_path, *each, "validate", "--format", "json") for each in ([], ["--color", "auto"]))
    assert json.loads(shortly.stdout)["error"]
    assert (shortly.returncode, shortly.stdout) == (by_click.returncode, by_click.stdout) == (4, shortly.stdout)


def test_it_loads_nothing_that_it_does_not_use(repository):
    (repository / "sequences" / "wrong.yaml").unlink()
    loaded = {line.rpartition("|")[2].strip() for line in ran(repository, "validate", tracing=True).stderr.splitlines()}
    idle = {"click", "textwrap", "uuid", "yaml", "jsonschema", "reconciler.model.risk", "reconciler.core.lint.parts"}
    assert "reconciler.cli.validating" in loaded
    assert not idle & loaded
