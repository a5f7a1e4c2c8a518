"""Carrying out a fleet's run: wave by wave, each behind the gate of the one before, everything recorded as it ends.

One organisation is an errand of its own, so its trouble is nobody else's. Whatever stops the run, each organisation
that was begun comes to its end, or is known to be open; a later run goes on from the record.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from reconciler.core.fleet.ending import after, ended
from reconciler.core.fleet.gate import judged
from reconciler.core.fleet.seeing import seen
from reconciler.core.undisturbed import undisturbed
from reconciler.errors import ExitCode, ReconcilerError, StateError
from reconciler.model.errand import Errand
from reconciler.model.fleet_run import FleetRun, Gate, Result, Wave
from reconciler.model.plan_set import Failure, Part
from reconciler.model.run_record import Began, Ended, Judged, RunEntry, Stopped
from reconciler.model.waves import WaveSettings
from reconciler.ports import Clock, Executor
from reconciler.signals import diverted
from reconciler.stopping import stopped


class RunWatch(Protocol):
    """Told how a run goes, for the eyes of whoever waits."""

    def wave(self, wave: Wave, of: int, left: Sequence[str]) -> None:
        """Hear that a wave begins, of so many, and who of it is to be applied."""
        ...

    def ended(self, result: Result) -> None:
        """Hear what became of an organisation."""
        ...

    def pausing(self, seconds: float) -> None:
        """Hear that nothing goes on for so many seconds, after which what was written is read again."""
        ...

    def judged(self, gate: Gate) -> None:
        """Hear what a gate decided."""
        ...

    def stopping(self, why: str) -> None:
        """Hear that the run is to stop, and what is under way is waited for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """What a run is carried out with: who does errands, those to apply and to look again, and where it is recorded.

    `place` says where an organisation's state lies.
    """

    executor: Executor
    errand: Callable[[Part], Errand]
    look: Callable[[Result], Errand]
    place: Callable[[str], str]
    record: Callable[[RunEntry], None]
    clock: Clock
    watch: RunWatch


@dataclass(slots=True)
class _Course:
    run: FleetRun
    settings: WaveSettings
    going: Going
    parts: dict[str, Part]
    results: dict[str, Result] = field(default_factory=dict)
    gates: list[Gate] = field(default_factory=list)
    stopped: str | None = None
    cause: ExitCode | None = None


def apply_waves(run: FleetRun, parts: Iterable[Part], settings: WaveSettings, going: Going) -> FleetRun:
    """Carry out what is left of a run, and return it as it ended; nothing that can be expected is raised.

    `run` has a result for each organisation, `not_begun` where there is none yet. `parts` are what was reviewed.
    """
    began = going.clock.monotonic()
    course = _Course(run, settings, going, {each.organisation: each for each in parts})
    course.results = {each.organisation: each for each in run.results}
    course.gates = list(run.gates)
    with diverted(lambda signal: _stop(course, stopped(signal))):
        for wave in run.waves:
            if not _pass(course, wave):
                break
        if course.stopped is not None:
            _note_stop(course)
    return replace(
        run,
        results=tuple(course.results[each.organisation] for each in run.results),
        gates=tuple(course.gates),
        stopped=course.stopped,
        cause=course.cause,
        seconds=round(going.clock.monotonic() - began, 2),
    )


def _pass(course: _Course, wave: Wave) -> bool:
    """Carry a wave out as far as it is not yet, and tell whether the next one may begin."""
    left = [name for name in wave.organisations if _is_left(course, name)]
    before = next((each for each in reversed(course.gates) if each.wave == wave.number), None)
    if not left and before is not None and before.is_open:
        return True
    if course.stopped is None:
        places = {name: course.going.place(name) for name in left}
        _record(course, Began(wave=wave.number, since=course.going.clock.moment(), places=places))
    if course.stopped is None and left:
        _carry_out(course, wave, left)
    if course.stopped is None:
        _look(course, wave)
    if course.stopped is None:
        _judge(course, wave)
    return course.stopped is None


def _is_left(course: _Course, name: str) -> bool:
    """Tell whether there is something to do: not where it is done, nor where nobody knows the organisation any more."""
    return not course.results[name].is_settled and course.parts[name].plan is not None


def _carry_out(course: _Course, wave: Wave, left: Sequence[str]) -> None:
    going = course.going
    going.watch.wave(wave, len(course.run.waves), left)
    for done in going.executor.run(going.errand(course.parts[name]) for name in left):
        result = ended(done, course.parts[done.organisation], wave.number)
        result = after(course.results[done.organisation], result)
        course.results[done.organisation] = result
        if done.is_begun:
            _record(course, Ended(result=result))
        going.watch.ended(result)


def _look(course: _Course, wave: Wave) -> None:
    """Read again what the wave has written, after a pause; without one nothing of an earlier look counts."""
    written = []
    for name in wave.organisations:
        course.results[name] = replace(course.results[name], seen=None)
        # One that the fleet's table does not have any more has no key to be looked at with.
        is_there = course.parts[name].plan is not None
        written += [course.results[name]] if is_there and course.results[name].written else []
    if not course.settings.pause or not written:
        return
    course.going.watch.pausing(course.settings.pause)
    _rest(course, course.settings.pause)
    if course.stopped is not None:
        return
    for done in course.going.executor.run(course.going.look(each) for each in written):
        result = course.results[done.organisation]
        course.results[done.organisation] = replace(result, seen=seen(done, result))
        _record(course, Ended(result=course.results[done.organisation]))


def _rest(course: _Course, seconds: float) -> None:
    """Wait, a little at a time, so that a stop is heeded."""
    clock = course.going.clock
    until = clock.monotonic() + seconds
    while course.stopped is None and (left := until - clock.monotonic()) > 0:
        clock.sleep(min(left, 0.2))


def _judge(course: _Course, wave: Wave) -> None:
    gate = judged(wave, [course.results[name] for name in wave.organisations], course.settings)
    course.gates.append(gate)
    _record(course, Judged(gate=gate))
    course.going.watch.judged(gate)
    if not gate.is_open and course.stopped is None:
        course.stopped = f"the gate after wave {wave.number} of {len(course.run.waves)} is shut: {gate.reason}"


def _stop(course: _Course, error: ReconcilerError) -> None:
    """Begin nothing more, and have what is under way come to its end."""
    if course.stopped is not None:
        return
    course.stopped, course.cause = error.message, error.exit_code
    course.going.watch.stopping(error.message)
    course.going.executor.stop(Failure.of(error))


def _record(course: _Course, entry: RunEntry) -> None:
    """Record an entry. Where that fails, nothing more is begun: nobody could go on from there."""
    try:
        with undisturbed():
            course.going.record(entry)
    except StateError as error:
        _stop(course, error)


def _note_stop(course: _Course) -> None:
    _record(course, Stopped(reason=course.stopped or "", since=course.going.clock.moment(), cause=course.cause))
