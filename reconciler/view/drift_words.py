"""Sentences about a look at live that all its drawings share."""

from collections.abc import Iterator

from reconciler.model.drift import Coverage, Drifted, DriftedField, Known, Report, Vanished
from reconciler.model.look import Standing
from reconciler.view.words import counted, duration

_MOST_PATHS = 6


def verdict(report: Report) -> str:
    """Return what the look comes to, in one phrase."""
    parts = [
        (len(report.drifted), "drifted"),
        (len(report.gone), "gone"),
        (len(report.unreadable), "unreadable"),
        (len(report.unsettled), "unsettled"),
        (len(report.known), "drifted when last read, and not read now"),
    ]
    told = [f"{number:,} {word}" for number, word in parts if number]
    return ", ".join([*(told or ["no drift"]), f"{report.in_step:,} as recorded"])


def coverage_sentences(coverage: Coverage) -> Iterator[str]:
    """Yield how much was read, how old the rest is, and how long a full round takes."""
    yield f"{coverage.read:,} of {counted(coverage.recorded, 'recorded sequence')} read now{_earlier(coverage)}."
    spans = [f"{count:,} within {span_words(span)}" for span, count in coverage.within]
    if coverage.read < coverage.recorded:
        yield f"Last read: {', '.join(spans)}."
    yield f"A full round takes {_round(coverage)}."


def _earlier(coverage: Coverage) -> str:
    if coverage.read >= coverage.recorded:
        return ""
    if not coverage.is_whole:
        return f"; {coverage.recorded - coverage.ever:,} were never read"
    return f"; each was read since {coverage.oldest}"


def _round(coverage: Coverage) -> str:
    time = counted(coverage.recorded, "request")
    if coverage.seconds:
        time += f", about {span_words(coverage.seconds)} of them at the limit"
    if coverage.sweeps == 1:
        return f"one look at all of them: {time}"
    pace = "" if not coverage.pace else f", and so {span_words(coverage.pace * coverage.sweeps)} at the present pace"
    return f"at most {coverage.sweeps:,} looks with this budget{pace}: {time}"


def span_words(seconds: float) -> str:
    """Return a span in its natural units, without the smallest ones."""
    if seconds >= 2 * 86_400:
        return counted(round(seconds / 86_400), "day")
    if seconds >= 2 * 3_600:
        return counted(round(seconds / 3_600), "hour")
    return duration(max(round(seconds / 60), 1)).removeprefix("after ")


def facts(each: Drifted) -> str:
    """Return what is known of a sequence beside its fields."""
    parts = [f"status {each.status}" if each.status else "status unknown"]
    parts.append(f"last read {each.read_before}" if each.read_before else "never read before")
    if each.is_orphan:
        parts.append("no manifest asks for it")
    return "; ".join(parts)


def corrected_words(field: DriftedField) -> str:
    """Return when a field was set back, where it was."""
    return "" if field.corrected is None else f"set back at {field.corrected}, and moved again"


def gone_words(each: Vanished) -> str:
    """Return what is said of a sequence that is not there any more."""
    when = f"; last read {each.read_before}" if each.read_before else ""
    return (
        f"it is recorded as {each.id} and is gone{when}: someone may have removed it to stop it; "
        f"`reconciler state forget {each.custom_id}` drops the record"
    )


def known_words(each: Known) -> str:
    """Return what an earlier look found of a sequence that was not read now."""
    if each.standing is Standing.GONE:
        return f"it was gone when it was read at {each.read}"
    more = f" and {len(each.paths) - _MOST_PATHS} more" if len(each.paths) > _MOST_PATHS else ""
    return f"it had drifted when it was read at {each.read}: {', '.join(each.paths[:_MOST_PATHS])}{more}"
