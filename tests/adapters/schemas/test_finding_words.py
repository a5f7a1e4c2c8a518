"""How findings read: the author's own words, a hint where one is known, and never a value of the manifest."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest

from reconciler.core.rulebook.catalogue import RULES
from reconciler.model import rules
from tests.adapters.schemas.schema_samples import CHECKER, UUID, full_manifest, manifest, mutants, places, put, step_of

Change = Callable[[dict[str, Any]], object]


def data(document: dict[str, Any]) -> dict[str, Any]:
    action: dict[str, Any] = document["steps"][0]["action"]
    chosen: dict[str, Any] = action["data"]
    return chosen


def conditions(document: dict[str, Any]) -> list[Any]:
    found: list[Any] = document["filter"]["or"][0]["and"]
    return found


WORDS: list[tuple[Change, str, str, str]] = [
    (
        lambda it: it.update(is_continous=it.pop("is_continuous")),
        rules.UNKNOWN_KEY,
        "unknown key `is_continous` in the sequence",
        "did you mean `is_continuous`?",
    ),
    (
        lambda it: it.pop("name"),
        rules.MISSING_KEY,
        "the sequence needs `name`",
        "add `name: ...` (the sequence's name in the dashboard)",
    ),
    (
        lambda it: data(it).pop("email_subject"),
        rules.MISSING_KEY,
        "`send_emails` needs `email_subject`",
        "add `email_subject: ...` (the e-mail's subject)",
    ),
    (
        lambda it: data(it).update(emailSubject=data(it).pop("email_subject")),
        rules.UNKNOWN_KEY,
        "unknown key `emailSubject` in `send_emails`",
        "did you mean `email_subject`?",
    ),
    (
        lambda it: it["steps"][0].update(delay_minutes=5),
        rules.UNKNOWN_KEY,
        "unknown key `delay_minutes` in the step",
        "`delay_in_minutes` is there already: remove one of the two",
    ),
    (
        lambda it: it["steps"][0].update(delay_in_minutes="5"),
        rules.WRONG_TYPE,
        "`delay_in_minutes` must be a number, not text",
        "write the number alone, in digits, with a dot before a fraction",
    ),
    (
        lambda it: it["steps"][0].update(delay_in_minutes=-1),
        rules.OUT_OF_RANGE,
        "`delay_in_minutes` must be at least 0",
        "write 0 or more",
    ),
    (
        lambda it: it.update(name=2026),
        rules.WRONG_TYPE,
        "`name` must be text, not a number",
        "put it in quotes: without them YAML reads a number",
    ),
    (
        lambda it: it.update(name=True),
        rules.WRONG_TYPE,
        "`name` must be text, not a boolean",
        "put it in quotes: without them YAML reads a boolean",
    ),
    (
        lambda it: data(it).update(email_is_transactional="false"),
        rules.WRONG_TYPE,
        "`email_is_transactional` must be true or false, not text",
        "write true or false without quotes",
    ),
    (
        lambda it: it.update(steps=None),
        rules.WRONG_TYPE,
        "`steps` must be a list, not blank (null)",
        "write its entries below it, each beginning with `- `",
    ),
    (
        lambda it: it.update(filter=[]),
        rules.WRONG_TYPE,
        "`filter` must be keys with values, not a list",
        "remove the `- ` before its keys: there is only one of it",
    ),
    (
        lambda it: it["steps"][0]["action"].update(type="send_email"),
        rules.NOT_ALLOWED,
        "`type` must be one of `send_emails`, `make_phone_calls`, `send_sms_messages`, `send_whatsapp_messages`",
        "did you mean `send_emails`?",
    ),
    (
        lambda it: conditions(it).append({"type": "contacts_emails_in", "email_in": ["ann@example.com"]}),
        rules.NOT_ALLOWED,
        "`type` must be one of 13 known values",
        "did you mean `contacts_email_in`?",
    ),
    (
        lambda it: conditions(it).append({"email_in": ["ann@example.com"]}),
        rules.MISSING_KEY,
        "the condition needs `type`",
        "its other keys fit `contacts_email_in`: add `type: contacts_email_in`",
    ),
    (
        lambda it: conditions(it).append({"type": "contacts_email_in", "emails": []}),
        rules.UNKNOWN_KEY,
        "unknown key `emails` in `contacts_email_in`",
        "did you mean `email_in`?",
    ),
    (
        lambda it: conditions(it).append({"type": "contact_id_in", "contact_ids": [UUID, "x"]}),
        rules.BAD_FORMAT,
        "item 2 of `contact_ids` must be a uuid, such as `123e4567-e89b-42d3-a456-426614174000`",
        "copy the whole id: 32 digits and letters `a` to `f` in five groups",
    ),
    (
        lambda it: conditions(it).append({"type": "last_contacted_at_between", "after": "2026-02-30T00:00:00Z"}),
        rules.BAD_FORMAT,
        "`after` must be a date-time with its offset, such as `2026-01-31T09:00:00Z`",
        "look for a day or an hour that does not exist; the offset is `Z` or like `+02:00`",
    ),
    (
        lambda it: conditions(it).append({"type": "contacts_attributes_in", "attributes": [{"$file": "a"}]}),
        rules.BAD_INSTRUCTION,
        "`$file` yields text and cannot stand for item 1 of `attributes`",
        "write it where text could stand, below one of the keys",
    ),
    (
        lambda it: conditions(it).append(
            {"type": "contacts_attributes_in", "attributes": [{"$var": "a", "$file": "b"}]}
        ),
        rules.BAD_INSTRUCTION,
        "`$var` yields text and cannot stand for item 1 of `attributes`",
        "write it where text could stand, below one of the keys",
    ),
    (
        lambda it: it.update(steps=[]),
        rules.EMPTY,
        "`steps` must not be empty",
        "write its entries below it, each beginning with `- `",
    ),
    (
        lambda it: it["filter"].update({"or": []}),
        rules.EMPTY,
        "`or` must not be empty",
        "write its entries below it, each beginning with `- `",
    ),
    (
        lambda it: data(it).update(email_body={"$flie": "a.html"}),
        rules.UNKNOWN_KEY,
        "unknown key `$flie` in `email_body`",
        "did you mean `$file`?",
    ),
    (
        lambda it: data(it).update(email_body={"$file": "a.html", "$var": "b"}),
        rules.BAD_INSTRUCTION,
        "`email_body` must be text, or exactly one of `$file`, `$var`, `$sequence`",
        "keep one of them",
    ),
    (
        lambda it: data(it).update(email_body={}),
        rules.BAD_INSTRUCTION,
        "`email_body` must be text, or exactly one of `$file`, `$var`, `$sequence`",
        "write the text, in quotes if it begins with a sign",
    ),
    (
        lambda it: data(it).update(email_body={"$file": "/etc/passwd"}),
        rules.BAD_FORMAT,
        "`$file` must be the relative path of a file, with `/` between its parts",
        "leave out a leading `/`, drives and backslashes: `bodies/welcome.html`",
    ),
    (
        lambda it: it.update(reconciler={"ignore": ["name"]}),
        rules.BAD_FORMAT,
        "item 1 of `ignore` must be a JSON pointer, such as `/name`",
        "begin with `/`, and write `/` between the keys: `/steps/0/action`",
    ),
    (
        lambda it: it.update(reconciler={"audience": "all"}),
        rules.NOT_ALLOWED,
        "`audience` must be `everyone`",
        "write `everyone`",
    ),
]


@pytest.mark.parametrize(("change", "rule", "message", "hint"), WORDS, ids=[message for _, _, message, _ in WORDS])
def test_a_mistake_is_told_in_the_words_of_the_manifest(
    change: Change, rule: str, message: str, hint: str | None
) -> None:
    document = manifest(steps=[step_of("send_emails")])
    change(document)
    (finding,) = CHECKER.check(document)
    assert (finding.rule, finding.message, finding.hint) == (rule, message, hint)


def test_no_message_or_hint_holds_a_value_or_a_key_that_may_be_a_persons() -> None:
    secrets = cycle(["jane@example.com", "+4915112345678", "4915112345678", "Jane Doe"])
    for path, value in places(full_manifest()):
        secret = next(secrets)
        wrong: Any = {secret: secret} if isinstance(value, str) else secret
        if isinstance(value, dict):
            wrong = {**value, secret: secret}
        for finding in CHECKER.check(put(full_manifest(), path, wrong)):
            assert secret not in f"{finding.message} {finding.hint}", path


def test_no_finding_of_any_mutant_dumps_an_object_or_speaks_of_schemas() -> None:
    for document in mutants(seed=3, count=800):
        for finding in CHECKER.check(document):
            text = f"{finding.message} {finding.hint}"
            assert finding.rule in RULES
            assert finding.hint
            assert "schema" not in text
            assert not any(mark in text for mark in ("{", "}", ": '", "None", "\n", "@example.com"))
