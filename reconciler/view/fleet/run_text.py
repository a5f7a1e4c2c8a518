"""What applying a fleet did, for people at a terminal: the verdict, who is an outlier and why, then the waves."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.fleet_run import FleetRun, Standing, Wave
from reconciler.view.fleet import run_words as words
from reconciler.view.fleet.text import said_lines
from reconciler.view.fleet.words import organisations, part_of
from reconciler.view.plan_text import Drawing
from reconciler.view.terminal import inert_line, one_line, paragraph

COLOURS: Final = {
    Standing.UNKNOWN: "red",
    Standing.FAILED: "red",
    Standing.STOPPED: "yellow",
    Standing.RETURNED: "yellow",
    Standing.REFUSED: "yellow",
    Standing.APPLIED: "green",
    Standing.UNCHANGED: "dim",
    Standing.NOT_BEGUN: "dim",
}
_IN: Final = " " * 4


def run_text(run: FleetRun, drawing: Drawing) -> str:
    """Return the whole drawing, ending in a line break."""
    return "\n".join(_lines(run, drawing)) + "\n"


def _lines(run: FleetRun, drawing: Drawing) -> Iterator[str]:
    paint = drawing.paint
    head = f"Applied to fleet {inert_line(run.fleet)}{part_of(run.shard)}: {organisations(len(run.results))}"
    yield paint(head, "bold") + paint(f" ({inert_line(words.named(run))})", "dim")
    yield from paragraph(f"{_sentence(words.verdict(run))}.", width=drawing.width)
    yield from paragraph(f"{words.standings(run.results)}.", width=drawing.width)
    yield ""
    told = words.reasons(run)
    for each in told:
        word, colour = words.WORDS[each.standing], COLOURS[each.standing]
        yield from said_lines(word, colour, each.message, each.hint, each.organisations, drawing)
    moved = run.moved
    for result in moved:
        names = () if result.seen is None else result.seen.moved
        message = "what was written had moved again after the pause: " + ", ".join(f"`{name}`" for name in names)
        yield from said_lines("moved", "red", message, None, (result.organisation,), drawing)
    yield from [""] if told or moved else []
    for wave in run.waves:
        yield from _wave(run, wave, drawing)
    outside = words.outside(run)
    if outside:
        yield f"in no wave: {words.standings(outside)}"
    yield from _everybody(run, drawing) if drawing.verbose else ()
    yield ""
    yield from _took(run, drawing)
    yield paint(f"Digest {run.digest}", "dim")
    alone = words.single(run)
    if alone is not None:
        yield f"One organisation alone: {alone}"
    further = words.going_on(run)
    if further is not None:
        yield paint(f"Go on with: {further}", "bold")


def _wave(run: FleetRun, wave: Wave, drawing: Drawing) -> Iterator[str]:
    results = run.in_wave(wave.number)
    size = organisations(len(wave.organisations))
    yield f"{words.wave_name(wave)}, {size}: {words.standings(results)}"
    said = words.gate_words(run, wave)
    if said:
        is_open = said.startswith("open")
        first, *rest = paragraph(f"gate {said}", width=drawing.width, first=_IN, indent=_IN)
        yield drawing.paint(first, "dim" if is_open else "red")
        yield from (drawing.paint(line, "dim" if is_open else "red") for line in rest)


def _everybody(run: FleetRun, drawing: Drawing) -> Iterator[str]:
    yield ""
    for each in run.results:
        word = drawing.paint(f"{words.WORDS[each.standing]:<20}", COLOURS[each.standing])
        reason = f"  {each.reason}" if each.reason else ""
        rest = f"{each.organisation}  {words.took(each)}{reason}" if each.digest else f"{each.organisation}{reason}"
        yield f"{word} {one_line(rest, longest=max(drawing.width * 4, 200))}"


def _took(run: FleetRun, drawing: Drawing) -> Iterator[str]:
    yield drawing.paint(f"{words.outcomes(run)}.", "bold")
    yield f"{_sentence(words.spent(run))}."
    for label, results in (("Slowest", words.slowest(run)), ("Held up", words.held_up(run))):
        if results:
            said = "; ".join(f"{each.organisation} {words.took(each)}" for each in results)
            yield from paragraph(f"{label}: {said}.", width=drawing.width, indent=_IN)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
