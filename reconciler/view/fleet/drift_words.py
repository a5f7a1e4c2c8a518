"""Sentences about a look at a fleet that all its drawings share."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.drift_set import Correction, DriftPart, DriftSet, FleetCoverage
from reconciler.model.outcome import Outcome, Status
from reconciler.view.drift_words import span_words
from reconciler.view.fleet.drift_groups import Aside, DriftGroup
from reconciler.view.fleet.words import failures_of, few, organisations
from reconciler.view.words import counted

_KINDS: Final = (
    ("drifted", "drifted"),
    ("gone", "gone"),
    ("unreadable", "unreadable"),
    ("unsettled", "unsettled"),
    ("known", "drifted when last read, and not read now"),
)
_UNSEEN: Final = "not looked at"
_MOST_IDS: Final = 8
_MOST_OUTCOMES: Final = 10


def verdict(drift: DriftSet) -> str:
    """Return what becomes of the organisations."""
    differing = "with drift left" if drift.corrected else "with drift"
    unread = sum(not part.has_differences and bool(look.unreadable) for part, look in drift.looks)
    without = sum(not part.has_differences and not look.unreadable for part, look in drift.looks)
    parts = [
        (drift.differing, differing),
        (len(drift.unseen), "not looked at"),
        (unread, "in which something could not be read"),
        (without, "without drift"),
    ]
    return ", ".join(f"{number:,} {word}" for number, word in parts if number) or "nobody was looked at"


def tally(drift: DriftSet) -> str:
    """Return how many sequences there are of each kind, in all organisations."""
    if len(drift.unseen) == len(drift.parts):
        return "nothing was looked at"
    counts = drift.counts()
    told = [f"{counts[kind]:,} {word}" for kind, word in _KINDS if counts[kind]]
    return ", ".join([*(told or ["no drift"]), f"{counts['in_step']:,} as recorded"])


def coverage_sentences(drift: DriftSet) -> Iterator[str]:
    """Yield how much was read, how much of it lately, and how long a full round takes."""
    covered = drift.coverage()
    if covered.organisations:
        within = "" if not drift.unseen else f" of {organisations(covered.organisations)}"
        recorded = counted(covered.recorded, "recorded sequence")
        yield f"{covered.read:,} of {recorded}{within} read now{_earlier(covered)}."
        if covered.read < covered.recorded:
            spans = [f"{_percent(covered, count)} within {span_words(span)}" for span, count in covered.within]
            yield f"Looked at: {', '.join(spans)}."
        yield f"A full round takes {_round(covered)}."
    if drift.unseen:
        number = organisations(len(drift.unseen))
        yield f"{number} could not be looked at: what is recorded there is not in these counts."


def _earlier(covered: FleetCoverage) -> str:
    if covered.read >= covered.recorded:
        return ""
    if covered.ever < covered.recorded:
        where = organisations(covered.organisations - covered.whole)
        return f"; {covered.recorded - covered.ever:,} were never read, in {where}"
    return f"; each was read since {covered.oldest}"


def _percent(covered: FleetCoverage, number: int) -> str:
    """Return a share without ever rounding it up to all, or down to nothing."""
    share = 100 * covered.share(number)
    if 0 < share < 1:
        return "less than 1 %"
    return f"{int(share)} %"


def _round(covered: FleetCoverage) -> str:
    time = f"about {span_words(covered.seconds)} of requests at the limit" if covered.seconds else ""
    longest = " where it takes longest" if covered.organisations > 1 else ""
    if covered.sweeps > 1:
        looks = f"at most {covered.sweeps:,} looks with this budget"
        return f"{looks}, and {time},{longest}" if time else looks + longest
    return f"one look at all of them{f': {time}' if time else ''}{longest if time else ''}"


def share(group: DriftGroup, drift: DriftSet) -> str:
    """Return in how many organisations something drifted, and the statuses that it has there."""
    looked = len(drift.parts) - len(drift.unseen)
    where = f"in all {organisations(looked)}" if is_all(group, drift) else _of(len(group.organisations), looked)
    statuses = ", ".join(f"{word} ({number:,})" if len(group.statuses) > 1 else word for word, number in group.statuses)
    orphan = "; no manifest asks for it" if group.shown.is_orphan else ""
    return f"{where}; status {statuses}{orphan}"


def _of(number: int, total: int) -> str:
    return f"in {number:,} of {organisations(total)}"


def is_all(group: DriftGroup, drift: DriftSet) -> bool:
    """Tell whether every organisation that was looked at has this: then nobody needs to be named."""
    return 1 < len(group.organisations) == len(drift.parts) - len(drift.unseen)


def failures(drift: DriftSet) -> list[tuple[str, list[tuple[DriftPart, tuple[str, ...]]]]]:
    """Return what went wrong as a whole, by what it came to: each kind of failure once, with all that have it."""
    found: dict[str, list[DriftPart]] = {}
    for part in drift.failed:
        found.setdefault(failed_word(part), []).append(part)
    return [(word, failures_of(parts)) for word, parts in sorted(found.items(), key=lambda each: each[0] != _UNSEEN)]


def failed_word(part: DriftPart) -> str:
    """Return what a failure comes to for an organisation."""
    if part.look is None:
        return _UNSEEN
    return "cut short" if part.failure is not None and part.failure.kind == "stopped" else "not set back"


def said(aside: Aside) -> str:
    """Return what an aside says, and of which sequences."""
    listed = f"{few(aside.custom_ids, _MOST_IDS)}: " if aside.custom_ids else ""
    return f"{listed}{aside.message}"


def set_back(drift: DriftSet) -> str:
    """Return what came of setting back, in all organisations; empty where it was not asked for."""
    if not drift.corrected:
        return ""
    counts = drift.statuses()
    told = ", ".join(f"{counts[status]:,} {status_word(status)}" for status in Status if counts[status])
    ran = sum(bool(each.outcomes) for _, each in drift.corrected)
    return f"{organisations(ran)}, {told}" if told else "nothing"


def corrected_lines(drift: DriftSet) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield for each organisation that was written to its name, its outcomes, and what did not go well.

    Those in which something did not go well come first.
    """
    ran = [(part, each) for part, each in drift.corrected if each.outcomes]
    for part, each in sorted(ran, key=_trouble_first):
        counts = {status: sum(one.status is status for one in each.outcomes) for status in Status}
        told = ", ".join(f"{number:,} {status_word(status)}" for status, number in counts.items() if number)
        yield part.organisation, told, tuple(map(_trouble, _troubled(each)[:_MOST_OUTCOMES]))


def _trouble_first(had: tuple[DriftPart, Correction]) -> tuple[bool, str]:
    return (not _troubled(had[1]), had[0].organisation)


def _troubled(each: Correction) -> list[Outcome]:
    return [outcome for outcome in each.outcomes if outcome.status is not Status.APPLIED]


def _trouble(outcome: Outcome) -> str:
    return f"{outcome.custom_id}: {status_word(outcome.status)}{f', {outcome.detail}' if outcome.detail else ''}"


def status_word(status: Status) -> str:
    """Return an outcome's status in words."""
    return status.value.replace("_", " ")
