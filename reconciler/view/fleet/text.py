"""A fleet's plan for people at a terminal: the verdict, what failed or is refused, then each change once."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.plan_set import PlanSet
from reconciler.view.fleet import words
from reconciler.view.fleet.groups import Group, Saying, groups, sayings
from reconciler.view.plan_text import Drawing, change_lines
from reconciler.view.risk_text import class_word
from reconciler.view.terminal import inert_line, paragraph

_IN: Final = " " * 4
_MOST_NAMES: Final = 20
_MOST_SAID: Final = 20


def fleet_text(plans: PlanSet, drawing: Drawing) -> str:
    """Return the whole drawing, ending in a line break."""
    return "\n".join(_lines(plans, drawing)) + "\n"


def _lines(plans: PlanSet, drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    total = words.organisations(len(plans.parts))
    selection = f", only {' '.join(map(inert_line, plans.only))}" if plans.only else ""
    title = paint(f"Plan for fleet {inert_line(plans.fleet)}{words.part_of(plans.shard)}: {total}", "bold")
    yield title + paint(f" ({words.read(plans)}{selection})", "dim")
    yield f"Risk {class_word(plans.risk, paint)}: {words.verdict(plans)}"
    yield ""
    for part, names in words.failures(plans):
        if part.failure is not None:
            yield from said_lines("failed", "red", part.failure.message, part.failure.hint, names, drawing)
    for saying in sayings(plans):
        yield from _of(saying, "refused", "red", drawing)
    if plans.failed or plans.refused:
        yield ""
    for group in groups(plans):
        yield from _group(group, plans, drawing)
        yield ""
    warned = sayings(plans, warnings=True)
    for saying in warned:
        yield from _of(saying, "warning", "yellow", drawing)
    if warned:
        yield ""
    yield paint(f"{words.tally(plans)}.", "bold")
    if plans.requests:
        yield f"Applying takes {words.cost(plans)}."
    yield paint(f"Digest {plans.digest}", "dim")


def _group(group: Group, plans: PlanSet, drawing: Drawing) -> Iterator[str]:
    first, *rest = change_lines(group.shown, drawing)
    apart = ", apart from the others" if group.is_odd else ""
    yield first
    yield drawing.paint(f"{_IN}{words.share(group, plans)}{apart}", "bold")
    if not words.is_all(group, plans):
        yield from named_lines(group.organisations, drawing)
    yield from varying_lines(group.varies, group.organisations, drawing)
    yield from rest


def varying_lines(varies: tuple[str, ...], names: tuple[str, ...], drawing: Drawing) -> Iterator[str]:
    """Yield the places of which each organisation has a value of its own, where there are some."""
    if varies:
        sentence = f"each with values of its own for {words.few(varies, 5)}; those of {names[0]} are shown"
        yield from paragraph(sentence, width=drawing.width, first=_IN, indent=_IN)


def named_lines(names: tuple[str, ...], drawing: Drawing) -> Iterator[str]:
    """Yield the names of organisations, the first of many unless all are asked for."""
    most = len(names) if drawing.verbose else _MOST_NAMES
    yield from paragraph(words.few(names, most), width=drawing.width, first=_IN * 2, indent=_IN * 2)


def _of(saying: Saying, word: str, colour: str, drawing: Drawing) -> Iterator[str]:
    subject = f"{saying.said.custom_id}: " if saying.said.custom_id else ""
    message = f"{subject}{saying.said.message} [{saying.said.rule}]"
    yield from said_lines(word, colour, message, None, saying.organisations, drawing)


def said_lines(
    word: str, colour: str, message: str, hint: str | None, names: tuple[str, ...], drawing: Drawing
) -> Iterator[str]:
    """Yield something that was said of several organisations, with what to do and who they are."""
    number = f" in {words.organisations(len(names))}" if len(names) > 1 else f" in {names[0]}"
    first, *others = paragraph(f"{word}{number}: {message}", width=drawing.width, indent=_IN)
    yield drawing.paint(word, colour, "bold") + first.removeprefix(word)
    yield from others
    if hint:
        yield from paragraph(f"hint: {hint}", width=drawing.width, first=_IN, indent=_IN)
    if len(names) > 1:
        yield from named_lines(names, drawing)
