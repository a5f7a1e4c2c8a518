"""Bugs of the guards: what an environment lets nobody do, and what an override takes away."""

from collections.abc import Iterator
from typing import Final

from tests.planted.planting import Bug

_GUARDS: Final = (
    "tests/core/test_core_guarding.py",
    "tests/core/test_core_freeze.py",
    "tests/adapters/config",
    "tests/app/test_guards_while_writing.py",
    "tests/scenarios/test_guards.py",
)


def guards() -> Iterator[Bug]:
    """Return them all."""
    folder = "reconciler/core/guarding"
    yield Bug(
        name="round-a-share-down",
        file=f"{folder}/amount.py",
        old="    return max(1, ceil(recorded * percent / 100))\n",
        new="    return max(1, int(recorded * percent / 100))\n",
        tests=_GUARDS,
    )
    yield Bug(
        name="let-a-small-state-through",
        file=f"{folder}/amount.py",
        old="    if percent is not None and writes > share(",
        new="    if percent is not None and proposal.recorded > 10 and writes > share(",
        tests=_GUARDS,
    )
    yield Bug(
        name="reckon-a-share-in-floats",
        file="reconciler/adapters/config/guards.py",
        old="    return Fraction(str(value))\n",
        new="    return Fraction(value)\n",
        tests=_GUARDS,
    )
    yield Bug(
        name="ask-about-a-freeze-only-when-planning",
        file=f"{folder}/writing.py",
        old="        found = None if self._is_overridden(FREEZE) else frozen(self.guards, now)\n",
        new="        found = None\n",
        tests=(*_GUARDS, "tests/simulation/test_simulation.py"),
    )
    yield Bug(
        name="ask-about-a-freeze-before-the-wait-for-the-limit",
        file="reconciler/adapters/api/caller.py",
        old="        reason = forbidden()\n",
        new="        reason = None\n",
        tests=("tests/adapters/api/test_caller.py",),
    )
    yield Bug(
        name="end-a-night-at-midnight",
        file=f"{folder}/freeze.py",
        old="    last = day if end > begin else day + _DAY\n",
        new="    last = day if end > begin else day\n",
        tests=_GUARDS,
    )
    yield Bug(
        name="take-the-hour-that-is-there-twice-for-one",
        file=f"{folder}/freeze.py",
        old="for fold in (0, 1))",
        new="for fold in (0, 0))",
        tests=_GUARDS,
    )
    yield Bug(
        name="write-to-what-was-canceled-since-the-plan",
        file=f"{folder}/writing.py",
        old="is_over(status) and not",
        new="status is None and not",
        tests=_GUARDS,
    )
    yield Bug(
        name="leave-overrides-out-of-what-is-reviewed",
        file="reconciler/core/codec/plan.py",
        old='        **({"overrides": [_override(each) for each in basis.overrides]} if basis.overrides else {}),\n',
        new="",
        tests=_GUARDS,
    )
    yield Bug(
        name="one-override-for-every-guard",
        file=f"{folder}/judging.py",
        old="        if guard.id not in reasons:\n",
        new="        reasons.update({guard.id: str(found)} if reasons else {})\n        if guard.id not in reasons:\n",
        tests=_GUARDS,
    )
    yield Bug(
        name="an-acknowledgement-for-any-plan",
        file=f"{folder}/acknowledgement.py",
        old="    if given is not None and given.digest != digest:\n",
        new="    if given is not None and not given.digest:\n",
        tests=_GUARDS,
    )
    yield Bug(
        name="forget-a-freeze-where-live-has-moved",
        file="reconciler/app/approve.py",
        old="violations=passing, requests=requests)",
        new="violations=(), requests=requests)",
        tests=_GUARDS,
    )
    yield Bug(
        name="rename-a-protected-sequence-away",
        file=f"{folder}/protected.py",
        old="for name in (change.custom_id, change.recorded_as) if",
        new="for name in (change.custom_id,) if",
        tests=_GUARDS,
    )
