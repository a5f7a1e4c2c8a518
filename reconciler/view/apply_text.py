"""What applying did, for people: what did not go as planned first, then how it went as a whole."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.outcome import Outcome, Status
from reconciler.view.plan_text import Drawing, field_lines
from reconciler.view.terminal import Paint, inert_line, one_line
from reconciler.view.words import counted

_COLOURS: Final = {
    Status.APPLIED: "green",
    Status.DIFFERENT: "yellow",
    Status.UNVERIFIED: "yellow",
    Status.REJECTED: "red",
    Status.NOT_SENT: "red",
    Status.SKIPPED: "yellow",
    Status.UNKNOWN: "red",
}
_WORDS: Final = {status: status.value.replace("_", " ") for status in Status}
_LONGEST: Final = 800


def outcome_line(outcome: Outcome, paint: Paint) -> str:
    """Return one line for one outcome."""
    status = paint(f"{_WORDS[outcome.status]:<10}", _COLOURS[outcome.status])
    detail = f"  {one_line(outcome.detail, longest=_LONGEST)}" if outcome.detail else ""
    return f"{status} {outcome.action.value:<6} {inert_line(outcome.custom_id)}{paint(detail, 'dim')}"


def apply_text(environment: str, outcomes: Sequence[Outcome], drawing: Drawing) -> str:
    """Return the whole report, ending in a line break."""
    return "\n".join(_lines(environment, outcomes, drawing)) + "\n"


def returned_text(outcomes: Sequence[Outcome], drawing: Drawing) -> str:
    """Return which changes of a reviewed plan are not carried out, each with its new difference; "" for none."""
    if not outcomes:
        return ""
    lines = [drawing.paint(f"Not applied of the reviewed plan: {counted(len(outcomes), 'change')}", "bold")]
    lines += [line for outcome in outcomes for line in _outcome(outcome, drawing)]
    return "\n".join([*lines, "", ""])


def _outcome(outcome: Outcome, drawing: Drawing) -> Iterator[str]:
    yield f"  {outcome_line(outcome, drawing.paint)}"
    for field in outcome.fields:
        yield from (f"  {line}" for line in field_lines(field, drawing))


def _lines(environment: str, outcomes: Sequence[Outcome], drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    if not outcomes:
        yield f"Nothing to do in {inert_line(environment)}; nothing was sent."
        return
    yield paint(f"Applied to {inert_line(environment)}", "bold")
    for outcome in outcomes:
        yield from _outcome(outcome, drawing)
    counts = [
        f"{sum(outcome.status is status for outcome in outcomes):,} {_WORDS[status]}"
        for status in Status
        if any(outcome.status is status for outcome in outcomes)
    ]
    yield paint(f"{counted(len(outcomes), 'change')}: {', '.join(counts)}.", "bold")
