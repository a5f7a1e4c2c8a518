"""What applying a fleet did, for the pull request: the verdict and the outliers first, then waves and their gates.

Never longer than a comment may be: it gives up the organisations one by one, then most of the names. The verdict, the
reasons for trouble and the gates always stay.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.core.fleet.words import NAME
from reconciler.errors import ExitCode
from reconciler.model.fleet_run import FleetRun, Result, Standing
from reconciler.view.fleet import run_words as words
from reconciler.view.fleet.words import few, organisations, part_of
from reconciler.view.markdown.fields import cut
from reconciler.view.markdown.inert import code, fenced
from reconciler.view.markdown.plan import LONGEST, is_digest, within

_SIGNS: Final = {
    Standing.UNKNOWN: "🚨",
    Standing.FAILED: "❌",
    Standing.STOPPED: "⏸️",
    Standing.RETURNED: "↩️",
    Standing.REFUSED: "⛔",
    Standing.APPLIED: "✅",
    Standing.UNCHANGED: "⚪",
    Standing.NOT_BEGUN: "⏸️",
}
_PLAIN: Final = re.compile(r"[A-Za-z0-9 ,.;:()%$/-]*", re.ASCII)
_MOST_REASONS: Final = 20
_MOST_WAVES: Final = 60
_NAMES: Final = (30, 5)


def run_markdown(run: FleetRun, *, longest: int = LONGEST) -> str:
    """Return the Markdown, at most `longest` characters of it."""
    for has_everybody, names in ((True, _NAMES[0]), (False, _NAMES[0]), (False, _NAMES[1])):
        text = within(_blocks(run, names, has_everybody=has_everybody), longest)
        if text is not None:
            return text
    raise AssertionError("counts alone are too long")


def _blocks(run: FleetRun, names: int, *, has_everybody: bool) -> Iterator[str]:
    yield _head(run)
    yield from _reasons(run, names)
    yield from _moved(run, names)
    if run.waves:
        yield _waves(run)
    yield from _slow(run)
    if has_everybody:
        yield _everybody(run.results)
    else:
        yield "_Too long for a comment: the organisations one by one are left out. The JSON report has them._"
    yield f"<sub>Digest <code>{run.digest if is_digest(run.digest) else '(misshapen)'}</code></sub>"


def _head(run: FleetRun) -> str:
    further = words.going_on(run)
    lines = [
        f"### {_sign(run)} Applied to fleet {code(run.fleet)}{part_of(run.shard)}: {words.standings(run.results)}",
        f"- **Verdict**: {_worded(words.verdict(run))}",
        f"- **Run** {code(run.run or 'none')}, {organisations(len(run.results))}, {words.spent(run)}",
        f"- **Sequences**: {words.outcomes(run)}",
    ]
    return "\n".join([*lines, *([f"- **Go on with** {code(further, longest=200)}"] if further else [])])


def _worded(sentence: str) -> str:
    """Return a sentence of ours, with names in backticks, as it is; one that a forge could obey as code."""
    plain, named = sentence.split("`")[::2], sentence.split("`")[1::2]
    is_ours = len(plain) == len(named) + 1 and all(_PLAIN.fullmatch(each) for each in plain)
    return sentence if is_ours and all(NAME.fullmatch(each) for each in named) else code(sentence, longest=300)


def _sign(run: FleetRun) -> str:
    if run.exit_code is ExitCode.UNKNOWN:
        return _SIGNS[Standing.UNKNOWN]
    return _SIGNS[Standing.APPLIED] if run.exit_code is ExitCode.DONE else "⚠️"


def _reasons(run: FleetRun, names: int) -> Iterator[str]:
    told = words.reasons(run)
    if not told:
        return
    lines: list[str] = []
    for each in told[:_MOST_REASONS]:
        lines.append(cut(f"{words.WORDS[each.standing]}, {organisations(len(each.organisations))}: {each.message}"))
        lines.append(f"    {few(each.organisations, names)}")
    if len(told) > _MOST_REASONS:
        lines.append(f"... and {len(told) - _MOST_REASONS:,} more reasons")
    yield f"**Not as reviewed**\n\n{fenced(lines, 'text')}"


def _moved(run: FleetRun, names: int) -> Iterator[str]:
    if run.moved:
        listed = few([each.organisation for each in run.moved], names)
        yield f"**Moved again after the pause** ({organisations(len(run.moved))})\n\n{fenced((listed,), 'text')}"


def _waves(run: FleetRun) -> str:
    lines = ["| wave | organisations | ended | gate |", "|---|---|---|---|"]
    for wave in run.waves[:_MOST_WAVES]:
        gate = run.gate(wave.number)
        sign = "" if gate is None else ("✅ " if gate.is_open else "⛔ ")
        said = "" if gate is None else _worded(gate.reason)
        ended = words.standings(run.in_wave(wave.number))
        name = f"{wave.number} (canaries)" if wave.is_canary else f"{wave.number}"
        lines.append(f"| {name} | {len(wave.organisations):,} | {ended} | {sign}{said} |")
    more = len(run.waves) - _MOST_WAVES
    return "\n".join([*lines, *([f"\nand {more:,} more waves"] if more > 0 else [])])


def _slow(run: FleetRun) -> Iterator[str]:
    for label, results in (("Slowest", words.slowest(run)), ("Held up", words.held_up(run))):
        if results:
            yield f"**{label}**: " + "; ".join(f"{code(each.organisation)} {words.took(each)}" for each in results)


def _everybody(results: Sequence[Result]) -> str:
    rows = [
        f"| {_SIGNS[each.standing]} | {code(each.organisation)} | {each.wave or ''} | {words.WORDS[each.standing]} |"
        for each in results
    ]
    table = "\n".join(["| | organisation | wave | ended |", "|---|---|---|---|", *rows])
    return f"<details><summary>{organisations(len(results))}</summary>\n\n{table}\n\n</details>"
