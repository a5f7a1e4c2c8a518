"""Every rule's examples, read for real: the wrong one breaks that rule alone, the right one none."""

import subprocess
from pathlib import Path

import pytest

from reconciler.core.rulebook.catalogue import RULES
from reconciler.core.rulebook.rule import Example, Rule
from reconciler.core.rulebook.sample import manifest_of
from reconciler.model.diagnostic import Diagnostic
from reconciler.wiring.workspace import load_manifests, open_workspace
from tests.without_rights import without_rights

ALL = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("RECONCILER_NO_CACHE", "1")
    return tmp_path


def checked(root: Path, example: Example) -> tuple[Diagnostic, ...]:
    folder = root / "sequences"
    folder.mkdir()
    if example.configuration:
        (root / "reconciler.toml").write_text(example.configuration, encoding="utf-8")
    for name, content in {"welcome.yaml": manifest_of(example), **example.files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    if example.commands:
        subprocess.run(["sh", "-ec", example.commands], cwd=folder, check=True)
    workspace = open_workspace(root, "production" if "environments.production" in example.configuration else None)
    with without_rights():
        return load_manifests(workspace).diagnostics


@ALL
def test_the_wrong_example_breaks_this_rule_and_no_other(rule: Rule, repository: Path) -> None:
    found = checked(repository, rule.wrong)
    assert {each.rule for each in found} == {rule.id, *rule.wrong.also}
    assert {each.severity for each in found if each.rule == rule.id} == {rule.severity}
    assert len(found) == 1 + len(rule.wrong.also)


@ALL
def test_the_right_example_breaks_none(rule: Rule, repository: Path) -> None:
    assert checked(repository, rule.right) == ()
