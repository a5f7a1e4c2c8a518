"""A look at live for an issue or a job's summary: the verdict first, then a table, then each field.

Never longer than an issue may be: it gives up bodies, then the fields, then the table. Counts and coverage stay.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from reconciler.model.drift import Drifted, DriftedField, Left, Report
from reconciler.view.drift_words import (
    corrected_words,
    coverage_sentences,
    facts,
    gone_words,
    known_words,
    verdict,
)
from reconciler.view.markdown.fields import Depth, cut, value_lines
from reconciler.view.markdown.head import SIGNS
from reconciler.view.markdown.inert import code, fenced
from reconciler.view.markdown.plan import LONGEST
from reconciler.view.risk_words import MEANINGS
from reconciler.view.terminal import inert_line
from reconciler.view.words import counted, place

_MOST_SAID: Final = 40
# What stands above the look in an issue.
ROOM: Final = 1_000
_MOST_PLACES: Final = 4
_HEADER: Final = (
    "| | sequence | risk of setting it back | status | last read before | what drifted |\n|---|---|---|---|---|---|"
)
_DEPTHS: Final = (Depth(context=1, has_bodies=True), Depth(context=0, has_bodies=False), None)


def drift_markdown(report: Report, left: Sequence[Left] = (), *, longest: int = LONGEST) -> str:
    """Return the Markdown, at most `longest` characters of it; `-` is what is recorded, `+` what is live."""
    for depth in _DEPTHS:
        for has_table in (True,) if depth else (True, False):
            text = "\n\n".join(_blocks(report, left, depth, has_table=has_table)) + "\n"
            if len(text) <= longest:
                return text
    raise AssertionError("counts alone are too long")


def issue_markdown(report: Report) -> str:
    """Return the text of the issue about an environment's drift: what it waits for, then the look itself."""
    above = waits_for(coverage_sentences(report.coverage), is_over=report.is_settled, is_needed=report.has_differences)
    return f"{above}\n\n{drift_markdown(report, longest=LONGEST - ROOM)}"


def waits_for(coverage: Iterable[str], *, is_over: bool, is_needed: bool) -> str:
    """Return what an issue about drift waits for, at most `ROOM` characters."""
    if is_over:
        return "✅ **No drift is left**: " + " ".join(coverage)
    if is_needed:
        return (
            "Somebody changed live behind this repository's back. The answers: set it back "
            "(`reconciler drift --correct`), keep it (take it over into the manifest), or hand it off "
            "(`reconciler.ignore`); docs/drift.md of reconciler tells of each. "
            "This issue is kept by the tool, and closed by it once no drift is left."
        )
    return "No drift is known, and not everything could be read yet: this stays open until all of it was."


def _blocks(report: Report, left: Sequence[Left], depth: Depth | None, *, has_table: bool) -> Iterator[str]:
    yield _head(report)
    for title, lines in _asides(report, left):
        if lines:
            yield _said(title, lines)
    if report.drifted and has_table:
        yield "\n".join((_HEADER, *map(_row, report.drifted)))
    if depth is None and (report.drifted or report.handed_off):
        what = "what drifted in each sequence is" if has_table else "the drifted sequences one by one are"
        yield f"_Too long to be shown here: {what} left out. The JSON and HTML reports have everything._"
        return
    if depth is not None:
        for each in (*report.drifted, *report.handed_off):
            yield from _details(each, depth)


def _head(report: Report) -> str:
    risk = "" if not report.drifted else f" {SIGNS[report.risk]} {report.risk.value} ({MEANINGS[report.risk]})"
    lines = [f"### Drift of {code(report.environment)}: {verdict(report)}{risk}", ""]
    lines += [f"- {sentence}" for sentence in coverage_sentences(report.coverage)]
    if report.only:
        lines.append(f"- Only {', '.join(code(each) for each in report.only[:_MOST_PLACES])} was asked for.")
    lines.append(f"- Looked at {code(report.moment)}, serial {report.serial} of the state.")
    return "\n".join(lines)


def _asides(report: Report, left: Sequence[Left]) -> Iterator[tuple[str, list[str]]]:
    yield "Gone", [f"{each.custom_id}: {gone_words(each)}" for each in report.gone]
    yield "Unreadable", [f"{each.custom_id}: {each.reason}" for each in report.unreadable]
    yield "Unsettled", [f"{each.custom_id}: {each.reason}" for each in report.unsettled]
    yield "Not read now", [f"{each.custom_id}: {known_words(each)}" for each in report.known]
    yield "Not set back", [f"{each.custom_id}: {each.reason}" for each in left]
    yield "Warnings", [f"{each.message} [{each.rule}]" for each in report.warnings]


def _said(title: str, lines: list[str]) -> str:
    told = [cut(line) for line in lines[:_MOST_SAID]]
    if len(lines) > _MOST_SAID:
        told.append(f"... and {len(lines) - _MOST_SAID:,} more")
    return f"**{title}** ({len(lines):,})\n\n{fenced(told, 'text')}"


def _row(each: Drifted) -> str:
    places = list(dict.fromkeys(place(field.path) for field in each.fields))
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    what = ", ".join(code(where, longest=60) for where in places[:_MOST_PLACES]) + more
    cells = (
        SIGNS[each.risk],
        code(each.custom_id),
        each.risk.value,
        code(each.status or "unknown"),
        code(each.read_before or "never"),
        what,
    )
    return f"| {' | '.join(cells)} |"


def _details(each: Drifted, depth: Depth) -> Iterator[str]:
    yield f"<details><summary><code>{escape(inert_line(each.custom_id))}</code></summary>"
    yield fenced([cut(facts(each)), *map(cut, each.reasons)], "text")
    if each.fields:
        yield fenced(drifted_lines(each.fields, depth), "diff")
    if each.handed_off:
        yield f"{counted(len(each.handed_off), 'field')} handed off, which are no drift:"
        yield fenced(drifted_lines(each.handed_off, depth), "diff")
    yield "</details>"


def drifted_lines(fields: Iterable[DriftedField], depth: Depth) -> Iterator[str]:
    """Yield each field with what is recorded and what is live, as the lines of a `diff` fence."""
    for field in fields:
        again = corrected_words(field)
        yield cut(f"@@ {place(field.path)}{f' ({again})' if again else ''} @@")
        yield from value_lines(field.path, field.recorded, field.live, depth)
