"""Two filters side by side: which word says how the audience differs, and how that moves what refers to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.core.filters.algebra import is_contained, is_excluded
from reconciler.core.filters.conditions import Groups, Movement
from reconciler.core.filters.witnesses import can_match_everyone, do_overlap
from reconciler.model.risk import AudienceDelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How the audience differs from before, and what that means for a sequence whose filter names this one."""

    delta: AudienceDelta
    movement: Movement


def compare(before: Groups, after: Groups, moves: Mapping[str, Movement]) -> Comparison:
    """Compare two filters; `moves` is how the sequences move that they name, those that stand still left out."""
    narrows = is_contained(after, before, lambda key: moves.get(key) in (None, Movement.STILL, Movement.SHRINKS))
    widens = is_contained(before, after, lambda key: moves.get(key) in (None, Movement.STILL, Movement.GROWS))
    if narrows and widens:
        return Comparison(delta=AudienceDelta.SAME, movement=Movement.STILL)
    movement = Movement.SHRINKS if narrows else Movement.GROWS if widens else Movement.UNKNOWN
    return Comparison(delta=_word(before, after, movement), movement=movement)


def _word(before: Groups, after: Groups, movement: Movement) -> AudienceDelta:
    if can_match_everyone(after):
        return AudienceDelta.EVERYONE
    if movement is not Movement.UNKNOWN:
        return AudienceDelta.NARROWER if movement is Movement.SHRINKS else AudienceDelta.WIDER
    if is_excluded(before, after):
        return AudienceDelta.DISJOINT
    return AudienceDelta.OVERLAPPING if do_overlap(before, after) else AudienceDelta.UNKNOWN
