"""$file, $var and $sequence: what they put in, and what they must never reach."""

import os
from pathlib import Path

import pytest

from reconciler.model.diagnostic import Finding
from reconciler.model.jsonvalue import Json
from tests.adapters.manifests.manifest_files import load_all, manifest, said, write


def body_of(root: Path, body: str, **variables: str) -> object:
    write(root, {"deep/one.yaml": manifest("one", body=body)})
    loaded = load_all(root, variables=variables)
    own = [each for each in loaded.diagnostics if each.file == "sequences/deep/one.yaml"]
    if own:
        [diagnostic] = own
        assert (diagnostic.span.line, diagnostic.span.column) == (12, 18)
        assert diagnostic.path == "/steps/0/action/data/message"
        return f"{diagnostic.rule} {diagnostic.message} ({diagnostic.hint})"
    [desired] = loaded.desired
    return desired.payload.value["steps"][0]["action"]["data"]["message"]


def test_the_text_of_a_file_is_put_in_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, {"deep/a.html": "<p>no: {$var: x} é</p>\n", "up.txt": "\ufeffup\r\n\ttwo", "deep/c/d.txt": "1e3"})
    assert body_of(tmp_path, "{$file: a.html}") == "<p>no: {$var: x} é</p>\n"
    assert body_of(tmp_path, "{$file: ../up.txt}") == "up\n\ttwo"
    assert body_of(tmp_path, "{$file: ./c/../c/d.txt}") == "1e3"
    assert body_of(tmp_path, '{"\\x24file": a.html}') == "<p>no: {$var: x} é</p>\n"


@pytest.mark.parametrize(
    "path",
    [
        "../../secret.txt",
        "../deep/../../secret.txt",
        "/etc/passwd",
        "~/x",
        "a\\\\b",
        "..",
        ".",
        "c/",
        "c/..",
        "a\\nb",
    ],
)
def test_a_path_that_may_lead_elsewhere_is_refused_by_its_spelling(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"deep/c/d.txt": "x", "../secret.txt": "secret"})
    assert str(body_of(tmp_path, f'{{$file: "{path}"}}')).startswith("OCX041")


def test_a_file_behind_a_link_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"deep/real.txt": "x", "other/real.txt": "y", "../secret.txt": "secret"})
    deep = tmp_path / "sequences" / "deep"
    (deep / "link.txt").symlink_to("real.txt")
    (deep / "out.txt").symlink_to("../../secret.txt")
    (deep / "folder").symlink_to("../other")
    (deep / "loop").symlink_to("loop")
    for path in ("link.txt", "out.txt", "folder/real.txt", "loop/x.txt"):
        assert "links are not followed" in str(body_of(tmp_path, f"{{$file: {path}}}"))


def test_a_file_that_is_no_plain_text_is_refused(tmp_path: Path) -> None:
    write(
        tmp_path, {"deep/latin.txt": b"ok\ncaf\xe9", "deep/bell.txt": "a\nb\x07", "deep/cr.txt": "a\rb", "up.txt": ""}
    )
    write(tmp_path, {"deep/large.txt": "x" * (2**18 + 1), "deep/full.txt": "x" * 2**18, "deep/here.html": "x"})
    os.mkfifo(tmp_path / "sequences/deep/pipe.txt")
    (tmp_path / "sequences/deep/folder").mkdir()
    answers = {
        name: str(body_of(tmp_path, f"{{$file: {name}.txt}}")) for name in ("latin", "bell", "cr", "large", "pipe")
    }
    assert all(answer.startswith("OCX042") for answer in answers.values())
    assert "line 2" in answers["latin"]
    assert "U+0007 at 2:2" in answers["bell"]
    assert "256 KiB" in answers["large"]
    assert "not a regular file" in answers["pipe"]
    assert "not a regular file" in str(body_of(tmp_path, "{$file: folder}"))
    assert "(did you mean `here.html`?)" in str(body_of(tmp_path, "{$file: her.html}"))
    assert body_of(tmp_path, "{$file: full.txt}") == "x" * 2**18


def test_a_variable_is_put_in_as_text(tmp_path: Path) -> None:
    assert body_of(tmp_path, "{$var: segment}", segment="{$var: x}\nno: 1") == "{$var: x}\nno: 1"
    assert body_of(tmp_path, "{$var: segmnt}", segment="x") == (
        "OCX043 the environment has no variable `segmnt` (did you mean `segment`?)"
    )


@pytest.mark.parametrize("written", ["{$var: a, b: c}", "{$var: 5}", "{$file: }", "{$sequence: [a]}", '{$var: ""}'])
def test_an_instruction_that_is_not_one_key_with_one_text_is_refused(tmp_path: Path, written: str) -> None:
    assert str(body_of(tmp_path, written, a="x")).startswith("OCX109")


def test_what_the_schema_check_says_of_an_instruction_is_not_said_twice(tmp_path: Path) -> None:
    path = ("steps", 0, "action", "data", "message")

    def check(_: Json) -> tuple[Finding, ...]:
        return (Finding(rule="OCX109", message="not so", path=(*path, "b"), at_key=True),)

    write(tmp_path, {"one.yaml": manifest("one", body="{$var: a, b: c}")})
    assert said(load_all(tmp_path, check=check)) == ["sequences/one.yaml:12:28 OCX109"]


def test_what_a_variable_brings_in_is_checked_like_what_is_written(tmp_path: Path) -> None:
    def check(value: Json) -> tuple[Finding, ...]:
        bad = "forbidden" in str(value)
        return (Finding(rule="OCX107", message="not so", path=("name",)),) if bad else ()

    text = manifest("one").replace("Name of one", "{$var: title}")
    write(tmp_path, {"one.yaml": text})
    assert said(load_all(tmp_path, check=check, variables={"title": "fine"})) == []
    loaded = load_all(tmp_path, check=check, variables={"title": "forbidden"})
    assert said(loaded) == ["sequences/one.yaml:2:7 OCX107"]
    assert loaded.desired == ()


def test_references_stay_in_the_payload_and_are_collected(tmp_path: Path) -> None:
    write(
        tmp_path, {"a.yaml": manifest("a"), "b.yaml": manifest("b"), "c.yaml": manifest("c", refers_to=("b", "a", "b"))}
    )
    loaded = load_all(tmp_path)
    assert said(loaded) == []
    assert [each.references for each in loaded.desired] == [(), (), ("a", "b")]
    assert {"$sequence": "a"} in [
        each.get("sequence_id") for each in loaded.desired[2].payload.value["filter"]["or"][0]["and"]
    ]


def test_an_instruction_whose_text_is_refused_is_not_refused_twice(tmp_path: Path) -> None:
    write(
        tmp_path, {"one.yaml": manifest("one", body='{$file: "x\\0"}'), "two.yaml": manifest("two", body="{$var: no}")}
    )
    assert said(load_all(tmp_path)) == ["sequences/one.yaml:12:26 OCX036", "sequences/two.yaml:12:25 OCX030"]
