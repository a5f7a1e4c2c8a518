"""Which known word was meant."""

import pytest

from reconciler.core.spelling import is_one_slip, nearest

KEYS = ["or", "and", "name", "delay_in_minutes", "custom_id", "email_in", "email_subject", "email_body"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("ro", "or"),
        ("o", "or"),
        ("adn", "and"),
        ("nmae", "name"),
        ("customId", "custom_id"),
        ("CUSTOM-ID", "custom_id"),
        ("emails", "email_in"),
        ("subject", "email_subject"),
        ("body", "email_body"),
        ("delay", "delay_in_minutes"),
        ("email", "email_in"),
        ("status", None),
        ("", None),
    ],
)
def test_the_nearest_word_is_found(word: str, meant: str | None) -> None:
    assert nearest(word, KEYS) == meant


def test_no_single_sign_is_suggested_for_another() -> None:
    assert nearest("x", ["0", "1"]) is None
    assert nearest("10", ["0", "1"]) is None


@pytest.mark.parametrize("word", ["ab", "abcd", "bac", "abd", "bc", "ac", "acb", "xbc"])
def test_one_slip_is_a_letter_more_less_other_or_swapped(word: str) -> None:
    assert is_one_slip(word, "abc")
    assert is_one_slip("abc", word)


@pytest.mark.parametrize("word", ["abc", "a", "abcde", "cba", "xyc", "bca"])
def test_two_slips_or_none_are_not_one(word: str) -> None:
    assert not is_one_slip(word, "abc")
