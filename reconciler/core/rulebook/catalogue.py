"""All rules in one place, by id."""

from types import MappingProxyType
from typing import Final

from reconciler.core.rulebook import about_emails, about_silencing, about_steps, about_texts
from reconciler.core.rulebook.rule import Rule

SECTIONS: Final[tuple[tuple[str, tuple[Rule, ...]], ...]] = (
    ("E-mails, links and template tokens", about_emails.RULES),
    ("SMS", about_texts.SMS_RULES),
    ("WhatsApp", about_texts.WHATSAPP_RULES),
    ("Steps", about_steps.STEP_RULES),
    ("Filters", about_steps.FILTER_RULES),
    ("Silencing a rule", about_silencing.RULES),
)
RULES: Final = MappingProxyType({rule.id: rule for _, rules in SECTIONS for rule in rules})
