"""A plan as one page that stands alone: no network, no script; the filters are boxes that its style asks about."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.core.runs import short
from reconciler.model.plan import Plan, Violation
from reconciler.model.risk import RiskClass
from reconciler.view.html.changes import affected_section, change_section
from reconciler.view.html.page import page_head
from reconciler.view.html.words import element, text
from reconciler.view.order import by_gravity
from reconciler.view.plan_text import tally
from reconciler.view.reached import reached
from reconciler.view.risk_words import MEANINGS
from reconciler.view.words import Pace, counted, waiting

# Styles stand in the e-mails' own attributes, so they cannot be pinned by digest; nothing else is allowed at all.
_PHONE: Final = "body:has(#phone:checked) iframe{width:375px;zoom:1}"
# Said one under the other; the others are folded away, so that a page with thousands of them still begins with them.
_MOST_SAID: Final = 20


def plan_html(plan: Plan, digest: str, pace: Pace | None) -> str:
    """Return the page; `pace` is the request limit, None where it is not known."""
    return "".join(_page(plan, digest, pace))


def _page(plan: Plan, digest: str, pace: Pace | None) -> Iterator[str]:
    kinds = Counter([*(change.action.value for change in plan.changes), *("affected" for _ in plan.affected)])
    assessed = [*(change.assessment for change in plan.changes), *(each.assessment for each in plan.affected)]
    risks = Counter(each.risk.value for each in assessed if each is not None)
    purpose = "for" if plan.basis.undo is None else f"to undo run {text(short(plan.basis.undo))} in"
    title = f"Plan {purpose} {text(plan.environment)}"
    yield page_head(title, _filters(kinds, risks))
    yield f"<header><h1>{title}</h1>"
    yield f"{_verdict(plan, pace)}{_said('Blocked by', plan.violations)}{_said('Warnings', plan.warnings)}</header>"
    yield "<main><h2>Changes</h2>" if plan.changes or plan.affected else "<main><p>Nothing to do.</p>"
    yield _legend(dict(sorted(risks.items())), kinds)
    yield from (change_section(change) for change in by_gravity(plan))
    yield from (affected_section(each) for each in plan.affected)
    yield f"</main><footer>Digest <code>{text(digest)}</code></footer></body></html>\n"


def _filters(kinds: Mapping[str, int], risks: Mapping[str, int]) -> str:
    rules = [
        f'body:has(#{name}-{value}:not(:checked)) main [data-{name}="{value}"]{{display:none}}'
        for name, values in (("kind", kinds), ("risk", risks))
        for value in values
    ]
    return "".join(rules) + _PHONE


def _legend(risks: Mapping[str, int], kinds: Mapping[str, int]) -> str:
    """The boxes that the style asks about: for classes of risk, for kinds of change, and for how wide e-mails are."""
    if not kinds:
        return ""
    by_risk = [
        _box(f"risk-{risk}", f'<b class="{risk}">{risk}</b> {MEANINGS[RiskClass(risk)]} ({number:,})')
        for risk, number in risks.items()
    ]
    by_kind = [_box(f"kind-{kind}", f"{kind} ({number:,})") for kind, number in kinds.items()]
    width = _box("phone", "as wide as a phone", is_checked=False)
    groups = (("Risk", by_risk), ("Kind", by_kind), ("E-mails", [width]))
    return element(
        "div",
        *(element("fieldset", f"<legend>{name}</legend>", *boxes) for name, boxes in groups if boxes),
        class_="filters",
    )


def _box(name: str, label: str, *, is_checked: bool = True) -> str:
    checked = " checked" if is_checked else ""
    return f'<label><input type="checkbox" id="{name}"{checked}> <span>{label}</span></label>'


def _verdict(plan: Plan, pace: Pace | None) -> str:
    time = "" if pace is None or not plan.requests else waiting(plan.requests, pace.limit, pace.seconds)
    changes = counted(len(plan.changes), "change")
    refusals = counted(len(plan.violations), "refusal")
    blocked = f"<b>Blocked</b>by {refusals}" if plan.violations else "<b>Not blocked</b>nothing refuses it"
    refused = "blocked" if plan.violations else None
    return element(
        "ul",
        element("li", f"<b>{changes}</b>{tally(plan)}"),
        element("li", f'<b class="{plan.risk.value}">Risk {plan.risk.value}</b>{MEANINGS[plan.risk]}'),
        element("li", f"<b>Reach</b>{reached(plan)}"),
        element("li", blocked, class_=refused),
        element("li", f"<b>{counted(plan.requests, 'request')}</b>{text(time)}"),
        class_="verdict",
    )


def _said(title: str, said: tuple[Violation, ...]) -> str:
    if not said:
        return ""
    items = [
        element(
            "li",
            f"<code>{text(each.custom_id)}</code>: " if each.custom_id else "",
            text(each.message),
            f" [{text(each.rule)}]",
        )
        for each in said
    ]
    more = ""
    if len(items) > _MOST_SAID:
        summary = element("summary", f"and {len(items) - _MOST_SAID:,} more")
        more = element("details", summary, element("ul", *items[_MOST_SAID:], class_="said"))
    return f"<h2>{title} ({len(items):,})</h2>{element('ul', *items[:_MOST_SAID], class_='said')}{more}"
