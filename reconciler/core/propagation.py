"""How the audiences of sequences move that name each other in their filters (`contacts_affected_by_sequence`).

Whom a sequence affects follows from whom it enrols, so its audience moves with those of the sequences that it names.
Filters hold no negation: what only grows makes others only grow. Starting from no movement, each sequence is compared
again until nothing moves any more; what stands then holds, also where sequences name each other in a circle.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.core.filters.comparison import compare
from reconciler.core.filters.conditions import Groups, Movement, Reference
from reconciler.model.sequence import Payload

# In canonical bytes, where a quote inside a text is escaped, so that this can only be a condition's key.
_NAMED: Final = re.compile(rb'"sequence_id":"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom a sequence reaches before and after, by its own filter; `own` is how it moves for any other reason."""

    before: Groups
    after: Groups
    own: Movement = Movement.STILL

    @property
    def named(self) -> frozenset[str]:
        """The ids of the sequences that either filter names."""
        conditions = (each for groups in (self.before, self.after) for group in groups for each in group)
        return frozenset(each.key for each in conditions if isinstance(each, Reference))


def named_in(payload: Payload) -> frozenset[str]:
    """Return the ids of the sequences that a payload names; a few too many do no harm."""
    return frozenset(each.decode("ascii") for each in _NAMED.findall(payload.encoded))


def movements(audiences: Mapping[str, Audience], seeds: Mapping[str, Movement] | None = None) -> dict[str, Movement]:
    """Return how each audience moves that does move, by the id of its sequence.

    `seeds` are movements to reckon with beside those that the audiences show.
    """
    naming: dict[str, list[str]] = {}
    for id_, audience in audiences.items():
        for name in audience.named:
            naming.setdefault(name, []).append(id_)
    moves = dict(seeds or {})
    waiting = _unique(audiences)
    while waiting:
        id_, _ = waiting.popitem()
        audience, known = audiences[id_], moves.get(id_, Movement.STILL)
        found = compare(audience.before, audience.after, moves).movement.joined(audience.own).joined(known)
        if found is not known:
            moves[id_] = found
            waiting.update(_unique(naming.get(id_, ())))
    return moves


def _unique(ids: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(ids)
