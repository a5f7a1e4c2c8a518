"""Rules about the steps of a sequence together, and about its filter."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.model import rules
from reconciler.model.diagnostic import Severity

_STEP: Final = """\
  - action:
      type: send_sms_messages
      data:
        message: {}
    delay_in_minutes: {}
"""


def _steps(*steps: tuple[str, int]) -> Example:
    return Example(keys="steps:\n" + "".join(_STEP.format(*each) for each in steps))


def _branches(*branches: str) -> Example:
    lines = "".join(f"    - and:\n{branch}" for branch in branches)
    return Example(keys=f"filter:\n  or:\n{lines}")


def _domains(*names: str) -> str:
    return f"        - type: contacts_email_domain_name_in\n          domain_name_in: [{', '.join(names)}]\n"


def _created(key: str, moment: str) -> str:
    return f'        - type: contacts_created_at_between\n          {key}: "{moment}"\n'


STEP_RULES: Final = (
    Rule(
        id=rules.NO_PAUSE,
        name="no-pause",
        severity=Severity.WARNING,
        title="a step follows one of the same channel without any delay",
        why="Two e-mails or two SMS in the same minute look like a mistake of the sender. Usually the delay was "
        "forgotten: `delay_in_minutes` counts from the step before.",
        wrong=_steps(("Welcome to Example.", 0), ("Reply STOP to end.", 0)),
        right=_steps(("Welcome to Example.", 0), ("Reply STOP to end.", 1440)),
    ),
    Rule(
        id=rules.SAME_MESSAGE,
        name="same-message-twice",
        severity=Severity.WARNING,
        title="two steps send the same message",
        why="It comes from copying a step and not rewriting it; people notice. A second call by the same agent is a "
        "second try and is left alone.",
        wrong=_steps(("Welcome to Example.", 0), ("Welcome to Example.", 1440)),
        right=_steps(("Welcome to Example.", 0), ("Did you find your way?", 1440)),
    ),
    Rule(
        id=rules.TOO_MANY_DAYS,
        name="too-many-days",
        severity=Severity.WARNING,
        title="a step comes later than a year after the sequence began",
        why="Delays are minutes. Who thinks in seconds writes 604800 for a week and gets 14 months. `longest_days` in "
        "reconciler.toml is the bound.",
        wrong=_steps(("Welcome to Example.", 0), ("Did you find your way?", 604800)),
        right=_steps(("Welcome to Example.", 0), ("Did you find your way?", 10080)),
    ),
)
FILTER_RULES: Final = (
    Rule(
        id=rules.CONTRADICTION,
        name="contradicting-conditions",
        severity=Severity.WARNING,
        title="a branch of the filter asks for what nobody can be",
        why="People match a branch who match everything in its `and`. Two lists that have nothing in common, or two "
        "ranges of time that do not meet, let nobody through: `and` was written where `or` was meant.",
        wrong=_branches(_created("after", "2026-06-01T00:00:00Z") + _created("before", "2026-01-01T00:00:00Z")),
        right=_branches(_created("after", "2026-06-01T00:00:00Z"), _created("before", "2026-01-01T00:00:00Z")),
    ),
    Rule(
        id=rules.COVERED_BRANCH,
        name="covered-branch",
        severity=Severity.WARNING,
        title="whoever matches one branch of the filter matches another one as well",
        why="The narrower branch adds nobody. Often it was meant to narrow the audience, and belongs into the `and` "
        "of the other.",
        wrong=_branches(_domains("example.com", "example.org"), _domains("example.com")),
        right=_branches(_domains("example.com"), _domains("example.org")),
    ),
)
