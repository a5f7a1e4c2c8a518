"""What the lint says of e-mails: which bodies it minds, which it leaves alone, and where it points."""

from collections import Counter
from collections.abc import Iterator

import pytest

from reconciler.core.lint.size import MOST_BYTES
from reconciler.model import rules
from tests.core.lint.lint_messages import LEAVE, email, found, marked, rules_of

PAGE = f"<html><body>{{}}<p>Hi</p>{LEAVE}</body></html>"
HIDDEN = '<div style="display:none">{}</div>'


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("a link whose address says so", '<a href="https://example.com/unsubscribe?u=1">here</a>'),
        ("a link whose words say so", '<a href="https://example.com/x">Unsubscribe here</a>'),
        ("words deep in a link", '<a href="https://example.com/x"><b>Click to <i>opt out</i></b></a>'),
        ("an address of mail", '<a href="mailto:unsubscribe@example.com">Leave</a>'),
        ("single quotes", "<a class='x' href='https://example.com/opt-out'>Leave</a>"),
        ("preferences", '<a href="https://example.com/p">Manage your e-mail preferences</a>'),
        ("German", '<p><a href="https://example.com/x">Vom Newsletter abmelden</a></p>'),
        ("French", '<a href="https://example.com/x">Se désabonner</a>'),
        ("Arabic", '<a href="https://example.com/x">إلغاء الاشتراك</a>'),
        ("a token in an address", '<a href="{{ unsubscribe_url }}">Leave</a>'),
        ("a token alone", "Leave: {{unsubscribe_url}}"),
        ("plain text with an address on the line", "Hi\nTo unsubscribe, go to https://example.com/u"),
        (
            "an image in a link",
            '<a href="https://example.com/x"><img src="x.png" alt="Opt out"></a>',
        ),
        ("Spanish", '<a href="https://example.com/x">Darme de baja</a>'),
        ("Spanish to a friend", '<a href="https://example.com/x">Date de baja aquí</a>'),
        ("Italian", '<a href="https://example.com/x">Cancellati dalla lista</a>'),
        ("plain text with an address below a colon", "Hi\nTo unsubscribe:\n\nhttps://example.com/u"),
        ("in capitals", '<A HREF="https://example.com/UNSUBSCRIBE">LEAVE</A>'),
    ],
)
def test_people_can_leave_by(what: str, body: str) -> None:
    assert rules_of(found(email(body))) == [], what


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("nothing", "<p>Hi</p>"),
        ("plain text without a word", "Hi"),
        ("the word without a link", "<p>Write to us to unsubscribe.</p>"),
        ("a link that somebody commented out", f"<p>Hi</p><!-- {LEAVE} -->"),
        ("a word elsewhere than the link", '<p>Unsubscribe <a href="https://example.com/x">from dull plants</a></p>'),
        ("the word in plain text, an address elsewhere", "Unsubscribe!\nhttps://example.com"),
        ("another word that begins so", '<a href="https://example.com/x">Cancellation policy</a>'),
        ("an anchor without an address", "<a>Unsubscribe</a>"),
        ("an address that somebody meant to write", '<a href="#">Unsubscribe</a>'),
        ("a script that mail programs take out", '<a href="javascript:void(0)">Unsubscribe</a>'),
        ("an image, which only loads", '<img src="https://example.com/unsubscribe.png" alt="">'),
    ],
)
def test_people_cannot_leave_by(what: str, body: str) -> None:
    assert rules_of(found(email(body))) == [rules.NO_UNSUBSCRIBE], what
    assert rules_of(found(email(body, is_transactional=True))) == [], what


def test_a_way_out_behind_a_comment_that_is_not_closed_is_none() -> None:
    said = rules_of(found(email(f"<p>Hi</p><!-- todo {LEAVE}")))
    assert said == [rules.NO_UNSUBSCRIBE, rules.UNBALANCED_HTML]


def test_a_mark_of_the_organisation_counts_as_a_way_out() -> None:
    body = '<a href="https://example.com/letterbox">Letterbox</a>'
    assert rules_of(found(email(body))) == [rules.NO_UNSUBSCRIBE]
    assert rules_of(found(email(body), unsubscribe_marks=("/letterbox",))) == []


@pytest.mark.parametrize(
    ("url", "sells"),
    [
        ("https://example.com/offers", True),
        ("https://example.com/spring-sale", True),
        ("https://example.com/spring-sale-2026/", True),
        ("https://example.com/shop/offers.html#top", True),
        ("https://example.com/pots?campaign=spring", True),
        ("https://example.com/x?campaign_id=1", True),
        ("https://example.com/sales/invoice/123", False),
        ("https://example.com/docs/upgrade-guide", False),
        ("https://example.com/offer/letter.pdf", False),
        ("https://my-offers.com", False),
        ("https://example.com/upgrade?plan=pro", True),
        ("https://example.com/x?a=1&amp;utm_source=mail", True),
        ("https://example.com/orders/1", False),
        ("https://example.com/wholesale", False),
        ("https://example.com/salesforce", False),
        ("https://offers.example.com/orders", False),
        ("https://example.com/offering", False),
    ],
)
def test_a_transactional_email_does_not_sell(url: str, *, sells: bool) -> None:
    body = f'<p>Paid.</p><a href="{url}">More</a>'
    findings = found(email(body, is_transactional=True))
    assert rules_of(findings) == ([rules.SELLING] if sells else [])
    assert rules_of(found(email(body + LEAVE))) == []


@pytest.mark.parametrize(
    ("subject", "minded"),
    [
        ("x" * 70, False),
        ("x" * 71, True),
        ("x" * 70 + "  ", False),
        ("x" * 69 + "\U0001f468\u200d\U0001f469\u200d\U0001f467", False),
        ("x" * 70 + "e\u0301", True),
        ("x" * 62 + "{{ first_name }}", False),
        ("x" * 63 + "{{ first_name }}", True),
        ("x" * 66 + "{{a}}", True),
    ],
)
def test_a_subject_has_a_length_that_is_shown(subject: str, *, minded: bool) -> None:
    assert rules_of(found(email(LEAVE, subject=subject))) == ([rules.SUBJECT_LENGTH] if minded else [])


@pytest.mark.parametrize(
    ("image", "minded"),
    [
        ('<img src="a.png">', True),
        ('<img data-alt="x" src="a.png"/>', True),
        ('<img src="a.png" title="alt=1">', True),
        ('<img src="a.png" alt="A pot">', False),
        ("<img alt='' src='a.png'>", False),
        ("<img alt src='a.png'>", False),
        ('<IMG SRC="a.png" ALT = "A pot">', False),
        ('<!-- <img src="a.png"> -->', False),
        ('<!--[if mso]><img src="a.png"><![endif]-->', False),
    ],
)
def test_an_image_has_words_for_who_does_not_see_it(image: str, *, minded: bool) -> None:
    body = f"<p>é</p>{image}{LEAVE}"
    findings = found(email(body))
    assert rules_of(findings) == ([rules.IMAGE_WITHOUT_ALT] if minded else [])
    assert all(marked(each, body) == image for each in findings)


@pytest.mark.parametrize(
    ("preheader", "rule"),
    [
        ("", rules.NO_PREHEADER),
        (f"<!-- {HIDDEN.format('Hello')} -->", rules.NO_PREHEADER),
        (HIDDEN.format(""), rules.EMPTY_PREHEADER),
        (HIDDEN.format("&nbsp;&zwnj;&#847; "), rules.EMPTY_PREHEADER),
        ('<span class="preheader"> </span>', rules.EMPTY_PREHEADER),
        (HIDDEN.format("Hello"), None),
        (HIDDEN.format("{{ first_name }}, hello"), None),
        (HIDDEN.format("<b>Hello</b>"), None),
        ('<span style="mso-hide: all; font-size: 1px">Hello</span>', None),
        ('<span class="preheader">Hello</span>', None),
    ],
)
def test_a_page_begins_with_a_line_for_the_inbox(preheader: str, rule: str | None) -> None:
    assert rules_of(found(email(PAGE.format(preheader)))) == ([rule] if rule else [])


def test_a_body_that_is_no_page_needs_no_preheader() -> None:
    assert rules_of(found(email(f"<p>Hi</p>{LEAVE}"))) == []


@pytest.mark.parametrize(
    ("written", "rule", "shown"),
    [
        ('<a href="http://example.com/a">x</a>', rules.INSECURE_LINK, "http://"),
        ('<table background="http://example.com/a.png"></table>', rules.INSECURE_LINK, "http://"),
        ("<p style=\"background: url('http://example.com/a.png')\">x</p>", rules.INSECURE_LINK, "http://"),
        ("<p>See http://example.com/a.</p>", rules.INSECURE_LINK, "http://"),
        ('<html xmlns="http://www.w3.org/1999/xhtml"></html>', None, ""),
        ('<!DOCTYPE html PUBLIC "x" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">', None, ""),
        ("<!-- http://example.com -->", None, ""),
        ('<a href="https://staging.example.com/a">x</a>', rules.STAGING_LINK, "https://staging.example.com/a"),
        ('<a href="http://localhost:3000/a">x</a>', rules.STAGING_LINK, "http://localhost:3000/a"),
        ('<a href="https://10.0.0.7/a">x</a>', rules.STAGING_LINK, "https://10.0.0.7/a"),
        ('<a href="https://shop-qa.example.com">x</a>', rules.STAGING_LINK, "https://shop-qa.example.com"),
        ('<a href="https://abc.ngrok.io/">x</a>', rules.STAGING_LINK, "https://abc.ngrok.io/"),
        ('<a href="https://app.staging2.example.com/">x</a>', rules.STAGING_LINK, "https://app.staging2.example.com/"),
        ('<a href="//staging.example.com/a">x</a>', rules.STAGING_LINK, "//staging.example.com/a"),
        ('<a href="staging.example.com/a">x</a>', rules.STAGING_LINK, "staging.example.com/a"),
        ('<a href="localhost:3000/a">x</a>', rules.STAGING_LINK, "localhost:3000/a"),
        ('<a href="https://[fd00::1]/a">x</a>', rules.STAGING_LINK, "https://[fd00::1]/a"),
        ('<a href="https://169.254.1.1/a">x</a>', rules.STAGING_LINK, "https://169.254.1.1/a"),
        (
            '<a href="https://example.com/r?u=https://staging.example.com/a">x</a>',
            rules.STAGING_LINK,
            "https://example.com/r?u=https://staging.example.com/a",
        ),
        (
            '<a href="https://example.com/r?u=https%3A%2F%2Fstaging.example.com">x</a>',
            rules.STAGING_LINK,
            "https://example.com/r?u=https%3A%2F%2Fstaging.example.com",
        ),
        ('<a href="https://example.com/r?u=https%3A%2F%2Fwww.example.com">x</a>', None, ""),
        ('<a href="https://test-api.example.com/a">x</a>', rules.STAGING_LINK, "https://test-api.example.com/a"),
        ('<a href="https://learn.test-prep.example.com/a">x</a>', None, ""),
        ('<a href="dev.terms.html">x</a>', None, ""),
        ('<a href="&#104;ttp://example.com/a">x</a>', rules.INSECURE_LINK, '<a href="&#104;ttp://example.com/a">'),
        ('<a href="&#x2f;/staging.example.com">x</a>', rules.STAGING_LINK, '<a href="&#x2f;/staging.example.com">'),
        (
            '<img srcset="https://example.com/a.png 1x, http://example.com/b.png 2x" alt="">',
            rules.INSECURE_LINK,
            "http://",
        ),
        ("<style>p{background:url(http://example.com/a.png)}</style>", rules.INSECURE_LINK, "http://"),
        ("<!-- <style>p{background:url(http://example.com/a.png)}</style> -->", None, ""),
        (
            '<p style="background:url(http:&#47;/example.com/a.png)">x</p>',
            rules.INSECURE_LINK,
            '<p style="background:url(http:&#47;/example.com/a.png)">',
        ),
        ('<a href="https://dev.to/a">x</a>', None, ""),
        ('<a href="https://test.co.uk/a">x</a>', None, ""),
        ('<a href="https://www.test.de/a">x</a>', None, ""),
        ('<a href="https://latest.example.com/staging">x</a>', None, ""),
        ('<a href="https://8.8.8.8/a">x</a>', None, ""),
    ],
)
def test_links_lead_where_customers_can_go(written: str, rule: str | None, shown: str) -> None:
    body = written + LEAVE
    findings = [each for each in found(email(body)) if each.rule != rules.UNBALANCED_HTML]
    assert rules_of(findings) == ([rule] if rule else [])
    assert all(marked(each, body) == shown for each in findings)


def test_a_host_of_the_team_is_known_with_all_below_it() -> None:
    body = f'<a href="https://a.corp.example/x">x</a><a href="https://corp.example.com">y</a>{LEAVE}'
    assert rules_of(found(email(body), staging_hosts=("corp.example",))) == [rules.STAGING_LINK]


def test_a_link_shows_nobody_in_its_message() -> None:
    body = f'<a href="http://example.com/u?mail=ada@example.org">x</a><a href="http://wa.me/15550100123">y</a>{LEAVE}'
    said = " ".join(each.message for each in found(email(body)))
    assert "ada" not in said
    assert "0100" not in said
    assert "example.com/u" in said


def test_a_body_is_cut_where_bytes_say_so() -> None:
    small = LEAVE + "é" * ((MOST_BYTES - len(LEAVE)) // 2)
    [finding] = found(email(small + "éé"))
    assert rules_of(found(email(small))) == []
    assert finding.rule == rules.CLIPPED
    assert finding.start == len(small)


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<div><p>x</div>", []),
        ("<ul><li>a<li>b</ul>", []),
        ("<table><tbody><tr><td>x</td></tr></table>", []),
        ("<br><hr/><img src=a alt=b><p>x", []),
        ("<v:rect/><b>x</b>", []),
        ('<p title="</div>">x</p>', []),
        ("a < b and b > c", []),
        ("<!--[if mso]><table><tr><td><![endif]-->x<!--[if mso]></td></tr></table><![endif]-->", []),
        ("<style>a > b {}</style><script>'<div>'</script>", []),
        ("{{#if a}}<div>{{else}}<p>{{/if}}", []),
        ("<div>x", ["<div>"]),
        ("x</div>", ["</div>"]),
        ("<b><i>x</b></i>", ["<i>"]),
        ("<table><tr><td>x</tr></table>", ["<td>"]),
        ("<div><span>x</div></span><b>", ["<span>", "<b>"]),
        ('<div a="b">x</div></div>', ["</div>"]),
        ("<DIV>x</P></div>", []),
        ("<dvi>x</div>", ["<dvi>"]),
        ("<div>x</dvi>", ["<div>"]),
        ("<table><tr>x</td></tr></table>", ["</td>"]),
        ("<!-- x", ["<!--"]),
        ("<!-- x --> <!-- y ->", ["<!--"]),
        ("<Style>a{}<p>x</p>", ["<Style"]),
        ("<!-- x --><style>a{}</style><!-->", []),
    ],
)
def test_what_is_opened_is_closed(html: str, shown: list[str]) -> None:
    body = LEAVE + html
    findings = found(email(body))
    assert set(rules_of(findings)) <= {rules.UNBALANCED_HTML}
    assert [marked(each, body) for each in findings] == shown


@pytest.mark.parametrize(
    ("words", "rule", "shown"),
    [
        ("Hello {{ first_name }}", None, ""),
        ("Hello {{{ first_name }}}", None, ""),
        ("<style>@media x{a{b:c}}</style>", None, ""),
        ("{% if a %}x{% endif %}", None, ""),
        ("Hello {{ first_name }", rules.BROKEN_PLACEHOLDER, "{{"),
        ("Hello {{ first_name", rules.BROKEN_PLACEHOLDER, "{{"),
        ("Hello first_name }}", rules.BROKEN_PLACEHOLDER, "}}"),
        ("Hello {{ a {{ b }}", rules.BROKEN_PLACEHOLDER, "{{"),
        ("Hello {{ }}", rules.BROKEN_PLACEHOLDER, "{{ }}"),
        ("{% if a }}", rules.BROKEN_PLACEHOLDER, "}}"),
        ("{{ a %} b }}", rules.BROKEN_PLACEHOLDER, "%}"),
    ],
)
def test_template_tokens_are_whole(words: str, rule: str | None, shown: str) -> None:
    body = LEAVE + words
    findings = found(email(body))
    assert rules_of(findings) == ([rule] if rule else [])
    assert all(marked(each, body) == shown for each in findings)


def test_a_token_in_a_token_is_one_mistake() -> None:
    assert rules_of(found(email(LEAVE + "Hello {{ a {{ b }} }}"))) == [rules.BROKEN_PLACEHOLDER]
    assert rules_of(found(email(LEAVE + "Hello {{ a {{ b }} }} }}"))) == [rules.BROKEN_PLACEHOLDER] * 2


@pytest.mark.parametrize(
    ("token", "is_known"),
    [
        ("{{ first_name }}", True),
        ("{{first_name|default: 'you'}}", True),
        ("{{#if first_name}}x{{/if}}", True),
        ("{{{ plant.name }}}", True),
        ("{{ firstname }}", False),
        ("{{ First_name }}", False),
        ("{{#if frist_name}}x{{/if}}", False),
    ],
)
def test_template_tokens_are_those_that_there_are(token: str, *, is_known: bool) -> None:
    known = ("first_name", "plant.name")
    findings = found(email(LEAVE, subject=token), template_tokens=known)
    assert rules_of(findings) == ([] if is_known else [rules.UNKNOWN_PLACEHOLDER])
    assert all(each.hint == "did you mean `first_name`?" for each in findings)
    assert rules_of(found(email(LEAVE, subject=token))) == []


def test_of_one_rule_twenty_are_told_and_how_many_more_there_are() -> None:
    body = LEAVE + '<img src="a">' * 50
    *told, last = found(email(body))
    assert len(told) == 20
    assert {each.rule for each in told} == {last.rule} == {rules.IMAGE_WITHOUT_ALT}
    assert last.message == "30 more places in this text break this rule, from here on: they are not listed"
    assert last.start == len(LEAVE) + 20 * len('<img src="a">')


def test_a_single_one_more_is_told_itself() -> None:
    messages = {each.message for each in found(email(LEAVE + '<img src="a">' * 21))}
    assert len(messages) == 1
    assert "more" not in messages.pop()


def test_each_rule_of_one_check_is_counted_by_itself() -> None:
    findings = found(email(LEAVE + "{{ a" * 30 + "{{ wrong }}" * 30), template_tokens=("right",))
    assert Counter(rules_of(findings)) == {rules.BROKEN_PLACEHOLDER: 21, rules.UNKNOWN_PLACEHOLDER: 21}


class Listed(tuple[str, ...]):
    """Known names that count how often somebody goes through all of them."""

    looks = 0

    def __iter__(self) -> Iterator[str]:
        Listed.looks += 1
        return super().__iter__()


def test_the_nearest_name_is_not_looked_for_more_often_than_it_is_told() -> None:
    body = LEAVE + "".join(f"{{{{ wrong{number} }}}}" for number in range(5000))
    Listed.looks = 0
    assert len(found(email(body), template_tokens=Listed(("right", "left")))) == 21
    assert Listed.looks < 500


def test_findings_name_the_field_that_they_are_about() -> None:
    [one, other] = found(email("Hi", subject="{{ x"))
    assert one.path == ("steps", 0, "action", "data", "email_subject")
    assert other.path == ("steps", 0, "action", "data", "email_body")
