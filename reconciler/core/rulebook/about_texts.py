"""Rules about SMS and WhatsApp messages."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.model import rules
from reconciler.model.diagnostic import Severity

_SMS: Final = """\
steps:
  - action:
      type: send_sms_messages
      data:
        message: "{}"
    delay_in_minutes: 0
"""
_LONG: Final = (
    "Your table is booked for Saturday at eight. The kitchen closes at ten, the bar at midnight. If more of you come, "
    "tell us by noon and we put tables together."
)
_WHATSAPP: Final = """\
steps:
  - action:
      type: send_whatsapp_messages
      data:
        phone_number_id: "106540352242922"
        template:
          name: table_booked
          language: {}
          parameters:
{}
    delay_in_minutes: 0
"""
_NAMED: Final = "{type: text, parameter_name: %s, text: {type: CONSTANT, value: Saturday}}"
_COUNTED: Final = "{type: text, text: {type: CONSTANT, value: Saturday}}"
_BUTTON: Final = "{type: button, sub_type: url, index: '%d', parameters: [" + _COUNTED + "]}"
_BOOKED: Final = f"            body: {{type: body, parameters: [{_COUNTED}]}}"


def _template(*lines: str, language: str = "en") -> Example:
    return Example(keys=_WHATSAPP.format(language, "\n".join(f"            {line}" for line in lines)))


SMS_RULES: Final = (
    Rule(
        id=rules.SMS_SEGMENTS,
        name="sms-too-long",
        severity=Severity.WARNING,
        title="an SMS takes more segments than are wanted",
        why="An SMS is sent, and paid for, in segments: 160 characters in one, 153 in each of several. In a sequence "
        "for a hundred thousand people each further segment is a hundred thousand more. `most_sms_segments` in "
        "reconciler.toml is the bound, 3 where it is not set. A template token counts as it is written.",
        wrong=Example(keys=_SMS.format(" ".join([_LONG] * 3))),
        right=Example(keys=_SMS.format(_LONG)),
    ),
    Rule(
        id=rules.SMS_ALPHABET,
        name="sms-alphabet",
        severity=Severity.WARNING,
        title="a few characters make an SMS cost more segments",
        why="An SMS has an alphabet of its own (GSM-7), with 160 characters to a segment. One emoji, or one curly "
        "quote from a word processor, and the whole text is sent as UCS-2, with 70 to a segment: two and a half times "
        "the price. Only where it costs more is it said.",
        wrong=Example(keys=_SMS.format(_LONG.replace("eight", "eight 🍽"))),
        right=Example(keys=_SMS.format(_LONG)),
    ),
)
WHATSAPP_RULES: Final = (
    Rule(
        id=rules.MISSING_PARAMETER_NAME,
        name="missing-parameter-name",
        severity=Severity.WARNING,
        title="a parameter has no `parameter_name`, and others beside it have one",
        why="A template's parameters go by name or by position, never both. WhatsApp refuses the message, for "
        "everyone.",
        wrong=_template(f"body: {{type: body, parameters: [{_NAMED % 'day'}, {_COUNTED}]}}"),
        right=_template(f"body: {{type: body, parameters: [{_NAMED % 'day'}, {_NAMED % 'hour'}]}}"),
    ),
    Rule(
        id=rules.MIXED_PARAMETERS,
        name="mixed-parameters",
        severity=Severity.WARNING,
        title="the header's parameters go by name and the body's by position, or the other way round",
        why="A template has one way for all of its parameters. WhatsApp refuses the message, for everyone.",
        wrong=_template(
            f"header: {{type: header, parameters: [{_COUNTED}]}}",
            f"body: {{type: body, parameters: [{_NAMED % 'day'}]}}",
        ),
        right=_template(
            f"header: {{type: header, parameters: [{_NAMED % 'place'}]}}",
            f"body: {{type: body, parameters: [{_NAMED % 'day'}]}}",
        ),
    ),
    Rule(
        id=rules.BUTTON_INDEX,
        name="button-index-twice",
        severity=Severity.WARNING,
        title="two entries fill in the same button of a template",
        why="Buttons are counted from 0. With one index twice, one button gets the wrong link and another none.",
        wrong=_template(f"buttons: [{_BUTTON % 0}, {_BUTTON % 0}]"),
        right=_template(f"buttons: [{_BUTTON % 0}, {_BUTTON % 1}]"),
    ),
    Rule(
        id=rules.UNREACHABLE_LANGUAGE,
        name="unreachable-language",
        severity=Severity.WARNING,
        title="a template is asked for in a language that WhatsApp, or the organisation, does not have",
        why="WhatsApp finds a template by its name and language together: `en_UK` finds nothing, and "
        "nobody gets the message. WhatsApp adds languages from time to time: of one that may be new, that is said. "
        "With `languages` in reconciler.toml, only those count in which your templates are approved.",
        wrong=Example(keys=_WHATSAPP.format("en_UK", _BOOKED)),
        right=Example(keys=_WHATSAPP.format("en_US", _BOOKED)),
    ),
)
