"""Which guards can be overridden, and how: each by its name and for a reason; some refusals by nobody."""

import re
from collections.abc import Sequence
from typing import Final

from reconciler.core.guarding.judging import GUARDS
from reconciler.core.guarding.names import ACKNOWLEDGE
from reconciler.core.spelling import did_you_mean
from reconciler.errors import UsageError
from reconciler.model.guards import Override

LONGEST_REASON: Final = 200
_ADDRESS: Final = re.compile(r"[^\s@]@[^\s@]")
# Refusals about which no reason makes a difference: what to do instead.
_NEVER: Final = {
    ACKNOWLEDGE: "name the plan instead: `reconciler apply --acknowledge CLASS:DIGEST`",
    "wrong-organisation": "use the key of the organisation that state is about, or another environment",
    "unreadable": "try again later",
    "vanished": "`reconciler state forget CUSTOM_ID` says that it may be created anew",
    "outcome-unknown": "`reconciler state resolve CUSTOM_ID` says what became of it",
    "not-visible-yet": "wait and plan again",
    "cycle": "take one of the references out",
    "rename-clash": "remove the former manifest, or the `renamed_from` that is not meant",
    "retire-unrecorded": "adopt it first; only what is recorded is retired",
    "retire-renamed": "apply the rename first, or set `custom_id` back",
    "still-referenced": "take the `$sequence` that names it out first",
    "missing-reference": "plan with the sequence that it refers to",
}


def checked_overrides(guards: Sequence[str], reasons: Sequence[str]) -> tuple[Override, ...]:
    """Return the overrides, sorted by guard; UsageError for one that is unknown, unexplained, or said twice."""
    for guard in guards:
        _require_known(guard)
    if len(guards) != len(reasons):
        raise UsageError(
            f"`--override` is given {_times(len(guards))} and `--reason` {_times(len(reasons))}",
            hint='each override needs its own reason, in the same order: `--override freeze --reason "..."`',
        )
    if len(set(guards)) != len(guards):
        raise UsageError("one guard is overridden twice", hint="give one `--override` and one `--reason` for it")
    overrides = (Override(guard=guard, reason=_reason(why)) for guard, why in zip(guards, reasons, strict=True))
    return tuple(sorted(overrides, key=lambda each: each.guard))


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _require_known(guard: str) -> None:
    if guard in _NEVER:
        raise UsageError(f"`{guard}` cannot be overridden", hint=_NEVER[guard])
    known = [each.id for each in GUARDS]
    if guard not in known:
        hint = did_you_mean(guard, known) or "there are: " + ", ".join(f"`{each}`" for each in known)
        raise UsageError(f"there is no guard `{guard}`", hint=hint)


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason:
        raise UsageError("a reason is empty", hint="say in a few words why the override is meant; it is recorded")
    if _ADDRESS.search(reason):
        raise UsageError("a reason has somebody's address in it", hint="name a ticket: what is recorded names nobody")
    if len(reason) > LONGEST_REASON:
        raise UsageError(f"a reason has {len(reason)} characters", hint=f"{LONGEST_REASON} are kept: say it shorter")
    return reason
