"""What the guards still say right before a write, when the clock and the sequence have moved on since the plan."""

from dataclasses import dataclass, field

from reconciler.core.guarding.freeze import frozen
from reconciler.core.guarding.names import ENDED, FREEZE, what_to_type
from reconciler.model.guards import NO_GUARDS, Guards, Override, Rule
from reconciler.model.sequence import is_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """Why a write is not made. `stops` where it holds for all that are left."""

    reason: str
    stops: bool


@dataclass(frozen=True, slots=True)
class WriteGuards:
    """The guards of one run, with the overrides of its plan."""

    guards: Guards = NO_GUARDS
    overrides: tuple[Override, ...] = field(default=())

    def frozen(self, now: str) -> str | None:
        """Return why nothing may be written at a moment (RFC 3339); None where it may."""
        found = None if self._is_overridden(FREEZE) else frozen(self.guards, now)
        return None if found is None else f"{found.fact} [{FREEZE}]"

    def forbidden(self, now: str, status: str | None) -> Forbidden | None:
        """Return why a sequence of this status may not be written at a moment; None where it may."""
        reason = self.frozen(now)
        if reason is not None:
            return Forbidden(reason=reason, stops=True)
        if self.guards.ended is Rule.REFUSE and is_over(status) and not self._is_overridden(ENDED):
            again = f"plan again; if it is meant, with {what_to_type(ENDED)}"
            return Forbidden(reason=f"it is {status}, so what is written to it reaches nobody: {again}", stops=False)
        return None

    def _is_overridden(self, guard: str) -> bool:
        return any(override.guard == guard for override in self.overrides)
