"""Keeping one issue about an environment's drift: opened, edited and closed by the tool, found by its mark and author.

It is closed only by a report that says so: what a look with a budget has not read may still have drifted.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reconciler.core.sticky import is_outdated, mark_of, marked, own, settle, text_of
from reconciler.errors import UnavailableError
from reconciler.model.comment import Comment, Mark
from reconciler.ports import Forge

_ROUNDS: Final = 4
_DOUBLED: Final = "Another issue of this tool says the same; it goes on there: #{number}\n"


class Kept(StrEnum):
    """What became of the issue."""

    OPENED = "opened"
    EDITED = "edited"
    UNCHANGED = "unchanged"
    CLOSED = "closed"
    NOT_NEEDED = "not needed"
    OUTDATED = "outdated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What there is to say. `is_needed`: open an issue where there is none; `is_over`: close the one that is open."""

    title: str
    text: str
    is_needed: bool
    is_over: bool


def keep(forge: Forge, notice: Notice, mark: Mark, *, author: str) -> Kept:
    """Bring the issue up to date; one that a newer run has written is left alone.

    UnavailableError where others keep undoing it.
    """
    body = marked(mark, notice.text)
    for _ in range(_ROUNDS):
        found = own(forge.issues(), mark.key, author)
        if not found and not notice.is_needed:
            return Kept.NOT_NEEDED
        if not found:
            if forge.open_issue(notice.title, body) is not None:
                return Kept.OPENED
            continue  # and look: the answer was lost
        if is_outdated(mark, found):
            return Kept.OUTDATED
        _close_doubles(forge, found)
        keeper = found[0][0]
        if text_of(keeper.body) == notice.text and mark_of(keeper.body) == mark and not notice.is_over:
            return Kept.UNCHANGED
        if forge.edit_issue(keeper.id, body, closes=notice.is_over):
            return Kept.CLOSED if notice.is_over else Kept.EDITED
    raise UnavailableError("the issue is not there after several tries", hint="see who else edits or closes it")


def _close_doubles(forge: Forge, found: list[tuple[Comment, Mark]]) -> None:
    """Two runs at once may have opened one each: the older one stays."""
    decided = settle(found)
    marks = {comment.id: mark for comment, mark in found}
    for number in decided.surplus:
        forge.edit_issue(number, marked(marks[number], _DOUBLED.format(number=decided.keeper)), closes=True)
