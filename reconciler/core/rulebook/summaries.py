"""What lists of rules say of each, in the one place that knows where that is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reconciler.core.rulebook.catalogue import RULES
from reconciler.core.rulebook.titles import TITLES
from reconciler.model.diagnostic import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A rule in a list. `name` and `why` are None where nobody has written them yet."""

    title: str
    severity: Severity = Severity.ERROR
    name: str | None = None
    why: str | None = None


def summaries() -> Mapping[str, Summary]:
    """Return the summary of each rule by its id, in the order of the ids."""
    titled = {rule: Summary(title=title) for rule, title in TITLES.items()}
    told = {
        rule.id: Summary(title=rule.title, severity=rule.severity, name=rule.name, why=rule.why)
        for rule in RULES.values()
    }
    return MappingProxyType(dict(sorted((titled | told).items())))
