"""The rulebook holds every rule once, and can be asked by id and by name."""

import re

from reconciler.core.rulebook.catalogue import RULES, SECTIONS, find_rule
from reconciler.model import rules

IDS = sorted(value for value in vars(rules).values() if isinstance(value, str) and re.fullmatch(r"OCX\d{3}", value))


def test_every_id_has_one_rule_and_every_rule_an_id() -> None:
    assert [rule.id for _, section in SECTIONS for rule in section] == IDS
    assert list(RULES) == IDS


def test_names_are_slugs_and_no_two_are_alike() -> None:
    names = [rule.name for rule in RULES.values()]
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)
    assert len(set(names)) == len(names)


def test_sentences_are_written_as_everywhere_else() -> None:
    for rule in RULES.values():
        assert rule.title[0].islower() or rule.title[0] == "`", rule.id
        assert not rule.title.endswith("."), rule.id
        assert rule.why.endswith("."), rule.id


def test_a_rule_is_found_by_its_id_or_name_in_any_case() -> None:
    assert find_rule("ocx101") is find_rule("Unknown_Key") is RULES[rules.UNKNOWN_KEY]
    assert find_rule("OCX999") is None
