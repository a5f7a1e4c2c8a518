"""How the rules are called that can be raised, lowered or silenced."""

from functools import cache

from reconciler.core.lint.silencing import Names
from reconciler.core.rulebook.catalogue import RULES
from reconciler.model import rules
from reconciler.model.diagnostic import Severity

# Silencing what is said about silencing would leave nobody to say it.
_ABOUT_COMMENTS = frozenset({rules.NO_REASON, rules.UNKNOWN_SILENCED, rules.IDLE_SILENCE, rules.NOT_SILENCEABLE})


@cache
def rule_names() -> Names:
    """Return the names of all rules."""
    every = {id_: id_ for id_ in vars(rules).values() if isinstance(id_, str) and id_.startswith("OCX")}
    ids = every | {rule.name: rule.id for rule in RULES.values()}
    warnings = frozenset(rule.id for rule in RULES.values() if rule.severity is Severity.WARNING)
    return Names(ids=ids, warnings=warnings, silenceable=warnings - _ABOUT_COMMENTS)
