"""Filters that nobody can match, and branches that reach nobody whom another branch does not reach.

Only what surely holds is said: how a server compares texts (case, parts of a name) is unknown, and a contact may have
been handed off more than once. What is in the lists is never repeated: it is people's data.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from reconciler.core.meaning import instant
from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.jsonvalue import strictly_equal
from reconciler.model.pointer import Path

Condition: TypeAlias = Mapping[str, Any]

_EMAILS: Final = "contacts_email_in"
_DOMAINS: Final = "contacts_email_domain_name_in"
_LISTS: Final = {
    "contact_id_in": "contact_ids",
    _DOMAINS: "domain_name_in",
    _EMAILS: "email_in",
    "contacts_name_in": "name_in",
    "contacts_phone_number_in": "phone_number_in",
}
# Of these moments a contact has one.
_SINGLE: Final = frozenset({"contacts_created_at_between", "last_contacted_at_between"})
_RANGES: Final = _SINGLE | {"last_contacted_at_with_handoff_between"}
# How much is compared before nothing is said: a filter of thousands of groups must not keep anybody waiting.
_MOST_CONDITIONS: Final = 300
_MOST_ELEMENTS: Final = 100


def look(groups: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Return the branches that reach nobody, or nobody new; `groups` are those of the filter's `or`."""
    ands = [group["and"] for group in groups]
    if len(ands) == 1 and len(ands[0]) <= 1:
        return
    if sum(map(len, ands)) > _MOST_CONDITIONS:
        return
    for position, conditions in enumerate(ands):
        found = _contradiction(conditions, ("filter", "or", position, "and"))
        if found is not None:
            yield found
    if len(ands) > 1:
        yield from _covered(ands)


def _contradiction(conditions: Sequence[Condition], path: Path) -> Finding | None:
    for later in range(1, len(conditions)):
        for earlier in range(later):
            reason = _exclude(conditions[earlier], conditions[later])
            if reason is not None:
                return _warning(
                    rules.CONTRADICTION,
                    f"no contact can match this branch: {reason}",
                    "people match a branch who match all that is in its `and`: "
                    "put the two into branches of their own, or take one out",
                    (*path, later),
                )
    return None


def _exclude(one: Condition, other: Condition) -> str | None:
    """Say why nobody matches both conditions; None where somebody may."""
    kind, kinds = one["type"], {one["type"], other["type"]}
    if len(kinds) == 1 and kind in _SINGLE:
        starts, ends = _bounds(one, other, "after"), _bounds(one, other, "before")
        apart = starts and ends and max(starts) > min(ends)
        # Where one of them is upside down by itself, that is said there.
        return f"its two ranges of `{kind}` have no time in common" if apart and _is_upright(one, other) else None
    if len(kinds) == 1 and kind in _LISTS:
        apart = _are_apart(_words(one), _words(other))
        return f"its two lists of `{_LISTS[kind]}` have nothing in common" if apart else None
    if kinds == {_EMAILS, _DOMAINS}:
        addresses, domains = (one, other) if kind == _EMAILS else (other, one)
        hosts = [each.rpartition("@")[2] for each in _words(addresses)]
        return (
            "no address of its `email_in` is in a domain of its `domain_name_in`"
            if _are_apart(hosts, _words(domains))
            else None
        )
    return None


def _words(condition: Condition) -> list[str]:
    return [each.strip().casefold() for each in condition[_LISTS[condition["type"]]]]


def _are_apart(some: list[str], others: list[str]) -> bool:
    """Tell whether no word is, or is part of, a word of the other list."""
    if not some or not others or len(some) > _MOST_ELEMENTS or len(others) > _MOST_ELEMENTS:
        return False
    return not any(one in other or other in one for one in some for other in others)


def _bounds(one: Condition, other: Condition, key: str) -> list[str]:
    return [moment for each in (one, other) if (moment := instant(each.get(key) or "")) is not None]


def _is_upright(*conditions: Condition) -> bool:
    pairs = [(_bounds(each, {}, "after"), _bounds(each, {}, "before")) for each in conditions]
    return all(starts[0] <= ends[0] for starts, ends in pairs if starts and ends)


def _covered(ands: Sequence[Sequence[Condition]]) -> Iterator[Finding]:
    told: set[int] = set()
    for position, conditions in enumerate(ands):
        for other, wider in enumerate(ands):
            # Of two that are alike the later one is told, and nothing is covered by what is told itself.
            if other == position or other in told or not _is_within(conditions, wider):
                continue
            if other > position and _is_within(wider, conditions):
                continue
            told.add(position)
            yield _warning(
                rules.COVERED_BRANCH,
                f"this branch adds nobody: whoever matches it matches branch {other + 1} as well",
                "remove it, or make the other branch narrower",
                ("filter", "or", position),
            )
            break


def _is_within(conditions: Sequence[Condition], wider: Sequence[Condition]) -> bool:
    return bool(wider) and all(any(_implies(given, asked) for given in conditions) for asked in wider)


def _implies(given: Condition, asked: Condition) -> bool:
    if asked["type"] == "all_contacts":
        return True
    kind = given["type"]
    if kind != asked["type"]:
        return False
    if kind in _LISTS:
        key = _LISTS[kind]
        return bool(given[key]) and set(given[key]) <= set(asked[key])
    if kind in _RANGES:
        return _is_bounded(given, asked, "after") and _is_bounded(given, asked, "before")
    return strictly_equal(given, asked)


def _is_bounded(given: Condition, asked: Condition, key: str) -> bool:
    """Tell whether a range keeps within a bound of another."""
    if not asked.get(key):
        return True
    inner, outer = _bounds(given, {}, key), _bounds(asked, {}, key)
    return bool(inner and outer) and (inner >= outer if key == "after" else inner <= outer)


def _warning(rule: str, message: str, hint: str, path: Path) -> Finding:
    return Finding(rule=rule, message=message, hint=hint, path=path, severity=Severity.WARNING)
