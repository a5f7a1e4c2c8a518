"""Whether a sequence can reach people by its steps whom its steps before could not: another channel, or consent.

Whether a contact who cannot be had by one step (no phone number, no consent) goes on to the next one is not known. So
both readings have to leave nobody new: who can be had by any step, and who can be had by the first one.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from reconciler.model.jsonvalue import canonical

_CONSENT = "email_is_transactional"

# A kind of message, and whether it is sent without consent.
Way: TypeAlias = tuple[bytes, bool]


def opens_a_way(before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Tell whether anybody can be reached by the steps after whom those before could not be known to reach."""
    were, are = [_way(each) for each in before], [_way(each) for each in after]
    if not are:
        return False
    return not all(_is_among(each, were) for each in are) or not _is_among(are[0], were[:1])


def is_transactional(step: Any) -> bool:
    """Tell whether a step's message is sent without consent."""
    data = _action(step).get("data")
    return isinstance(data, Mapping) and data.get(_CONSENT, False) is not False


def _is_among(way: Way, ways: Sequence[Way]) -> bool:
    kind, without_consent = way
    return any(kind == other and (reaches_all or not without_consent) for other, reaches_all in ways)


def _way(step: Any) -> Way:
    return canonical(_action(step).get("type")), is_transactional(step)


def _action(step: Any) -> Mapping[str, Any]:
    action = step.get("action") if isinstance(step, Mapping) else None
    return action if isinstance(action, Mapping) else {}
