"""What is an e-mail address and a domain: by our quick look, by the library, and never against it."""

import subprocess
import sys

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.adapters.schemas.formats import _PLAIN, _PLAIN_EMAIL, is_domain, is_email

ADDRESSES = (
    *("hello@example.com", "o'hara@example.com", "first.last+tag@mail.example.co.uk", "a@b.shop", "jürgen@münchen.de"),
    *("ann@shop.test", "x@a.example", "very-long-label@" + "a" * 60 + ".com"),
)
NO_ADDRESSES = (
    *("", "hello", "hello@", "@example.com", "hello@example", "hello@localhost", "a..b@example.com", ".a@example.com"),
    *("a@example..com", "a@-example.com", "a@example.com.", "a@1.2.3.4", "Ann <ann@example.com>", "ann@example.com\n"),
    *(
        " ann@example.com",
        "a@b@example.com",
        "ann@printer.local",
        "a@test",
        "a@b.com,c@d.com",
    ),
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_one(address: str) -> None:
    assert is_email(address)
    assert is_domain(address.rpartition("@")[2])


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_what_mail_could_not_reach_is_no_address(text: str) -> None:
    assert not is_email(text)


@pytest.mark.parametrize("text", ["", "example", "@example.com", "ann@example.com", "*.example.com", "a b.com"])
def test_what_cannot_follow_an_at_is_no_domain(text: str) -> None:
    assert not is_domain(text)


def test_what_is_no_text_is_not_judged() -> None:
    assert is_email(5)
    assert is_domain(None)


LETTERS = st.text("abcXYZ019-._+@ ", max_size=20)


@given(st.builds("{}@{}.{}".format, LETTERS, LETTERS, st.sampled_from(["com", "de", "example", "local", "test", "a"])))
@example("a-@example.com")
@example("a@xn--mnchen-3ya.de")
def test_the_quick_look_takes_nothing_that_the_library_refuses(text: str) -> None:
    if _PLAIN_EMAIL.fullmatch(text):
        assert by_library(text)
    if _PLAIN.fullmatch(text.rpartition("@")[2]):
        assert by_library("a@" + text.rpartition("@")[2])


def by_library(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def test_the_library_is_imported_only_for_what_is_not_plain() -> None:
    script = """
import sys
from reconciler.adapters.schemas.formats import is_domain, is_email
assert is_email("hello@mail.example.com") and is_domain("example.org") and "email_validator" not in sys.modules
assert not is_email("hello@example") and "email_validator" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
