"""A look at live for people at a terminal: what drifted and how, what is gone, and how much was looked at."""

from collections.abc import Iterator, Sequence

from reconciler.model.drift import Drifted, DriftedField, Left, Report, Unread
from reconciler.model.plan import Violation
from reconciler.view.drift_words import (
    corrected_words,
    coverage_sentences,
    facts,
    gone_words,
    known_words,
    verdict,
)
from reconciler.view.plan_text import Drawing
from reconciler.view.risk_text import class_word
from reconciler.view.terminal import inert_line, paragraph
from reconciler.view.values import changed
from reconciler.view.words import place

_IN = " " * 4


def drift_text(report: Report, drawing: Drawing) -> str:
    """Return the whole drawing, ending in a line break; `-` is what is recorded, `+` what is live."""
    return "\n".join(_lines(report, drawing)) + "\n"


def left_text(left: Sequence[Left], drawing: Drawing) -> str:
    """Return why drift is not set back, a paragraph for each sequence."""
    told = [line for each in left for line in _said("left", "yellow", each.custom_id, each.reason, drawing)]
    return "".join(["\n", *(f"{line}\n" for line in told)]) if left else ""


def _lines(report: Report, drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    selection = f" (only {' '.join(map(inert_line, report.only))})" if report.only else ""
    yield paint(f"Drift of {inert_line(report.environment)}", "bold") + paint(selection, "dim")
    yield ""
    for each in report.drifted:
        yield from _drifted(each, drawing)
        yield ""
    for each in report.handed_off:
        yield paint(f"= {inert_line(each.custom_id)}", "dim", "bold") + "  handed off"
        yield from drifted_fields(each.handed_off, drawing, is_handed_off=True)
        yield ""
    said = [*_asides(report, drawing)]
    yield from said
    if said:
        yield ""
    yield paint(f"{verdict(report)}.", "bold")
    for sentence in coverage_sentences(report.coverage):
        yield from paragraph(sentence, width=drawing.width)


def _asides(report: Report, drawing: Drawing) -> Iterator[str]:
    for gone in report.gone:
        yield from _said("gone", "red", gone.custom_id, gone_words(gone), drawing)
    for each in report.unreadable:
        yield from _unread("unreadable", "red", each, drawing)
    for each in report.unsettled:
        yield from _unread("unsettled", "yellow", each, drawing)
    for known in report.known:
        yield from _said("not read now", "yellow", known.custom_id, known_words(known), drawing)
    for warning in report.warnings:
        yield from _warning(warning, drawing)


def _drifted(each: Drifted, drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    yield paint(f"! {inert_line(each.custom_id)}", "yellow", "bold") + f"  {class_word(each.risk, paint)}"
    yield from (paint(line, "dim") for line in paragraph(facts(each), width=drawing.width, first=_IN, indent=_IN))
    yield from drifted_fields(each.fields, drawing)
    yield from drifted_fields(each.handed_off, drawing, is_handed_off=True)


def drifted_fields(fields: Sequence[DriftedField], drawing: Drawing, *, is_handed_off: bool = False) -> Iterator[str]:
    """Yield each field with what is recorded and what is live."""
    for field in fields:
        note = "handed off" if is_handed_off else field.risk.value
        again = corrected_words(field)
        yield f"{_IN}{inert_line(place(field.path))}  " + drawing.paint(f"{note}; {again}" if again else note, "dim")
        for line in changed(field.recorded, field.live, longest=drawing.longest, paint=drawing.paint):
            yield f"{_IN}  {line}"


def _unread(word: str, colour: str, each: Unread, drawing: Drawing) -> Iterator[str]:
    yield from _said(word, colour, each.custom_id, each.reason, drawing)


def _warning(warning: Violation, drawing: Drawing) -> Iterator[str]:
    yield from _said("warning", "yellow", "", f"{warning.message} [{warning.rule}]", drawing)


def _said(word: str, colour: str, custom_id: str, message: str, drawing: Drawing) -> Iterator[str]:
    subject = f" {custom_id}" if custom_id else ""
    first, *others = paragraph(f"{word}{subject}: {message}", width=drawing.width, indent=_IN)
    yield drawing.paint(word, colour, "bold") + first.removeprefix(word)
    yield from others
