"""A look at a fleet for people at a terminal: who could not be looked at, all drift once, and how much was read."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.drift_set import DriftPart, DriftSet
from reconciler.view.drift_text import drifted_fields
from reconciler.view.fleet import drift_words as words
from reconciler.view.fleet.drift_groups import Aside, DriftGroup, asides, drift_groups
from reconciler.view.fleet.text import named_lines, said_lines, varying_lines
from reconciler.view.fleet.words import organisations, part_of
from reconciler.view.plan_text import Drawing
from reconciler.view.risk_text import class_word
from reconciler.view.terminal import inert_line, one_line, paragraph

_IN: Final = " " * 4
_MOST_CORRECTED: Final = 50
_LONGEST: Final = 400
_COLOURS: Final = {"gone": "red", "unreadable": "red", "refused": "red", "stopped": "red"}


def fleet_drift_text(drift: DriftSet, drawing: Drawing) -> str:
    """Return the whole drawing, ending in a line break; `-` is what is recorded, `+` what is live."""
    return "\n".join(_lines(drift, drawing)) + "\n"


def _lines(drift: DriftSet, drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    selection = f" (only {' '.join(map(inert_line, drift.only))})" if drift.only else ""
    title = f"Drift of fleet {inert_line(drift.fleet)}{part_of(drift.shard)}: {organisations(len(drift.parts))}"
    yield paint(title, "bold") + paint(selection, "dim")
    yield words.verdict(drift)
    yield ""
    for word, failures in words.failures(drift):
        for part, names in failures:
            yield from _failed(word, part, names, drawing)
    if drift.failed:
        yield ""
    for group in drift_groups(drift):
        yield from _group(group, drift, drawing)
        yield ""
    told = asides(drift)
    for aside in told:
        yield from _aside(aside, drawing)
    if told:
        yield ""
    yield from _corrected(drift, drawing)
    yield paint(f"{words.tally(drift)}.", "bold")
    for sentence in words.coverage_sentences(drift):
        yield from paragraph(sentence, width=drawing.width)


def _failed(word: str, part: DriftPart, names: tuple[str, ...], drawing: Drawing) -> Iterator[str]:
    assert part.failure is not None  # noqa: S101 - that is what it is to have failed
    yield from said_lines(word, "red", part.failure.message, None, names, drawing)
    if part.failure.hint:
        yield from paragraph(f"hint: {part.failure.hint}", width=drawing.width, first=_IN, indent=_IN)


def _group(group: DriftGroup, drift: DriftSet, drawing: Drawing) -> Iterator[str]:
    paint, shown = drawing.paint, group.shown
    yield paint(f"! {inert_line(shown.custom_id)}", "yellow", "bold") + f"  {class_word(shown.risk, paint)}"
    apart = ", apart from the others" if group.is_odd else ""
    yield from paragraph(inert_line(words.share(group, drift) + apart), width=drawing.width, first=_IN, indent=_IN)
    if not words.is_all(group, drift):
        yield from named_lines(group.organisations, drawing)
    yield from varying_lines(group.varies, group.organisations, drawing)
    yield from drifted_fields(shown.fields, drawing)
    yield from drifted_fields(shown.handed_off, drawing, is_handed_off=True)


def _aside(aside: Aside, drawing: Drawing) -> Iterator[str]:
    colour = _COLOURS.get(aside.word, "yellow")
    yield from said_lines(aside.word, colour, words.said(aside), None, aside.organisations, drawing)


def _corrected(drift: DriftSet, drawing: Drawing) -> Iterator[str]:
    told = words.set_back(drift)
    if not told:
        return
    yield drawing.paint(f"Set back: {told}", "bold")
    lines = list(words.corrected_lines(drift))
    most = len(lines) if drawing.verbose else _MOST_CORRECTED
    for name, outcomes, troubles in lines[:most]:
        yield f"{_IN}{inert_line(name)}: {outcomes}"
        yield from (f"{_IN * 2}{one_line(trouble, longest=_LONGEST)}" for trouble in troubles)
    if len(lines) > most:
        yield f"{_IN}and {len(lines) - most:,} more organisations"
    yield ""
