"""One look at live, step by step: reading, comparing, and having state remember how far it came."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from reconciler.app.drift import Found, Swept, Wanted, remember, report_of, sweep
from reconciler.app.observing_look import looked
from reconciler.app.watching import NOBODY
from reconciler.app.workers import Workers
from reconciler.core.drifting import Manifests
from reconciler.core.undisturbed import undisturbed
from reconciler.core.unobserved import UNOBSERVED
from reconciler.errors import ExitCode, LockedError, StateError
from reconciler.model.drift import Report
from reconciler.model.look import Look
from reconciler.model.plan import Violation
from reconciler.model.state import State
from reconciler.ports import Clock, Crew, Reader, StateStore, Telemetry, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What a look begins with: what is asked for, state, and what the manifests say (None: they cannot be read).

    `telemetry` is told of it.
    """

    wanted: Wanted
    state: State
    manifests: Manifests | None
    telemetry: Telemetry = UNOBSERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What it ends with. `is_kept` tells whether state remembers it."""

    report: Report
    swept: Swept
    is_kept: bool

    @property
    def can_be_answered(self) -> bool:
        """Tell whether what was found may be set back: only what state remembers, and no signal cut short."""
        return self.is_kept and self.swept.stopped_by is None


def look(
    looking: Looking,
    reader: Reader,
    store: StateStore,
    *,
    is_relied_on: bool,
    clock: Clock,
    crew: Callable[[int], Crew[Found]] = Workers,
    watch: Watch = NOBODY,
) -> Seen:
    """Read, compare, and have state remember how far it came.

    Where state cannot remember it, that is a failure for whoever relies on it, as a look with a budget does.
    """
    wanted, telemetry = looking.wanted, looking.telemetry
    swept = sweep(wanted, looking.state, reader, clock=clock, crew=crew, progress=watch.reading, telemetry=telemetry)
    watch.done()
    report, looks = report_of(wanted, looking.state, looking.manifests, swept, now=clock.moment())
    looked(telemetry, report)
    trouble = _kept(store, looks)
    if trouble is None:
        return Seen(report=report, swept=swept, is_kept=True)
    warning = _not_kept(trouble, matters=is_relied_on or wanted.budget is not None)
    return Seen(report=replace(report, warnings=(*report.warnings, warning)), swept=swept, is_kept=False)


def _kept(store: StateStore, looks: Mapping[str, Look]) -> StateError | LockedError | None:
    """Save the place; what went wrong is told beside the report, which stands all the same."""
    try:
        with undisturbed():
            remember(store, looks)
    except (StateError, LockedError) as error:
        return error
    return None


def _not_kept(error: StateError | LockedError, *, matters: bool) -> Violation:
    """Return what is said of a place that was not kept: with a budget, the next look reads the same ones again."""
    message = f"this look is not remembered, so the next one does not go on from here: {error.message}"
    exit_code = error.exit_code if matters else ExitCode.DONE
    return Violation(rule="not-remembered", message=message, exit_code=exit_code)
