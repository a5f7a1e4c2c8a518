"""The lint of messages as people meet it: `reconciler validate` on real files, and what it stops."""

import pytest

from reconciler.wiring.workspace import load_manifests, open_workspace
from tests.scenarios.workbench import ROOT, Repository

BODY = '<p>Hi <img src="https://example.com/a.png"></p>\n<a href="https://example.com/u">Unsubscribe</a>\n'
MANIFEST = """\
custom_id: welcome
name: Welcome
filter:
  or:
    - and:
        - type: contact_belongs_to_segment
          segment_id: 7c9e6679-7425-40de-944b-e07fc1f90ae7
steps:
  - action:
      type: send_emails
      data:
        from_email: hello@example.com
        email_subject: Welcome
        email_body: {$file: bodies/welcome.html}
        email_sender_name: Example
        email_is_transactional: false
    delay_in_minutes: 0
"""
ALLOWED = MANIFEST.replace("welcome.html}", "welcome.html}  # reconciler: allow OCX304 the logo is decorative")
PLACE = "sequences/bodies/welcome.html:1:7: "


@pytest.fixture
def mailing(embedded: Repository) -> Repository:
    (embedded.root / "sequences" / "bodies").mkdir()
    (embedded.root / "sequences" / "bodies" / "welcome.html").write_text(BODY)
    (embedded.root / "sequences" / "welcome.yaml").write_text(MANIFEST)
    return embedded


def configure(repository: Repository, lint: str) -> None:
    path = repository.root / "reconciler.toml"
    before = path.read_text() if path.exists() else ""
    path.write_text(before.partition("[lint]")[0] + f"[lint]\n{lint}\n")


def test_a_warning_is_shown_in_the_file_where_it_is_and_stops_nothing(mailing: Repository) -> None:
    for _ in range(2):
        result = mailing.command("validate")
        assert (result.code, result.err) == (0, "")
        assert PLACE + "warning: this image has no `alt`" in result.out
    [diagnostic] = mailing.json("validate")["diagnostics"]
    assert (diagnostic["rule"], diagnostic["severity"], diagnostic["file"]) == (
        "OCX304",
        "warning",
        "sequences/bodies/welcome.html",
    )
    assert mailing.command("apply", "--yes").code == 0


def test_a_warning_belongs_to_the_manifest_and_to_the_file_that_it_brings_in(mailing: Repository) -> None:
    (mailing.root / "sequences" / "other.yaml").write_text(
        MANIFEST.replace("custom_id: welcome", "custom_id: other").replace("{$file: bodies/welcome.html}", "<p>Hi</p>")
    )
    assert "OCX304" in mailing.command("validate", "sequences/welcome.yaml").out
    assert "OCX304" in mailing.command("validate", "sequences/bodies").out
    assert "OCX304" not in mailing.command("validate", "sequences/other.yaml").out


def test_a_rule_that_is_raised_stops_everything_and_can_be_turned_off_again(mailing: Repository) -> None:
    assert mailing.command("validate").code == 0
    configure(mailing, 'image-without-alt = "error"')
    for command in (("validate",), ("plan",), ("apply", "--yes")):
        result = mailing.command(*command)
        assert result.code == 3, command
        assert "error: this image has no `alt`" in result.out + result.err
    configure(mailing, 'OCX304 = "off"')
    assert mailing.command("validate").out == "1 manifest checked, all valid.\n"
    configure(mailing, 'OCX304 = "error"')
    assert mailing.command("validate").code == 3


def test_a_comment_with_a_reason_silences_and_one_for_nothing_is_named(mailing: Repository) -> None:
    configure(mailing, 'OCX304 = "error"')
    (mailing.root / "sequences" / "welcome.yaml").write_text(ALLOWED)
    assert mailing.command("validate").out == "1 manifest checked, all valid.\n"
    (mailing.root / "sequences" / "bodies" / "welcome.html").write_text(BODY.replace("<img", "<img alt=''"))
    result = mailing.command("validate")
    assert result.code == 0
    assert "sequences/welcome.yaml:14:51: warning: this comment silences OCX304, which is not broken here" in result.out


def test_a_misspelt_rule_in_the_configuration_is_refused(mailing: Repository) -> None:
    configure(mailing, 'image-witout-alt = "error"')
    result = mailing.command("validate")
    assert result.code == 4
    assert "did you mean `image-without-alt`?" in result.err


def test_the_examples_of_the_repository_are_free_of_it() -> None:
    loaded = load_manifests(open_workspace(ROOT, None))
    assert loaded.diagnostics == ()
    assert loaded.files >= 10
