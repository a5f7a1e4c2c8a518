"""`[lint]` of `reconciler.toml`: how loud each rule is, and what the lint has to know."""

from pathlib import Path

import pytest

from reconciler.adapters.config.reader import load_settings
from reconciler.errors import ConfigurationError
from reconciler.model import rules
from reconciler.model.diagnostic import Severity
from reconciler.model.settings import LintSettings


def read(root: Path, text: str) -> LintSettings:
    (root / "reconciler.toml").write_text(f"[lint]\n{text}\n", encoding="utf-8")
    return load_settings(root, {}).lint


def test_without_the_table_everything_is_as_it_comes(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {}).lint == LintSettings()


def test_rules_go_by_id_or_by_name(tmp_path: Path) -> None:
    lint = read(tmp_path, 'OCX304 = "error"\nno-unsubscribe-link = "off"\nsms-too-long = "warning"')
    assert dict(lint.severities) == {
        rules.IMAGE_WITHOUT_ALT: Severity.ERROR,
        rules.NO_UNSUBSCRIBE: None,
        rules.SMS_SEGMENTS: Severity.WARNING,
    }


def test_what_the_lint_has_to_know_is_read(tmp_path: Path) -> None:
    lint = read(
        tmp_path,
        'template_tokens = ["{{ first_name }}", "plant"]\nstaging_hosts = ["*.Corp.example."]\nlanguages = ["en"]\n'
        'unsubscribe_marks = ["/letterbox"]\nlongest_subject = 50\nmost_sms_segments = 1\nlongest_days = 30',
    )
    assert lint == LintSettings(
        template_tokens=("first_name", "plant"),
        staging_hosts=("corp.example",),
        languages=("en",),
        unsubscribe_marks=("/letterbox",),
        longest_subject=50,
        most_sms_segments=1,
        longest_days=30,
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('image-withuot-alt = "off"', "unknown key `image-withuot-alt`", "did you mean `image-without-alt`?"),
        ('stagging_hosts = ["a"]', "unknown key `stagging_hosts`", "did you mean `staging_hosts`?"),
        ('zzzzzz = "off"', "unknown key `zzzzzz`", "a key is the id or the name of a rule, or one of: template_tokens"),
        ('OCX304 = "of"', '`OCX304` must be "error", "warning" or "off"', "did you mean `off`?"),
        ("OCX304 = false", '`OCX304` must be "error", "warning" or "off"', None),
        ('OCX304 = "off"\nimage-without-alt = "off"', "OCX304 is there twice", None),
        ('OCX102 = "warning"', "OCX102 is about whether a manifest is valid", "only rules that warn"),
        ("most_sms_segments = 0", "`most_sms_segments` must be a whole number from 1 up", None),
        ("longest_days = true", "`longest_days` must be a whole number from 1 up", None),
        ("longest_subject = 1.5", "`longest_subject` must be a whole number from 1 up", None),
        ('languages = "en"', "`languages` must be a list of texts", 'write languages = ["...", "..."]'),
        ('template_tokens = [""]', "`template_tokens` must be a list of texts", None),
        ('no-unsub = "off"', "unknown key `no-unsub`", "did you mean `no-unsubscribe-link`?"),
        ('staging_hosts = ["com"]', "hosts of anybody lie below it", "corp.example.com"),
        ('staging_hosts = ["*.co.uk"]', "hosts of anybody lie below it", None),
        ('unsubscribe_marks = ["a"]', "`a`, too short", "at least 4"),
        ('languages = ["en", "english"]', "`english`, which is no language code", '"pt_BR"'),
        ('staging_hosts = ["https://a.example"]', "has a host that is none", "write only the name"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, message: str, hint: str | None) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith("reconciler.toml, lint: ")
    assert message in str(caught.value)
    assert hint is None or hint in (caught.value.hint or "")


def test_a_table_is_needed(tmp_path: Path) -> None:
    (tmp_path / "reconciler.toml").write_text("lint = 1", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="`lint` must be a table"):
        load_settings(tmp_path, {})
