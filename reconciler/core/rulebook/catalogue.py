"""All rules in one place, by id: for `explain`, the reference page, and outputs that list the rules they speak of.

A file of this folder holds the rules of one kind in its `RULES`, in the order of their ids. A finding carries its own
words.
"""

from types import MappingProxyType
from typing import Final

from reconciler.core.rulebook import (
    about_audience,
    about_emails,
    about_files,
    about_hand_offs,
    about_references,
    about_scalars,
    about_silencing,
    about_steps,
    about_structure,
    about_texts,
    about_values,
)
from reconciler.core.rulebook.rule import Rule

SECTIONS: Final[tuple[tuple[str, tuple[Rule, ...]], ...]] = (
    ("Files", about_files.RULES),
    ("The shape of a file", about_structure.RULES),
    ("Single values and characters", about_scalars.RULES),
    ("Instructions and references", about_references.RULES),
    ("Keys and values", about_values.RULES),
    ("Fields that are handed off", about_hand_offs.RULES),
    ("Who is reached", about_audience.RULES),
    ("E-mails, links and template tokens", about_emails.RULES),
    ("SMS", about_texts.SMS_RULES),
    ("WhatsApp", about_texts.WHATSAPP_RULES),
    ("Steps", about_steps.STEP_RULES),
    ("Filters", about_steps.FILTER_RULES),
    ("Silencing a rule", about_silencing.RULES),
)
RULES: Final = MappingProxyType({rule.id: rule for _, rules in SECTIONS for rule in rules})


def find_rule(word: str) -> Rule | None:
    """Return the rule with an id or a name, whatever its case; None where there is none."""
    wanted = word.strip().casefold().replace("_", "-")
    return next((rule for rule in RULES.values() if wanted in (rule.id.casefold(), rule.name)), None)
