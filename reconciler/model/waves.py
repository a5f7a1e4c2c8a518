"""How a fleet is applied: in waves, canaries first, each with a gate behind it. These are the settings of that."""

from dataclasses import dataclass
from typing import Final

# What the canaries are where nobody said it, and in the place of named ones of which none has anything to do.
CANARY_PERCENT: Final = 2.0
# How many of a later wave may fail where nobody said it.
LATER_PERCENT: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """At most so many organisations, or (`is_share`) so many in a hundred of those of a wave, rounded down.

    However small the wave, `least` may.
    """

    number: float
    is_share: bool = False
    least: int = 0

    def of(self, total: int) -> int:
        """Return how many that are, of so many."""
        # A share such as 7 % of 100 must not come to 6 for what floating point leaves of it.
        return max(self.least, int(self.number * total / 100 + 1e-9) if self.is_share else int(self.number))

    def __str__(self) -> str:
        return f"{self.number:g}%" if self.is_share else f"{self.number:g}"


NONE: Final = Most(number=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveSettings:
    """How waves are formed and gated.

    `canaries` names those of the first wave, by name or label, with patterns; `share` is how many in a hundred go first
    where nothing is named. Each wave is `growth` times as large as the one before. `failures` and `unknowns` are how
    many organisations of a wave may end that way before the gate stays shut; failures of None are none of the canaries
    and a few of a later wave. `pause` are seconds after which what a wave wrote is read again; 0 is never.
    """

    canaries: tuple[str, ...] = ()
    share: float = CANARY_PERCENT
    growth: float = 3.0
    failures: Most | None = None
    unknowns: Most = NONE
    pause: float = 0.0

    def most_failures(self, *, is_canary: bool) -> Most:
        """Return how many organisations of a wave may fail."""
        if self.failures is not None:
            return self.failures
        return NONE if is_canary else Most(number=LATER_PERCENT, is_share=True, least=1)


DEFAULT_WAVES: Final = WaveSettings()
