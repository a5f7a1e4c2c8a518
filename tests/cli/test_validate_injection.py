"""Names, keys and values that try to be commands: each output is read by a parser of its format, which obeys none."""

import json
import re
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from tests.cli.test_validate_formats import RIGHT, check_sarif, put
from tests.scenarios.workbench import Repository

NAME = "a b,line=1::x%0A%2C##[error]y [z](q) ::error file=e,line=2::日"
KEYS = (
    "::error file=x::boo",
    "##[error]boo",
    "%0A::stop-commands::x",
    "a\\n::add-mask::x",
    "\\u202eevil",
    "x](https://evil.example) [y",
    "<script>alert(1)</script>",
    "a\\u200b\\u2028b",
)
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]|##\\[|^\\s*::", re.MULTILINE)


@pytest.fixture
def hostile(embedded: Repository) -> Repository:
    (embedded.root / ".git").mkdir()
    keys = "".join(f'"{key}": "::error::x ##[error]"\n' for key in KEYS)
    put(embedded, NAME, RIGHT.format("::warning::x") + keys)
    put(
        embedded,
        "other",
        RIGHT.format("other") + f"reconciler: {{owner: 5, {', '.join(json.dumps(k) for k in KEYS[:3])}}}\n",
    )
    put(embedded, "twin", RIGHT.format("::warning::x"))
    named = json.dumps({"$file": "x](https://evil.example ##[error] ::error::x"})
    put(embedded, "naming", RIGHT.format("naming").replace("Hello", named))
    put(embedded, "log", "custom_id: ::error::x ##[group]\n\x1b]0;title\x07: x\n")
    return embedded


def commands(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """What the runner of GitHub Actions takes for a command in its log, each with its properties and its message.

    A line is one where it begins with `::`, spaces aside, or has `##[` in it.
    """
    for line in text.splitlines():
        assert "##[" not in line
        trimmed = line.lstrip()
        if trimmed.startswith("::") and "::" in trimmed[2:]:
            head, _, data = trimmed[2:].partition("::")
            name, _, given = head.partition(" ")
            pairs = (each.strip().partition("=") for each in given.split(",") if "=" in each)
            yield name, {key: unescaped(value, colon=True) for key, _, value in pairs}, unescaped(data, colon=False)


def unescaped(text: str, *, colon: bool) -> str:
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), *((("%3A", ":"), ("%2C", ",")) if colon else ()), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def test_github_takes_only_our_commands_and_reads_their_files_back(hostile: Repository) -> None:
    found = list(commands(hostile.run("validate", "--format", "github").out))
    diagnostics = hostile.json("validate")["diagnostics"]
    errors = [each for each in diagnostics if each["severity"] == "error"]
    assert {name for name, _, _ in found} <= {"error", "warning", "notice"}
    assert len([name for name, _, _ in found if name == "error"]) == min(len(errors), 10)
    placed = [properties for name, properties, _ in found if name == "error"]
    assert [each["title"] for each in placed] == [each["rule"] for each in errors[:10]]
    assert [int(each["line"]) for each in placed] == [each["line"] for each in errors[:10]]
    names = {each["file"].replace(":\\x3a", "::").replace("#\\x23[", "##[") for each in placed}
    assert names <= {each["file"] for each in errors}
    assert f"sequences/{NAME}.yaml" in names


@pytest.mark.parametrize("options", [[], ["-v"], ["--color", "never"]])
@pytest.mark.parametrize("format_", ["text", "concise"])
def test_nothing_is_obeyed_by_a_terminal_or_a_log(hostile: Repository, format_: str, options: list[str]) -> None:
    result = hostile.run(*options, "validate", "--format", format_)
    assert result.code == 3
    assert OBEYED.findall(result.out + result.err) == []
    assert list(commands(result.out + result.err)) == []


def test_json_gitlab_and_sarif_are_ascii_that_says_the_same(hostile: Repository) -> None:
    diagnostics = hostile.json("validate")["diagnostics"]
    outs = {name: hostile.run("validate", "--format", name).out for name in ("json", "gitlab", "sarif")}
    for out in outs.values():
        assert out.isascii()
        assert OBEYED.findall(out) == []
    entries = json.loads(outs["gitlab"])
    assert [each["location"]["path"] for each in entries] == [each["file"] for each in diagnostics]
    sarif = json.loads(outs["sarif"])
    check_sarif(sarif)
    results = sarif["runs"][0]["results"]
    uris = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results]
    assert [unquote(each) for each in uris] == [each["file"] for each in diagnostics]
    assert all(re.fullmatch(r"[\w./%~-]+", each, re.ASCII) for each in uris)
    assert [each["message"]["text"] for each in results if "](" in each["message"]["text"]] == []
    assert any("](" in each["message"] for each in diagnostics)


@pytest.mark.parametrize("format_", ["github", "gitlab", "sarif", "json", "text", "concise"])
def test_a_failure_is_as_inert(embedded: Repository, format_: str) -> None:
    result = embedded.run("validate", NAME + "\x1b[31m\n::error::x", "--format", format_)
    assert result.code == 64
    ours = [name for name, _, _ in commands(result.out)]
    assert ours == (["error"] if format_ == "github" else [])
    text = (result.out.removeprefix("::") if format_ == "github" else result.out) + result.err
    assert OBEYED.findall(text) == []
    if format_ in ("gitlab", "sarif", "json"):
        assert result.out.isascii()
        assert json.loads(result.out)
