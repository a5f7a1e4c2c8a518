"""The quick looks against the slow ones: what is called clean has nothing to say, whatever the text is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.core.lint import images, links, markup, preheader, selling, size, sms, subject, tokens, unsubscribe
from reconciler.core.lint.page import read_page
from reconciler.core.lint.text import Text
from reconciler.model.settings import LintSettings

CHECKS = (images, links, markup, preheader, selling, size, sms, subject, tokens, unsubscribe)
PIECES = (
    *("<div>", "</div>", "<p>", "<b>", "</b>", "<br/>", "<body>", "<table><tr><td>", "</td></tr></table>"),
    *('<img src="a">', "<img alt='x'>", '<img data-alt="x">', '<img title="alt=">', "<IMG ALT>", "<img", " alt="),
    *('<a href="https://example.com/unsubscribe">', "<a href='x'>", '<a href="', "</a>", "Unsubscribe", "opt out"),
    *("http://example.com", "https://dev.example.com/x", '<a href="https://example.com/offers">', "utm_source=1"),
    *("{{ name }}", "{{name", "}}", "{{", "{% if %}", "{{#if x}}", "{{ unsubscribe }}"),
    *("<!--", "-->", "<!--[if mso]>", "<![endif]-->", "<style>", "</style>", "<script>", "</script>", "<title>"),
    *('<div style="display:none">', '<span class="preheader">', '<div data-preheader="x">', "&nbsp;", "&amp;"),
    *(
        "//staging.example.com",
        ' href="staging.example.com',
        "&#104;ttp://x.com",
        " srcset='a, http://x.com'",
        "url(",
        "?u=",
    ),
    *("https%3A%2F%2Fdev.example.com", "/sales/x", "?campaign=1", "&#47;", "To unsubscribe:"),
    *('"', "'", "<", ">", "=", "/", " ", "\n", "é", "\N{SEEDLING}", "İ", "ß", "words", "\x00"),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, ("name", "x")]),
)
def test_what_is_called_clean_has_nothing_to_say(
    raw: str, is_html: bool, sells: bool, known: tuple[str, ...] | None
) -> None:
    text = Text(raw, LintSettings(template_tokens=known), is_html=is_html, sells=sells)
    for check in CHECKS:
        remarks = list(check.look(text))
        if check.is_clean(text):
            assert remarks == [], check.__name__
        for each in remarks:
            assert each.start is None or 0 <= each.start <= each.start + each.length <= len(raw), each


@pytest.mark.parametrize("piece", ["<div>", "<a href=' ", '<a href="', "<!--", "{{", "}}", "</b>", "<svg><a>", "<img "])
def test_a_body_of_nothing_but_one_piece_is_looked_at(piece: str) -> None:
    text = Text(piece * (20_000 // len(piece)), LintSettings(), is_html=True)
    for check in CHECKS:
        check.is_clean(text)
        for _ in zip(range(20), check.look(text), strict=False):
            pass


def test_links_are_placed_where_entities_hide_them() -> None:
    body = '<p>x</p><a href="https://example.com/?a=1&amp;b=2">y</a>'
    [link] = read_page(body).links
    assert link.url == "https://example.com/?a=1&b=2"
    assert body[link.start :].startswith("<a href")
