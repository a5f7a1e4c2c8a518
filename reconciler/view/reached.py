"""Who is reached, in the words that all drawings share."""

from collections import Counter
from typing import Final

from reconciler.model.plan import Plan
from reconciler.model.risk import People
from reconciler.view.words import counted

_PEOPLE: Final = {
    People.EVERYONE: ("can reach everyone", "can reach everyone"),
    People.SOMEONE_NEW: ("can reach someone new", "can reach someone new"),
    People.NOBODY_NEW: ("reaches nobody new", "reach nobody new"),
}


def reached(plan: Plan) -> str:
    """Return whom the writes of a plan reach: `1 change can reach someone new, 2 changes reach nobody new`."""
    written = [each.assessment for each in plan.changes if each.assessment and each.operation]
    counts = Counter(each.reach.people for each in written)
    parts = [
        f"{counted(counts[who], 'change')} {said[counts[who] > 1]}" for who, said in _PEOPLE.items() if counts[who]
    ]
    return ", ".join(parts) or "nothing is written"


def followed(plan: Plan) -> str:
    """Return how many sequences are affected without a change; nothing where none is."""
    return f"{counted(len(plan.affected), 'sequence')} affected without a change" if plan.affected else ""
