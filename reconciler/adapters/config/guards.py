"""`[environments.NAME.guards]`: read and checked key by key. A guard that cannot be read refuses everything."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from reconciler.adapters.config.freeze import read_freeze
from reconciler.adapters.config.values import known, one_of, refused, table
from reconciler.model.guards import Adoption, Guards, Rule, Senders

if TYPE_CHECKING:
    from fractions import Fraction

_KEYS: Final = (
    "max_changes",
    "max_changes_percent",
    "acknowledge",
    "senders",
    "protected",
    "freeze",
    "ended",
    "adoption",
    "drift",
)
_CLASSES: Final = ("R0", "R1", "R2", "R3", "R4")
_DOMAIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
# What a custom_id is made of, and what a pattern adds.
_PATTERN: Final = re.compile(r"[A-Za-z0-9_*?\[\]!-]+", re.ASCII)
_MOST: Final = 10**6
_Choice = TypeVar("_Choice", bound=StrEnum)


def read_guards(given: Mapping[str, Any], *, where: str) -> Guards:
    """Return the guards of one environment; ConfigurationError for anything that could be meant otherwise."""
    known(given, _KEYS, where=where)
    return Guards(
        max_changes=_number(given["max_changes"], where=where) if "max_changes" in given else None,
        max_changes_percent=_percent(given["max_changes_percent"], where=where)
        if "max_changes_percent" in given
        else None,
        acknowledge=one_of(given["acknowledge"], _CLASSES, "acknowledge", where=where)
        if "acknowledge" in given
        else None,
        senders=_senders(given["senders"], where=f"{where}.senders") if "senders" in given else None,
        protected=_patterns(given.get("protected", []), where=where),
        freeze=read_freeze(given.get("freeze", []), where=where),
        ended=_choice(given, "ended", Rule.REFUSE, where=where),
        adoption=_choice(given, "adoption", Adoption.ASKED, where=where),
        drift=_choice(given, "drift", Rule.ALLOW, where=where),
    )


def _number(value: Any, *, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise refused("`max_changes` must be a whole number from 0 up", where=where)
    return value


def _percent(value: Any, *, where: str) -> "Fraction":
    from fractions import Fraction

    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 100:
        raise refused("`max_changes_percent` must be a number of more than 0, and 100 at most", where=where)
    # As it is written: 5.6 is a little more than that as a float, and would be rounded up to one change too many.
    return Fraction(str(value))


def _choice(given: Mapping[str, Any], key: str, default: _Choice, *, where: str) -> _Choice:
    kind = type(default)
    return kind(one_of(given.get(key, default.value), [each.value for each in kind], key, where=where))


def _senders(value: Any, *, where: str) -> Senders:
    given = table(value, where=where)
    known(given, ("domains", "names"), where=where)
    if not given:
        raise refused("it names neither `domains` nor `names`", where=where, hint='write { domains = ["example.com"] }')
    domains = _texts(given["domains"], "domains", where=where) if "domains" in given else None
    names = _texts(given["names"], "names", where=where) if "names" in given else None
    lowered = None if domains is None else tuple(domain.lower() for domain in domains)
    for domain in lowered or ():
        if not _DOMAIN.fullmatch(domain):
            raise refused(
                "`domains` has something that is no domain",
                where=where,
                hint='a domain stands for itself alone, as "mail.example.com": no address, no pattern',
            )
    return Senders(domains=lowered, names=names)


def _patterns(value: Any, *, where: str) -> tuple[str, ...]:
    patterns = _texts(value, "protected", where=where)
    for pattern in patterns:
        if not _PATTERN.fullmatch(pattern):
            raise refused(
                "`protected` has a pattern that no custom_id can match",
                where=where,
                hint="write custom_ids; `*` stands for any characters and `?` for one",
            )
    return patterns


def _texts(value: Any, key: str, *, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        raise refused(f"`{key}` must be a list of texts", where=where)
    return tuple(value)
