"""How two environments differ, for people at a terminal: drawn as a plan draws a change, the first one as `-`."""

from collections.abc import Iterator
from typing import Final

from reconciler.core.compare import Comparison
from reconciler.view.plan_text import Drawing, field_lines
from reconciler.view.terminal import inert_line, paragraph
from reconciler.view.words import counted

_IN: Final = " " * 4


def compare_text(comparison: Comparison, drawing: Drawing) -> str:
    """Return the whole drawing, ending in a line break."""
    return "\n".join(_lines(comparison, drawing)) + "\n"


def tally(comparison: Comparison) -> str:
    """Return one phrase with how many differ, are only in one of them, and are the same."""
    differing = len(comparison.differences)
    parts = [f"{counted(differing, 'sequence')} {'differs' if differing == 1 else 'differ'}"] if differing else []
    for environment, names in _alone(comparison):
        parts.append(f"{len(names):,} only in {inert_line(environment)}")
    return ", ".join([*parts, f"{comparison.same:,} the same"])


def _alone(comparison: Comparison) -> Iterator[tuple[str, tuple[str, ...]]]:
    sides = ((comparison.first, comparison.only_in_first), (comparison.second, comparison.only_in_second))
    yield from (side for side in sides if side[1])


def _lines(comparison: Comparison, drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    first, second = inert_line(comparison.first), inert_line(comparison.second)
    yield paint(f"{first} and {second}", "bold") + paint(" (what is recorded; ids as names)", "dim")
    yield paint(f"- {first}", "red") + "  " + paint(f"+ {second}", "green")
    yield ""
    for each in comparison.differences:
        yield paint(f"~ {inert_line(each.custom_id)}", "yellow", "bold")
        for field in each.fields:
            yield from field_lines(field, drawing)
        yield ""
    for environment, names in _alone(comparison):
        yield paint(f"only in {inert_line(environment)}", "bold")
        yield from paragraph("  ".join(map(inert_line, names)), width=drawing.width, first=_IN, indent=_IN)
        yield ""
    yield from _unsettled(comparison, drawing)
    if comparison.is_different:
        yield paint(f"{tally(comparison)}.", "bold")
    else:
        yield paint("No difference: ", "bold") + f"{counted(comparison.same, 'sequence')} the same in both."


def _unsettled(comparison: Comparison, drawing: Drawing) -> Iterator[str]:
    sides = (
        (comparison.first, comparison.unsettled_in_first),
        (comparison.second, comparison.unsettled_in_second),
    )
    for environment, names in sides:
        if names:
            said = (
                f"warning: in {inert_line(environment)} nobody knows the end of a write of "
                f"{', '.join(map(inert_line, names))}: what is recorded may not be what is there"
            )
            first, *others = paragraph(said, width=drawing.width, indent=_IN)
            yield drawing.paint("warning", "yellow", "bold") + first.removeprefix("warning")
            yield from others
            yield ""
