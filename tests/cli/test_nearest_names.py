"""A name that is misspelt on the command line: every command that takes one says which was probably meant."""

import pytest

from tests.scenarios.workbench import Repository

MANIFEST = """\
custom_id: win-back
name: Win back
filter: {or: [{and: [{type: contact_belongs_to_segment, segment_id: vip}]}]}
steps: [{action: {type: send_sms_messages, data: {message: Hello}}}]
"""
CONFIGURATION = '[environments.sandbox]\napi = "sandbox"\n[environments.staging]\napi = "sandbox"\n'


@pytest.fixture
def recorded(embedded: Repository) -> Repository:
    """A repository with one sequence, which is recorded."""
    folder = embedded.root / "sequences" / "lifecycle"
    folder.mkdir()
    (folder / "win-back.yaml").write_text(MANIFEST, encoding="utf-8")
    embedded.configure('default_environment = "sandbox"\n' + CONFIGURATION)
    assert embedded.run("apply", "--yes").code == 0
    return embedded


@pytest.mark.parametrize(
    ("arguments", "code", "meant"),
    [
        (("import", "--update", "win-bakc"), 7, "win-back"),
        (("plan", "--only", "win-bakc"), 0, "win-back"),
        (("apply", "--yes", "--only", "win-bakc"), 0, "win-back"),
        (("drift", "--only", "win-bakc"), 0, "win-back"),
        (("state", "show", "win-bakc"), 64, "win-back"),
        (("state", "forget", "win-bakc"), 64, "win-back"),
        (("state", "move", "win-bakc", "other"), 64, "win-back"),
        (("sandbox", "show", "win-bakc"), 64, "win-back"),
        (("sandbox", "edit", "win-bakc", "--cancel"), 64, "win-back"),
        (("compare", "sandbox", "stagng"), 4, "staging"),
        (("--env", "sandbx", "validate"), 4, "sandbox"),
        (("validate", "sequences/lifecycle/win-bak.yaml"), 64, "sequences/lifecycle/win-back.yaml"),
        (("validate", "sequences/lifecycl"), 64, "sequences/lifecycle"),
        (("fmt", "sequences/lifecycle/win-bak.yaml"), 64, "win-back.yaml"),
        (("explain", "unbalanced-htm"), 64, "unbalanced-html"),
        (("explain", "ocx10"), 64, "OCX010"),
    ],
)
def test_the_nearest_name_is_told(
    recorded: Repository, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, meant: str
) -> None:
    monkeypatch.chdir(recorded.root)
    result = recorded.run(*arguments)
    assert result.code == code, result
    assert f"did you mean `{meant}`?" in result.out + result.err


def test_where_none_is_near_the_way_to_all_of_them_is_told(recorded: Repository) -> None:
    assert "hint: `reconciler sandbox show` lists those that there are" in recorded.run("sandbox", "show", "zzz").err
    assert "`reconciler import` writes one" in recorded.run("import", "--update", "zzz").out


def test_a_manifest_outside_the_folder_is_told_where_it_belongs(
    recorded: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recorded.root)
    (recorded.root / "other.yaml").write_text(MANIFEST, encoding="utf-8")
    result = recorded.run("validate", "other.yaml")
    assert result.code == 64
    assert "hint: manifests lie below `sequences`: move it there" in result.err
