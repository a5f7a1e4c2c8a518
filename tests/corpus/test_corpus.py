"""Each case of the corpus is told as it is expected, at its place, and the corpus as a whole breaks every rule."""

import re
from pathlib import Path

import pytest

from reconciler.core.rulebook.catalogue import RULES
from reconciler.model import rules
from tests.corpus.corpus import CASES, CORPUS, EXPECTED, expected_of, said_of

# What takes seconds to make is made once, for the example of the rule.
ELSEWHERE = {rules.TOO_MANY_FILES, rules.TOO_LONG}


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_told_as_expected(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECONCILER_NO_CACHE", "1")
    expected = expected_of(CASES[name])
    assert expected.exists(), f"`python -m tests.corpus` writes what is said of {name}; read it before you commit it"
    assert said_of(CASES[name], tmp_path) == expected.read_text(encoding="utf-8")


def test_every_rule_is_broken_by_some_case() -> None:
    broken = {rule for case in CASES.values() for rule in _rules(expected_of(case))}
    assert {rule for rule in RULES if rule < "OCX3"} - ELSEWHERE <= broken
    assert len(CASES) >= 150


def test_every_case_breaks_a_rule_and_every_expectation_has_a_case() -> None:
    assert [name for name, case in CASES.items() if not _rules(expected_of(case))] == []
    whole = {path for path in CORPUS.rglob(f"*{EXPECTED}") if path.is_file()}
    assert whole == {expected_of(case) for case in CASES.values()}


def test_every_diagnostic_has_a_hint_and_a_place() -> None:
    for case in CASES.values():
        text = expected_of(case).read_text(encoding="utf-8")
        assert len(re.findall(r"^  hint: (?!None)", text, re.MULTILINE)) == len(_rules(expected_of(case)))


def _rules(expected: Path) -> list[str]:
    return re.findall(r"^\S+ (?:error|warning) (OCX\d{3}) ", expected.read_text(encoding="utf-8"), re.MULTILINE)
