"""Excerpts as people see them: the caret stands under what is meant, whatever the characters before it are."""

import pytest

from reconciler.model.excerpt import Excerpt
from reconciler.view.columns import columns
from reconciler.view.excerpt_text import excerpt_lines
from reconciler.view.terminal import Paint


def drawn(text: str, meant: str, *, width: int = 80, line: int = 7) -> list[str]:
    start = text.index(meant)
    excerpt = Excerpt(line=line, text=text, start=start, end=start + len(meant))
    return excerpt_lines(excerpt, width=width, paint=Paint(), colour="red")


@pytest.mark.parametrize(
    ("text", "meant", "lines"),
    [
        ("nmae: x", "nmae", ["  7 | nmae: x", "    | ^^^^"]),
        ("name: 日本 no", "no", ["  7 | name: 日本 no", "    |            ^^"]),
        ("name: 日本 no", "日本", ["  7 | name: 日本 no", "    |       ^^^^"]),
        ("na\u0308me: no", "no", ["  7 | na\u0308me: no", "    |       ^^"]),
        ("a: 👩🏽 no", "no", ["  7 | a: 👩🏽 no", "    |       ^^"]),
        ("a: ☃\ufe0f no", "no", ["  7 | a: ☃\ufe0f no", "    |       ^^"]),
        ("a: 👩\u200d🚀 no", "no", ["  7 | a: 👩\\u200d🚀 no", "    |               ^^"]),
        ("\ta:\tno", "no", ["  7 |     a:    no", "    |           ^^"]),
        ("a: \x1b[31m no", "no", ["  7 | a: \\x1b[31m no", "    |             ^^"]),
        ("a: ##[error] no", "no", ["  7 | a: #\\x23[error] no", "    |                 ^^"]),
        ("a: \u202e no\u202c", "no", ["  7 | a: \\u202e no\\u202c", "    |           ^^"]),
    ],
    ids=[
        "ascii",
        "before wide",
        "wide",
        "combining",
        "skin tone",
        "variant",
        "joined",
        "tabs",
        "escape",
        "log",
        "bidi",
    ],
)
def test_the_caret_stands_under_what_is_meant(text: str, meant: str, lines: list[str]) -> None:
    assert drawn(text, meant) == lines


def test_a_place_without_any_width_has_one_caret() -> None:
    behind = Excerpt(line=12, text="a: [1,", start=6, end=6)
    assert excerpt_lines(behind, width=80, paint=Paint(), colour="red") == ["  12 | a: [1,", "     |       ^"]


LONG = "email_in: [" + ", ".join(f"'{number:03}'" for number in range(40)) + "]"


@pytest.mark.parametrize(
    ("meant", "lines"),
    [
        ("email_in", ["  7 | email_in: ['000', '001', '…", "    | ^^^^^^^^"]),
        ("'002'", ["  7 | … '001', '002', '003', '004…", "    |          ^^^^^"]),
        ("'039'", ["  7 | … '038', '039']", "    |          ^^^^^"]),
        ("'038', '039']", ["  7 | … '037', '038', '039']", "    |          ^^^^^^^^^^^^^"]),
    ],
)
def test_of_a_line_that_is_too_long_the_part_around_the_caret_is_shown(meant: str, lines: list[str]) -> None:
    assert drawn(LONG, meant, width=34) == lines


@pytest.mark.parametrize("width", [60, 61, 120])
@pytest.mark.parametrize("sign", ["x", "日", "e\u0301", "👩🏽", "\x1b", "\t"])
def test_no_line_is_wider_than_it_may_be_and_the_caret_is_always_in_it(sign: str, width: int) -> None:
    for before in range(0, 300, 23):
        lines = drawn(sign * before + " HERE " + sign * (300 - before), "HERE", width=width)
        assert max(map(columns, lines)) <= width
        at = lines[1].index("^")
        shown = lines[0]
        assert columns(shown[: shown.index("HERE")]) == at


def test_colours_are_for_the_number_and_the_caret_alone() -> None:
    excerpt = Excerpt(line=3, text="nmae: x", start=0, end=4)
    assert excerpt_lines(excerpt, width=80, paint=Paint(enabled=True), colour="yellow") == [
        "  \x1b[34m3 |\x1b[0m nmae: x",
        "  \x1b[34m  |\x1b[0m \x1b[33;1m^^^^\x1b[0m",
    ]
