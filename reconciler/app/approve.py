"""What must hold before the first write: the plan is the one that was approved, its bodies are what the contract asks
for, and the key belongs to the organisation that state is about."""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.core.audience import everyone
from reconciler.core.codec.plan import differences, document_digest, from_document, to_document
from reconciler.core.references import resolve, unresolved
from reconciler.errors import RefusedError, UnavailableError, UsageError
from reconciler.model.change import Action
from reconciler.model.plan import FORMAT_VERSION, Plan
from reconciler.model.sequence import Live, Unreadable
from reconciler.model.state import State
from reconciler.ports import CheckBody, Reader

_MOST_PROOFS: Final = 3
_ANY_ID: Final = "00000000-0000-4000-8000-000000000000"


def read_saved_plan(document: Any) -> Plan:
    """Return the plan in a saved document; RefusedError for one that was edited, UsageError for what is no plan."""
    if not isinstance(document, Mapping) or not {"format_version", "digest", "basis", "changes"} <= document.keys():
        raise UsageError("the file holds no plan", hint="write one with `reconciler plan --out FILE`")
    if document["format_version"] != FORMAT_VERSION:
        raise RefusedError(
            f"the plan has format {document['format_version']}; this version of reconciler knows {FORMAT_VERSION}",
            hint="plan again with this version",
        )
    try:
        plan, digest = from_document(document), document_digest(document)
        _require_whole(plan)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise RefusedError("the plan is not whole: parts of it are missing or misshapen", hint="plan again") from error
    if digest != document["digest"]:
        raise RefusedError("the plan was edited: its digest does not fit what it says", hint="plan again")
    return plan


def _require_whole(plan: Plan) -> None:
    """Look at what drawing relies on, since anybody may have written the file; KeyError or TypeError if it is off."""
    texts: list[Any] = [plan.environment, plan.basis.manifests, plan.basis.endpoint, *plan.basis.only]
    texts += [each for change in plan.changes for each in (change.custom_id, change.reason)]
    texts += [each.message for each in (*plan.violations, *plan.warnings)]
    for change in plan.changes:
        if change.operation is not None:
            body = change.operation.body.value
            everyone(body["filter"])
            texts += [body["name"], body["custom_id"], *(step["action"]["type"] for step in body["steps"])]
            texts += [key for step in body["steps"] for key in step["action"]["data"]]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(texts)


def refuse_unless_same(plan: Plan, *, given: Mapping[str, Any] | None, expected: str | None) -> str:
    """Refuse to go on with anything but the plan that was reviewed, and say what moved; return the plan's digest."""
    computed = to_document(plan)
    if given is not None:
        moved = differences(given, computed)
        if moved:
            raise RefusedError(
                f"the plan is stale: since it was made, these changed: {'; '.join(moved)}; nothing was sent",
                hint="plan again and have the new plan reviewed",
            )
    if expected is not None and computed["digest"] != expected:
        raise RefusedError(
            f"the plan's digest is {computed['digest']}, not the expected {expected}; nothing was sent",
            hint="plan again and have the new plan reviewed",
        )
    return str(computed["digest"])


def refuse_bad_bodies(plan: Plan, check: CheckBody) -> None:
    """Refuse a plan with a body that the contract does not allow, before anything at all is sent."""
    for change in plan.changes:
        if change.operation is None:
            continue
        body = change.operation.body
        trouble = check(resolve(body, dict.fromkeys(unresolved(body), _ANY_ID)))
        if trouble is not None:
            raise RefusedError(f"`{change.custom_id}` would be sent a body that the contract does not allow: {trouble}")


def prove_organisation(plan: Plan, state: State | None, reader: Reader) -> None:
    """Refuse to create anything unless a recorded sequence shows that the key's organisation is the recorded one.

    A key of another organisation sees none of ours, which looks just like sequences that were never created.
    """
    creates = any(change.action is Action.CREATE for change in plan.changes)
    if not creates or state is None or not state.records or plan.org_id is not None:
        return
    unreadable = None
    for name in sorted(state.records)[:_MOST_PROOFS]:
        found = reader.read(state.records[name].id)
        if isinstance(found, Unreadable):
            unreadable = found.reason
        if isinstance(found, Live):
            if state.org_id is not None and found.org_id != state.org_id:
                raise RefusedError(
                    f"the key belongs to organisation {found.org_id or '(unknown)'}, state to {state.org_id}; "
                    "nothing was sent",
                    hint="use the key of the organisation that this state is about, or another environment",
                )
            return
    unproved = "so nothing proves that the key belongs to the recorded organisation; nothing was sent"
    if unreadable is not None:
        raise UnavailableError(f"no recorded sequence could be read ({unreadable}), {unproved}", hint="try again later")
    raise RefusedError(
        f"none of the recorded sequences is there for this key, {unproved}",
        hint="use the key of the organisation that this state is about; "
        "`reconciler plan --refresh all` shows which sequences are gone",
    )
