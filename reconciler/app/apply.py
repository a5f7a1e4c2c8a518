"""Applying: the changes of one plan, wave by wave, each outcome durable before the next change of its thread starts."""

import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Final

from reconciler.app.write import Means, carry_out
from reconciler.core.ledger import entry_of
from reconciler.core.lowering import waves
from reconciler.core.verify import not_sent, outcome
from reconciler.errors import ExitCode, ReconcilerError, StateError
from reconciler.model.change import Change
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan import Plan
from reconciler.ports import Progress

PARALLEL: Final = 8
_FAILURES_IN_A_ROW: Final = 3


@dataclass(slots=True)
class _Run:
    """What the threads of one run share: who is done, and whether to go on."""

    ids: dict[str, str]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failures: int = 0
    stopped: str | None = None
    cause: ExitCode = ExitCode.UNAVAILABLE
    error: ReconcilerError | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, settled: Outcome) -> None:
        """Take an outcome in, and stop where going on would do harm or no good (design, section 10, rule 9)."""
        with self.lock:
            self.outcomes[settled.custom_id] = settled
            if settled.id is not None and settled.succeeded:
                self.ids[settled.custom_id] = settled.id
            self.failures = 0 if settled.succeeded else self.failures + _is_failure(settled)
            if settled.stops:
                self.stop(f"stopped after `{settled.custom_id}`: {settled.detail}", settled.cause)
            elif self.failures >= _FAILURES_IN_A_ROW:
                self.stop(f"stopped after {self.failures} failures in a row", settled.cause)

    def stop(self, reason: str, cause: ExitCode) -> None:
        """Start nothing more; the first reason stays."""
        if self.stopped is None:
            self.stopped, self.cause = reason, cause


def _is_failure(settled: Outcome) -> bool:
    """Tell a failure of the API from a sequence that comes back for review, which says nothing about the others."""
    match settled.status:
        case Status.REJECTED | Status.UNKNOWN:
            return True
        case Status.NOT_SENT:
            return settled.cause is ExitCode.UNAVAILABLE
        case _:
            return False


def apply_plan(plan: Plan, means: Means, *, ids: dict[str, str], settled: Progress) -> tuple[Outcome, ...]:
    """Carry out a plan that nothing refuses, and return an outcome for each change that had something to do.

    `ids` are the recorded ids by custom_id. The session is left open: its owner folds it into state, however this
    ends. StateError where an outcome could not be made durable; nothing was started after that.
    """
    run = _Run(ids=dict(ids))
    order = [change for wave in waves(plan.changes) for change in wave]
    with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
        try:
            for wave in waves(plan.changes):
                _carry_out_wave(wave, run, means, pool, settled)
        except BaseException:
            run.stop("stopped by a signal", ExitCode.REFUSED)
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    if run.error is not None:
        raise run.error
    return tuple(run.outcomes[change.custom_id] for change in order)


def _carry_out_wave(
    wave: Sequence[Change], run: _Run, means: Means, pool: ThreadPoolExecutor, settled: Progress
) -> None:
    waiting: set[Future[Outcome]] = {pool.submit(_one, change, run, means) for change in wave}
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            settled(future.result())


def _one(change: Change, run: _Run, means: Means) -> Outcome:
    finished = _stopped(change, run) or _skipped(change, run) or _durably(change, run, means)
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
    try:
        finished = carry_out(change, run.ids, means)
        entry = entry_of(finished)
        if entry is not None:
            means.session.append(entry)
    except StateError as error:
        run.error = error
        run.stop(error.message, error.exit_code)
        return not_sent(change, error.message, error.exit_code, stops=True)
    else:
        return finished
