"""A fleet's plan as one page that stands alone: no network, no script; each change once, whoever has it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from reconciler.model.plan_set import PlanSet
from reconciler.view.fleet import words
from reconciler.view.fleet.groups import Group, Saying, groups, sayings
from reconciler.view.html.changes import change_section
from reconciler.view.html.page import page_head
from reconciler.view.html.words import element, text
from reconciler.view.risk_words import MEANINGS

_Told = TypeVar("_Told")

# Characters that the sections of sequences take together; a page that is larger than this nobody reads to its end.
_LONGEST: Final = 8 * 2**20
_MOST_NAMES: Final = 200
_MOST_SAID: Final = 50


def fleet_html(plans: PlanSet, *, longest: int = _LONGEST) -> str:
    """Return the page. Of very many different changes only the first are drawn, and the page says so."""
    return "".join(_page(plans, longest))


def _page(plans: PlanSet, longest: int) -> Iterator[str]:
    title = f"Plan for fleet {text(plans.fleet)}{words.part_of(plans.shard)}"
    yield page_head(title)
    yield f"<header><h1>{title}</h1>"
    yield _verdict(plans)
    yield _failed(plans)
    yield _said("Blocked by", sayings(plans))
    yield _said("Warnings", sayings(plans, warnings=True))
    yield "</header><main>"
    told = groups(plans)

    def draw(group: Group) -> str:
        return note(words.share(group, plans), group.organisations, group.varies) + change_section(group.shown)

    for heading, odd in (("Changes", False), ("Apart from the others", True)):
        chosen = [each for each in told if each.is_odd is odd]
        yield from sections(heading, chosen, draw, document="plan", longest=longest)
    if not told:
        yield "<p>Nothing to do.</p>"
    yield f"</main><footer>Digest <code>{text(plans.digest)}</code></footer></body></html>\n"


def _verdict(plans: PlanSet) -> str:
    stopped = len(plans.failed) + len(plans.refused)
    blocked = f"<b>{words.organisations(stopped)} blocked</b>failed or refused" if stopped else "<b>Not blocked</b>"
    return element(
        "ul",
        element("li", f"<b>{words.organisations(len(plans.parts))}</b>{words.verdict(plans)} ({words.read(plans)})"),
        element("li", f'<b class="{plans.risk.value}">Risk {plans.risk.value}</b>{MEANINGS[plans.risk]}'),
        element("li", f"<b>Sequences</b>{words.tally(plans)}"),
        element("li", blocked, class_="blocked" if stopped else None),
        element("li", f"<b>Costs</b>{text(words.cost(plans))}"),
        class_="verdict",
    )


def _failed(plans: PlanSet) -> str:
    failures = words.failures(plans)
    if not failures:
        return ""
    items = [
        element("li", text(part.failure.message), who(names))
        for part, names in failures[:_MOST_SAID]
        if part.failure is not None
    ]
    return f"<h2>Failed ({len(plans.failed):,})</h2>{element('ul', *items, class_='said')}{more(failures, _MOST_SAID)}"


def _said(title: str, said: Sequence[Saying]) -> str:
    if not said:
        return ""
    items = [
        element(
            "li",
            f"<code>{text(each.said.custom_id)}</code>: " if each.said.custom_id else "",
            f"{text(each.said.message)} [{text(each.said.rule)}]",
            who(each.organisations),
        )
        for each in said[:_MOST_SAID]
    ]
    return f"<h2>{title} ({len(said):,})</h2>{element('ul', *items, class_='said')}{more(said, _MOST_SAID)}"


def more(said: Sequence[object], most: int) -> str:
    """Return how many things are not told of, where only the first are."""
    return f"<p class=note>and {len(said) - most:,} more</p>" if len(said) > most else ""


def sections(
    title: str, told: Sequence[_Told], draw: Callable[[_Told], str], *, document: str, longest: int
) -> Iterator[str]:
    """Yield a heading and each drawing; once they are `longest` together, only how many more the document has."""
    if not told:
        return
    yield f"<h2>{title} ({len(told):,})</h2>"
    length = 0
    for number, each in enumerate(told):
        if length > longest:
            yield f"<p class=note>and {len(told) - number:,} more, which the JSON {document} has</p>"
            return
        section = draw(each)
        length += len(section)
        yield section


def note(share: str, names: tuple[str, ...], varies: tuple[str, ...]) -> str:
    """Return who has what follows, and the places of which each has a value of its own."""
    told = element("p", text(share), who(names), class_="note")
    if varies:
        shown = f"each with values of its own for {words.few(varies, 5)}; those of the first are shown"
        told += element("p", text(shown), class_="note")
    return told


def who(names: tuple[str, ...]) -> str:
    """Return the names of organisations, folded where there are many."""
    listed = text(words.few(names, _MOST_NAMES))
    if len(names) <= 10:
        return f": {listed}"
    return element("details", element("summary", words.organisations(len(names))), element("p", listed))
