"""`reconciler fmt` on real files: what it writes, what it leaves alone, and how it ends."""

import os

import pytest

from tests.scenarios.workbench import ROOT, Repository

MESSY = """\
# yaml-language-server: $schema=../schemas/sequence.schema.json

# Said by Ann: never before noon.

# Who sends it.
name: 'Welcome'
custom_id:   welcome   # as in the dashboard
steps:
- delay_in_minutes: 0
  # The first hello.
  action:
      data:
          email_body: |
              <p>Hello,</p>

                <p>there.  </p>
          email_subject: Hello
          from_email: hello@example.com
          email_sender_name: Example
          email_is_transactional: false
      type: send_emails

filter: {or: [{and: [{segment_id: {$var: vip},type: contact_belongs_to_segment}]}]}
"""
NEAT = """\
# yaml-language-server: $schema=../schemas/sequence.schema.json

# Said by Ann: never before noon.

custom_id: welcome   # as in the dashboard
# Who sends it.
name: "Welcome"

filter: {or: [{and: [{type: contact_belongs_to_segment, segment_id: {$var: vip}}]}]}
steps:
  # The first hello.
  - action:
      type: send_emails
      data:
        from_email: hello@example.com
        email_subject: Hello
        email_body: |
            <p>Hello,</p>

              <p>there.  </p>
        email_sender_name: Example
        email_is_transactional: false
    delay_in_minutes: 0
"""


@pytest.fixture
def messy(embedded: Repository) -> Repository:
    (embedded.root / "sequences" / "welcome.yaml").write_text(MESSY, encoding="utf-8")
    return embedded


def text_of(repository: Repository, name: str = "welcome.yaml") -> str:
    return (repository.root / "sequences" / name).read_bytes().decode()


def test_a_manifest_is_written_in_canonical_form_once(messy):
    first = messy.run("fmt")
    assert (first.code, first.out) == (0, "formatted sequences/welcome.yaml\n")
    assert first.err == "1 manifest formatted\n"
    assert text_of(messy) == NEAT
    inode = (messy.root / "sequences" / "welcome.yaml").stat().st_ino
    again = messy.run("fmt")
    assert (again.code, again.out, again.err) == (0, "", "1 manifest in canonical form already\n")
    assert (messy.root / "sequences" / "welcome.yaml").stat().st_ino == inode


def test_check_writes_nothing_and_ends_with_3_while_there_is_something_to_do(messy):
    checked = messy.run("fmt", "--check")
    assert (checked.code, checked.out) == (3, "would format sequences/welcome.yaml\n")
    assert text_of(messy) == MESSY
    messy.run("fmt")
    assert messy.run("fmt", "--check").code == 0


def test_diff_shows_what_would_change_and_writes_nothing(messy):
    shown = messy.run("fmt", "--diff")
    assert shown.code == 0
    assert shown.out.startswith("--- sequences/welcome.yaml\n+++ sequences/welcome.yaml (formatted)\n@@ ")
    assert "-name: 'Welcome'\n" in shown.out
    assert text_of(messy) == MESSY
    assert messy.run("fmt", "--diff", "--check").code == 3


def test_a_diff_says_where_a_last_line_has_no_end(embedded):
    (embedded.root / "sequences" / "short.yaml").write_text("custom_id: x", encoding="utf-8")
    shown = embedded.run("fmt", "--diff").out.splitlines()[3:]
    assert shown == ["-custom_id: x", "\\ No newline at end of file", "+custom_id: x"]


def test_where_there_are_no_manifests_init_is_named(tmp_path, capsys):
    from reconciler.cli.main import run

    assert run(["-C", str(tmp_path), "fmt"]) == 4
    assert "reconciler init" in capsys.readouterr().err


def test_stdin_is_formatted_to_stdout_in_any_locale(messy, tmp_path):
    source = tmp_path / "source"
    source.write_text(MESSY.replace("Welcome", "Grüße"), encoding="utf-8")
    for options, code, out in ([], 0, NEAT.replace("Welcome", "Grüße")), (["--check"], 3, ""):
        with source.open() as stdin:
            environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
            ended = messy.command("fmt", "-", *options, stdin=stdin, env=environment, encoding="utf-8")
        assert (ended.code, ended.out, ended.err) == (code, out, "")


def test_what_is_no_manifest_is_refused_as_validate_does_and_the_others_are_written(messy):
    for name, text in (("broken.yaml", "a: [\n"), ("disputed.yaml", "custom_id: x\nname: no\n")):
        (messy.root / "sequences" / name).write_text(text, encoding="utf-8")
    ended = messy.run("fmt")
    assert ended.code == 3
    assert text_of(messy) == NEAT
    told = [line for line in ended.err.splitlines() if ("error" in line and "[OCX010]" in line) or "[OCX030]" in line]
    validated = messy.run("validate", "sequences/broken.yaml", "sequences/disputed.yaml").out
    assert len(told) == 2
    assert all(line in validated for line in told)
    assert ended.err.endswith("1 manifest formatted, 2 manifests left alone\n")
    assert text_of(messy, "disputed.yaml") == "custom_id: x\nname: no\n"


def test_the_mode_is_kept_and_a_link_is_not_followed(messy):
    path = messy.root / "sequences" / "welcome.yaml"
    path.chmod(0o640)
    link = messy.root / "sequences" / "link.yaml"
    link.symlink_to(path)
    ended = messy.run("fmt")
    assert ended.code == 3
    assert "[OCX002]" in ended.err
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in path.parent.iterdir()) == ["link.yaml", "welcome.yaml"]


def test_only_the_paths_that_are_named_are_formatted(messy):
    (messy.root / "sequences" / "more").mkdir()
    other = messy.root / "sequences" / "more" / "other.yaml"
    other.write_text(MESSY, encoding="utf-8")
    assert messy.run("fmt", "sequences/more").out == "formatted sequences/more/other.yaml\n"
    assert text_of(messy) == MESSY
    other.write_text(MESSY, encoding="utf-8")
    (other.parent / "body.html").write_text("x", encoding="utf-8")
    assert messy.run("fmt", "sequences/more/*").out == "formatted sequences/more/other.yaml\n"
    assert text_of(messy) == MESSY
    assert messy.run("fmt", str(messy.root / "sequences" / "welcome.yaml")).code == 0
    assert text_of(messy) == NEAT


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["README.md"], 64, "README.md is no manifest"),
        (["-", "sequences"], 64, "`-` stands for stdin and goes alone"),
        (["sequences/m*.yaml"], 64, "sequences/m*.yaml is no manifest"),
        (["sequences/missing.yaml"], 64, "sequences/missing.yaml is no manifest"),
    ],
)
def test_what_cannot_be_formatted_is_said(messy, arguments, code, told):
    ended = messy.run("fmt", *arguments)
    assert (ended.code, ended.out) == (code, "")
    assert told in ended.err


def test_the_examples_of_this_repository_are_in_canonical_form_and_name_their_schema(capsys):
    from reconciler.cli.main import run

    assert run(["-C", str(ROOT), "fmt", "--check"]) == 0
    for path in (ROOT / "sequences").rglob("*.yaml"):
        modeline = path.read_text(encoding="utf-8").partition("\n")[0]
        relative = modeline.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / relative).resolve() == ROOT / "schemas" / "sequence.schema.json"
