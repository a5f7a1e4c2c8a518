"""Keeping one comment on a pull request: found by its mark and its author, edited in place, never doubled."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reconciler.core.sticky import is_outdated, mark_of, marked, own, settle, text_of, with_result
from reconciler.errors import RefusedError, UnavailableError
from reconciler.model.comment import Comment, Mark
from reconciler.ports import Forge

_ROUNDS: Final = 4


class Posted(StrEnum):
    """What became of a comment."""

    WRITTEN = "written"
    EDITED = "edited"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a sticky comment is: the number of the pull request, its key there, and whose comments count."""

    number: int
    key: str
    author: str


def post(forge: Forge, place: Place, mark: Mark, text: str) -> Posted:
    """Write the comment, or edit the one that is there; a newer run's is left alone.

    UnavailableError where others keep undoing it.
    """
    body = marked(mark, text)
    posted = Posted.UNCHANGED
    for _ in range(_ROUNDS):
        found = _own(forge, place)
        if not found:
            forge.create(place.number, body)
            posted = Posted.WRITTEN
            continue  # and look: another run may have written one at the same time, or the answer was lost
        if is_outdated(mark, found):
            return Posted.OUTDATED
        if len(found) > 1:
            _settle(forge, place, found)
            continue
        keeper = found[0][0]
        if text_of(keeper.body) == text and mark_of(keeper.body) == mark:
            return posted
        if forge.edit(place.number, keeper.id, body) and posted is Posted.UNCHANGED:
            posted = Posted.EDITED
    raise UnavailableError("the comment is not there after several tries", hint="see who else edits or removes it")


def _settle(forge: Forge, place: Place, found: list[tuple[Comment, Mark]]) -> None:
    decided = settle(found)
    if decided.body is None or forge.edit(place.number, decided.keeper, decided.body):
        for surplus in decided.surplus:
            forge.remove(place.number, surplus)


def reviewed(forge: Forge, commit: str, key: str, author: str) -> tuple[Place, Mark]:
    """Return the comment that was reviewed with the pull request that brought a commit in.

    RefusedError where there is none, or where it is about another commit than the one that was merged.
    """
    merged = forge.merged_by(commit)
    if not merged:
        raise RefusedError(
            f"no merged pull request brought in {commit}, so nobody reviewed a plan for it",
            hint="merge through a pull request, or plan and apply by hand",
        )
    place = Place(number=merged[0].number, key=key, author=author)
    found = _own(forge, place)
    if not found:
        raise RefusedError(
            f"pull request {place.number} has no comment with a plan (`{key}`, by {author})",
            hint="see whether its plan job ran; then plan and apply by hand",
        )
    mark = max(found, key=lambda pair: (pair[1].run, pair[0].id))[1]
    if mark.digest is None or mark.commit != merged[0].head:
        raise RefusedError(
            f"the plan on pull request {place.number} is for another commit than the one that was merged",
            hint="plan and apply by hand",
        )
    return place, mark


def write_result(forge: Forge, place: Place, result: str) -> bool:
    """Put what came of the plan on top of its comment; False where there is none."""
    found = _own(forge, place)
    if not found:
        return False
    keeper = found[0][0]
    return forge.edit(place.number, keeper.id, with_result(keeper.body, result))


def _own(forge: Forge, place: Place) -> list[tuple[Comment, Mark]]:
    return own(forge.comments(place.number), place.key, place.author)
