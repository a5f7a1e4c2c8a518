"""`reconciler init` as a newcomer meets it, and as somebody who has files already."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from reconciler.adapters.config.reader import load_settings
from reconciler.adapters.schemas.bundled import SEQUENCE_SCHEMA, schemas_folder
from reconciler.adapters.schemas.checker import ManifestChecker
from reconciler.adapters.schemas.snippets import snippets
from reconciler.cli.main import run

SCHEMA = schemas_folder() / SEQUENCE_SCHEMA
SNIPPETS = json.loads(snippets(json.loads(SCHEMA.read_bytes())))
TAGS = [
    name.partition(".")[2]
    for name in json.loads(SCHEMA.read_bytes())["$defs"]
    if name.startswith(("action.", "ContactsFilter."))
]


def contents(root: Path) -> dict[str, tuple[bytes, int]]:
    files = [each for each in root.rglob("*") if each.is_file()]
    return {str(each.relative_to(root)): (each.read_bytes(), each.stat().st_mtime_ns) for each in files}


def expanded(body: list[str]) -> str:
    """A snippet when every place is left as it stands."""
    text = re.sub(r"\$\{\d+\|([^,|]*)[^}]*\}", r"\1", "\n".join(body))
    return re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text).replace("\\$", "$") + "\n"


def test_a_new_repository_works_at_once_on_the_sandbox(tmp_path, capsys):
    root = tmp_path / "a new" / "repository"
    assert run(["init", str(root)]) == 0
    told = capsys.readouterr()
    assert "created    sequences/welcome.yaml\n" in told.out
    assert "reconciler validate\n" in told.err
    for arguments in (["validate"], ["fmt", "--check"], ["plan"], ["apply", "--yes"]):
        assert run(["-C", str(root), *arguments]) == 0, capsys.readouterr()
    assert "all valid" in capsys.readouterr().out
    assert run(["-C", str(root), "plan", "--detailed-exitcode"]) == 0


def test_a_second_run_changes_nothing(tmp_path, capsys):
    run(["init", str(tmp_path)])
    before = contents(tmp_path)
    capsys.readouterr()
    assert run(["-C", str(tmp_path), "init"]) == 0
    told = capsys.readouterr()
    assert contents(tmp_path) == before
    assert {line[:11] for line in told.out.splitlines()} == {"left alone "}
    assert told.err == "Everything was there already: nothing was written.\n"


def test_what_is_there_is_left_alone_and_the_rest_follows_it(tmp_path, capsys):
    (tmp_path / "reconciler.toml").write_text('manifests = "our/flows"\n')
    (tmp_path / ".gitignore").write_text("node_modules/\n")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "sequence.schema.json").write_text("{}")
    assert run(["init", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "left alone reconciler.toml\n" in told
    assert "left alone .gitignore: it has to keep `.reconciler/` out of git\n" in told
    assert "left alone schemas/sequence.schema.json: `reconciler schema` prints the one of this version\n" in told
    assert (tmp_path / ".gitignore").read_text() == "node_modules/\n"
    example = (tmp_path / "our" / "flows" / "welcome.yaml").read_text(encoding="utf-8")
    assert example.startswith("# yaml-language-server: $schema=../../schemas/sequence.schema.json\n")
    settings = json.loads((tmp_path / ".vscode" / "settings.json").read_text())
    assert settings["yaml.schemas"] == {"./schemas/sequence.schema.json": ["our/flows/**/*.yaml", "our/flows/**/*.yml"]}


def test_no_example_is_added_to_manifests_that_are_in_use(tmp_path):
    (tmp_path / "sequences").mkdir()
    (tmp_path / "sequences" / "ours.yaml").write_text("custom_id: ours\n")
    assert run(["init", str(tmp_path)]) == 0
    assert [each.name for each in (tmp_path / "sequences").iterdir()] == ["ours.yaml"]
    assert (tmp_path / ".vscode" / "reconciler.code-snippets").exists()


def test_a_repository_inside_another_is_refused(tmp_path, capsys):
    run(["init", str(tmp_path)])
    before = contents(tmp_path)
    capsys.readouterr()
    assert run(["-C", str(tmp_path / "sequences"), "init", "mine"]) == 64
    assert "lies inside the repository" in capsys.readouterr().err
    assert contents(tmp_path) == before


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path, capsys):
    (tmp_path / "schemas").write_text("in the way")
    assert run(["init", str(tmp_path)]) == 64
    assert re.match(
        r"error: cannot write .*sequence\.schema\.json: (file exists|not a directory)", capsys.readouterr().err
    )


def test_the_commented_production_environment_is_ready_to_be_used(tmp_path):
    run(["init", str(tmp_path)])
    path = tmp_path / "reconciler.toml"
    text = path.read_text(encoding="utf-8")
    assert list(tomllib.loads(text)["environments"]) == ["sandbox"]
    head, _, tail = text.partition("# [environments.production]")
    path.write_text(
        head + re.sub("^# ", "", "# [environments.production]" + tail, flags=re.MULTILINE), encoding="utf-8"
    )
    production = load_settings(tmp_path, {}).environments["production"]
    assert (production.api, production.state) == ("https://api.open.cx", "git:refs/reconciler/production")
    assert production.variables.keys() == load_settings(tmp_path, {}).environments["sandbox"].variables.keys()


def test_every_file_says_what_it_is_and_parses(tmp_path):
    run(["init", str(tmp_path)])
    for name in ("settings.json", "extensions.json", "reconciler.code-snippets"):
        json.loads((tmp_path / ".vscode" / name).read_text(encoding="utf-8"))
    assert ".reconciler/" in (tmp_path / ".gitignore").read_text().splitlines()
    assert (tmp_path / "schemas" / "sequence.schema.json").read_bytes() == SCHEMA.read_bytes()
    assert not [each for each in contents(tmp_path) if os.access(tmp_path / each, os.X_OK)]


@pytest.mark.parametrize("tag", TAGS)
def test_every_action_and_filter_has_a_snippet_that_is_valid_as_it_stands(tag):
    (snippet,) = [each for each in SNIPPETS.values() if each["prefix"] == [tag]]
    (entry,) = yaml.safe_load(expanded(snippet["body"]))
    whole = yaml.safe_load(expanded(SNIPPETS["OpenCX sequence"]["body"]))
    if "action" in entry:
        assert entry["action"]["type"] == tag
        whole["steps"] = [entry]
        assert entry["action"]["data"].get("email_body", {"$file": "welcome.html"}) == {"$file": "welcome.html"}
    else:
        assert entry["type"] == tag
        whole["filter"]["or"][0]["and"] = [entry]
    assert ManifestChecker(SCHEMA).check(whole) == ()


@pytest.mark.parametrize("there", [(), ("a new",)])
def test_a_failure_leaves_nothing_behind(tmp_path, capsys, there):
    for each in there:
        (tmp_path / each).mkdir()
    root = tmp_path / "a new" / "repository"
    assert run(["--env", "nonesuch", "init", "--ci", "github", str(root)]) == 4
    assert "nonesuch" in capsys.readouterr().err
    assert [each.name for each in tmp_path.rglob("*")] == list(there)
