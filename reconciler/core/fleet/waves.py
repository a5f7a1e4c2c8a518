"""Which organisations are applied when: the canaries first, then waves that grow.

Who goes when is a matter of chance that the plan's digest decides: the same plan has the same waves, and it is not
always the same organisations that meet a mistake first.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from math import ceil
from typing import Final

from reconciler.core.fleet.selecting import means
from reconciler.model.fleet_run import Wave
from reconciler.model.waves import CANARY_PERCENT, Most, WaveSettings

_SHARE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?%", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_HUNDRED: Final = 100.0


def waves(organisations: Mapping[str, Sequence[str]], settings: WaveSettings, *, digest: str) -> tuple[Wave, ...]:
    """Return the waves of the organisations that have something to do, given by name with their labels.

    Each organisation is in exactly one; no wave is empty. Where canaries are named and none of them has anything to do,
    a small share takes their place: never does a large wave go first.
    """
    drawn = sorted(organisations, key=lambda name: sha256(f"{digest}/{name}".encode()).digest())
    named = [name for name in drawn if any(means(word, name, organisations[name]) for word in settings.canaries)]
    first = named or drawn[: _share(len(drawn), CANARY_PERCENT if settings.canaries else settings.share)]
    chosen = set(first)
    rest = [name for name in drawn if name not in chosen]
    groups, size = ([first] if first else []), len(first)
    while rest:
        size = ceil(size * settings.growth)
        groups.append(rest[:size])
        rest = rest[size:]
    return tuple(Wave(number=number, organisations=tuple(sorted(each))) for number, each in enumerate(groups, start=1))


def read_share(text: str) -> float | None:
    """Return how many in a hundred a text such as `2%` says, more than none and at most all; None for another text."""
    match = _SHARE.fullmatch(text)
    number = None if match is None else float(match[1])
    return number if number is not None and 0 < number <= _HUNDRED else None


def read_most(text: str) -> Most | None:
    """Return how many may, as `3` or `5%` says it; None for another text."""
    match = _SHARE.fullmatch(text)
    if match is not None and float(match[1]) <= _HUNDRED:
        return Most(number=float(match[1]), is_share=True)
    return Most(number=int(text)) if _NUMBER.fullmatch(text) else None


def read_canaries(words: Iterable[str]) -> tuple[tuple[str, ...], float | None] | None:
    """Return the names and the share that words say, never both; None where they mix them, or say a share twice."""
    given = list(dict.fromkeys(words))
    shares = [each for each in given if each.endswith("%")]
    if not shares:
        return tuple(given), None
    share = read_share(shares[0])
    return None if len(given) > 1 or share is None else ((), share)


def _share(total: int, percent: float) -> int:
    return min(total, max(1, ceil(total * percent / _HUNDRED - 1e-9))) if total else 0
