"""A plan in a pull request: what it says first, that it always fits, and that nothing in it is obeyed."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from reconciler.model.plan import Plan, Violation
from reconciler.model.risk import RiskClass
from reconciler.model.sequence import Live
from reconciler.view.html.still import still
from reconciler.view.markdown.inert import code, fenced
from reconciler.view.markdown.plan import LONGEST, plan_markdown
from reconciler.view.visible import seen
from reconciler.view.word_diff import marked, word_diff
from reconciler.view.words import Pace
from tests.view.drawn_plans import DIGEST, PLANS, call, desired, email, live, payload, plan
from tests.view.markdown_parser import OURS, rendered

PACE = Pace(100, 60, 1)


def drawn(given: Plan, **options: Any) -> str:
    return plan_markdown(given, DIGEST, PACE, **options)


def test_the_first_five_lines_say_how_many_how_risky_who_what_blocks_and_what_it_costs() -> None:
    given = plan(
        desired("welcome", name="Welcome", steps=[email("Hello, you"), call("agent-1", 60)]),
        desired("new", name="Other", steps=[call("agent-9", 7), email("Something else")]),
        records={"welcome": payload("welcome"), "kept": payload("kept")},
        readings={"welcome": replace(live("welcome"), status="active")},
    )
    assert drawn(given).splitlines()[:5] == [
        "### Plan for `production`: 1 to create, 1 to update, 1 orphaned, 0 unchanged",
        "- **Risk** 🔴 **R4** (wider live audience, everyone, consent, a cancel, or steps new or moved in what may be "
        "running): 1 R4, 1 R3, 1 R0",
        "- **Reach**: 2 changes can reach someone new (live read where something changed)",
        "- **Blocked** by nothing",
        "- **Costs** 6 requests: at once, within the limit of 100 in 60 s",
    ]


def test_what_blocks_stands_before_everything_else() -> None:
    lines = drawn(PLANS["violations"]).splitlines()
    assert lines[3].startswith("- ⛔ **Blocked** by 3 refusals: `")
    assert lines[6] == "**Blocked by** (3 findings)"
    assert (
        "hidden: it could not be read, so nothing can be decided about it: the API answered 500 [unreadable]" in lines
    )


def test_a_change_is_shown_word_by_word_and_markup_apart() -> None:
    before = '<p>Good to have you.</p>\n<p>Bye</p><a href="https://a.example">Go</a>'
    after = '<p>So good to have you.</p>\n<p>Bye</p><a href="https://b.example">Go</a>'
    given = plan(
        desired("welcome", steps=[email("Hello, you", 5, after)]),
        records={"welcome": payload("welcome", steps=[email("Hello you", 5, before)])},
    )
    text = drawn(given)
    for line in (
        "@@ step 1: email_subject @@",
        "- Hello you",
        "+ Hello⟦,⟧ you",
        "- ⟦Good⟧ to have you.",
        "+ ⟦So good⟧ to have you.",
        "! markup:",
        '- <a href="https://⟦a⟧.example">',
        '+ <a href="https://⟦b⟧.example">',
    ):
        assert line in text.splitlines(), line


def test_an_insertion_reads_as_one_and_the_timeline_marks_it() -> None:
    steps = [email("One"), email("Two", 60)]
    given = plan(
        desired("welcome", steps=[steps[0], call("agent-1", 5), steps[1]]),
        records={"welcome": payload("welcome", steps=steps)},
    )
    lines = drawn(given).splitlines()
    assert "@@ step 2 is inserted @@" in lines
    assert "+ phone call, after 5 minutes: agent-1" in lines
    assert "! sent after 1 hour 5 minutes instead of after 1 hour" in lines
    assert '    a1["2 · phone call<br/>after 5 minutes"]:::inserted' in lines
    assert '    b1["2 · e-mail<br/>after 1 hour"]:::changed' in lines  # it is sent later: marked on both sides
    assert '    a2["3 · e-mail<br/>after 1 hour 5 minutes"]:::changed' in lines
    assert not any("email_subject" in line for line in lines)


def test_drift_has_a_section_of_its_own_and_a_conflict_all_three_values() -> None:
    text = drawn(PLANS["drift"])
    assert "#### Moved by somebody else" in text
    assert text.index("#### Moved") < text.index("@@ name (drift) @@") < text.index("- Oops")
    conflict = drawn(PLANS["conflict"]).splitlines()
    at = conflict.index("@@ name (conflict) @@")
    assert conflict[at + 1].startswith('= "Recorded')
    assert conflict[at + 2 : at + 4] == ["- Live", "+ Desired"]


def test_people_are_counted_and_not_named() -> None:
    before = {"or": [{"and": [{"type": "contacts_email_in", "email_in": ["ada@example.org", "grace@example.org"]}]}]}
    after = {"or": [{"and": [{"type": "contacts_email_in", "email_in": ["ada@example.org", "joan@example.org"]}]}]}
    given = plan(desired("a", filter=after), records={"a": payload("a", filter=before)})
    text = drawn(given)
    assert "! 2 entries become 2: 1 new, 1 gone" in text
    assert "@example.org" not in text


def many(number: int, body: str) -> Plan:
    wanted = [desired(f"s{n:04}", steps=[email(f"New {n}", 5, body + str(n))]) for n in range(number)]
    records = {each.custom_id: payload(each.custom_id, steps=[email("Old", 5, body)]) for each in wanted}
    return plan(*wanted, records=records)


@pytest.mark.parametrize("number", [0, 1, 30, 200, 1000, 5000])
def test_it_fits_into_a_comment_and_keeps_risk_blockers_and_totals(number: int) -> None:
    body = "\n".join(f"<p>Paragraph {n} with some words in it.</p>" for n in range(20))
    violations = tuple(Violation(rule="vanished", message="x" * 500, custom_id=f"s{n}") for n in range(number))
    given = replace(many(number, body), violations=violations)
    text = drawn(given)
    assert len(text) <= LONGEST
    lines = text.splitlines()
    assert lines[0].startswith(f"### Plan for `production`: {f'{number:,} to update, ' if number else ''}0 unchanged")
    assert lines[1].startswith("- **Risk**")
    assert number == 0 or f"**Blocked** by {number:,} refusal" in lines[3]
    assert DIGEST in lines[-1]
    rendered(text)


def test_it_gives_up_context_then_bodies_then_details_then_lines() -> None:
    body = "\n".join(f"<p>Paragraph {n} with some words in it.</p>" for n in range(20))
    given = many(12, body)
    whole = drawn(given, longest=10**9)
    said = []
    for longest in range(len(whole), 600, -500):
        text = drawn(given, longest=longest)
        assert len(text) <= longest
        left = next((line for line in text.splitlines() if line.startswith("_Too long")), "")
        if left not in said:
            said.append(left)
    words = ["", "lines around", "bodies", "what changes in each", "the sequences one by one"]
    assert [any(word in line for word in words[1:]) for line in said] == [bool(line) for line in said]
    assert [next((n for n, word in enumerate(words) if word and word in line), 0) for line in said] == sorted(
        next((n for n, word in enumerate(words) if word and word in line), 0) for line in said
    )
    assert "the sequences one by one" in said[-1]


PAYLOADS = [
    "@octocat and @github/security",
    "#1 GH-1 owner/repo#2 0123456789abcdef0123456789abcdef01234567",
    "https://evil.example www.evil.example mail@evil.example",
    "[link](https://evil.example) ![x](https://evil.example/x.png)",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</code></pre></summary></details></table><h1>owned</h1>",
    "````\n@octocat\n````",
    "`````````",
    "`` ` ``@octocat`",
    "| cell | @octocat |\n|---|---|",
    "\\| \\` \\@octocat",
    "---\n# Heading @octocat",
    "<!-- reconciler {} -->",
    "-->",
    '"]:::x\n```\n@octocat',
    "%%{init: {}}%% click a0 href",
    "::set-output name=x::y",
    "##[error]owned",
    "\x1b[31mred\x1b]8;;https://evil.example\x07",
    "\u202egnp.exe\u2066",
    "&lt;b&gt; &#64;octocat",
    ":tada: $x^2$ $$y$$",
]


@pytest.mark.parametrize("payload_text", PAYLOADS)
def test_nothing_that_a_manifest_or_a_server_says_is_active(payload_text: str) -> None:
    evil = payload_text
    steps = [
        email(evil, 5, f"<p>{evil}</p>\n"),
        {"action": {"type": evil, "data": {evil: evil}}, "delay_in_minutes": 1},
    ]
    given = plan(
        desired("new", name=evil, steps=steps, filter={"or": [{"and": [{"type": evil, evil: evil}]}]}),
        desired(
            "changed",
            name=evil,
            steps=steps,
            filter={"or": [{"and": [{"type": "contacts_attributes_in", "attributes": [{evil: evil}]}]}]},
        ),
        records={"changed": payload("changed", name="before")},
        readings={
            "changed": Live(
                id="id-changed", org_id="org-1", payload=payload("changed", name=f"live {evil}"), status=evil
            )
        },
    )
    evil_violation = Violation(rule=evil, message=evil, custom_id=evil)
    changes = tuple(
        replace(change, custom_id=evil, reason=evil) if n == 0 else change for n, change in enumerate(given.changes)
    )
    for hostile in (
        given,
        replace(given, environment=evil, changes=changes, violations=(evil_violation,), warnings=(evil_violation,)),
    ):
        text = plan_markdown(hostile, evil, PACE)
        found = rendered(text)
        assert {tag for tag, _ in found.tags} <= OURS
        assert all(set(attributes) <= {"lang"} for _, attributes in found.tags)
        assert found.comments == []
        for sign in ("@", "#", "://", "www.", "evil", "octocat", "owned", "$"):
            assert sign not in found.loud, sign
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())
        assert "##[" not in text
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_a_diagram_has_no_word_of_a_manifest() -> None:
    evil = '"]:::x click a0 href "javascript:alert(1)"'
    step: dict[str, Any] = {"action": {"type": evil, "data": {"x": evil}}, "delay_in_minutes": 1}
    given = plan(desired("a", steps=[step, email(evil)]), records={"a": payload("a", steps=[email("b")])})
    text = drawn(given)
    diagram = text[text.index("```mermaid") :]
    assert "click" not in diagram[: diagram.index("\n```\n")]


def test_every_change_has_a_line_the_gravest_first() -> None:
    plan_ = plan(*(desired(name) for name in ("a", "b", "c")), records={"b": payload("b", name="old")})
    risks = [change.assessment.risk for change in plan_.changes if change.assessment is not None]
    rows = [line for line in drawn(plan_).splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 3
    assert [row.split("|")[4].strip() for row in rows] == sorted((risk.value for risk in risks), reverse=True)
    assert RiskClass.R0 in risks


@pytest.mark.parametrize("text", ["", "`", "``a``", "a" * 10 + "`" * 12, "~~~\n````\n"])
def test_a_fence_cannot_be_ended_from_inside(text: str) -> None:
    assert {tag for tag, _ in rendered(fenced([text, "<b>"])).tags} == {"pre", "code"}


@pytest.mark.parametrize("text", ["", " ", "a|b", "`", "\\|", "a\nb"])
def test_a_code_span_stays_one_cell(text: str) -> None:
    found = rendered(f"| a | b |\n|---|---|\n| {code(text)} | {code('x')} |")
    assert [tag for tag, _ in found.tags].count("td") == 2
    assert [tag for tag, _ in found.tags].count("code") == 2


def test_lines_are_compared_word_by_word_only_where_they_are_alike() -> None:
    lines = list(word_diff(["one two three", "same"], ["one 2 three", "same", "new"], context=1))
    assert [marked(line) for line in lines] == ["- one ⟦two⟧ three", "+ one ⟦2⟧ three", "  same", "+ new"]
    assert [marked(line) for line in word_diff(["abc"], ["x y z"], context=0)] == ["- abc", "+ x y z"]
    assert list(word_diff(["a"], ["a"], context=1)) == []


def test_what_is_seen_of_a_body_is_its_text_and_its_markup_apart() -> None:
    body = (
        "<head><title>No</title><style>b{}</style></head><p>Hello  <b>you</b></p>"
        '<img alt="A plant" src=x><br/>Bye &amp; go<script>evil()</script>'
    )
    found = seen(body)
    assert found.text == ("Hello you", "[image: A plant]", "Bye & go")
    assert '<img alt="A plant" src="x">' in found.markup
    assert seen("<p>unclosed <b>x").text == ("unclosed x",)
    assert seen("</p></b> < x").text == ("< x",)


PIECES = [
    "<a ",
    "<",
    ">",
    "<!--",
    "-->",
    "<![",
    "<![CDATA[",
    "<?",
    "</",
    "<script>",
    "</script",
    '<a x="',
    "'",
    '"',
    "&#",
    "x",
]


@whatever(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_whatever_a_body_is_it_is_read_and_held_still(body: str) -> None:
    assert isinstance(seen(body).text, tuple)
    text = still(body).lower()
    assert not re.search(r"<(?:script|iframe|meta http|object|embed|link|form)\b", text)
    assert not re.search(r"<[^>]*\s(?:href|src|action|on\w+)\s*=", text.replace('src="data:image/', ""))


@pytest.mark.parametrize("piece", PIECES)
def test_a_body_made_to_stall_the_parser_is_read_like_any_other(piece: str) -> None:
    # A parser that looks again from every piece would need minutes here, and the run would end for all to see.
    seen(piece * (256 * 1024 // len(piece)))


HOSTILE_BODIES = [
    '<a href="https://evil.example">x</a>',
    "<A HREF=javascript:alert(1)>x",
    '<img src="https://evil.example/x.png" onerror=alert(1)>',
    '<img src="data:image/png;base64,AA==">',
    "<svg/onload=alert(1)>",
    "<form action=https://evil.example><button formaction=https://evil.example>x",
    '<meta http-equiv=refresh content="0;url=https://evil.example">',
    "<base href=https://evil.example>",
    "<style>@import url(https://evil.example)</style><style></style><script>alert(1)</script>",
    '<p style="x" title="&quot; onclick=&quot;alert(1)">',
    "<iframe src=https://evil.example></iframe><p>after</p>",
]


@pytest.mark.parametrize("body", HOSTILE_BODIES)
def test_in_a_body_that_is_held_still_there_is_nothing_to_follow(body: str) -> None:
    tags: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(attrs)))

    Reader().feed(still(body))
    for tag, attributes in tags[4:]:
        assert tag not in {"script", "iframe", "meta", "base", "link", "object", "embed"}
        assert not {name for name in attributes if name.startswith("on")} | {"href", "action", "formaction"} & set(
            attributes
        )
        assert (attributes.get("src") or "data:image/").startswith("data:image/")
