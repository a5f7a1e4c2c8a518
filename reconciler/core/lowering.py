"""From a plan to requests: which changes may go at the same time, and the very bytes of each body."""

from collections.abc import Mapping, Sequence

from reconciler.core.references import resolve, unresolved
from reconciler.model.change import Change, Operation
from reconciler.model.sequence import Payload


def waves(changes: Sequence[Change]) -> tuple[tuple[Change, ...], ...]:
    """Group the changes that have something to do: each wave refers only to those before it. Order is kept."""
    level: dict[str, int] = {}
    grouped: dict[int, list[Change]] = {}
    for change in changes:
        level[change.custom_id] = 1 + max((level.get(name, -1) for name in change.waits_for), default=-1)
        if change.operation is not None or change.record is not None:
            grouped.setdefault(level[change.custom_id], []).append(change)
    return tuple(tuple(grouped[depth]) for depth in sorted(grouped))


def body_to_send(operation: Operation, ids: Mapping[str, str]) -> Payload:
    """Return the body with the sequences created meanwhile as their ids; KeyError when one is still not known."""
    names = unresolved(operation.body)
    return resolve(operation.body, {name: ids[name] for name in names}) if names else operation.body
