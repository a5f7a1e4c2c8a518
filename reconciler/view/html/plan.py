"""A plan as one page that stands alone: no network, no script; the filters are boxes that its style asks about."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.model.change import Action
from reconciler.model.plan import Plan, Violation
from reconciler.model.risk import People, RiskClass
from reconciler.view.html.changes import affected_section, change_section
from reconciler.view.html.style import STYLE
from reconciler.view.html.words import element, text
from reconciler.view.order import by_gravity
from reconciler.view.risk_words import MEANINGS
from reconciler.view.words import Pace, counted, waiting

# Styles stand in the e-mails' own attributes, so they cannot be pinned by digest; nothing else is allowed at all.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_PHONE: Final = (
    "#phone:checked~main iframe{width:375px}"
    "#phone:checked~fieldset [for=phone]{background:var(--soft);border-color:var(--ink)}"
    "#phone:focus-visible~fieldset [for=phone]{outline:3px solid var(--link)}"
)
_PEOPLE: Final = {
    People.EVERYONE: "can reach everyone",
    People.SOMEONE_NEW: "can reach someone new",
    People.NOBODY_NEW: "reach nobody new",
}


def plan_html(plan: Plan, digest: str, pace: Pace | None) -> str:
    """Return the page; `pace` is the request limit, None where it is not known."""
    return "".join(_page(plan, digest, pace))


def _page(plan: Plan, digest: str, pace: Pace | None) -> Iterator[str]:
    kinds = Counter([*(change.action.value for change in plan.changes), *("affected" for _ in plan.affected)])
    assessed = [*(change.assessment for change in plan.changes), *(each.assessment for each in plan.affected)]
    risks = Counter(each.risk.value for each in assessed if each is not None)
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>Plan for {text(plan.environment)}</title><style>{STYLE}{_filters(kinds, risks)}</style></head><body>"
    yield from _switches("risk", dict(sorted(risks.items())))
    yield from _switches("kind", kinds)
    yield '<input class="switch phone" type="checkbox" id="phone" aria-label="Show e-mails as wide as a phone">'
    yield f"<header><h1>Plan for {text(plan.environment)}</h1>"
    yield f"{_verdict(plan, pace)}{_said('Blocked by', plan.violations)}{_said('Warnings', plan.warnings)}</header>"
    yield _legend(dict(sorted(risks.items())), kinds)
    yield "<main><h2>Changes</h2>" if plan.changes or plan.affected else "<main><p>Nothing to do.</p>"
    yield from (change_section(change) for change in by_gravity(plan))
    yield from (affected_section(each) for each in plan.affected)
    yield f"</main><footer>Digest <code>{text(digest)}</code></footer></body></html>\n"


def _filters(kinds: Mapping[str, int], risks: Mapping[str, int]) -> str:
    rules = [
        f'#{name}-{value}:not(:checked)~main [data-{name}="{value}"]{{display:none}}'
        f'#{name}-{value}:checked~fieldset [for="{name}-{value}"]{{background:var(--soft);border-color:var(--ink)}}'
        f'#{name}-{value}:focus-visible~fieldset [for="{name}-{value}"]{{outline:3px solid var(--link)}}'
        for name, values in (("kind", kinds), ("risk", risks))
        for value in values
    ]
    return "".join(rules) + _PHONE


def _switches(name: str, values: Mapping[str, int]) -> Iterator[str]:
    for value in values:
        yield f'<input class="switch" type="checkbox" checked id="{name}-{value}" aria-label="Show {name} {value}">'


def _legend(risks: Mapping[str, int], kinds: Mapping[str, int]) -> str:
    if not kinds:
        return ""
    labels = [
        f'<label for="risk-{risk}"><span class="{risk}">{risk}</span> {MEANINGS[RiskClass(risk)]} ({number:,})</label>'
        for risk, number in risks.items()
    ]
    labels += [f'<label for="kind-{kind}">{kind} ({number:,})</label>' for kind, number in kinds.items()]
    labels.append('<label for="phone">e-mails at phone width</label>')
    return element("fieldset", "<legend>Show</legend>", *labels)


def _verdict(plan: Plan, pace: Pace | None) -> str:
    tally = Counter(change.action for change in plan.changes)
    numbers = ", ".join(
        f"{tally[action]:,} {action.value}" for action in Action if tally[action] and action is not Action.KEEP
    )
    people = Counter(change.assessment.reach.people for change in plan.changes if change.assessment is not None)
    reached = ", ".join(f"{people[who]:,} {said}" for who, said in _PEOPLE.items() if people[who])
    time = "" if pace is None or not plan.requests else waiting(plan.requests, pace.limit, pace.seconds)
    changes = counted(len(plan.changes), "change")
    drifted = f", {plan.drifted:,} drifted" if plan.drifted else ""
    unchanged = f"{plan.count(Action.KEEP):,} unchanged{drifted}"
    blocked = (
        f"<b>Blocked</b>by {counted(len(plan.violations), 'refusal')}" if plan.violations else "<b>Not blocked</b>"
    )
    refused = "blocked" if plan.violations else None
    return element(
        "ul",
        element(
            "li",
            f"<b>{changes}</b>{text(numbers)}, {unchanged}",
        ),
        element("li", f'<b class="{plan.risk.value}">Risk {plan.risk.value}</b>{MEANINGS[plan.risk]}'),
        element("li", f"<b>Reaches</b>{reached or 'nobody new'}"),
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
            f"<code>{text(each.custom_id)}</code> " if each.custom_id else "",
            text(each.message),
            f" [{text(each.rule)}]",
        )
        for each in said
    ]
    return f"<h2>{title}</h2>{element('ul', *items, class_='said')}"
