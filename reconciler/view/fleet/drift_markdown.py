"""A look at a fleet for an issue or a job's summary: the verdict first, then all drift once, with who has it.

Never longer than an issue may be, for a thousand organisations as for three: it gives up bodies, then the fields, then
most of what is said beside, then the table. Counts, coverage and the verdict stay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from reconciler.model.drift_set import DriftPart, DriftSet
from reconciler.view.fleet import drift_words as words
from reconciler.view.fleet.drift_groups import Aside, DriftGroup, asides, drift_groups
from reconciler.view.fleet.words import few, organisations, part_of
from reconciler.view.markdown.drift import ROOM, drifted_lines, waits_for
from reconciler.view.markdown.fields import Depth, cut
from reconciler.view.markdown.head import SIGNS
from reconciler.view.markdown.inert import code, codes, fenced
from reconciler.view.markdown.plan import LONGEST, within
from reconciler.view.risk_words import MEANINGS
from reconciler.view.terminal import inert_line
from reconciler.view.words import place

_MOST_NAMES: Final = 30
_MOST_PLACES: Final = 4
_FEW: Final = 3
_HEADER: Final = "| | sequence | risk of setting it back | what drifted | organisations |\n|---|---|---|---|---|"


@dataclass(frozen=True, slots=True)
class _Level:
    """How much is shown: into each difference, of what is said beside, and what the reader is told is left out."""

    depth: Depth | None
    said: int
    left_out: str | None = None
    has_table: bool = True


_LEVELS: Final = (
    _Level(Depth(context=1, has_bodies=True), 20),
    _Level(Depth(context=0, has_bodies=False), 20, "bodies"),
    _Level(None, 20, "what drifted in each sequence"),
    _Level(None, 5, "what drifted in each sequence, and much of what is said beside,"),
    _Level(None, 3, "the drifted sequences one by one, and much of what is said beside,", has_table=False),
)


def fleet_drift_markdown(drift: DriftSet, *, longest: int = LONGEST) -> str:
    """Return the Markdown, at most `longest` characters of it; `-` is what is recorded, `+` what is live."""
    told, beside = drift_groups(drift), asides(drift)
    for level in _LEVELS:
        text = within(_blocks(drift, told, beside, level), longest)
        if text is not None:
            return text
    raise AssertionError("counts alone are too long")


def fleet_issue_markdown(drift: DriftSet) -> str:
    """Return the text of the issue about a fleet's drift: what it waits for, then the look itself."""
    above = waits_for(words.coverage_sentences(drift), is_over=drift.is_settled, is_needed=drift.differing > 0)
    return f"{above}\n\n{fleet_drift_markdown(drift, longest=LONGEST - ROOM)}"


def _blocks(drift: DriftSet, told: Sequence[DriftGroup], beside: Sequence[Aside], level: _Level) -> Iterator[str]:
    yield _head(drift, told)
    yield from _failed(drift, level)
    for word in dict.fromkeys(each.word for each in beside):
        yield _said([each for each in beside if each.word == word], level)
    yield from _corrected(drift, level)
    many, odd = [each for each in told if not each.is_odd], [each for each in told if each.is_odd]
    if level.has_table and many:
        yield "\n".join((_HEADER, *(_row(group, drift) for group in many)))
    if level.has_table and odd:
        yield "\n".join(("#### Apart from the others\n", _HEADER, *(_row(group, drift) for group in odd)))
    if level.left_out is not None:
        yield f"_Too long to be shown here: {level.left_out} are left out. The JSON report has everything._"
    if level.depth is not None:
        for group in (*many, *odd):
            yield from _details(group, drift, level.depth)


def _head(drift: DriftSet, told: Sequence[DriftGroup]) -> str:
    counts = drift.counts()
    risk = f" {SIGNS[drift.risk]} {drift.risk.value} ({MEANINGS[drift.risk]})" if counts["drifted"] else ""
    lines = [f"### Drift of fleet {code(drift.fleet)}{part_of(drift.shard)}: {words.tally(drift)}{risk}", ""]
    lines.append(f"- **{organisations(len(drift.parts))}**: {words.verdict(drift)}")
    outliers = sorted({name for group in told if group.is_odd for name in group.organisations})
    if outliers:
        lines.append(f"- **Apart from the others**: {organisations(len(outliers))}: {codes(outliers, 10)}")
    set_back = words.set_back(drift)
    if set_back:
        lines.append(f"- **Set back**: {set_back}")
    lines += [f"- {sentence}" for sentence in words.coverage_sentences(drift)]
    if drift.only:
        lines.append(f"- Only {codes(drift.only, _MOST_PLACES)} was asked for.")
    lines.append(f"- Looked at {code(drift.moment)}.")
    return "\n".join(lines)


def _failed(drift: DriftSet, level: _Level) -> Iterator[str]:
    for word, failures in words.failures(drift):
        lines = [line for part, names in failures[: level.said] for line in _failure(part, names)]
        number = organisations(sum(len(names) for _, names in failures))
        yield f"**{word.capitalize()}** ({number})\n\n{fenced(_cut_off(lines, failures, level), 'text')}"


def _failure(part: DriftPart, names: tuple[str, ...]) -> Iterator[str]:
    message = "" if part.failure is None else part.failure.message
    yield cut(f"{few(names, 1)}: {message}" if len(names) == 1 else f"{organisations(len(names))}: {message}")
    if len(names) > 1:
        yield cut(f"    {few(names, _MOST_NAMES)}")


def _said(said: Sequence[Aside], level: _Level) -> str:
    lines: list[str] = []
    for each in said[: level.said]:
        lines.append(cut(words.said(each)))
        lines.append(cut(f"    in {few(each.organisations, _MOST_NAMES)}"))
    title = said[0].word.capitalize()
    return f"**{title}** ({len(said):,})\n\n{fenced(_cut_off(lines, said, level), 'text')}"


def _cut_off(lines: list[str], told: Sequence[object], level: _Level) -> list[str]:
    more = len(told) - level.said
    return [*lines, f"... and {more:,} more"] if more > 0 else lines


def _corrected(drift: DriftSet, level: _Level) -> Iterator[str]:
    told = list(words.corrected_lines(drift))
    if told:
        lines = [
            cut(line)
            for name, outcomes, troubles in told[: level.said]
            for line in (f"{name}: {outcomes}", *(f"    {trouble}" for trouble in troubles[:_FEW]))
        ]
        yield f"**Set back** ({organisations(len(told))})\n\n{fenced(_cut_off(lines, told, level), 'text')}"


def _row(group: DriftGroup, drift: DriftSet) -> str:
    shown, number = group.shown, len(group.organisations)
    who = f"all {number:,}" if words.is_all(group, drift) else f"{number:,}: {codes(group.organisations, _FEW)}"
    places = list(dict.fromkeys(place(field.path) for field in shown.fields))
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    what = ", ".join(code(where, longest=60) for where in places[:_MOST_PLACES]) + more
    return f"| {SIGNS[shown.risk]} | {code(shown.custom_id)} | {shown.risk.value} | {what} | {who} |"


def _details(group: DriftGroup, drift: DriftSet, depth: Depth) -> Iterator[str]:
    shown = group.shown
    number = organisations(len(group.organisations))
    yield f"<details><summary><code>{escape(inert_line(shown.custom_id))}</code>, in {number}</summary>"
    who = [] if words.is_all(group, drift) else [few(group.organisations, _MOST_NAMES)]
    yield fenced([cut(line) for line in (words.share(group, drift), *who, *shown.reasons)], "text")
    if group.varies:
        places = ", ".join(code(each) for each in group.varies[:5])
        yield f"Each with values of its own for {places}; those of {code(group.organisations[0])} are shown."
    if shown.fields:
        yield fenced(drifted_lines(shown.fields, depth), "diff")
    if shown.handed_off:
        yield "Handed off, which is no drift:"
        yield fenced(drifted_lines(shown.handed_off, depth), "diff")
    yield "</details>"
