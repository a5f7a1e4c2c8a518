"""What is wrong with the conditions of a filter that no schema can say: a range without a moment, a repeated entry, a
sign that people write for "anything".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.core.meaning import SETS, instant
from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.pointer import Path

# In names of people the case may matter; in these it does not.
_CASELESS: Final = frozenset({"contact_ids", "domain_name_in", "email_in"})

# Signs for "anything" where nobody writes them otherwise: in a name or an address at any place, in an attribute at its
# ends, but for the `%` of a discount.
_WILD_ENTRY: Final = re.compile(r"[*%]")
_WILD_ATTRIBUTE: Final = re.compile(r"\A[.^]?\*|\A%|\*\$?\Z")


def check_conditions(payload: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what is wrong with the conditions of a payload whose filter, where it has one, is well-formed."""
    groups = (payload.get("filter") or {}).get("or", ())
    return tuple(
        finding
        for group_at, group in enumerate(groups)
        for at, condition in enumerate(group["and"])
        for finding in _of_condition(condition, ("filter", "or", group_at, "and", at))
    )


def _of_condition(condition: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    if "after" in condition and "before" in condition:
        yield from _reversed(condition, path)
    for key in condition:
        if key in SETS:
            yield from _repeated(condition[key], key, path)
            wild = next((at for at, entry in enumerate(condition[key]) if _WILD_ENTRY.search(str(entry))), None)
            if wild is not None:
                yield _wildcard(f"item {wild + 1} of `{key}`", (*path, key, wild))
    for at, attributes in enumerate(condition.get("attributes") or ()):
        for name, value in attributes.items():
            if _WILD_ATTRIBUTE.search(str(value)):
                yield _wildcard("an attribute that is asked for", (*path, "attributes", at, name))


def _wildcard(what: str, path: Path) -> Finding:
    return Finding(
        rule=rules.WILDCARD,
        severity=Severity.WARNING,
        message=f"{what} has a sign for anything, `*` or `%`, and the API is not known to understand patterns",
        path=path,
        hint="write out what is meant; it may match nobody, or everyone",
    )


def _reversed(condition: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    after, before = instant(condition["after"]), instant(condition["before"])
    # What lies between two moments that are the same is nothing, or an accident.
    if after is not None and before is not None and after >= before:
        hint = "swap the two, or look at the years" if after > before else "write two moments that differ"
        message = "`after` must be earlier than `before`: no moment lies between the two"
        yield Finding(rule=rules.REVERSED_RANGE, message=message, path=(*path, "before"), hint=hint)


def _repeated(entries: Any, key: str, path: Path) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for position, entry in enumerate(entries):
        plain = str(entry).casefold() if key in _CASELESS else str(entry)
        if (earlier := first.setdefault(plain, position)) != position:
            yield Finding(
                rule=rules.REPEATED,
                severity=Severity.WARNING,
                message=f"item {position + 1} of `{key}` stands there already, as item {earlier + 1}",
                path=(*path, key, position),
                hint="remove it, or write the one that was meant",
            )
