"""Which of a pull request's comments is the tool's own, and what is to become of it.

A comment counts only where its author is the tool's and its first line is the mark: anybody can write a mark, and a
reviewed digest is read out of it. Pure: lists of comments in, decisions out.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from reconciler.model.comment import Comment, Mark
from reconciler.model.jsonvalue import decoded

_MARK: Final = re.compile(r"<!-- reconciler (\{.*\}) -->(?:\r?\n|\Z)")
# Characters that GitHub takes; GitLab takes more.
LONGEST: Final = 65_536
_TOO_LONG: Final = "The plan does not fit beside its result any more; the plan job's artifacts have it.\n"
_RESULT: Final = re.compile(r"<!-- reconciler result -->\n.*?<!-- reconciler result ends -->\n", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How several own comments become one: `keeper` gets `body`, unless that is None; `surplus` are removed."""

    keeper: int
    body: str | None
    surplus: tuple[int, ...]


def marked(mark: Mark, text: str) -> str:
    """Return a comment's body: the mark, which no reader sees, and the text."""
    # A comment of HTML ends at `-->`, whatever stands around it.
    facts = json.dumps(asdict(mark), ensure_ascii=True).replace(">", "\\u003e").replace("<", "\\u003c")
    return f"<!-- reconciler {facts} -->\n{text}"


def mark_of(body: str) -> Mark | None:
    """Return what a body's first line says; None where it is no mark."""
    found = _MARK.match(body)
    if found is None:
        return None
    try:
        facts = decoded(found[1])
        mark = Mark(**facts)
    except (ValueError, TypeError, RecursionError):
        return None
    texts = (mark.digest, mark.commit)
    is_whole = isinstance(mark.key, str) and isinstance(mark.run, int) and not isinstance(mark.run, bool)
    return mark if is_whole and all(each is None or isinstance(each, str) for each in texts) else None


def text_of(body: str) -> str:
    """Return a body without its mark."""
    return _MARK.sub("", body, count=1)


def own(comments: Iterable[Comment], key: str, author: str) -> list[tuple[Comment, Mark]]:
    """Return the tool's own comments of a key, the oldest first."""
    marks = ((each, mark_of(each.body)) for each in comments if each.author == author)
    found = [(each, mark) for each, mark in marks if mark is not None and mark.key == key]
    return sorted(found, key=lambda pair: pair[0].id)


def is_outdated(mark: Mark, found: Iterable[tuple[Comment, Mark]]) -> bool:
    """Tell whether a newer run has had its say already."""
    return any(other.run > mark.run for _, other in found)


def settle(found: list[tuple[Comment, Mark]]) -> Settled:
    """Make one comment of those that runs at the same time have made: the oldest stays, and says what the newest did.

    Whoever decides it comes to the same, so that it does not matter which run is the last to do so.
    """
    keeper, _ = found[0]
    newest, _ = max(found, key=lambda pair: (pair[1].run, pair[0].id))
    return Settled(
        keeper=keeper.id,
        body=None if newest.id == keeper.id else newest.body,
        surplus=tuple(comment.id for comment, _ in found[1:]),
    )


def with_result(body: str, result: str) -> str:
    """Return a comment's body with what came of the plan on top of it, in the place of an earlier result."""
    found = _MARK.match(body)
    head, text = (found[0], body[found.end() :]) if found else ("", body)
    rest = _RESULT.sub("", text, count=1)
    told = f"{head}<!-- reconciler result -->\n{result.rstrip()}\n<!-- reconciler result ends -->\n"
    # Cut in the middle, a fence would stay open: what does not fit is left out whole.
    return told + (rest if len(told) + len(rest) <= LONGEST else _TOO_LONG)
