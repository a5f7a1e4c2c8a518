"""A look at live: read what was chosen, compare it with what is recorded, and remember how far it came.

Nothing here writes to the API. What was read is kept whatever ends the look.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from reconciler.app.observing_look import looking
from reconciler.app.stop import GRACE, Stopped
from reconciler.app.workers import Workers
from reconciler.core.drifting import Manifests, compare, known_before
from reconciler.core.rounds import chosen, coverage
from reconciler.core.snapshot import Request
from reconciler.core.spelling import first_few
from reconciler.core.unobserved import UNOBSERVED
from reconciler.errors import ExitCode, RefusedError
from reconciler.model.drift import Report
from reconciler.model.look import Look
from reconciler.model.plan import Violation
from reconciler.model.sequence import Live, Reading, SequenceStatus, Unreadable
from reconciler.model.settings import RateLimit
from reconciler.model.state import Looked, State
from reconciler.ports import Clock, Crew, Reader, StateStore, Telemetry

PARALLEL: Final = 8
_MOST_NAMED: Final = 5
Found: TypeAlias = tuple[str, Reading, str]  # by recorded name, with the moment
Progress: TypeAlias = Callable[[int], Callable[[str], None]]


@dataclass(slots=True)
class Swept:
    """What was read, and when, by recorded name.

    `unasked` is how many were not, since the run's time was up or a signal came; `stopped_by` is that signal.
    """

    readings: dict[str, Reading] = field(default_factory=dict)
    moments: dict[str, str] = field(default_factory=dict)
    unasked: int = 0
    stopped_by: BaseException | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a look is asked for. `budget` is how many are read at most; None for all that `request` selects.

    `known_only`: of these only what an earlier look has not found as recorded.
    """

    request: Request
    budget: int | None
    limit: RateLimit
    known_only: bool = False


def sweep(
    wanted: Wanted,
    state: State,
    reader: Reader,
    *,
    clock: Clock,
    crew: Callable[[int], Crew[Found]] = Workers,
    progress: Progress | None = None,
    telemetry: Telemetry = UNOBSERVED,
) -> Swept:
    """Read what the look is to read; RefusedError as soon as the key shows another organisation than the recorded one.

    A signal ends it early, and what was read until then is handed back.
    """
    known = {each.custom_id for each in known_before(state, {})} if wanted.known_only else set(state.records)
    selected = [name for name in state.records if name in known and wanted.request.selects(name)]
    names = chosen(selected, state, now=clock.moment(), budget=wanted.budget)
    tell = progress(len(names)) if progress else lambda _: None
    with looking(telemetry, budget=wanted.budget):
        return _swept(names, state, reader, clock, crew(PARALLEL), tell)


def _swept(
    names: Sequence[str],
    state: State,
    reader: Reader,
    clock: Clock,
    workers: Crew[Found],
    tell: Callable[[str], None],
) -> Swept:
    swept = Swept()
    try:
        for name in names:
            workers.submit(partial(_read, name, state, reader, clock))
        for name, reading, moment in workers.results():
            _refuse_another(state, reading)
            if not (isinstance(reading, Unreadable) and reading.is_unasked):
                swept.readings[name], swept.moments[name] = reading, moment
            tell(name)
    except Exception:
        workers.stop()
        workers.linger(None)
        raise
    except Stopped as stopped:
        # This process goes on, and what is in flight still has its connection.
        swept.stopped_by = stopped
        workers.stop()
        workers.linger(GRACE)
    except BaseException as signal:  # noqa: BLE001 - Ctrl-C or SIGTERM; the caller ends with its exit code
        swept.stopped_by = signal
    finally:
        workers.stop()
    swept.unasked = len(names) - len(swept.readings)
    return swept


def _read(name: str, state: State, reader: Reader, clock: Clock) -> Found:
    reading = reader.read(state.records[name].id)
    return name, reading, clock.moment()


def _refuse_another(state: State, reading: Reading) -> None:
    if isinstance(reading, Live) and state.org_id is not None and reading.org_id != state.org_id:
        raise RefusedError(
            f"the key belongs to organisation {reading.org_id or '(unknown)'}, state to {state.org_id}; "
            "nothing was compared",
            hint="use the key of the organisation that this state is about, or another environment",
        )


def report_of(
    wanted: Wanted, state: State, manifests: Manifests | None, swept: Swept, *, now: str
) -> tuple[Report, Mapping[str, Look]]:
    """Return what the look comes to, and what state is to remember of it."""
    found = compare(wanted.request, state, manifests, swept.readings, moments=swept.moments)
    report = Report(
        environment=wanted.request.environment,
        lineage=state.lineage,
        serial=state.serial,
        moment=now,
        only=wanted.request.only,
        coverage=coverage(state, found.looks, now=now, budget=wanted.budget, limit=wanted.limit),
        drifted=found.drifted,
        handed_off=found.handed_off,
        gone=found.gone,
        unreadable=found.unreadable,
        unsettled=found.unsettled,
        known=known_before(state, swept.readings),
        in_step=found.in_step,
        warnings=(*_unasked(swept), *_unknown_handed_off(manifests), *_canceled(state, swept.readings)),
    )
    return report, found.looks


def _unasked(swept: Swept) -> tuple[Violation, ...]:
    if not swept.unasked or swept.stopped_by is not None:
        return ()
    message = (
        f"the run's time was up before {swept.unasked} of the sequences were read; the next look begins with them. "
        "`--budget N` reads fewer at a time, `timeouts.run` of the environment gives it longer"
    )
    return (Violation(rule="out-of-time", message=message, exit_code=ExitCode.UNAVAILABLE),)


def _unknown_handed_off(manifests: Manifests | None) -> tuple[Violation, ...]:
    if manifests is not None:
        return ()
    message = (
        "the manifests cannot be read, so nobody knows which fields are handed off: each difference counts as drift; "
        "`reconciler validate` says what is wrong"
    )
    return (Violation(rule="manifests-unreadable", message=message, exit_code=ExitCode.DONE),)


def remember(store: StateStore, looks: Mapping[str, Look]) -> None:
    """Record what was looked at, on top of whatever state is by now; LockedError or StateError where that fails."""
    if not looks:
        return
    session = store.begin(store.load(), "drift")
    try:
        session.append(Looked(looks=looks))
    finally:
        session.finish()


def _canceled(state: State, readings: Mapping[str, Reading]) -> tuple[Violation, ...]:
    """Name what somebody canceled: no field of it need differ, and nothing of it is sent any more."""
    names = [
        name
        for name, reading in sorted(readings.items())
        if isinstance(reading, Live)
        and reading.status == SequenceStatus.CANCELED
        and state.records[name].status != SequenceStatus.CANCELED
        and not state.records[name].retired
    ]
    if not names:
        return ()
    first = first_few([f"`{each}`" for each in names], _MOST_NAMED)
    message = (
        f"canceled since it was recorded, and not by this tool: {first}. "
        "Nothing more is sent, and no call takes a cancel back: say `retire: cancel` in the manifest, or ask who did it"
    )
    return (Violation(rule="canceled", message=message, exit_code=ExitCode.DONE),)
