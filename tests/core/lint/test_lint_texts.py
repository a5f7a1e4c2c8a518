"""What the lint says of SMS and WhatsApp messages, of steps together, and of filters."""

from typing import Any

import pytest

from reconciler.core.lint.languages import LANGUAGES, is_impossible, meant
from reconciler.core.lint.sms import BASIC, EXTENDED, segments
from reconciler.model import rules
from tests.core.lint.lint_messages import call, email, found, marked, part, rules_of, sms, step, text, whatsapp

EMOJI = "\N{SEEDLING}"


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # 152 and an escaped character that does not fit into the last place: it moves to the next segment.
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        (EMOJI * 35, 1),
        (EMOJI * 36, 2),
        ("ж" * 66 + EMOJI + "ж" * 65, 2),
        ("ж" * 66 + EMOJI + "ж" * 66, 3),
    ],
)
def test_a_text_is_sent_in_segments(message: str, count: int) -> None:
    assert segments(message) == count


def test_the_alphabet_is_that_of_the_standard() -> None:
    assert (len(BASIC), len(EXTENDED), len(BASIC & EXTENDED)) == (127, 10, 0)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("a" * 160, []),
        (f"a short one {EMOJI}", []),
        ("a" * 459, []),
        ("a" * 460, [rules.SMS_SEGMENTS]),
        ("a" * 100 + EMOJI, [rules.SMS_ALPHABET]),
        ("ж" * 100, []),  # there is no other way to write it
        ("ж" * 202, [rules.SMS_SEGMENTS]),
        ("á" * 100, [rules.SMS_ALPHABET]),
        ("a" * 460 + EMOJI, [rules.SMS_ALPHABET, rules.SMS_SEGMENTS]),
        ("see http://example.com", [rules.INSECURE_LINK]),
        ("hello {{ name }", [rules.BROKEN_PLACEHOLDER]),
    ],
)
def test_an_sms_costs_what_it_need(message: str, said: list[str]) -> None:
    assert rules_of(found(sms(message))) == said


def test_one_emoji_is_named_with_what_it_costs() -> None:
    message = "a" * 100 + EMOJI + "a"
    [finding] = found(sms(message))
    assert (
        finding.message
        == f"`{EMOJI}` is not in the SMS alphabet, so this SMS takes 2 segments for each person instead of 1"
    )
    assert finding.hint == "leave it out"
    assert marked(finding, message) == EMOJI


def test_a_curly_quote_is_named_with_what_people_type() -> None:
    [finding] = found(sms("It\N{RIGHT SINGLE QUOTATION MARK}s here…" + "a" * 100))
    assert finding.hint == "write `'` for `\N{RIGHT SINGLE QUOTATION MARK}`, `...` for `…`"


def test_a_space_that_looks_like_any_other_is_named_by_its_number() -> None:
    (finding,) = found(sms("a" * 100 + "\u00a0"))
    assert finding.message.startswith("U+00A0 is not in the SMS alphabet")
    assert finding.hint == "write a plain space for U+00A0"


def test_the_bound_of_segments_is_configured() -> None:
    assert rules_of(found(sms("a" * 161), most_sms_segments=1)) == [rules.SMS_SEGMENTS]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"body": part("body", text(), text())}, []),
        ({"body": part("body", text("a"), text("b"))}, []),
        ({"body": part("body", text("a"), text())}, [rules.MISSING_PARAMETER_NAME]),
        ({"body": part("body", text("a"), text(), text())}, [rules.MISSING_PARAMETER_NAME] * 2),
        ({"header": part("header", text("h")), "body": part("body", text("a"))}, []),
        ({"header": part("header", text()), "body": part("body", text("a"))}, [rules.MIXED_PARAMETERS]),
        ({"header": part("header", text("h")), "body": part("body", text())}, [rules.MIXED_PARAMETERS]),
        ({"header": part("header", text()), "body": part("body")}, []),
        (
            {
                "header": part("header", {"type": "image", "image": {"link": {"type": "CONSTANT", "value": "a"}}}),
                "body": part("body", text("a")),
            },
            [],
        ),
    ],
)
def test_parameters_of_a_template_go_by_name_or_by_position(parameters: dict[str, Any], said: list[str]) -> None:
    assert rules_of(found(whatsapp(**parameters))) == said


def test_a_parameter_without_a_name_is_pointed_at() -> None:
    [finding] = found(whatsapp(body=part("body", text("a"), text())))
    assert finding.path[-4:] == ("parameters", "body", "parameters", 1)


def test_each_button_is_filled_in_once() -> None:
    buttons = [{**part("button", text()), "sub_type": "url", "index": index} for index in ("0", "1", "0")]
    [finding] = found(whatsapp(buttons=buttons))
    assert finding.rule == rules.BUTTON_INDEX
    assert finding.path[-3:] == ("buttons", 2, "index")


@pytest.mark.parametrize(
    ("language", "known", "hint"),
    [
        ("en", None, None),
        ("pt_BR", None, None),
        ("en-US", None, "write `en_US`"),
        ("english", None, "write it as WhatsApp does, such as `en` or `en_GB`"),
        ("en_gb", None, "write `en_GB`"),
        ("en_UK", None, "write `en_GB`"),
        ("en_EN", None, "it has `en`, `en_AE`, `en_AU`, `en_CA`, `en_GB`, `en_GH` and 10 more"),
        ("pt", None, "it has `pt_BR`, `pt_PT`"),
        ("de", ("en", "de_AT"), "`languages` in reconciler.toml has `en`, `de_AT`"),
        ("de_A", ("en", "de_AT"), "did you mean `de_AT`?"),
        ("en", ("en",), None),
    ],
)
def test_a_language_has_templates(language: str, known: tuple[str, ...] | None, hint: str | None) -> None:
    findings = found(whatsapp(language), languages=known)
    assert rules_of(findings) == ([rules.UNREACHABLE_LANGUAGE] if hint else [])
    assert [each.hint for each in findings] == [hint] * len(findings)


@pytest.mark.parametrize(
    ("language", "is_certain"), [("en_UK", True), ("zh", True), ("DE", True), ("de_DE", False), ("km", False)]
)
def test_only_what_is_certain_of_a_language_is_said(language: str, *, is_certain: bool) -> None:
    [finding] = found(whatsapp(language))
    assert finding.message.startswith("WhatsApp keeps no templates" if is_certain else "WhatsApp is not known to have")
    assert ("unless a template of yours is approved in it" in finding.message) is not is_certain


def test_the_languages_that_are_known_are_possible() -> None:
    assert not any(is_impossible(each) for each in LANGUAGES)
    assert all(meant(each) == each for each in LANGUAGES)


@pytest.mark.parametrize("value", ["http://example.com/a.png", "https://staging.example.com/a.png"])
def test_links_in_templates_are_looked_at(value: str) -> None:
    link = {"type": "image", "image": {"link": {"type": "DYNAMIC", "ref": "x", "fallback": value}}}
    [finding] = found(whatsapp(header=part("header", link)))
    assert finding.path[-5:] == ("parameters", 0, "image", "link", "fallback")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([step(sms("a")), step(sms("b"), 0)], [rules.NO_PAUSE]),
        ([step(sms("a")), step(sms("b"), None)], [rules.NO_PAUSE]),
        ([step(sms("a")), step(sms("b"), 0.5)], []),
        ([step(sms("a")), step(call(), 0), step(sms("b"), 0)], []),
        ([step(call()), step(call(), 0)], [rules.NO_PAUSE]),
        ([step(sms("a")), step(sms(" a\n"), 60)], [rules.SAME_MESSAGE]),
        ([step(call()), step(call(), 60)], []),
        ([step(sms("a")), step(whatsapp(name="a"), 60)], []),
        (
            [step(whatsapp(body=part("body", text()))), step(whatsapp(body=part("body", text())), 1)],
            [rules.SAME_MESSAGE],
        ),
        ([step(whatsapp()), step(whatsapp(body=part("body", text())), 1)], []),
        (
            [step(whatsapp()), step(whatsapp("de"), 1), step(whatsapp("de"), 1), step(whatsapp(), 1)],
            [rules.SAME_MESSAGE] * 2,
        ),
        ([step(sms("a"), 365 * 1440)], []),
        ([step(sms("a"), 365 * 1440), step(sms("b"), 1), step(sms("c"), 1)], [rules.TOO_MANY_DAYS]),
    ],
)
def test_steps_neither_crowd_nor_repeat_nor_last_too_long(steps: list[Any], said: list[str]) -> None:
    assert rules_of(found(*steps)) == said


def test_the_same_body_under_another_subject_is_the_same_message() -> None:
    one, other = (email("Hi", subject=subject, is_transactional=True) for subject in ("One", "Two"))
    [finding] = found(one, other)
    assert finding.rule == rules.SAME_MESSAGE
    assert finding.path == ("steps", 1, "action", "data", "email_body")


def test_a_step_without_a_delay_is_named_itself() -> None:
    [finding] = found(step(sms("a")), step(sms("b"), None))
    assert finding.path == ("steps", 1)


def created(**bounds: str) -> dict[str, Any]:
    moments = {key: f"{value}T00:00:00Z" for key, value in bounds.items()}
    return {"type": "contacts_created_at_between", **moments}


def listed(kind: str, key: str, *elements: str) -> dict[str, Any]:
    return {"type": kind, key: list(elements)}


def emails(*elements: str) -> dict[str, Any]:
    return listed("contacts_email_in", "email_in", *elements)


def domains(*elements: str) -> dict[str, Any]:
    return listed("contacts_email_domain_name_in", "domain_name_in", *elements)


def names(*elements: str) -> dict[str, Any]:
    return listed("contacts_name_in", "name_in", *elements)


HANDOFF = "last_contacted_at_with_handoff_between"
SEGMENT = {"type": "contact_belongs_to_segment", "segment_id": "1"}
EVERYONE = {"type": "all_contacts"}


@pytest.mark.parametrize(
    ("conditions", "is_contradiction"),
    [
        ([created(after="2026-02-01"), created(before="2026-01-01")], True),
        ([created(before="2026-01-01"), SEGMENT, created(after="2026-02-01")], True),
        ([created(after="2026-01-01"), created(before="2026-01-01")], False),
        ([created(after="2026-01-01"), created(before="2026-02-01")], False),
        ([created(after="2026-02-01"), {**created(before="2026-01-01"), "type": "last_contacted_at_between"}], False),
        ([{**created(after="2026-02-01"), "type": HANDOFF}, {**created(before="2026-01-01"), "type": HANDOFF}], False),
        ([created(after="2026-02-01", before="2026-01-01"), created(after="2025-01-01")], False),
        ([emails("ada@example.org"), emails("bob@example.org")], True),
        ([emails("ada@example.org"), emails("ADA@example.org")], False),
        ([emails("ada@example.org"), domains("example.com")], True),
        ([domains("Example.org"), emails("ada@example.org")], False),
        ([domains("example.org"), emails("ada@mail.example.org")], False),
        ([names("Ada"), names("Ada Example")], False),
        ([names("Ada"), names("Grace")], True),
        ([SEGMENT, {**SEGMENT, "segment_id": "2"}], False),
    ],
)
def test_a_branch_asks_for_what_somebody_can_be(conditions: list[Any], *, is_contradiction: bool) -> None:
    findings = found(sms("a"), branches=[conditions])
    assert rules_of(findings) == ([rules.CONTRADICTION] if is_contradiction else [])


@pytest.mark.parametrize(
    ("branches", "told"),
    [
        ([[domains("a"), SEGMENT], [SEGMENT]], 0),
        ([[SEGMENT], [domains("a"), SEGMENT]], 1),
        ([[SEGMENT], [SEGMENT]], 1),
        ([[domains("a")], [domains("a", "b")]], 0),
        ([[domains("a", "c")], [domains("a", "b")]], None),
        ([[created(after="2026-01-01", before="2026-02-01")], [created(after="2025-12-31")]], 0),
        ([[created(after="2026-01-01")], [created(after="2026-01-01", before="2026-02-01")]], 1),
        ([[created(after="2026-01-01")], [created(before="2026-02-01")]], None),
        ([[EVERYONE], [SEGMENT]], 1),
        ([[SEGMENT], [{**SEGMENT, "segment_id": "2"}]], None),
        ([[], [SEGMENT]], None),
    ],
)
def test_a_branch_adds_somebody(branches: list[Any], told: int | None) -> None:
    findings = found(sms("a"), branches=branches)
    assert [(each.rule, each.path) for each in findings] == (
        [] if told is None else [(rules.COVERED_BRANCH, ("filter", "or", told))]
    )


def test_three_branches_alike_leave_one() -> None:
    assert [each.path[-1] for each in found(sms("a"), branches=[[SEGMENT]] * 3)] == [1, 2]


def test_what_is_in_a_filter_is_not_repeated() -> None:
    findings = found(sms("a"), branches=[[emails("ada@example.org"), emails("bob@example.org")], [names("Ada")]])
    assert "ada" not in " ".join(f"{each.message} {each.hint}" for each in findings).lower()
