"""What of a change can still matter: from the status, and from when each step began and ended."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from reconciler.core.reasons import where
from reconciler.core.risk import Kind, Notice
from reconciler.model.risk import AudienceDelta, People, StepChange, StepKind
from reconciler.model.sequence import SequenceStatus, StepTimes

_OF_AUDIENCE: Final = frozenset({Kind.AUDIENCE, Kind.CONTINUOUS, Kind.ONCE})
_OPENING: Final = frozenset({Kind.NEW, Kind.CONTINUOUS, Kind.TRANSACTIONAL, Kind.OPENED, Kind.STRANGE})
# What may make a sequence send again that has ended, or that has sent a step already.
_REVIVING: Final = frozenset({Kind.CONTINUOUS, Kind.ONCE, Kind.STRANGE, Kind.INSERTED, Kind.MOVED})
_NOBODY_NEW: Final = frozenset({AudienceDelta.SAME, AudienceDelta.NARROWER})
_KNOWN: Final = frozenset(SequenceStatus)
_NOT_BEGUN: Final = "not begun: this edit reaches whoever comes to it"
_NEVER: Final = "not begun: nobody comes to it any more"
_UNREADABLE: Final = "begun or ended at a time that cannot be read: whom this edit still reaches is not known"
# Spelled out here, since the standard library's names are those of the locale.
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def people(notices: Iterable[Notice], *, status: str | None) -> People:
    """Return who can be reached that was not reached before; nobody new only where nothing speaks for anybody.

    What is complete reaches nobody any more: if it sends again, that is to whoever fits its filter by then.
    """
    given = list(notices)
    if any(each.delta is AudienceDelta.EVERYONE for each in given):
        return People.EVERYONE
    if status == SequenceStatus.COMPLETE and _may_revive(given):
        return People.SOMEONE_NEW
    joins = (each.kind in _OPENING or (each.kind is Kind.AUDIENCE and each.delta not in _NOBODY_NEW) for each in given)
    return People.SOMEONE_NEW if any(joins) else People.NOBODY_NEW


def sentences_of_create(*, is_continuous: bool) -> tuple[str, ...]:
    """Return what is known of when a new sequence sends."""
    if is_continuous:
        return ("it may begin to send as soon as it is created",)
    return ("it runs once: whether it waits for its start, or begins as soon as it is created, is not known",)


def sentences(
    notices: Iterable[Notice],
    steps: tuple[StepChange, ...],
    *,
    status: str | None,
    times: tuple[StepTimes, ...] | None,
    is_continuous: bool,
) -> tuple[str, ...]:
    """Return what a change of a sequence that exists can still do; `times` is None where live was not read."""
    given = [each for each in notices if each.kind is not Kind.LABEL and each.delta is not AudienceDelta.SAME]
    if not given:
        return ()
    if times is None:
        known = f"it was {status} when it was last read" if status in _KNOWN else "its status is not known"
        return (f"live was not read, so what was sent already is not known; {known}",)
    match status:
        case SequenceStatus.COMPLETE | SequenceStatus.CANCELED:
            return (_of_ended(status, given),)
        case SequenceStatus.PENDING:
            return (_of_pending(times),)
        case SequenceStatus.ACTIVE:
            is_over = not is_continuous and not _may_revive(given)
            return (*_of_steps(steps, times, is_over=is_over), *_of_audience(given))
        case _:
            return ("its status is one that this version does not know: what was sent already is not known",)


def _of_ended(status: str, notices: list[Notice]) -> str:
    if status == SequenceStatus.COMPLETE and _may_revive(notices):
        return "it is complete: whether this edit makes it send again is not known"
    return f"it is {status}: this edit reaches nobody, as far as is known"


def _of_pending(times: tuple[StepTimes, ...]) -> str:
    if any(each != StepTimes() for each in times):
        return "it is pending, and yet a step of it has begun: what was sent already is not known"
    return "it has not started: nothing was sent yet, so everything here takes effect"


def _may_revive(notices: list[Notice]) -> bool:
    """Tell whether people may come who were not there, or a step come up again, so that what ended may not be over."""
    return any(
        each.kind in _REVIVING or (each.kind is Kind.AUDIENCE and each.delta not in _NOBODY_NEW) for each in notices
    )


def _of_audience(notices: list[Notice]) -> Iterator[str]:
    if any(each.kind in _OF_AUDIENCE for each in notices):
        yield "it is active: what becomes of contacts who are in it already is not known"


def _of_steps(steps: tuple[StepChange, ...], times: tuple[StepTimes, ...], *, is_over: bool) -> Iterator[str]:
    """Say of each edited step whether it has begun or ended; steps of which the same is to say share a sentence.

    `is_over`: nobody can come any more to a step that has ended.
    """
    is_restructured = any(each.before != each.after for each in steps)
    if is_restructured:
        yield "it is active: what other steps do to contacts who are in the middle of it is not known"
    alike: dict[str, list[int]] = {}
    for step in steps:
        if step.before is not None and step.before < len(times) and (step.edits or step.kind is StepKind.REMOVED):
            said = _of_step(times[step.before], is_over=is_over)
            is_removed = step.kind is StepKind.REMOVED
            alike.setdefault(_NEVER if is_removed and said == _NOT_BEGUN else said, []).append(step.before)
    for said, positions in alike.items():
        verb = "" if said not in (_NOT_BEGUN, _NEVER, _UNREADABLE) else "has " if len(positions) == 1 else "have "
        yield f"{'live ' if is_restructured else ''}{where(tuple(positions))} {verb}{said}"


def _of_step(times: StepTimes, *, is_over: bool) -> str:
    ended, started = day(times.ended_at), day(times.started_at)
    if (times.ended_at and ended is None) or (times.started_at and started is None):
        return _UNREADABLE
    if ended is not None and is_over:
        return f"ended on {ended}: this edit reaches nobody"
    if ended is not None:
        return f"ended on {ended}: this edit reaches only contacts who come to it later, if any do"
    if started is not None:
        return f"began on {started}: this edit reaches only contacts who have not had it yet"
    return _NOT_BEGUN


def begun_steps(steps: tuple[StepChange, ...], times: tuple[StepTimes, ...]) -> Iterator[str]:
    """Say which of the steps that would be edited have begun or ended by now: who has had those, has had them."""
    for step in steps:
        if step.before is None or step.before >= len(times) or not (step.edits or step.kind is StepKind.REMOVED):
            continue
        ended, started = day(times[step.before].ended_at), day(times[step.before].started_at)
        if ended or started:
            yield f"{where((step.before,))} {f'ended on {ended}' if ended else f'began on {started}'}"


def day(moment: str | None) -> str | None:
    """Return the day of a moment that the server wrote, as `12 May 2026` in UTC; None where it is no date-time."""
    try:
        read = datetime.fromisoformat(moment or "")
        read = read if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return f"{read.day} {_MONTHS[read.month - 1]} {read.year}"
