"""Rules about single values and their characters: where YAML readers disagree, nothing is guessed."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.model import rules

_PHONE: Final = """\
filter:
  or:
    - and:
        - type: contacts_phone_number_in
          phone_number_in: [{}]
"""
_SINCE: Final = """\
filter:
  or:
    - and:
        - type: contacts_created_at_between
          after: {}
"""
_STEP: Final = """\
steps:
  - action:
      type: send_sms_messages
      data:
        message: {}
    delay_in_minutes: {}
"""

RULES: Final = (
    Rule(
        id=rules.DISPUTED_WORD,
        name="ambiguous-word",
        title="`yes`, `no`, `on`, `off`, `y` or `n` stands without quotes",
        why="To YAML 1.1 these are true and false, to YAML 1.2 they are texts; the country code of Norway, `NO`, has "
        'become false in many a file. Write `"no"` for the text, `false` for the boolean.',
        wrong=Example(keys="is_continuous: no\n"),
        right=Example(keys="is_continuous: false\n"),
    ),
    Rule(
        id=rules.DISPUTED_NUMBER,
        name="ambiguous-number",
        title="digits without quotes are not the same number to every YAML reader",
        why="`+15551234567` loses its plus, `010` is 8 to some and 10 to others, `12:30` can be 750. A phone number "
        "that changed on the way would message a stranger.",
        wrong=Example(keys=_PHONE.format("+15550100123")),
        right=Example(keys=_PHONE.format('"+15550100123"')),
    ),
    Rule(
        id=rules.NUMBER_RANGE,
        name="number-out-of-range",
        title="a number is too large or too small to be kept exactly",
        why="Most programs keep whole numbers exactly only up to 9007199254740991. Digits beyond that change silently; "
        "an id made of digits is text and goes into quotes.",
        wrong=Example(keys=_STEP.format("Hello", "90071992547409921")),
        right=Example(keys=_STEP.format("Hello", "1440")),
    ),
    Rule(
        id=rules.NOT_FINITE,
        name="not-finite",
        title="a number is infinite (`.inf`) or not a number (`.nan`)",
        why="JSON has no such values, so they cannot be sent. A step that is never to come is left out.",
        wrong=Example(keys=_STEP.format("Hello", ".inf")),
        right=Example(keys=_STEP.format("Hello", "1440")),
    ),
    Rule(
        id=rules.DATE,
        name="unquoted-date",
        title="a date or a date-time stands without quotes",
        why="Some YAML readers turn it into a date of their own, cut its fraction, or shift it to another zone. In "
        "quotes it stays what was written.",
        wrong=Example(keys=_SINCE.format("2026-01-31T09:00:00Z")),
        right=Example(keys=_SINCE.format('"2026-01-31T09:00:00Z"')),
    ),
    Rule(
        id=rules.RESERVED,
        name="reserved-sign",
        title="a value is a single `=` without quotes",
        why="YAML 1.1 reserves the sign, and some readers refuse the file because of it.",
        wrong=Example(keys="name: =\n"),
        right=Example(keys='name: "="\n'),
    ),
    Rule(
        id=rules.CONTROL,
        name="control-character",
        title="a text holds an invisible control character",
        why="Such characters reach e-mail headers, terminals and logs, where they can do anything from hiding text to "
        "moving the cursor. They usually come with something that was pasted.",
        wrong=Example(keys='name: "Welcome\\e[31m"\n'),
        right=Example(keys='name: "Welcome"\n'),
    ),
    Rule(
        id=rules.LINE_SEPARATOR,
        name="line-separator",
        title="a character ends the line for some readers only",
        why="U+0085, U+2028 and U+2029 are line breaks to YAML 1.1 and ordinary characters to YAML 1.2, so a text "
        "would be cut for some. They usually come with something that was pasted from a document.",
        wrong=Example(keys="name: Welcome\u2028to Example\n"),
        right=Example(keys="name: Welcome to Example\n"),
    ),
    Rule(
        id=rules.SURROGATE,
        name="half-a-character",
        title="an escape such as `\\ud83d` is half a character",
        why="Characters beyond the first 65,536, emoji above all, are pairs in JavaScript's escapes. Half a pair is no "
        "text and cannot be sent. Write the character itself.",
        wrong=Example(keys='name: "Welcome \\ud83d"\n'),
        right=Example(keys="name: Welcome \U0001f600\n"),
    ),
    Rule(
        id=rules.BIDI,
        name="reversed-text",
        title="an invisible character reverses the direction of writing in a key, the `custom_id` or the `name`",
        why="With it a name can be made to show as another one, and a reviewer approves something else than is sent. "
        "In the texts that people receive such characters are allowed.",
        wrong=Example(keys='name: "Welcome\\u202e"\n'),
        right=Example(keys="name: Welcome\n"),
    ),
)
