"""Rules about keys and values: what the derived schema asks for, and what no schema can say."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.model import rules
from reconciler.model.diagnostic import Severity

_MAIL: Final = """\
steps:
  - action:
      type: send_emails
      data:
        from_email: {address}
        email_subject: {subject}
        email_body: Your table is booked.
        email_sender_name: Example
        email_is_transactional: {transactional}
"""
_SENT: Final = {"address": "hello@example.com", "subject": "Your table", "transactional": "true"}
_SMS: Final = """\
steps:
  - action:
      type: {}
      data:
        message: {}
    {}: 60
"""
_BETWEEN: Final = """\
filter:
  or:
    - and:
        - type: contacts_created_at_between
          after: "{}"
          before: "{}"
"""
_DOMAINS: Final = """\
filter:
  or:
    - and:
        - type: contacts_email_domain_name_in
          domain_name_in: [{}]
"""
_ATTRIBUTES: Final = """\
filter:
  or:
    - and:
        - type: contacts_attributes_in
          attributes:
            - {}
"""


def _mail(**changed: str) -> Example:
    return Example(keys=_MAIL.format(**_SENT | changed))


RULES: Final = (
    Rule(
        id=rules.UNKNOWN_KEY,
        name="unknown-key",
        title="a key is not one of those that its object has",
        why="The API accepts a misspelt key and drops it without a word: a delay that is not kept, a filter that does "
        "not filter. Here every object is closed. Often the key is right and stands a level too high or too low.",
        wrong=Example(keys=_SMS.format("send_sms_messages", "Hello", "delay_minutes")),
        right=Example(keys=_SMS.format("send_sms_messages", "Hello", "delay_in_minutes")),
    ),
    Rule(
        id=rules.MISSING_KEY,
        name="missing-key",
        title="a key that its object needs is not there",
        why="Which keys are needed depends on the `type` that stands beside them. Nothing that decides what people "
        "receive has a default that is only assumed.",
        wrong=Example(keys="steps:\n  - action:\n      type: send_sms_messages\n"),
        right=Example(keys=_SMS.format("send_sms_messages", "Hello", "delay_in_minutes")),
    ),
    Rule(
        id=rules.WRONG_TYPE,
        name="wrong-type",
        title="a value is of another type than its key takes, such as a number for a text",
        why="Without quotes YAML reads `2026` as a number and `true` as a boolean; with quotes they are text. A value "
        "that is left blank is null.",
        wrong=Example(keys="name: 2026\n"),
        right=Example(keys='name: "2026"\n'),
    ),
    Rule(
        id=rules.NOT_ALLOWED,
        name="not-allowed",
        title="a value is not one of those that its key takes",
        why="Some keys take only the words that the API knows, above all `type`, which decides what the rest may be.",
        wrong=Example(keys=_SMS.format("send_sms_message", "Hello", "delay_in_minutes")),
        right=Example(keys=_SMS.format("send_sms_messages", "Hello", "delay_in_minutes")),
    ),
    Rule(
        id=rules.BAD_CUSTOM_ID,
        name="bad-custom-id",
        title="a `custom_id` has other signs than letters, digits, `_` and `-`, or looks like a uuid",
        why="The `custom_id` comes to stand in addresses of the API, where other signs would change what is meant, and "
        "one that looks like a uuid could not be told from the API's own ids.",
        wrong=Example(keys="custom_id: welcome mail\n"),
        right=Example(keys="custom_id: welcome-mail\n"),
    ),
    Rule(
        id=rules.EMPTY,
        name="empty-value",
        title="a text or a list is empty, or holds nothing that is seen, where something has to stand",
        why="The API accepts an empty subject, and people would receive it. An empty list of conditions may match "
        "everyone. A text of spaces, of no-break spaces or of signs without a width is as empty as one without a sign.",
        wrong=Example(keys=_SMS.format("send_sms_messages", "'  '", "delay_in_minutes")),
        right=Example(keys=_SMS.format("send_sms_messages", "Hello", "delay_in_minutes")),
    ),
    Rule(
        id=rules.BAD_FORMAT,
        name="bad-format",
        title="a text is not written the way its key asks for: an address, a phone number, a domain, a moment, an id",
        why="The API accepts nearly any text in these places, and then the mail has no sender or the filter finds "
        "nobody. Addresses are checked by their form alone: nothing is looked up.",
        wrong=_mail(address="hello@example"),
        right=_mail(),
    ),
    Rule(
        id=rules.OUT_OF_RANGE,
        name="out-of-range",
        title="a number, a length or a count is outside its limits",
        why="A delay cannot be negative. Other limits are the API's own.",
        wrong=Example(keys=_SMS.format("send_sms_messages", "Hello", "delay_in_minutes").replace("60", "-60")),
        right=Example(keys=_SMS.format("send_sms_messages", "Hello", "delay_in_minutes")),
    ),
    Rule(
        id=rules.BAD_INSTRUCTION,
        name="bad-instruction",
        title="`$file`, `$var` or `$sequence` stands beside other keys, or where no text may stand",
        why="An instruction is an object with that one key. It yields a text, so it stands where a text could stand, "
        "and what it yields is never read as YAML.",
        wrong=Example(keys="steps: {$file: steps.yaml}\n"),
        right=Example(keys="name: {$file: name.txt}\n", files={"name.txt": "Welcome"}),
    ),
    Rule(
        id=rules.REVERSED_RANGE,
        name="reversed-range",
        title="`after` is not earlier than `before`",
        why="No moment lies between the two, so the condition would match nobody. Usually the two were swapped, or a "
        "year was forgotten.",
        wrong=Example(keys=_BETWEEN.format("2026-06-30T00:00:00Z", "2026-01-01T00:00:00Z")),
        right=Example(keys=_BETWEEN.format("2026-01-01T00:00:00Z", "2026-06-30T00:00:00Z")),
    ),
    Rule(
        id=rules.LINE_BREAK,
        name="line-break",
        title="a subject or a sender's name has a line break",
        why="These texts go into the head of an e-mail, where what follows a line break is read as another header: "
        "the mail can be lost, or reach others. `|` keeps the break at the end of a text; so does a file.",
        wrong=_mail(subject="|\n          Your table"),
        right=_mail(),
    ),
    Rule(
        id=rules.REPEATED,
        name="repeated-entry",
        severity=Severity.WARNING,
        title="an entry stands twice in the same list of a condition",
        why="The second one changes nothing. Often it should have been another: a line was copied and not changed.",
        wrong=Example(keys=_DOMAINS.format("example.com, example.com")),
        right=Example(keys=_DOMAINS.format("example.com, example.org")),
    ),
    Rule(
        id=rules.WILDCARD,
        name="wildcard",
        severity=Severity.WARNING,
        title="a list or an attribute of a condition seems to ask for a pattern, with `*` or `%`",
        why="Nothing says that the API understands patterns. It may look for that very sign, and match nobody; or "
        "hand it to its database, and match everyone.",
        wrong=Example(keys=_ATTRIBUTES.format('{plan: "*"}')),
        right=Example(keys=_ATTRIBUTES.format("{plan: pro}")),
    ),
)
