"""Rules about the comments that silence a rule."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.model import rules
from reconciler.model.diagnostic import Severity

_STEPS: Final = """\
steps:
  - action:
      type: send_sms_messages
      data:
        # reconciler: allow {}
        message: "Your table is booked: {}://example.com/t. Reply STOP to end."
    delay_in_minutes: 0
"""
_RIGHT: Final = Example(keys=_STEPS.format("insecure-link the shop's old tills cannot do better", "http"))

RULES: Final = (
    Rule(
        id=rules.NO_REASON,
        name="silenced-without-reason",
        severity=Severity.WARNING,
        title="a comment silences a rule and does not say why",
        why="Whoever reads the manifest next has to know whether the reason still holds. Without one, nothing is "
        "silenced.",
        wrong=Example(keys=_STEPS.format("OCX307", "http"), also=(rules.INSECURE_LINK,)),
        right=_RIGHT,
    ),
    Rule(
        id=rules.UNKNOWN_SILENCED,
        name="unknown-rule-silenced",
        severity=Severity.WARNING,
        title="a comment to the tool names no rule that there is",
        why="A misspelt rule silences nothing. Rules go by their id or by their name: `OCX307` or `insecure-link`.",
        wrong=Example(keys=_STEPS.format("insecure-links the tills are old", "http"), also=(rules.INSECURE_LINK,)),
        right=_RIGHT,
    ),
    Rule(
        id=rules.IDLE_SILENCE,
        name="silences-nothing",
        severity=Severity.WARNING,
        title="a comment silences a rule that is not broken there",
        why="What it was written for is mended, or stands elsewhere. Left in place it would hide the next mistake. A "
        "comment speaks of the value on its own line or right below it; above the first key, of the whole manifest.",
        wrong=Example(keys=_STEPS.format("OCX307 the tills are old", "https")),
        right=_RIGHT,
    ),
    Rule(
        id=rules.NOT_SILENCEABLE,
        name="cannot-be-silenced",
        severity=Severity.WARNING,
        title="a comment wants to silence a rule that is not a matter of taste",
        why="Only warnings can be silenced. While an error stands, nobody knows what the API would make of the "
        "manifest.",
        wrong=Example(keys=_STEPS.format("OCX101 the API takes it", "https")),
        right=_RIGHT,
    ),
)
