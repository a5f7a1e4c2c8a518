"""Applying: the changes of one plan, wave by wave, each outcome durable before the next change of its thread starts.

Whatever ends a run early, every change comes out with an outcome that is true: what may have been sent is never
reported as not sent.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from reconciler.app.gate import Gate, GatedClock, GatedSession, GatedWriter
from reconciler.app.means import Means
from reconciler.app.observing_run import applying, changing
from reconciler.app.probe import unknown_create
from reconciler.app.settle import NEXT
from reconciler.app.stop import GRACE
from reconciler.app.write import carry_out
from reconciler.core.ledger import entry_of
from reconciler.core.lowering import waves
from reconciler.core.verify import not_sent, outcome
from reconciler.errors import ExitCode, ReconcilerError, StateError
from reconciler.model.change import Change
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan import Plan
from reconciler.model.state import Entry
from reconciler.ports import Crew, Progress

# The part of GRACE in which what was written may still be read back; after that nothing more leaves, not even a look.
_FINISHING: Final = 2.0
_FAILURES_IN_A_ROW: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """How a run ended: `error` is what made state unwritable, `bug` what nobody expected.

    `stopped_by` is a signal, or Stopped.
    """

    outcomes: tuple[Outcome, ...]
    error: ReconcilerError | None = None
    bug: Exception | None = None
    stopped_by: BaseException | None = None


@dataclass(slots=True)
class _Run:
    """What the threads of one run share: who is done, and whether to go on."""

    ids: dict[str, str]
    gate: Gate = field(default_factory=Gate)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failures: int = 0
    stopped: str | None = None
    cause: ExitCode = ExitCode.UNAVAILABLE
    error: ReconcilerError | None = None
    bug: Exception | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, settled: Outcome) -> None:
        """Take an outcome in, and stop where going on would do harm or no good (design, section 10, rule 9)."""
        with self.lock:
            self.outcomes[settled.custom_id] = settled
            if settled.id is not None and settled.succeeded:
                self.ids[settled.custom_id] = settled.id
            self.failures = 0 if settled.succeeded else self.failures + _is_failure(settled)
            if settled.stops:
                why = "nobody knows what came of it" if settled.status is Status.UNKNOWN else settled.detail
                self.stop(f"stopped after `{settled.custom_id}`: {why}", settled.cause)
            elif self.failures >= _FAILURES_IN_A_ROW:
                self.stop(f"stopped after {self.failures} failures in a row", settled.cause)

    def stop(self, reason: str, cause: ExitCode) -> None:
        """Start nothing more; the first reason stays. What has begun to write is brought to its end."""
        if self.stopped is None:
            self.stopped, self.cause = reason, cause
        self.gate.stop(reason, cause)


def _is_failure(settled: Outcome) -> bool:
    """Tell a failure of the API from a sequence that comes back for review, which says nothing about the others."""
    match settled.status:
        case Status.UNKNOWN:
            return True
        case Status.REJECTED:
            return settled.cause is not ExitCode.REFUSED
        case Status.NOT_SENT:
            return settled.cause is ExitCode.UNAVAILABLE
        case _:
            return False


def apply_plan(
    plan: Plan,
    means: Means,
    *,
    ids: dict[str, str],
    settled: Progress,
    stopping: Callable[[int], None],
    returned: Sequence[Outcome] = (),
    opening: Entry | None = None,
) -> Applied:
    """Carry out a plan that nothing refuses; the result has an outcome for each change that had something to do.

    `returned` are the outcomes of reviewed changes that come back: what refers to those is skipped. `opening` is
    recorded before anything else is.
    `ids` are the recorded ids by custom_id. `stopping` is told how many changes are still in flight when a signal has
    come. The session is left open: its owner folds it into state, however this ends.
    """
    run = _Run(ids=dict(ids), outcomes={each.custom_id: each for each in returned}, gate=Gate(opening))
    ordered = waves(plan.changes)
    with applying(means.telemetry, sum(map(len, ordered))) as told:
        stopped_by = _carry_out(ordered, run, means, told.settled(settled), stopping)
        outcomes = (*returned, *(_told(change, run) for wave in ordered for change in wave))
        try:
            told.ended(outcomes, run.error or run.bug or stopped_by)
        except BaseException as signal:  # noqa: BLE001 - what was done is handed back, whatever comes while it is told
            stopped_by = stopped_by or signal
    return Applied(outcomes=outcomes, error=run.error, bug=run.bug, stopped_by=stopped_by)


def _carry_out(
    ordered: Sequence[Sequence[Change]], run: _Run, means: Means, settled: Progress, stopping: Callable[[int], None]
) -> BaseException | None:
    """Carry out wave after wave; return the signal that ended it, if one did."""
    stopped_by: BaseException | None = None
    crew = means.crew(means.parallel)
    try:
        for wave in ordered:
            _carry_out_wave(wave, run, means, crew, settled)
    except Exception as bug:  # noqa: BLE001 - the caller tells of it, beside every outcome
        run.bug = run.bug or bug
        run.stop(f"stopped by an internal error ({type(bug).__name__})", ExitCode.INTERNAL)
        with suppress(BaseException):
            crew.stop()
            crew.linger(None)
    except BaseException as signal:  # noqa: BLE001 - Ctrl-C or SIGTERM; the caller ends with its exit code
        stopped_by = signal
        reason = str(signal) or "stopped by a signal"
        run.stop(reason, ExitCode.REFUSED)
        _wind_up(run, means, crew, stopping, reason)
    run.gate.close()
    crew.stop()
    return stopped_by


def _carry_out_wave(wave: Sequence[Change], run: _Run, means: Means, crew: Crew[Outcome], settled: Progress) -> None:
    for change in wave:
        crew.submit(partial(_one, change, run, means))
    for finished in crew.results():
        settled(finished)


def _wind_up(run: _Run, means: Means, crew: Crew[Outcome], stopping: Callable[[int], None], reason: str) -> None:
    """Give what is in flight a moment, whoever waits to send none; a further signal ends even that."""
    with suppress(BaseException):
        run.gate.hurry()
        stopping(crew.stop())
        crew.linger(_FINISHING)
        means.halt(reason)
        crew.linger(GRACE - _FINISHING)


def _told(change: Change, run: _Run) -> Outcome:
    """Return a change's outcome, also for one that was given up or never begun."""
    with run.lock:
        known = run.outcomes.get(change.custom_id)
    if known is not None:
        return known
    if change.custom_id in run.gate.begun:
        return _in_doubt(change, "no answer had come when the run was stopped")
    return not_sent(change, run.stopped or "not begun", run.cause)


def _in_doubt(change: Change, happened: str) -> Outcome:
    """Return the outcome of a write that left, with what a person does next."""
    if change.id is None:
        return unknown_create(change, happened)
    return outcome(change, Status.UNKNOWN, f"{happened}. {NEXT}")


def _one(change: Change, run: _Run, means: Means) -> Outcome:
    with changing(means.telemetry, change) as told:
        finished = told.ended(_stopped(change, run) or _skipped(change, run) or _durably(change, run, means))
    run.note(finished)
    return finished


def _stopped(change: Change, run: _Run) -> Outcome | None:
    return None if run.stopped is None else not_sent(change, run.stopped, run.cause)


def _skipped(change: Change, run: _Run) -> Outcome | None:
    """Skip what refers to a sequence that failed, and name that sequence."""
    failed = [name for name in change.waits_for if name in run.outcomes and not run.outcomes[name].succeeded]
    if not failed:
        return None
    return outcome(
        change, Status.SKIPPED, "it refers to " + ", ".join(f"`{name}`" for name in failed) + ", which failed"
    )


def _durably(change: Change, run: _Run, means: Means) -> Outcome:
    """Carry out a change and record what came of it.

    Where recording fails, or anything that nobody expected happens, the outcome says so and the run stops.
    """
    finished = None
    try:
        finished = carry_out(change, _gated(change, run, means))
        entry = entry_of(finished)
        if entry is not None:
            GatedSession(means.session, run.gate).append(entry)
    except StateError as error:
        run.error = run.error or error
        return _unrecorded(change, finished, run, error.message, error.exit_code)
    except Exception as bug:  # noqa: BLE001 - the caller tells of it, beside every outcome
        run.bug = run.bug or bug
        # Only the type: a message may hold somebody's values.
        return _unrecorded(change, finished, run, f"internal error ({type(bug).__name__})", ExitCode.INTERNAL)
    else:
        return finished


def _gated(change: Change, run: _Run, means: Means) -> Means:
    return replace(
        means,
        session=GatedSession(means.session, run.gate),
        writer=GatedWriter(means.writer, run.gate, change.custom_id),
        clock=GatedClock(means.clock, run.gate),
        ids=run.ids,
    )


def _unrecorded(change: Change, finished: Outcome | None, run: _Run, reason: str, cause: ExitCode) -> Outcome:
    if finished is not None:
        detail = f"{finished.detail}; that could not be recorded: {reason}"
        return replace(finished, detail=detail, cause=cause, stops=True)
    if change.custom_id in run.gate.begun:
        doubt = _in_doubt(change, f"it was sent, and what came of it could not be recorded: {reason}")
        return replace(doubt, cause=cause, stops=True)
    return not_sent(change, reason, cause, stops=True)
