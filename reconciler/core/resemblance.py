"""Which new sequences say nearly the same as one whose manifest is gone: a rename that nobody has called one.

How alike two payloads are is the share of the words that both have (Dice's coefficient over all words, each as often as
it stands there): words of the name, the filter and the texts of every step. What many sequences of a house share says
nothing about which one it is, so markup, kinds and senders do not count.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from reconciler.core.nearness import near_sets
from reconciler.core.snapshot import Snapshot, orphans
from reconciler.core.spelling import first_few
from reconciler.model.change import Action, Change
from reconciler.model.sequence import Gone, Live, Payload, is_over

# Measured in tests/core/test_core_resemblance.py: what differs more is another sequence.
ALIKE: Final = 0.7
# Nobody reads more names of one, and ten thousand may be alike to each of ten thousand.
MOST_ALIKE: Final = 100
_WORD: Final = re.compile(r"\w+")
_SHARED: Final = frozenset({"type", "from_email", "email_sender_name"})
_MARKUP: Final = re.compile(r"<style\b[^<>]*>[^<]*|<[^<>]*>", re.IGNORECASE)


def resembled(snapshot: Snapshot, changes: Iterable[Change]) -> dict[str, tuple[str, ...]]:
    """Return, by the custom_id of each create, the orphans that say nearly the same and may go on sending, sorted."""
    created = {each.custom_id: each.body for each in changes if each.action is Action.CREATE and each.body is not None}
    if not created:
        return {}
    left = {name: snapshot.records[name].applied for name in orphans(snapshot) if _may_send(snapshot, name)}
    return pairs(left, created) if left else {}


def _may_send(snapshot: Snapshot, name: str) -> bool:
    reading = snapshot.readings.get(name)
    status = reading.status if isinstance(reading, Live) else snapshot.records[name].status
    return not isinstance(reading, Gone) and not is_over(status)


def pairs(left: Mapping[str, Payload], created: Mapping[str, Payload]) -> dict[str, tuple[str, ...]]:
    """Return which of one side are alike to each of the other, MOST_ALIKE at most; those of which none is are left out.

    Those that say the very same are found at once, and where there are any, no others are looked for.
    """
    same: defaultdict[bytes, list[str]] = defaultdict(list)
    for name in sorted(left):
        same[_said(left[name])].append(name)
    first = {said: tuple(names[:MOST_ALIKE]) for said, names in same.items()}
    found = {name: first[said] for name, payload in created.items() if (said := _said(payload)) in first}
    others = {name: payload for name, payload in created.items() if name not in found}
    if others:
        known = ((name, words_of(left[name])) for name in sorted(left))
        asked = ((name, words_of(payload)) for name, payload in others.items())
        found |= near_sets(known, asked, least=ALIKE, most=MOST_ALIKE)
    return found


def in_words(names: Sequence[str], most: int) -> str:
    """Return the first so many names. Of as many as are kept there may be more, and nobody knows how many."""
    quoted = [f"`{each}`" for each in names]
    is_all = len(quoted) < MOST_ALIKE
    return first_few(quoted, most) if is_all else f"{', '.join(quoted[:most])} and many more"


def words_of(payload: Payload) -> frozenset[tuple[str, int]]:
    """Return the words of a payload, each with a number where it stands there more than once."""
    counts: Counter[str] = Counter()
    left: list[Any] = [_without_its_id(payload)]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            left += (each for key, each in value.items() if key not in _SHARED)
        elif isinstance(value, list):
            left += value
        elif isinstance(value, str):
            counts.update(_WORD.findall(_MARKUP.sub(" ", value)))
    return frozenset((word, number) for word, times in counts.items() for number in range(times))


def _said(payload: Payload) -> bytes:
    return Payload.of(_without_its_id(payload)).encoded


def _without_its_id(payload: Payload) -> dict[str, Any]:
    return {key: value for key, value in payload.value.items() if key != "custom_id"}
