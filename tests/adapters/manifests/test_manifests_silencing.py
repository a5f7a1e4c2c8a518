"""Where findings inside a text are placed, and what comments silence, on real files."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from reconciler.adapters.manifests.load import Loaded, load
from reconciler.model import rules
from reconciler.model.diagnostic import Severity
from reconciler.model.settings import LintSettings
from reconciler.wiring.looking import Looking
from tests.adapters.manifests.manifest_files import accept, said, write

MESSAGE = "see http://example.com/t now"


def manifest(*, top: str = "", above: str = "", message: str = MESSAGE, behind: str = "", rest: str = "") -> str:
    return f"""{top}custom_id: a
name: A
filter:
  or:
    - and:
        - {{type: contact_belongs_to_segment, segment_id: s}}
steps:
  - action:
      type: send_sms_messages
      data:
{above}        message: {message}{behind}
{rest}"""


def looked_at(root: Path, files: Mapping[str, str], **settings: object) -> Loaded:
    write(root, files)
    looking = Looking(LintSettings(**settings))  # type: ignore[arg-type]
    return load(
        root,
        "sequences",
        variables={},
        check=accept,
        inspect=looking.inspect,
        silence=looking.silence,
        judge=looking.judge,
    )


def told(root: Path, text: str, **settings: object) -> list[str]:
    """Return the rules that are told of one manifest, each with its line."""
    found = looked_at(root, {"a.yaml": text}, **settings).diagnostics
    return [f"{each.span.line} {each.rule}" for each in found]


@pytest.mark.parametrize(
    ("message", "place"),
    [
        (MESSAGE, (11, 22)),
        (f'"{MESSAGE}"', (11, 23)),
        (f"'{MESSAGE}'", (11, 23)),
        (f"|\n          first\n\n          {MESSAGE}", (14, 15)),
        (f"|-\n            first\n              {MESSAGE}\n            last", (13, 19)),
        (f"|2 # why\n           {MESSAGE}", (12, 16)),
        # Folded, or with an escape: not written as it reads.
        (f">\n          first\n          {MESSAGE}", (11, 18)),
        (f'"\\u0020{MESSAGE}"', (11, 18)),
        (f"first\n          {MESSAGE}", (11, 18)),
    ],
)
def test_a_finding_inside_a_text_is_placed_there(tmp_path: Path, message: str, place: tuple[int, int]) -> None:
    [diagnostic] = looked_at(tmp_path, {"a.yaml": manifest(message=message)}).diagnostics
    assert (diagnostic.span.line, diagnostic.span.column) == place
    assert diagnostic.path == "/steps/0/action/data/message"


def test_a_finding_in_the_text_of_a_file_is_placed_in_that_file(tmp_path: Path) -> None:
    files = {"x/a.yaml": manifest(message="{$file: ../t/m.txt}"), "t/m.txt": "\ufeffone\r\n  see http://example.com/t"}
    [diagnostic] = looked_at(tmp_path, files).diagnostics
    span = diagnostic.span
    assert (diagnostic.file, span.line, span.column, span.end_column) == ("sequences/t/m.txt", 2, 7, 14)
    assert diagnostic.manifests == ("sequences/x/a.yaml",)


def test_a_file_that_two_manifests_bring_in_is_told_once(tmp_path: Path) -> None:
    one = manifest(message="{$file: m.txt}")
    files = {"a.yaml": one, "b.yaml": one.replace("custom_id: a", "custom_id: b"), "m.txt": MESSAGE}
    [diagnostic] = looked_at(tmp_path, files).diagnostics
    assert diagnostic.manifests == ("sequences/a.yaml", "sequences/b.yaml")


def test_a_file_that_lint_calls_wrong_leaves_nothing_to_ask_for(tmp_path: Path) -> None:
    severities = {rules.INSECURE_LINK: "error"}
    loaded = looked_at(
        tmp_path, {"a.yaml": manifest(message="{$file: m.txt}"), "m.txt": MESSAGE}, severities=severities
    )
    assert said(loaded) == ["sequences/m.txt:1:5 OCX307"]


ALLOW = "# reconciler: allow OCX307 the till is old"


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("on the line of the value", manifest(behind=f" {ALLOW}")),
        ("right above the value", manifest(above=f"        {ALLOW}\n")),
        ("above other comments", manifest(above=f"   {ALLOW}\n        # words\n")),
        ("at the top, for all", manifest(top=f"{ALLOW}\n")),
        ("at the top, after the modeline", manifest(top=f"# yaml-language-server: $schema=x\n\n{ALLOW}\n")),
        ("by its name", manifest(behind=" # reconciler: allow insecure-link the till is old")),
        ("in small letters", manifest(behind=" #reconciler:allow ocx307 the till is old")),
        ("at the head of a block", manifest(message=f"| {ALLOW}\n          {MESSAGE}")),
        ("above a block", manifest(above=f"        {ALLOW}\n", message=f"|\n          one\n          {MESSAGE}")),
        ("twice", manifest(top=f"{ALLOW}\n", behind=f" {ALLOW}")),
    ],
)
def test_a_comment_silences(tmp_path: Path, what: str, text: str) -> None:
    assert told(tmp_path, text) == [], what
    assert told(tmp_path, text, severities={rules.INSECURE_LINK: None}) == [], "and what is off is not idle"


def test_a_comment_silences_what_stands_in_a_file(tmp_path: Path) -> None:
    text = manifest(message="{$file: m.txt}", behind=f" {ALLOW}")
    assert looked_at(tmp_path, {"a.yaml": text, "m.txt": MESSAGE}).diagnostics == ()


@pytest.mark.parametrize(
    ("what", "text", "rest"),
    [
        ("two lines above", manifest(above=f"        {ALLOW}\n\n"), ["11 OCX392", "13 OCX307"]),
        ("on another value", manifest(top="", rest=f"reconciler: {{owner: o}} {ALLOW}\n"), ["11 OCX307", "12 OCX392"]),
        ("inside the text", manifest(message=f"|\n          {MESSAGE}\n          {ALLOW}"), ["12 OCX307"]),
        ("inside quotes", manifest(message=f'"{MESSAGE} {ALLOW}"'), ["11 OCX307"]),
        ("without a space before it", manifest(behind="#reconciler:allow OCX307 x"), ["11 OCX307"]),
        ("without a reason", manifest(behind=" # reconciler: allow OCX307"), ["11 OCX307", "11 OCX390"]),
        ("with dots for a reason", manifest(behind=" # reconciler: allow OCX307 ..."), ["11 OCX307", "11 OCX390"]),
        ("another rule", manifest(behind=" # reconciler: allow OCX308 old"), ["11 OCX307", "11 OCX392"]),
        ("no rule", manifest(behind=" # reconciler: allow"), ["11 OCX307", "11 OCX391"]),
        ("an unknown rule", manifest(behind=" # reconciler: allow OCX999 old"), ["11 OCX307", "11 OCX391"]),
        ("another verb", manifest(behind=" # reconciler: ignore OCX307 old"), ["11 OCX307", "11 OCX391"]),
        ("a misspelt verb", manifest(behind=" # reconciler: alow OCX307 old"), ["11 OCX307", "11 OCX391"]),
        ("what is no matter of taste", manifest(behind=" # reconciler: allow OCX101 old"), ["11 OCX307", "11 OCX393"]),
        ("itself", manifest(behind=" # reconciler: allow OCX392 old"), ["11 OCX307", "11 OCX393"]),
        ("words for people", manifest(behind=" # reconciler: see the wiki"), ["11 OCX307"]),
        ("a block that was taken out", manifest(rest="# reconciler:\n#   audience: everyone\n"), ["11 OCX307"]),
    ],
)
def test_a_comment_does_not_silence(tmp_path: Path, what: str, text: str, rest: list[str]) -> None:
    assert told(tmp_path, text) == rest, what


def test_what_is_raised_to_an_error_can_be_silenced_all_the_same(tmp_path: Path) -> None:
    loaded = looked_at(tmp_path, {"a.yaml": manifest(behind=f" {ALLOW}")}, severities={rules.INSECURE_LINK: "error"})
    assert loaded.diagnostics == ()
    assert [each.custom_id for each in loaded.desired] == ["a"]


def test_what_is_said_about_comments_can_be_turned_off(tmp_path: Path) -> None:
    text = manifest(message="Hello", behind=f" {ALLOW}")
    assert told(tmp_path, text) == ["11 OCX392"]
    assert told(tmp_path, text, severities={rules.IDLE_SILENCE: None}) == []


@pytest.mark.parametrize("name", ["no", '"\\0"'])
def test_what_is_silenced_stays_so_beside_another_error(tmp_path: Path, name: str) -> None:
    text = manifest(top="# reconciler: allow OCX307 the old site\n").replace("name: A", f"name: {name}")
    assert [each.split()[0] for each in told(tmp_path, text)] == ["3"]


def test_what_was_made_an_error_stays_silenced_beside_another_one(tmp_path: Path) -> None:
    text = manifest(top="# reconciler: allow OCX307 the old site\n").replace(
        "{type: contact_belongs_to_segment, segment_id: s}", "{type: all_contacts}"
    )
    assert told(tmp_path, text, severities={rules.INSECURE_LINK: Severity.ERROR}) == ["7 OCX201"]


def test_an_error_of_the_manifest_cannot_be_silenced(tmp_path: Path) -> None:
    text = manifest(top="# reconciler: allow OCX201 it is meant\n").replace(
        "{type: contact_belongs_to_segment, segment_id: s}", "{type: all_contacts}"
    )
    assert told(tmp_path, text) == ["1 OCX393", "7 OCX201", "12 OCX307"]


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("/reconciler/renamed_from", manifest(message="Hello", rest="reconciler: {renamed_from: a}\n")),
        (
            "/filter/or/0/and/0/sequence_id",
            manifest(message="Hello").replace(
                "contact_belongs_to_segment, segment_id: s", "contacts_affected_by_sequence, sequence_id: a"
            ),
        ),
    ],
)
def test_a_sequence_that_names_itself_is_refused(tmp_path: Path, where: str, text: str) -> None:
    [diagnostic] = looked_at(tmp_path, {"a.yaml": text}).diagnostics
    assert (diagnostic.rule, diagnostic.path) == (rules.SELF_REFERENCE, where)


def test_what_a_comment_silences_stays_silent_beside_a_mistake_of_the_yaml(tmp_path: Path) -> None:
    text = manifest(behind=f" {ALLOW}", rest="reconciler: {owner: no}\n")
    severities = {rules.INSECURE_LINK: Severity.ERROR}
    assert [each.split()[1] for each in told(tmp_path, text, severities=severities)] == ["OCX030"]


@pytest.mark.parametrize(
    ("message", "is_cut"),
    [
        ("You are #1 today", True),
        ("You are\t#1", True),
        ("You're #1", True),
        ("You are\n          our #1", True),
        ('"You are #1"', False),
        ("'You are #1'", False),
        ("You are # 1", False),
        ("You are#1", False),
        ("You are ## first", False),
        ('"You" #are', False),
        ("|\n          p { border: 1px solid #333 }", False),
        (">-\n          a: you are #1", False),
    ],
)
def test_a_text_that_a_comment_cuts_off_is_told(tmp_path: Path, message: str, is_cut: bool) -> None:
    text = manifest(message=message)
    assert told(tmp_path, text) == (["11 OCX024"] if is_cut else [])
    assert told(
        tmp_path, text.replace("        message", "        # reconciler: allow OCX024 meant\n        message")
    ) == ([] if is_cut else ["11 OCX392"])


def test_a_text_that_is_cut_is_told_as_loud_as_configured(tmp_path: Path) -> None:
    assert told(tmp_path, manifest(message="You are #1"), severities={rules.TEXT_CUT: None}) == []
