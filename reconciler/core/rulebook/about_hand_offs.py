"""Rules about what a manifest hands off to whoever changes it in live."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.model import rules

_UNTIL: Final = """\
reconciler:
  ignore:
    - path: /name
      reason: support renames it while the campaign runs
      until: "{}-12-31"
"""

RULES: Final = (
    Rule(
        id=rules.EXPIRED,
        name="expired-hand-off",
        title="an entry of `reconciler.ignore` held until a day that has passed",
        why="A field that is handed off is never written, whatever the manifest says of it. Where somebody has said "
        "until when, nobody should have to remember: from the day after, in UTC, the entry is removed or renewed.",
        wrong=Example(keys=_UNTIL.format("2020")),
        right=Example(keys=_UNTIL.format("9999")),
    ),
)
