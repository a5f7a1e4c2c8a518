"""Rules about who is reached: everyone only where somebody says so in as many words."""

from typing import Final

from reconciler.core.rulebook.rule import Example, Rule
from reconciler.model import rules
from reconciler.model.diagnostic import Severity

_EVERYONE: Final = "filter:\n  or:\n    - and:\n        - type: all_contacts\n"
_SEGMENT: Final = """\
filter:
  or:
    - and:
        - type: contact_belongs_to_segment
          segment_id: 7c9e6679-7425-40de-944b-e07fc1f90ae7
"""
_CREATED: Final = """\
filter:
  or:
    - and:
        - type: contacts_created_at_between
          after: "{}"
"""
_DECLARED: Final = "reconciler:\n  audience: everyone\n"

RULES: Final = (
    Rule(
        id=rules.UNDECLARED_AUDIENCE,
        name="undeclared-audience",
        title="a filter can match everyone, and the manifest does not say that it is meant",
        why="A filter that was left blank, an empty group or a range without a bound reaches every contact of the "
        "organisation, and so does a range that begins before the year 2000 or ends after 2099 and has no other bound. "
        "That must be somebody's decision and not a slip, so it is written down: "
        "`reconciler: {audience: everyone}`. What is not known to leave anyone out counts as everyone.",
        wrong=Example(keys=_EVERYONE),
        right=Example(keys=_EVERYONE + _DECLARED),
    ),
    Rule(
        id=rules.NEEDLESS_AUDIENCE,
        name="needless-audience",
        severity=Severity.WARNING,
        title="`audience: everyone` stands in a manifest whose filter leaves people out",
        why="The declaration would let a later slip in the filter pass without a word. It is removed when the audience "
        "is narrowed.",
        wrong=Example(keys=_SEGMENT + _DECLARED),
        right=Example(keys=_SEGMENT),
    ),
    Rule(
        id=rules.NEARLY_EVERYONE,
        name="nearly-everyone",
        severity=Severity.WARNING,
        title="a group of the filter is nothing but a period that leaves out hardly anybody",
        why="Whoever was created after 2010, or before next month, is nearly everyone. A period is taken for that wide "
        "where it begins before 2015, or not at all, and does not end before 2026 (2028 for when people were last "
        "contacted). The years are written down and not counted from today, so that a manifest is told the same on "
        "every day. Where it is meant, `reconciler: {audience: everyone}` says so, or a comment with a reason.",
        wrong=Example(keys=_CREATED.format("2010-01-01T00:00:00Z")),
        right=Example(keys=_CREATED.format("2026-01-01T00:00:00Z")),
    ),
)
