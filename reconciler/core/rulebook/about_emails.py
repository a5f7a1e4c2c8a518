"""Rules about e-mails, and about links and template tokens in any message."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.model import rules
from reconciler.model.diagnostic import Severity

_LEAVE: Final = '<a href="https://example.com/unsubscribe">Unsubscribe</a>'
_BODY: Final = f"<p>Your table is booked.</p><p>{_LEAVE}</p>"
_STEPS: Final = """\
steps:
  - action:
      type: send_emails
      data:
        from_email: hello@example.com
        email_subject: {}
        email_body: {}
        email_sender_name: Example
        email_is_transactional: {}
    delay_in_minutes: 0
"""
_SMS: Final = """\
steps:
  - action:
      type: send_sms_messages
      data:
        message: "Your table is booked: {} Reply STOP to end."
    delay_in_minutes: 0
"""
_TOKENS: Final = '[lint]\ntemplate_tokens = ["first_name", "order_number"]\n'


def _mail(body: str = _BODY, *, subject: str = "Your table", is_transactional: bool = False) -> Example:
    return Example(keys=_STEPS.format(subject, f"'{body}'", str(is_transactional).lower()))


def _file(body: str) -> Example:
    return Example(keys=_STEPS.format("Your table", "{$file: body.html}", "false"), files={"body.html": body})


RULES: Final = (
    Rule(
        id=rules.NO_UNSUBSCRIBE,
        name="no-unsubscribe-link",
        severity=Severity.WARNING,
        title="an e-mail that is not transactional has no link to unsubscribe",
        why="Laws on both sides of the Atlantic ask for it, and so do Gmail and Yahoo; people who find no way out "
        "press `spam`, and then nobody gets your e-mails. What counts is a link whose address or words speak of "
        "unsubscribing, in one of many languages, or a template token with such a name, like `{{ unsubscribe_url }}`. "
        "The word alone does not. If yours is called otherwise, add it to `unsubscribe_marks` in reconciler.toml.",
        wrong=_mail("<p>Your table is booked.</p>"),
        right=_mail(),
    ),
    Rule(
        id=rules.SELLING,
        name="transactional-email-sells",
        severity=Severity.WARNING,
        title="an e-mail that is called transactional has a link that sells",
        why="A transactional e-mail also reaches people who unsubscribed, and it may only say what they have to know: "
        "a receipt, a notice, a password. With an offer in it, it is marketing to the law, and to the people who said "
        "no. A link sells that carries tags of a campaign (`utm_`, `campaign=`), or whose path ends in a sale, an "
        "offer, a discount or an upgrade.",
        wrong=_mail('<p>Booked. <a href="https://example.com/offers">Our offers</a></p>', is_transactional=True),
        right=_mail('<p>Booked. <a href="https://example.com/bookings">Your bookings</a></p>', is_transactional=True),
    ),
    Rule(
        id=rules.SUBJECT_LENGTH,
        name="subject-length",
        severity=Severity.WARNING,
        title="the subject of an e-mail is longer than inboxes show",
        why="Inboxes cut a subject off after about 70 characters, phones after about 40: what stands behind is not "
        "read. `longest_subject` in reconciler.toml is the bound.",
        wrong=_mail(subject="Your table for two on Saturday evening is booked, and here is all that you need to know"),
        right=_mail(subject="Your table on Saturday"),
    ),
    Rule(
        id=rules.IMAGE_WITHOUT_ALT,
        name="image-without-alt",
        severity=Severity.WARNING,
        title="an image has no `alt` text",
        why="Many inboxes show no images until they are asked to, and some people listen to their e-mails: they get "
        'the `alt` text instead. Images that are only decoration say so with `alt=""`.',
        wrong=_mail(f'<img src="https://example.com/table.png"><p>Booked.</p>{_LEAVE}'),
        right=_mail(f'<img src="https://example.com/table.png" alt="A table for two"><p>Booked.</p>{_LEAVE}'),
    ),
    Rule(
        id=rules.NO_PREHEADER,
        name="no-preheader",
        severity=Severity.WARNING,
        title="a whole page has no preheader",
        why="After the subject an inbox shows the first words of the body. In a page those are often a menu or `View "
        "in browser`. A hidden text at its beginning, the preheader, is a second subject for free. A short body "
        "without `<body>` begins with its own first sentence and needs none.",
        wrong=_file(f"<html><body><p>Menu</p><p>Booked.</p>{_LEAVE}</body></html>"),
        right=_file(
            '<html><body><div style="display:none">Saturday at eight, by the window.</div>'
            f"<p>Menu</p><p>Booked.</p>{_LEAVE}</body></html>"
        ),
    ),
    Rule(
        id=rules.EMPTY_PREHEADER,
        name="empty-preheader",
        severity=Severity.WARNING,
        title="the preheader is there, and says nothing",
        why="An empty preheader comes from a template that nobody filled in. The inbox shows whatever comes next.",
        wrong=_file(f'<html><body><div style="display:none">&nbsp;</div><p>Booked.</p>{_LEAVE}</body></html>'),
        right=_file(
            '<html><body><div style="display:none">Saturday at eight, by the window.</div>'
            f"<p>Booked.</p>{_LEAVE}</body></html>"
        ),
    ),
    Rule(
        id=rules.INSECURE_LINK,
        name="insecure-link",
        severity=Severity.WARNING,
        title="a link in a message begins with `http://`",
        why="Browsers warn of pages that are not encrypted, mail filters count such links against the sender, and "
        "what people type there can be read on the way.",
        wrong=Example(keys=_SMS.format("http://example.com/t.")),
        right=Example(keys=_SMS.format("https://example.com/t.")),
    ),
    Rule(
        id=rules.STAGING_LINK,
        name="staging-link",
        severity=Severity.WARNING,
        title="a link in a message leads to a host that only the team can see",
        why="A link that was copied while testing works for everybody in the office and for no customer. Hosts count "
        "that have `staging`, `dev`, `test`, `qa`, `preview` or the like in their name, private addresses, "
        "`localhost` and tunnels, and those of `staging_hosts` in reconciler.toml, with what lies below them.",
        wrong=Example(keys=_SMS.format("https://staging.example.com/t.")),
        right=Example(keys=_SMS.format("https://example.com/t.")),
    ),
    Rule(
        id=rules.CLIPPED,
        name="clipped-body",
        severity=Severity.WARNING,
        title="the body of an e-mail is larger than 102 KB",
        why="Gmail cuts it off there and shows `View entire message`. The end is hidden: the link to unsubscribe, and "
        "the image by which opens are counted. Bytes count, so an umlaut is two and an emoji four.",
        wrong=_file("<p>Your table is booked.</p>" * 4000 + _LEAVE),
        right=_file("<p>Your table is booked.</p>" * 400 + _LEAVE),
    ),
    Rule(
        id=rules.UNBALANCED_HTML,
        name="unbalanced-html",
        severity=Severity.WARNING,
        title="a tag is closed that was not opened, or opened and not closed",
        why="Every mail program repairs such a body in its own way: what looks right in one is a broken layout in "
        "another. What HTML lets one leave open, like `<p>` and `<li>`, may be left open; cells and rows of tables "
        "may not. Bodies with conditions, like `{{#if}}`, are left alone: which half is sent is not known here.",
        wrong=_mail(f"<table><tr><td>Booked.</tr></table>{_LEAVE}"),
        right=_mail(f"<table><tr><td>Booked.</td></tr></table>{_LEAVE}"),
    ),
    Rule(
        id=rules.BROKEN_PLACEHOLDER,
        name="broken-template-token",
        severity=Severity.WARNING,
        title="a template token is not closed, not opened, or has no name",
        why="`Hello {{ first_name }` is what people read then, braces and all.",
        wrong=_mail(f"<p>Hello {{{{ first_name }},</p>{_LEAVE}"),
        right=_mail(f"<p>Hello {{{{ first_name }}}},</p>{_LEAVE}"),
    ),
    Rule(
        id=rules.UNKNOWN_PLACEHOLDER,
        name="unknown-template-token",
        severity=Severity.WARNING,
        title="a template token is none of those that the repository declares",
        why="A token that nobody fills in becomes nothing, or stays as it is written: `Hello ,`. Only where "
        "`template_tokens` in reconciler.toml lists the tokens that there are, is their spelling checked.",
        wrong=Example(keys=_mail(f"<p>Hello {{{{ frist_name }}}},</p>{_LEAVE}").keys, configuration=_TOKENS),
        right=Example(keys=_mail(f"<p>Hello {{{{ first_name }}}},</p>{_LEAVE}").keys, configuration=_TOKENS),
    ),
    Rule(
        id=rules.SENT_AS_WRITTEN,
        name="sent-as-written",
        severity=Severity.WARNING,
        title="an id or a message looks like a variable or a file in the way of another program",
        why="Only `{$var: ...}`, `{$file: ...}` and `{$sequence: ...}` are filled in. `${var.vip}`, as Terraform and "
        "shells write it, is sent as an id that nothing has, so that nobody is reached; a body of `welcome.html` is "
        "what people read.",
        wrong=Example(
            keys="filter:\n  or:\n    - and:\n        - type: contact_belongs_to_segment\n"
            "          segment_id: ${var.vip}\n"
        ),
        right=Example(
            keys="filter:\n  or:\n    - and:\n        - type: contact_belongs_to_segment\n"
            "          segment_id: {$var: vip}\n",
            configuration='[environments.sandbox]\napi = "sandbox"\nvariables = { vip = "1f0c" }\n',
        ),
    ),
    Rule(
        id=rules.CURLY_QUOTES,
        name="word-processor-quotes",
        severity=Severity.WARNING,
        title="an attribute of HTML is in the quotes that a word processor makes",
        why="HTML knows straight quotes alone. Curly ones become a part of the value: a link in them leads nowhere, "
        "and a style does nothing.",
        wrong=_mail("<p style=\u201ccolor: green\u201d>Hello.</p>" + _BODY),
        right=_mail('<p style="color: green">Hello.</p>' + _BODY),
    ),
)
