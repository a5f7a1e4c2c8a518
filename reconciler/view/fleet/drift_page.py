"""A look at a fleet as one page that stands alone: no network, no script; all drift once, whoever has it."""

from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.model.drift_set import DriftSet
from reconciler.view.fleet import drift_words as words
from reconciler.view.fleet.drift_groups import Aside, DriftGroup, asides, drift_groups
from reconciler.view.fleet.page import more, note, sections, who
from reconciler.view.fleet.words import organisations, part_of
from reconciler.view.html.drift import drifted_section
from reconciler.view.html.page import page_head
from reconciler.view.html.words import element, text
from reconciler.view.risk_words import MEANINGS

# Characters that the sections of sequences take together; a page that is larger than this nobody reads to its end.
_LONGEST: Final = 8 * 2**20
_MOST_SAID: Final = 50
_MOST_CORRECTED: Final = 1_000


def fleet_drift_html(drift: DriftSet, *, longest: int = _LONGEST) -> str:
    """Return the page. Of very much different drift only the first is drawn, and the page says so."""
    return "".join(_page(drift, longest))


def _page(drift: DriftSet, longest: int) -> Iterator[str]:
    title = f"Drift of fleet {text(drift.fleet)}{part_of(drift.shard)}"
    yield page_head(title)
    yield f"<header><h1>{title}</h1>"
    yield _verdict(drift)
    yield from _failed(drift)
    beside = asides(drift)
    for word in dict.fromkeys(each.word for each in beside):
        yield _said([each for each in beside if each.word == word])
    yield _corrected(drift)
    yield "</header><main>"
    told = drift_groups(drift)

    def draw(group: DriftGroup) -> str:
        return note(words.share(group, drift), group.organisations, group.varies) + drifted_section(group.shown)

    for heading, odd in (("Drifted", False), ("Apart from the others", True)):
        chosen = [each for each in told if each.is_odd is odd]
        yield from sections(heading, chosen, draw, document="report", longest=longest)
    if not told:
        yield "<p>Nothing has drifted.</p>"
    yield f"</main><footer>{text(drift.moment)}</footer></body></html>\n"


def _verdict(drift: DriftSet) -> str:
    risk, set_back = drift.risk.value, words.set_back(drift)
    has_drift = bool(drift.counts()["drifted"])
    return element(
        "ul",
        element("li", f"<b>{organisations(len(drift.parts))}</b>{text(words.verdict(drift))}"),
        element("li", f"<b>{text(words.tally(drift))}</b>"),
        element("li", f'<b class="{risk}">Risk {risk}</b>{MEANINGS[drift.risk]}') if has_drift else "",
        element("li", f"<b>Set back</b>{text(set_back)}") if set_back else "",
        *(element("li", text(sentence)) for sentence in words.coverage_sentences(drift)),
        class_="verdict",
    )


def _failed(drift: DriftSet) -> Iterator[str]:
    for word, failures in words.failures(drift):
        items = [
            element("li", text(part.failure.message), who(names))
            for part, names in failures[:_MOST_SAID]
            if part.failure is not None
        ]
        number = sum(len(names) for _, names in failures)
        listed = element("ul", *items, class_="said")
        yield f"<h2>{word.capitalize()} ({number:,})</h2>{listed}{more(failures, _MOST_SAID)}"


def _said(said: Sequence[Aside]) -> str:
    items = [element("li", text(words.said(each)), who(each.organisations)) for each in said[:_MOST_SAID]]
    title = said[0].word.capitalize()
    return f"<h2>{title} ({len(said):,})</h2>{element('ul', *items, class_='said')}{more(said, _MOST_SAID)}"


def _corrected(drift: DriftSet) -> str:
    told = list(words.corrected_lines(drift))
    if not told:
        return ""
    items = [
        element("li", text(f"{name}: {outcomes}"), *(f"<br>{text(trouble)}" for trouble in troubles))
        for name, outcomes, troubles in told[:_MOST_CORRECTED]
    ]
    return f"<h2>Set back ({len(told):,})</h2>{element('ul', *items, class_='said')}{more(told, _MOST_CORRECTED)}"
