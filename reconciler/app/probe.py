"""A create that nobody knows the end of: it is never sent again. Look-ups by custom_id may prove that it happened.

That the API answers such look-ups at all is not documented any more, so a look-up of a sequence that is known to be
there (the control) goes first. A find proves the create; that nothing is found never proves that there was none.
"""

from dataclasses import replace
from typing import Final

from reconciler.app.means import Means, look_up, waited
from reconciler.core.guards import what_to_type
from reconciler.core.learned import is_rewriting
from reconciler.core.verify import in_place, outcome
from reconciler.model.change import Change
from reconciler.model.outcome import Outcome, Status
from reconciler.model.sequence import Gone, Live, Payload

# When the wanted sequence is looked up, as parts of the time that a silent server may still act.
_LOOKS: Final = (0.0, 0.25, 0.5, 1.0)
_MOST_CONTROLS: Final = 3
_FOUND: Final = "no answer, but it was created: found by its custom_id"


def probe(change: Change, body: Payload, happened: str, means: Means, *, was_created: bool) -> Outcome:
    """Return what look-ups prove of a create; `happened` begins the sentence where they prove nothing.

    `was_created` where the API said so, and only its id was not received.
    """
    tells = _control_works(change, means)
    so_far = 0.0
    for part in _LOOKS:
        in_time = waited(part * means.settle - so_far, means)
        so_far = part * means.settle
        reading = look_up(change.custom_id, means)
        if isinstance(reading, Live):
            return _judge_found(change, body, reading, happened, means)
        tells = tells and in_time and isinstance(reading, Gone)
    if tells:
        likely = "" if was_created else ": likely not created"
        return unknown_create(change, f"{happened}; look-ups by custom_id work and do not find it{likely}")
    return unknown_create(change, f"{happened}; no look-up can tell")


def unknown_create(change: Change, happened: str, *, id_: str | None = None) -> Outcome:
    """Return the outcome of a create that a person has to look for; nothing more is started."""
    told = f"{happened}. It is never sent twice. {what_to_type(change.custom_id, id_)}"
    return replace(outcome(change, Status.UNKNOWN, told), stops=True)


def _control_works(change: Change, means: Means) -> bool:
    """Tell whether a sequence that is known to be there is found by its custom_id."""
    controls = [name for name in sorted(means.ids) if name != change.custom_id][:_MOST_CONTROLS]
    for name in controls:
        found = look_up(name, means)
        if isinstance(found, Live) and found.id == means.ids[name]:
            return True
    return False


def _judge_found(change: Change, body: Payload, found: Live, happened: str, means: Means) -> Outcome:
    if means.org_id is not None and found.org_id != means.org_id:
        return unknown_create(change, f"{happened}; what is found by its custom_id is another organisation's")
    if is_rewriting(body, found.payload):
        return in_place(change, body, found, _FOUND)
    there = f"{happened}; {found.id} has its custom_id, and not the content that was sent"
    return unknown_create(change, there, id_=found.id)
