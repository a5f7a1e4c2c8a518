"""What a resumed organisation may go on with: nothing but what is left of what was reviewed.

Part of the reviewed plan may be done by now, so the plan made anew is shorter, on another serial, and names by its id
what the reviewed one created. All else has to be the same, change by change; otherwise somebody reviews it again.
"""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.core.codec.plan import basis_document, digested, to_document
from reconciler.core.guarding.acknowledgement import risk_of
from reconciler.core.references import resolve
from reconciler.core.spelling import first_few
from reconciler.model.change import Change
from reconciler.model.jsonvalue import JsonObject
from reconciler.model.plan import Plan
from reconciler.model.sequence import Payload

_MOVES_BY_ITSELF: Final = ("lineage", "serial")
_MOST_NAMED: Final = 5


def why_not(reviewed: Plan, left: Plan, ids: Mapping[str, str]) -> str | None:
    """Return why `left`, the plan made anew, goes beyond what was reviewed; None where it is a part of it.

    `ids` are the recorded ids by custom_id.
    """
    if _basis(reviewed) != _basis(left) or not _is_one_lineage(reviewed, left):
        return "what it is decided from is not what was reviewed: manifests, options, endpoint, version or state"
    strangers = [f"`{name}`" for name in beyond(reviewed, left, ids)]
    if not strangers:
        return None
    return f"what is left to do is not what was reviewed for {first_few(strangers, _MOST_NAMED)}"


def beyond(reviewed: Plan, left: Plan, ids: Mapping[str, str]) -> tuple[str, ...]:
    """Return the custom_ids of which something would be done that nobody reviewed."""
    # What is only taken in has its id, by which others name it now, and is not recorded yet.
    made = {each.custom_id: each.id for each in left.changes if each.id is not None and each.operation is None}
    ids = {**made, **ids}
    then = {each["custom_id"]: _named(digested(each), ids) for each in to_document(reviewed)["changes"]}
    now = {each["custom_id"]: _named(digested(each), ids) for each in to_document(left)["changes"]}
    risks = {change.custom_id: risk_of(change) for change in reviewed.changes}
    return tuple(
        change.custom_id
        for change in left.changes
        if change.has_work
        and not _only_takes_in(change, reviewed, ids)
        and (then.get(change.custom_id) != now[change.custom_id] or risk_of(change) > risks[change.custom_id])
    )


def _only_takes_in(change: Change, reviewed: Plan, ids: Mapping[str, str]) -> bool:
    """Tell whether nothing is sent, and what is recorded is what the reviewed plan had sent: its end was cut off."""
    if change.operation is not None or change.retire is not None or change.record is None:
        return False
    bodies = [each.body for each in reviewed.changes if each.custom_id == change.custom_id]
    recorded = resolve(change.record.applied, ids)
    return any(body is not None and resolve(body, ids) == recorded for body in bodies)


def _basis(plan: Plan) -> dict[str, Any]:
    document = basis_document(plan.basis)
    return {"environment": plan.environment, **{k: v for k, v in document.items() if k not in _MOVES_BY_ITSELF}}


def _is_one_lineage(reviewed: Plan, left: Plan) -> bool:
    return reviewed.basis.lineage in (None, left.basis.lineage)


def _named(value: JsonObject, ids: Mapping[str, str]) -> Payload:
    """Return the value with each reference to a sequence that is recorded as its id, as it would be sent."""
    return resolve(Payload.of(value), ids)
