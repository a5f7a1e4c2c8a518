"""Which sequences a look with a budget reads, so that each is read in the end, and how much has been read.

Half of the budget goes to those that were left alone the longest, whatever they are: that alone bounds how long any of
them waits (docs/drift.md). The other half goes where drift would matter most. Pure.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Final

from reconciler.core.audience import everyone
from reconciler.core.moments import seconds_since
from reconciler.model.drift import Coverage
from reconciler.model.look import Look, Standing
from reconciler.model.sequence import Record, SequenceStatus
from reconciler.model.settings import RateLimit
from reconciler.model.state import State

_STATUS: Final = {
    SequenceStatus.ACTIVE.value: 4,
    SequenceStatus.COMPLETE.value: 1,
    SequenceStatus.CANCELED.value: 1,
}
_ANY_STATUS: Final = 2  # pending, or not known
_RISKY: Final = 2
_DRIFTED_BEFORE: Final = 2
_DRIFTED_NOW: Final = 3
_CONSENT: Final = b'"email_is_transactional":true'
# A day, a week and thirty days.
WITHIN: Final = (86_400, 604_800, 2_592_000)


def longest_wait(count: int, budget: int | None) -> int:
    """Return after how many looks each of so many sequences has been read, however the weights lie."""
    if budget is None or budget >= count:
        return 1
    return ceil(count / _by_age(budget))


def _by_age(budget: int) -> int:
    return ceil(budget / 2)


def chosen(names: Iterable[str], state: State, *, now: str, budget: int | None) -> tuple[str, ...]:
    """Return the recorded names to read now, those that were left alone the longest first; all without a budget."""
    last = {name: _last(state.looks.get(state.records[name].id), now) for name in names}
    oldest = sorted(last, key=lambda name: (last[name], name))
    if budget is None or budget >= len(oldest):
        return tuple(oldest)
    first = oldest[: _by_age(budget)]
    rest = oldest[_by_age(budget) :]
    urgency = {name: _urgency(state.records[name], state.looks.get(state.records[name].id), now) for name in rest}
    weighed = sorted(rest, key=lambda name: (-urgency[name], name))
    return (*first, *weighed[: budget - len(first)])


def _last(look: Look | None, now: str) -> str:
    """Return when a sequence was last tried, in a form that sorts; a moment that lies ahead is none.

    A look that failed counts as one, or those that cannot be read would be tried for ever in the place of the others.
    """
    moment = None if look is None else look.tried or look.read
    return moment if moment is not None and moment <= now else ""


def _urgency(record: Record, look: Look | None, now: str) -> float:
    age = seconds_since(_last(look, now), now) if _last(look, now) else float("inf")
    return age * weight(record, look)


def weight(record: Record, look: Look | None) -> int:
    """Return how much sooner than an idle one a sequence is read again: by status, by risk, by past drift."""
    status = record.status if look is None else look.status or record.status
    factor = _STATUS.get(status or "", _ANY_STATUS)
    if _CONSENT in record.applied.encoded or everyone(record.applied.value.get("filter")) is not None:
        factor *= _RISKY
    if look is not None and look.drifted is not None:
        factor *= _DRIFTED_BEFORE if look.standing is Standing.IN_STEP else _DRIFTED_NOW
    return factor


def coverage(state: State, fresh: Mapping[str, Look], *, now: str, budget: int | None, limit: RateLimit) -> Coverage:
    """Return how much is known after a look: `state` is that before it, `fresh` what it has found, by id."""
    ids = [record.id for record in state.records.values()]
    looks = {**state.looks, **fresh}
    found = {id_: looks[id_].read for id_ in ids if id_ in looks}
    moments = {id_: moment for id_, moment in found.items() if moment is not None}
    ages = [seconds_since(moment, now) for moment in moments.values()]
    last = max((_last(look, now) for look in state.looks.values()), default="")
    return Coverage(
        recorded=len(ids),
        read=sum(look.tried is None for look in fresh.values()),
        ever=len(moments),
        within=tuple((span, sum(age <= span for age in ages)) for span in WITHIN),
        oldest=min(moments.values()) if ids and len(moments) == len(ids) else None,
        budget=budget,
        sweeps=longest_wait(len(ids), budget),
        seconds=len(ids) / limit.requests * limit.seconds if limit.requests else 0.0,
        pace=seconds_since(last, now) if last else None,
    )
