"""What a manifest becomes where what was changed in live is to be kept: drifted fields take live's value. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.core.fields import field_changes
from reconciler.core.handoff import hand_off
from reconciler.core.learned import effective
from reconciler.core.snapshot import wanted
from reconciler.model.change import FieldChange, Origin
from reconciler.model.imported import Contested
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.pointer import Path, replaced
from reconciler.model.sequence import Desired, Live, Payload, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """What the manifest's payload is, with its references as ids, and what it is to become; `drifted` are the fields.

    `contested` are those that the manifest moved as well: they are among the drifted ones only where live is taken.
    """

    before: dict[str, Any]
    after: dict[str, Any]
    drifted: tuple[Path, ...]
    contested: tuple[Contested, ...]


def take(desired: Desired, record: Record, live: Live, *, ids: Mapping[str, str], take_live: bool) -> Taking:
    """Return what becomes of a manifest. Fields that it hands off, or has changed alone, stay as they are."""
    found = Payload.of(effective(record, live.payload))
    own = wanted(desired, ids)
    payload = hand_off(own, desired.instructions.ignore, source=found)
    fields = field_changes(record.applied.value, payload.value, found.value)
    contested = [each for each in fields if each.origin is Origin.CONFLICT]
    drifted = [each for each in fields if each.origin is Origin.DRIFT] + (contested if take_live else [])
    if len(drifted) == len(fields):
        # Nothing of the manifest's own is left, so that whatever live is can be taken as a whole.
        after = hand_off(found, desired.instructions.ignore, source=own).value if drifted else own.value
    else:
        after = _with(own.value, drifted)
    return Taking(
        before=own.value,
        after=after,
        drifted=tuple(each.path for each in drifted),
        contested=tuple(
            Contested(path=each.path, recorded=each.recorded, desired=each.desired, live=each.live)
            for each in contested
        ),
    )


def _with(value: dict[str, Any], drifted: Iterable[FieldChange]) -> dict[str, Any]:
    """Return a payload with live's value in the drifted fields; what is gone goes last, from the end on."""
    changed: Any = value
    there = [each for each in drifted if each.live is not ABSENT]
    gone = [each for each in drifted if each.live is ABSENT]
    for each in sorted(there, key=_order):
        changed = replaced(changed, each.path, each.live)
    for each in sorted(gone, key=_order, reverse=True):
        changed = replaced(changed, each.path, ABSENT)
    result: dict[str, Any] = changed
    return result


def _order(change: FieldChange) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in change.path]
