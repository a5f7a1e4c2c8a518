"""What guards are called where more than one place has to know, and how one is overridden."""

from typing import Final

FREEZE: Final = "freeze"
ENDED: Final = "ended"
ACKNOWLEDGE: Final = "acknowledge"
PROBABLE_RENAME: Final = "probable-rename"
OVERRIDDEN: Final = "overridden"
IDLE_OVERRIDE: Final = "idle-override"
# What an undo says beside its plan: of manifests, which it does not depend on, and of what went out meanwhile.
ASKED_AGAIN: Final = "manifests-ask-again"
ALREADY_SENT: Final = "already-sent"
# What depends on the moment, or on what is said when a plan is applied: no two looks at one plan need to agree on it.
OF_THE_MOMENT: Final = frozenset({FREEZE, ACKNOWLEDGE, OVERRIDDEN, IDLE_OVERRIDE, ASKED_AGAIN, ALREADY_SENT})


def what_to_type(guard: str) -> str:
    """Return the options that override a guard."""
    return f'`--override {guard} --reason "..."`'
