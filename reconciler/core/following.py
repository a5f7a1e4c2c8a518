"""Which audiences a plan moves: those of its changes, and of every sequence that names a moving one in its filter."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.core.edits import Edit, Seen, seen_as
from reconciler.core.filters.comparison import compare
from reconciler.core.filters.conditions import Movement
from reconciler.core.propagation import Audience, movements, named_in
from reconciler.core.risk import Kind
from reconciler.core.snapshot import Snapshot
from reconciler.model.risk import AudienceDelta

# After such a change of its steps nobody knows whether a sequence still affects the same contacts.
_DOUBTFUL: Final = frozenset(Kind) - {Kind.LABEL, Kind.COPY, Kind.CONTINUOUS, Kind.ONCE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How audiences move, by the id of their sequence; empty where no change moves one.

    `moves` names who moves, by filters alone. `doubted` reckons with the steps too, and is what claims rest on.
    `followers` are the sequences that move though nothing is written to them.
    """

    moves: Mapping[str, Movement] = field(default_factory=dict)
    doubted: Mapping[str, Movement] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    followers: Mapping[str, Seen] = field(default_factory=dict)

    def followed(self, audience: Audience, id_: str) -> tuple[str, ...]:
        """Return the custom_ids of the moving sequences that a sequence names in its filter, itself left out."""
        moving = self.moves.keys() - {id_}
        return tuple(sorted(self.names[each] for each in audience.named & moving)) if moving else ()

    def delta(self, audience: Audience) -> AudienceDelta:
        """Return how an audience differs, all that is known of the sequences that it names reckoned with."""
        return compare(audience.before, audience.after, self.doubted).delta


def follow(snapshot: Snapshot, given: Iterable[Edit]) -> Following:
    """Find every audience that moves when the edits are made."""
    edits = {edit.id: edit for edit in given}
    moving = {id_ for id_, edit in edits.items() if edit.is_about_the_filter or edit.own_movement is not Movement.STILL}
    if not moving:
        return Following()
    doubtful = {id_: Movement.UNKNOWN for id_, edit in edits.items() if edit.kinds & _DOUBTFUL}
    edited = {id_: edit.audience for id_, edit in edits.items()}
    standing = {record.id: name for name, record in snapshot.records.items() if record.id not in edits}
    naming = {id_: named_in(snapshot.records[name].applied) for id_, name in standing.items()}
    naming |= {id_: audience.named for id_, audience in edited.items()}
    concerned = _reached(moving | doubtful.keys(), naming)
    seen = {
        id_: seen_as(snapshot, standing[id_], snapshot.records[standing[id_]]) for id_ in concerned & standing.keys()
    }
    audiences = {id_: each for id_, each in edited.items() if id_ in concerned}
    audiences |= {id_: each.audience for id_, each in seen.items() if each is not None}
    moves = movements(audiences)
    return Following(
        moves=moves,
        doubted=movements(audiences, doubtful),
        names={**standing, **{id_: edit.change.custom_id for id_, edit in edits.items()}},
        followers={id_: each for id_, each in seen.items() if each is not None and id_ in moves},
    )


def _reached(start: Iterable[str], naming: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the ids to start from and all that name one of them, over any number of steps."""
    naming_it: dict[str, list[str]] = {}
    for id_, named in naming.items():
        for each in named:
            naming_it.setdefault(each, []).append(id_)
    reached = set(start)
    waiting = list(reached)
    while waiting:
        for id_ in naming_it.get(waiting.pop(), ()):
            if id_ not in reached:
                reached.add(id_)
                waiting.append(id_)
    return frozenset(reached)
