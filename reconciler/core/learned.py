"""What a server makes of what it is sent, learned once.

A record keeps both what was sent (`applied`) and what was read back (`stored`) where the two differ. A live value that
is still what was read back is not drift: it counts as what was applied. What differs from both is what someone did.
"""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.core.fields import differing
from reconciler.core.meaning import instant, same_at, same_payload
from reconciler.model.jsonvalue import ABSENT
from reconciler.model.pointer import Path, value_at
from reconciler.model.sequence import Payload, Record

# The copy of a step: stored otherwise, it still reaches the same people from the same sender at the same time.
_COPY: Final = frozenset({"email_subject", "email_body", "email_sender_name", "message"})


def baseline(record: Record, live: Payload) -> Payload:
    """Return what `effective` does, as a payload; where live is what was stored, without decoding either."""
    if record.stored is None:
        return live
    return record.applied if live.encoded == record.stored.encoded else Payload.of(effective(record, live))


def effective(record: Record, live: Payload) -> dict[str, Any]:
    """Return the live payload with every value that the server is known to have rewritten as it was applied."""
    if record.stored is None:
        return live.value
    unlearned: dict[str, Any] = _unlearn((), record.applied.value, record.stored.value, live.value)
    return unlearned


def learnable(applied: Payload, live: Payload) -> Payload | None:
    """Return what the server made of a payload where that is a matter of form; a rewrite that matters stays drift."""
    return live if not same_payload(applied, live) and is_harmless(applied, live) else None


def is_harmless(applied: Payload, stored: Payload) -> bool:
    """Tell whether a rewrite is a matter of form, touches only names and copy, or fills in what a step left out."""
    before, after = applied.value, stored.value
    return all(_is_harmless_at(path, before, after) for path in differing(before, after))


def is_in_form(applied: Payload, stored: Payload) -> bool:
    """Tell whether two payloads mean the same but for the form of their texts and instants."""
    before, after = applied.value, stored.value
    return all(_is_form_at(path, before, after) for path in differing(before, after))


def is_rewriting(applied: Payload, stored: Payload) -> bool:
    """Tell whether a server may have made one payload of the other by its habits alone, without somebody's hand.

    Narrower than `is_harmless`: another name or another text is not what a habit makes of it.
    """
    before, after = applied.value, stored.value
    return all(
        _is_form_at(path, before, after) or (_is_in_a_step(path) and value_at(before, path) is ABSENT)
        for path in differing(before, after)
    )


def _is_in_a_step(path: Path) -> bool:
    return path[0] == "steps" and len(path) > len(("steps", 0))


def _is_form_at(path: Path, applied: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    was, becomes = value_at(applied, path), value_at(stored, path)
    return becomes is not ABSENT and was is not ABSENT and same_at(path, _form(was), _form(becomes))


def _is_harmless_at(path: Path, applied: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    if path == ("name",) or (_is_in_a_step(path) and (path[-1] in _COPY or value_at(applied, path) is ABSENT)):
        return True
    return _is_form_at(path, applied, stored)


def _form(value: Any) -> Any:
    """Return the value with its texts trimmed and its instants cut to the second, which change nobody's audience.

    What trimming would leave empty stays as it is, since empty may mean all.
    """
    if isinstance(value, str):
        moment = instant(value)
        return value.strip() or value if moment is None else moment[: len("YYYY-MM-DDTHH:MM:SS")]
    if isinstance(value, Mapping):
        return {key: _form(each) for key, each in value.items()}
    return [_form(each) for each in value] if isinstance(value, list) else value


def _unlearn(path: Path, applied: Any, stored: Any, live: Any) -> Any:
    if same_at(path, stored, live):
        return applied
    unlearned = _unlearn_below(path, applied, stored, live)
    # Partly as it was stored and partly as it was applied is neither: somebody moved it, and that must show.
    is_hidden = same_at(path, unlearned, applied) and not same_at(path, live, applied)
    return live if is_hidden else unlearned


def _unlearn_below(path: Path, applied: Any, stored: Any, live: Any) -> Any:
    sides = (applied, stored, live)
    if all(isinstance(each, Mapping) for each in sides):
        keys = [*live, *(key for key in applied if key not in live)]
        found = {key: _unlearn((*path, key), *(each.get(key, ABSENT) for each in sides)) for key in keys}
        return {key: value for key, value in found.items() if value is not ABSENT}
    if all(isinstance(each, list) for each in sides) and len(applied) == len(stored) == len(live):
        return [_unlearn((*path, position), *each) for position, each in enumerate(zip(*sides, strict=True))]
    return live
