"""A look at live as one page that stands alone: no network, no script."""

from collections.abc import Iterator, Sequence

from reconciler.model.drift import Drifted, DriftedField, Left, Report
from reconciler.model.jsonvalue import Absent, MaybeJson
from reconciler.view.drift_words import (
    corrected_words,
    coverage_sentences,
    facts,
    gone_words,
    known_words,
    verdict,
)
from reconciler.view.html.page import page_head
from reconciler.view.html.words import element, text
from reconciler.view.risk_words import MEANINGS
from reconciler.view.values import PERSONAL, people, shown
from reconciler.view.words import place

_LONGEST = 2_000


def drift_html(report: Report, left: Sequence[Left] = ()) -> str:
    """Return the page."""
    return "".join(_page(report, left))


def _page(report: Report, left: Sequence[Left]) -> Iterator[str]:
    title = f"Drift of {report.environment}"
    yield page_head(text(title))
    yield f"<header><h1>{text(title)}</h1>{_verdict(report)}"
    for name, lines in _asides(report, left):
        if lines:
            items = (element("li", element("code", text(custom_id)), f" {text(said)}") for custom_id, said in lines)
            yield f"<h2>{name} ({len(lines):,})</h2>{element('ul', *items, class_='said')}"
    yield "</header><main>"
    yield "<h2>Drifted</h2>" if report.drifted else "<p>Nothing has drifted.</p>"
    yield from map(_section, report.drifted)
    yield "<h2>Handed off</h2>" if report.handed_off else ""
    yield from map(_section, report.handed_off)
    yield f"</main><footer>{text(report.moment)}, serial {report.serial} of the state</footer></body></html>\n"


def _verdict(report: Report) -> str:
    risk = f"Risk {report.risk.value}"
    return element(
        "ul",
        element("li", f"<b>{text(verdict(report))}</b>"),
        element("li", f'<b class="{report.risk.value}">{risk}</b>{MEANINGS[report.risk]}') if report.drifted else "",
        *(element("li", text(sentence)) for sentence in coverage_sentences(report.coverage)),
        class_="verdict",
    )


def _asides(report: Report, left: Sequence[Left]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    yield "Gone", [(each.custom_id, gone_words(each)) for each in report.gone]
    yield "Unreadable", [(each.custom_id, each.reason) for each in report.unreadable]
    yield "Unsettled", [(each.custom_id, each.reason) for each in report.unsettled]
    yield "Not read now", [(each.custom_id, known_words(each)) for each in report.known]
    yield "Not set back", [(each.custom_id, each.reason) for each in left]
    yield "Warnings", [(each.rule, each.message) for each in report.warnings]


def _section(each: Drifted) -> str:
    return drifted_section(each, facts(each))


def drifted_section(each: Drifted, *said: str) -> str:
    """Return what drifted in one sequence, folded away where nothing of it is drift; `said` stands above it."""
    badge = element("span", each.risk.value, class_=f"badge {each.risk.value}") if each.fields else ""
    summary = element("summary", element("h3", element("code", text(each.custom_id))), f" {badge}")
    lines = [element("li", text(line)) for line in (*said, *each.reasons)]
    reasons = element("ul", *lines, class_="reasons") if lines else ""
    rows = [*(_row(field, field.risk.value) for field in each.fields)]
    rows += [_row(field, "handed off") for field in each.handed_off]
    heads = "".join(f"<th scope=col>{name}</th>" for name in ("field", "class", "recorded", "live"))
    table = element("table", f"<thead><tr>{heads}</tr></thead>", *rows)
    wide = element("div", table, class_="wide", tabindex="0", role="group", aria_label="Fields")
    opened = " open" if each.fields else ""
    return f'<details class="change"{opened}>{summary}{reasons}{wide}</details>'


def _row(field: DriftedField, label: str) -> str:
    again = corrected_words(field)
    head = element("th", element("code", text(place(field.path))), scope="row")
    cells = [element("td", text(f"{label}; {again}" if again else label))]
    if PERSONAL.isdisjoint(field.path):
        cells += [element("td", text(_value(value))) for value in (field.recorded, field.live)]
    else:
        cells += [element("td", text(people(field.recorded, field.live)), colspan="2")]
    return element("tr", head, *cells)


def _value(value: MaybeJson) -> str:
    return "–" if isinstance(value, Absent) else shown(value, longest=_LONGEST)  # noqa: RUF001 - a dash for "nothing"
