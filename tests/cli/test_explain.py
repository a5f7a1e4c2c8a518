"""`explain`: one rule by its id or name, all in a list, and the reference page made of the same."""

import pytest

from reconciler.core.rulebook.catalogue import RULES, SECTIONS
from reconciler.view.rules_text import rule_text, rules_page
from reconciler.view.terminal import Paint
from tests.scenarios.workbench import ROOT


def test_a_rule_is_explained_by_id_and_by_name(embedded):
    by_id, by_name = embedded.command("explain", "ocx101"), embedded.command("explain", "unknown-key")
    assert by_id == by_name
    assert (by_id.code, by_id.err) == (0, "")
    assert by_id.out.split() == rule_text(RULES["OCX101"], Paint(), width=100).split()
    assert all(part in by_id.out for part in ("delay_minutes: 60", "delay_in_minutes: 60", "Wrong:", "Right:"))


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("unknwon-key", "did you mean `unknown-key`?"),
        ("OXC101", "did you mean `OCX101`?"),
        ("OCX999", "`reconciler explain` lists all rules"),
        ("gibberish", "`reconciler explain` lists all rules"),
    ],
)
def test_a_rule_that_there_is_not_is_told_with_the_nearest(embedded, word, hint):
    result = embedded.command("explain", word)
    assert (result.code, result.out) == (64, "")
    assert f"there is no rule `{word}`" in result.err
    assert hint in result.err


def test_all_rules_are_listed_without_a_word(embedded):
    result = embedded.command("explain")
    assert result.code == 0
    assert all(f"{rule.id}  {rule.name}" in result.out for rule in RULES.values())


def test_the_reference_page_is_fresh_and_staleness_is_told(embedded):
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == rules_page(SECTIONS)
    page = embedded.root / "rules.md"
    assert embedded.command("explain", "--page", "rules.md").code == 0
    assert embedded.command("explain", "--page", "rules.md", "--check").code == 0
    page.write_text(page.read_text(encoding="utf-8") + "edited\n", encoding="utf-8")
    stale = embedded.command("explain", "--page", "rules.md", "--check")
    assert stale.code == 4
    assert "stale" in stale.err
    assert page.read_text(encoding="utf-8").endswith("edited\n")


def test_nothing_invisible_and_no_endless_line_reaches_the_terminal():
    for rule in RULES.values():
        text = rule_text(rule, Paint(), width=100)
        assert all(line.isprintable() and len(line) <= 105 for line in text.split("\n")), rule.id
