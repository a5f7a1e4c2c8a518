"""A fleet's run as one page that stands alone, no network, no script: verdict and outliers, waves, everybody."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.errors import ExitCode
from reconciler.model.fleet_run import FleetRun, Result, Standing, Wave
from reconciler.model.outcome import Outcome, Status
from reconciler.view.fleet import run_words as words
from reconciler.view.fleet.words import few, organisations, part_of
from reconciler.view.html.page import page_head
from reconciler.view.html.words import element, text
from reconciler.view.words import counted

# The class that colours a standing, as the classes of risk are coloured.
_CLASSES: Final = {
    Standing.UNKNOWN: "R4",
    Standing.FAILED: "R4",
    Standing.STOPPED: "R3",
    Standing.RETURNED: "R2",
    Standing.REFUSED: "R2",
    Standing.APPLIED: "R1",
    Standing.UNCHANGED: "R0",
    Standing.NOT_BEGUN: "R0",
}
_FEW: Final = 5
_MOST_NAMES: Final = 200
_MOST_REASONS: Final = 50
_MOST_ROWS: Final = 10_000
_MOST_OUTCOMES: Final = 50
_TABLE: Final = "th,.badge{white-space:nowrap}"


def run_html(run: FleetRun) -> str:
    """Return the page. Of very many organisations only the first are listed, the gravest first, and it says so."""
    return "".join(_page(run))


def _page(run: FleetRun) -> Iterator[str]:
    title = f"Applied to fleet {text(run.fleet)}{part_of(run.shard)}"
    yield page_head(title, _TABLE)
    yield f"<header><h1>{title}</h1>"
    yield _verdict(run)
    further = words.going_on(run)
    if further is not None:
        yield f"<p>Go on with <code>{text(further)}</code></p>"
    yield "</header><main>"
    yield from _outliers(run)
    if run.waves:
        yield f"<h2>Waves ({len(run.waves):,})</h2>{_waves(run)}"
    yield from _everybody(run)
    named = text(words.named(run)).capitalize()
    yield f"</main><footer>{named} of the plan with digest <code>{text(run.digest)}</code></footer></body></html>\n"


def _verdict(run: FleetRun) -> str:
    is_well = run.exit_code is ExitCode.DONE
    sentence = words.verdict(run)
    head = "Done" if is_well else "Done in part"
    head = head if run.stopped is None else "Stopped"
    return element(
        "ul",
        element("li", f"<b>{head}</b>{text(sentence)}", class_=None if is_well else "blocked"),
        element("li", f"<b>{organisations(len(run.results))}</b>{words.standings(run.results)}"),
        element("li", f"<b>Sequences</b>{words.outcomes(run)}"),
        element("li", f"<b>Waves</b>{_passed(run)}"),
        element("li", f"<b>Took</b>{words.spent(run)}"),
        class_="verdict",
    )


def _passed(run: FleetRun) -> str:
    gates = [gate for wave in run.waves if (gate := run.gate(wave.number)) is not None]
    shut = run.shut
    said = f"{sum(gate.is_open for gate in gates):,} of {len(run.waves):,} passed their gate"
    return said + (f"; the gate after wave {shut[-1].wave} is shut" if shut else "")


def _outliers(run: FleetRun) -> Iterator[str]:
    told, moved, slow, held = words.reasons(run), run.moved, words.slowest(run), words.held_up(run)
    if not (told or moved or slow or held):
        yield "<p>Nobody stands out.</p>"
        return
    yield "<h2>Outliers</h2>"
    items = [
        element(
            "li",
            f"{_badge(each.standing)} <b>{_who(each.organisations)}</b>: {text(each.message)}",
            f" <span class=note>{text(each.hint)}</span>" if each.hint else "",
            _listed(each.organisations),
        )
        for each in told[:_MOST_REASONS]
    ]
    items += [
        element(
            "li",
            f'<span class="badge R4">moved again</span> <b>{text(each.organisation)}</b>, after the pause: ',
            ", ".join(f"<code>{text(name)}</code>" for name in (each.seen.moved if each.seen else ())[:_MOST_OUTCOMES]),
        )
        for each in moved[:_MOST_REASONS]
    ]
    yield element("ul", *items, class_="said") if items else ""
    more = max(len(told) - _MOST_REASONS, 0) + max(len(moved) - _MOST_REASONS, 0)
    yield f"<p class=note>and {more:,} more, which the JSON report has</p>" if more else ""
    yield _ranked("Slowest", slow)
    yield _ranked("Most 429s and waits", held)


def _ranked(title: str, results: Sequence[Result]) -> str:
    if not results:
        return ""
    items = [
        element("li", f"<b>{text(each.organisation)}</b> {text(words.took(each))}, {words.WORDS[each.standing]}")
        for each in results
    ]
    return f"<h3>{title}</h3>{element('ul', *items, class_='said')}"


def _waves(run: FleetRun) -> str:
    rows = [_wave(run, each) for each in run.waves]
    outside = words.outside(run)
    if outside:
        size = f"<td>{len(outside):,}</td>"
        rows.append(f"<tr><td>in no wave</td>{size}<td>{words.standings(outside)}</td><td></td></tr>")
    head = "<tr><th>wave</th><th>organisations</th><th>ended</th><th>gate</th></tr>"
    return f'<div class="wide"><table>{head}{"".join(rows)}</table></div>'


def _wave(run: FleetRun, wave: Wave) -> str:
    gate = run.gate(wave.number)
    colour, word = ("R1", "open") if gate is not None and gate.is_open else ("R4", "shut")
    decided = "" if gate is None else f'<span class="badge {colour}">{word}</span> {text(gate.reason)}'
    name = f"{wave.number}, canaries" if wave.is_canary else f"{wave.number}"
    cells = (name, f"{len(wave.organisations):,}", words.standings(run.in_wave(wave.number)), decided)
    return f"<tr><td>{cells[0]}</td><td>{cells[1]}</td><td>{cells[2]}</td><td>{cells[3]}</td></tr>"


def _everybody(run: FleetRun) -> Iterator[str]:
    ordered = sorted(run.results, key=lambda each: (words.ORDER.index(each.standing), each.organisation))
    yield f"<h2>{organisations(len(ordered)).capitalize()}</h2>" if ordered else ""
    yield '<div class="wide"><table><tr><th>organisation</th><th>ended</th><th>wave</th><th>sequences</th>'
    yield "<th>took</th></tr>"
    yield from (_row(each) for each in ordered[:_MOST_ROWS])
    yield "</table></div>"
    more = len(ordered) - _MOST_ROWS
    yield f"<p class=note>and {organisations(more)} more, which the JSON report has</p>" if more > 0 else ""


def _row(result: Result) -> str:
    labels = f"<br><span class=note>{text(' '.join(result.labels))}</span>" if result.labels else ""
    reason = "" if result.reason is None else f"<br>{text(result.reason)}"
    took = text(words.took(result)) if result.spent.requests or result.spent.seconds else ""
    wave = "" if result.wave is None else f"{result.wave}"
    return (
        f"<tr><td><b>{text(result.organisation)}</b>{labels}</td><td>{_badge(result.standing)}{reason}</td>"
        f"<td>{wave}</td><td>{_outcomes(result.outcomes)}</td><td>{took}</td></tr>"
    )


def _outcomes(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return ""
    applied = sum(each.status is Status.APPLIED for each in outcomes)
    said = f"{counted(len(outcomes), 'sequence')}, {applied:,} applied"
    rest = [each for each in outcomes if each.status is not Status.APPLIED]
    if not rest:
        return said
    items = [
        element("li", f"<code>{text(each.custom_id)}</code> {each.status.value.replace('_', ' ')}: {text(each.detail)}")
        for each in rest[:_MOST_OUTCOMES]
    ]
    more = len(rest) - _MOST_OUTCOMES
    items += [element("li", f"and {more:,} more")] if more > 0 else []
    return element("details", element("summary", said), element("ul", *items, class_="said"))


def _badge(standing: Standing) -> str:
    return f'<span class="badge {_CLASSES[standing]}">{words.WORDS[standing]}</span>'


def _who(names: tuple[str, ...]) -> str:
    return text(", ".join(names)) if len(names) <= _FEW else organisations(len(names))


def _listed(names: tuple[str, ...]) -> str:
    if len(names) <= _FEW:
        return ""
    return element("details", element("summary", "who they are"), element("p", text(few(names, _MOST_NAMES))))
