"""From a plan to requests: how many, which changes may go at the same time, and the very bytes of each body."""

from collections.abc import Mapping, Sequence
from typing import Final

from reconciler.core.references import resolve, unresolved
from reconciler.model.change import Action, Change
from reconciler.model.sequence import Payload

REQUESTS_FOR_A_WRITE: Final = 3  # a look before, the write itself, and reading back what came of it


def waves(changes: Sequence[Change]) -> tuple[tuple[Change, ...], ...]:
    """Group the changes that have something to do: each wave refers only to those before it. Order is kept."""
    level: dict[str, int] = {}
    grouped: dict[int, list[Change]] = {}
    for change in changes:
        level[change.custom_id] = 1 + max((level.get(name, -1) for name in change.waits_for), default=-1)
        if change.has_work:
            grouped.setdefault(level[change.custom_id], []).append(change)
    return tuple(tuple(grouped[depth]) for depth in sorted(grouped))


def body_to_send(body: Payload, ids: Mapping[str, str]) -> Payload:
    """Return the body with the sequences created meanwhile as their ids; KeyError when one is still not known."""
    names = unresolved(body)
    return resolve(body, {name: ids[name] for name in names}) if names else body


def requests_needed(changes: tuple[Change, ...], *, unproved: bool) -> int:
    """Return how many requests applying takes.

    Creates cost one more while the key's organisation is unproved: a recorded sequence is read first.
    """
    writes = sum(change.operation is not None for change in changes)
    proves = unproved and any(change.action is Action.CREATE for change in changes)
    return writes * REQUESTS_FOR_A_WRITE + proves
