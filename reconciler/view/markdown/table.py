"""A line for each sequence that changes, or whose audience moves with another one's."""

from collections.abc import Iterator
from typing import Final

from reconciler.model.change import Action, Change
from reconciler.model.plan import Plan
from reconciler.model.risk import Assessment
from reconciler.model.sequence import Retire
from reconciler.view.markdown.head import SIGNS
from reconciler.view.markdown.inert import code
from reconciler.view.order import by_gravity
from reconciler.view.step_words import step_places
from reconciler.view.words import action_word, may_send, place

_MOST_PLACES: Final = 4
_RETIRED: Final = {
    Retire.CANCEL: "it is canceled for good",
    Retire.RELEASE: "it is no longer recorded; it goes on as it is",
}
_HEADER: Final = "| | sequence | action | risk | audience | what changes |\n|---|---|---|---|---|---|"


def table(plan: Plan) -> str:
    """Return the table, in the order of `by_gravity`."""
    return "\n".join((_HEADER, *_rows(plan)))


def _rows(plan: Plan) -> Iterator[str]:
    for change in by_gravity(plan):
        yield _row(change.custom_id, action_word(change), change.assessment, _what(change))
    for each in plan.affected:
        yield _row(each.custom_id, "affected", each.assessment, "the audience of a sequence that its filter names")


def _row(custom_id: str, action: str, assessment: Assessment | None, what: str) -> str:
    sign = risk = audience = ""
    if assessment is not None:
        sign, risk = SIGNS[assessment.risk], assessment.risk.value
        audience = "" if assessment.audience is None else assessment.audience.value
    return f"| {sign} | {code(custom_id)} | {action} | {risk} | {audience} | {what} |"


def _what(change: Change) -> str:
    if change.action is Action.CREATE:
        return "a new sequence"
    if change.retire is not None:
        return _RETIRED[change.retire]
    if change.action is Action.ORPHAN:
        return "its manifest is gone; it may still send" if may_send(change) else "its manifest is gone"
    places = list(dict.fromkeys(_places(change)))
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    return ", ".join(code(each, longest=60) for each in places[:_MOST_PLACES]) + more


def _places(change: Change) -> Iterator[str]:
    """Where it changes; where steps came, went or changed places, by what became of each and not by position."""
    is_restructured = change.assessment is not None and change.assessment.is_restructured
    for field in change.fields:
        if not (is_restructured and field.path[:1] == ("steps",)):
            yield place(field.path)
    if change.assessment is not None and is_restructured:
        yield from step_places(change.assessment.steps)
