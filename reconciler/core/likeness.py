"""How alike two steps are: the same kind of message, and the words that they share."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from reconciler.model.jsonvalue import strictly_equal

# Of a thousand: identical; at least, where the kind of message is the same; where it is another one.
_SAME: Final = 1000
_SAME_KIND: Final = 200
_OTHER_KIND: Final = 50
_WORD: Final = re.compile(r"\w+")


def likenesses(before: Sequence[Any], after: Sequence[Any]) -> list[list[int]]:
    """Return the likeness of each step of one list, in rows, to each of the other, in columns, of a thousand."""
    words = [[_words(step) for step in steps] for steps in (before, after)]
    return [
        [_likeness(was, becomes, words[0][row], words[1][column]) for column, becomes in enumerate(after)]
        for row, was in enumerate(before)
    ]


def _likeness(was: Any, becomes: Any, said: Counter[str], says: Counter[str]) -> int:
    if _action(was) == _action(becomes) and strictly_equal(was, becomes):
        return _SAME
    if _kind(was) != _kind(becomes):
        return _OTHER_KIND
    shared, all_words = 2 * (said & says).total(), said.total() + says.total()
    return _SAME_KIND + (_SAME - _SAME_KIND - 1) * shared // max(all_words, 1)


def _action(step: Any) -> Mapping[str, Any]:
    action = step.get("action") if isinstance(step, Mapping) else None
    return action if isinstance(action, Mapping) else {}


def _kind(step: Any) -> Any:
    return _action(step).get("type")


def _words(step: Any) -> Counter[str]:
    """Count the words in a step's texts; its delay is not what makes it the step that it is."""
    found: Counter[str] = Counter()
    left: list[Any] = [_action(step).get("data")]
    while left:
        value = left.pop()
        if isinstance(value, str):
            found.update(_WORD.findall(value))
        elif isinstance(value, Mapping):
            left += value.values()
        elif isinstance(value, list | tuple):
            left += value
    return found
