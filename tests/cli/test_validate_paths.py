"""What `validate` speaks of: files, folders, patterns, and a manifest that is only on stdin."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_validate_formats import RIGHT, WRONG, put
from tests.scenarios.workbench import Repository, Result


def given(repository: Repository, text: str | bytes, *arguments: str, **options: Any) -> Result:
    """Run `validate -` in a process of its own, with something on stdin."""
    with repository.process("validate", "-", *arguments, **{"stdin": -1, "text": False, **options}) as process:
        out, err = process.communicate(text.encode() if isinstance(text, str) else text, timeout=60)
    return Result(process.returncode, out.decode(), err.decode())


def kept() -> Iterator[Path]:
    return (Path(os.environ["XDG_CACHE_HOME"]) / "reconciler").glob("*.manifests")


def files(result: Result) -> list[str]:
    return [line.split(":")[0] for line in result.out.splitlines()]


@pytest.fixture
def three(embedded: Repository) -> Repository:
    for name in ("one", "more/two", "more/deep/three"):
        put(embedded, name, WRONG.replace("wrong", name.rpartition("/")[2]).replace("{mesage", "{message"))
    (embedded.root / "sequences" / "more" / "body.html").write_text("x", encoding="utf-8")
    return embedded


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["sequences/one.yaml"], ["one"]),
        (["sequences/more"], ["more/deep/three", "more/two"]),
        (["sequences/*.yaml"], ["one"]),
        (["sequences/**/t*.yaml"], ["more/deep/three", "more/two"]),
        (["sequences/*", "sequences/one.yaml"], ["more/deep/three", "more/two", "one"]),
        (["**"], ["more/deep/three", "more/two", "one"]),
        (["."], ["more/deep/three", "more/two", "one"]),
        (["sequences/more/body.html"], []),
        (["sequences/more/body.html", "sequences/more/two.yaml"], ["more/two"]),
    ],
)
@pytest.mark.parametrize("is_inside", [True, False])
def test_paths_folders_and_patterns(
    three: Repository, monkeypatch: pytest.MonkeyPatch, paths: list[str], expected: list[str], is_inside: bool
) -> None:
    """From the repository's root, and with `-C` from elsewhere."""
    monkeypatch.chdir(three.root if is_inside else Path(__file__).parent)
    if not is_inside and paths == ["."]:
        paths = [str(three.root)]
    result = three.run("-q", "validate", "--format", "concise", *paths)
    assert files(result) == [f"sequences/{name}.yaml" for name in expected]
    assert result.code == (3 if expected else 0)


def test_a_name_with_the_signs_of_a_pattern_is_that_file(three: Repository) -> None:
    put(three, "[o]ne", WRONG)
    result = three.run("-q", "validate", "--format", "concise", "sequences/[o]ne.yaml")
    assert set(files(result)) == {"sequences/[o]ne.yaml"}


@pytest.mark.parametrize("path", ["nothing.yaml", "sequences/*.yml", "/etc/hostname", "../*.yaml"])
def test_what_means_no_manifest_is_wrong_usage(three: Repository, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(three.root)
    result = three.run("validate", path)
    assert (result.code, result.out) == (64, "")
    assert result.err.splitlines()[0] == f"error: {path} is no manifest, and no folder with manifests"


# --- stdin ------------------------------------------------------------------------------------------------------------


def test_stdin_takes_the_place_of_a_file_also_for_the_others(embedded: Repository) -> None:
    put(embedded, "one", RIGHT.format("one"))
    put(embedded, "two", RIGHT.format("two").replace("segment_id: vip", "segment_id: {$sequence: one}"))
    there = put(embedded, "three", WRONG)
    assert embedded.run("validate", str(there)).code == 3
    fixed = given(embedded, RIGHT.format("three"), "--stdin-filename", str(there))
    assert fixed == Result(0, "1 manifest checked, all valid.\n", "")
    twin = given(embedded, RIGHT.format("one"), "--stdin-filename", "sequences/three.yaml", "--format", "concise")
    assert (twin.code, files(twin)) == (3, ["sequences/three.yaml"])
    assert twin.out.startswith("sequences/three.yaml:1:12: error OCX053 `one` is already the custom_id of")
    assert there.read_text(encoding="utf-8") == WRONG
    assert embedded.run("validate", str(there)).code == 3


def test_a_manifest_that_is_nowhere_yet_is_checked_where_it_will_be(embedded: Repository) -> None:
    body = "{$file: body.html}"
    text = RIGHT.format("fresh").replace("Hello", body).replace("name: Welcome", "name: no")
    (embedded.root / "sequences" / "new").mkdir()
    result = given(embedded, text, "--stdin-filename", "sequences/new/fresh.yml")
    assert result.code == 3
    assert "sequences/new/fresh.yml:2:7: error: " in result.out
    assert "  2 | name: no\n    |       ^^\n" in result.out
    assert "body.html" in result.out
    (embedded.root / "sequences" / "new" / "body.html").write_text("Hello", encoding="utf-8")
    found = given(embedded, text, "--stdin-filename", "sequences/new/fresh.yml", "--format", "concise")
    assert (found.out.count("\n"), "body.html" in found.out) == (1, False)
    assert list((embedded.root / "sequences" / "new").iterdir()) == [embedded.root / "sequences" / "new" / "body.html"]


def test_what_is_given_is_never_remembered(
    embedded: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    put(embedded, "one", RIGHT.format("one"))
    assert embedded.run("validate").code == 0
    (cache,) = kept()
    before = cache.read_bytes()
    assert given(embedded, RIGHT.format("two"), "--stdin-filename", "sequences/one.yaml").code == 0
    assert cache.read_bytes() == before
    put(embedded, "two", RIGHT.format("one"))
    assert "OCX053" in embedded.run("validate").out
    assert given(embedded, RIGHT.format("two"), "--stdin-filename", "sequences/two.yaml").code == 0
    assert "OCX053" in embedded.run("validate").out


def test_bytes_that_are_no_manifest_are_told_like_those_of_a_file(embedded: Repository) -> None:
    place = ("--stdin-filename", "sequences/x.yaml", "--format", "concise")
    assert "OCX004" in given(embedded, b"name: caf\xe9\n", *place).out
    assert "OCX011" in given(embedded, b"", *place).out
    assert "OCX003" in given(embedded, b"#" * (2**20 + 5), *place).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-"], "a manifest on stdin has no place"),
        (["--stdin-filename", "sequences/x.yaml"], "--stdin-filename says where stdin belongs, and stdin is not read"),
        (["-", "sequences", "--stdin-filename", "sequences/x.yaml"], "`-` is one manifest on stdin, and stands alone"),
        (["-", "--stdin-filename", "x.yaml"], "x.yaml lies outside the manifests folder `sequences`"),
        (["-", "--stdin-filename", "sequences/../x.yaml"], "sequences/../x.yaml lies outside the manifests folder"),
        (["-", "--stdin-filename", "/etc/x.yaml"], "/etc/x.yaml lies outside the manifests folder `sequences`"),
        (["-", "--stdin-filename", "sequences"], "sequences is a folder, and a manifest is a file"),
        (["-", "--stdin-filename", ""], "an empty name is no place: a manifest is a file"),
        (["-", "--stdin-filename", "sequences/x.html"], "sequences/x.html is not named like a manifest"),
        (["-", "--stdin-filename", "sequences/.git/x.yaml"], "sequences/.git/x.yaml would not be read as a manifest"),
    ],
)
def test_64_for_a_stdin_without_a_place(
    embedded: Repository, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(embedded.root)
    result = embedded.run("validate", *arguments)
    assert (result.code, result.out) == (64, "")
    assert result.err.startswith(f"error: {words}")
    assert "\nhint: " in result.err


def test_a_link_to_the_repository_is_the_repository(embedded: Repository, tmp_path: Path) -> None:
    put(embedded, "one", WRONG)
    link = tmp_path / "link"
    link.symlink_to(embedded.root)
    assert embedded.run("validate", str(link / "sequences" / "one.yaml")).code == 3
    name = os.fspath(link / "sequences" / "one.yaml")
    assert given(embedded, RIGHT.format("one"), "--stdin-filename", name).code == 0
