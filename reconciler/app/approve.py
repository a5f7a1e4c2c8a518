"""What must hold before the first write: the plan is the one that was approved, its bodies are what the contract asks
for, and the key belongs to the organisation that state is about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from reconciler.core.audience import everyone
from reconciler.core.codec.comparison import basis_differences, differences, lasting, moved_with_live
from reconciler.core.codec.plan import document_checksum, document_digest, from_document, plan_digest, to_document
from reconciler.core.fleet.resuming import why_not
from reconciler.core.guarding.names import OF_THE_MOMENT
from reconciler.core.lowering import requests_needed
from reconciler.core.references import resolve, unresolved
from reconciler.core.spelling import first_few
from reconciler.errors import ExitCode, RefusedError, StaleError, UnavailableError
from reconciler.model.change import Action, Change
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan import FORMAT_VERSION, Plan
from reconciler.model.risk import Assessment
from reconciler.model.sequence import ANY_ID, Live, Unreadable
from reconciler.model.state import State
from reconciler.ports import CheckBody, Reader

_MOST_PROOFS: Final = 3
_MOST_NAMED: Final = 5


def read_saved_plan(document: Any) -> Plan:
    """Return the plan in a saved document; RefusedError for one that was damaged or edited, and for what is no plan."""
    if not isinstance(document, Mapping) or not {"format_version", "digest", "basis", "changes"} <= document.keys():
        raise RefusedError(
            "the file holds no whole plan: parts of it are missing", hint="write one with `reconciler plan --out FILE`"
        )
    if document["format_version"] != FORMAT_VERSION:
        raise RefusedError(
            f"the plan has format {document['format_version']}; this version of reconciler knows {FORMAT_VERSION}",
            hint="plan again with this version",
        )
    try:
        plan = from_document(document)
        digests = document_digest(document), document_checksum(document)
        given = document["digest"], document["checksum"]
        _require_whole(plan)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise RefusedError("the plan is not whole: parts of it are missing or misshapen", hint="plan again") from error
    if digests != given:
        raise RefusedError(
            "the plan was edited: its digest or its checksum does not fit what it says", hint="plan again"
        )
    return plan


def _require_whole(plan: Plan) -> None:
    """Look at what drawing relies on, since anybody may have written the file; KeyError or TypeError if it is off."""
    texts: list[Any] = [plan.environment, plan.basis.manifests, plan.basis.endpoint, *plan.basis.only]
    texts += [each for change in plan.changes for each in (change.custom_id, change.reason)]
    texts += [each.message for each in (*plan.violations, *plan.warnings)]
    texts += [text for each in plan.changes if each.assessment is not None for text in _assessed(each.assessment)]
    texts += [text for each in plan.affected for text in (each.custom_id, *_assessed(each.assessment))]
    texts += [] if plan.basis.undo is None else [plan.basis.undo]
    texts += [text for each in plan.basis.overrides for text in (each.guard, each.reason)]
    for change in plan.changes:
        if change.body is not None:
            body = change.body.value
            everyone(body["filter"])
            texts += [body["name"], body["custom_id"], *(step["action"]["type"] for step in body["steps"])]
            texts += [key for step in body["steps"] for key in step["action"]["data"]]
            steps = change.assessment.steps if change.assessment else ()
            texts += [body["steps"][step.after]["action"]["type"] for step in steps if step.after is not None]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(texts)


def _assessed(assessment: Assessment) -> Iterator[Any]:
    yield from (*assessment.reasons, *assessment.affected_by, *assessment.reach.sentences)
    for step in assessment.steps:
        moments = [each for each in (step.before, step.after, step.sent_before, step.sent_after) if each is not None]
        if any(isinstance(each, bool) or not isinstance(each, int | float) for each in moments):
            raise TypeError(step)


def refuse_used(state: State | None, digests: Iterable[str]) -> None:
    """Refuse a plan that a run has begun to carry out before: what it left undone needs a plan of its own."""
    named = set(digests)
    for used in () if state is None else state.plans:
        if used.digest in named:
            raise StaleError(
                f"the plan was applied already, by {used.by} at {used.since}; a plan is applied once; nothing was sent",
                hint="plan again: the new plan shows what is left to do",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What may be carried out. `returned` are changes of the reviewed plan that live has moved away from since.

    `acknowledged` is the class of risk that somebody answers for, where somebody does.
    """

    plan: Plan
    digest: str
    returned: tuple[Outcome, ...] = ()
    acknowledged: str | None = None


def refuse_unless_same(plan: Plan, *, given: Mapping[str, Any] | None, expected: str | None) -> Approved:
    """Refuse to go on with anything but the plan that was reviewed, and say what moved.

    Where the basis is the same and only live has moved, that is decided sequence by sequence: what moved comes back
    with its new difference, what did not may go on.
    """
    computed = to_document(plan)
    digest = str(computed["digest"])
    if expected is not None and digest != expected:
        raise StaleError(
            f"the plan's digest is {digest}, not the expected {expected}; nothing was sent",
            hint="plan again and have the new plan reviewed",
        )
    moved = [] if given is None else differences(given, computed)
    if given is None or not moved:
        return Approved(plan=plan, digest=digest)
    return _what_did_not_move(plan, given, computed, moved)


def refuse_unless_left(plan: Plan, reviewed: Plan, state: State | None) -> Approved:
    """Refuse to go on with anything but what is left of a plan that was reviewed, and perhaps carried out in part."""
    ids = {} if state is None else {name: record.id for name, record in state.records.items()}
    reason = why_not(reviewed, plan, ids)
    if reason is not None:
        raise StaleError(f"{reason}; nothing was sent", hint="plan again and have the new plan reviewed")
    return Approved(plan=plan, digest=plan_digest(plan))


def _what_did_not_move(plan: Plan, given: Mapping[str, Any], computed: Mapping[str, Any], words: list[str]) -> Approved:
    if lasting(given["violations"]):
        raise StaleError(
            "the plan was refused when it was made, and would be another one now; nothing was sent", hint="plan again"
        )
    names = frozenset() if basis_differences(given, computed) else moved_with_live(given, computed)
    reviewed = [change["custom_id"] for change in given["changes"]]
    passing = tuple(each for each in plan.violations if each.rule in OF_THE_MOMENT)
    refusals = {each for each in plan.violations if each.custom_id is None or each.custom_id not in names}
    if not names or refusals - set(passing):
        raise StaleError(
            f"the plan is stale: since it was made, these changed: {'; '.join(words)}; nothing was sent",
            hint="plan again and have the new plan reviewed",
        )
    left = tuple(change for change in plan.changes if change.custom_id in set(reviewed) - names)
    decided = {change.custom_id: change for change in plan.changes}
    refused = {each.custom_id: each.message for each in plan.violations}
    returned = tuple(
        moved_since(document, decided.get(document["custom_id"]), refused.get(document["custom_id"]))
        for document in given["changes"]
        if document["custom_id"] in names
    )
    requests = requests_needed(left, unproved=False)
    carried = replace(plan, changes=left, violations=passing, requests=requests)
    return Approved(plan=carried, digest=str(given["digest"]), returned=returned)


def stale(approved: Approved) -> StaleError:
    """Return the refusal of a plan of which live has left nothing to go on with."""
    names = [f"`{each.custom_id}`" for each in approved.returned]
    return StaleError(
        f"the plan is stale: live has moved since it was made ({first_few(names, _MOST_NAMED)}); nothing was sent",
        hint="plan again and have the new plan reviewed",
    )


def moved_since(reviewed: Mapping[str, Any], decided: Change | None, refusal: str | None) -> Outcome:
    """Return the outcome of a reviewed change that would be another one now: it comes back with its new difference."""
    detail = "live moved since the plan was made: plan again and review it"
    if decided is None or not (decided.fields or decided.operation or decided.retire):
        detail = "live moved since the plan was made, and nothing of what was reviewed is left to do: plan again"
    if refusal is not None:
        detail = f"live moved since the plan was made: {refusal}"
    return Outcome(
        custom_id=reviewed["custom_id"],
        id=reviewed["id"],
        action=Action(reviewed["action"]),
        status=Status.NOT_SENT,
        detail=detail,
        cause=ExitCode.REFUSED,
        fields=() if decided is None else decided.fields,
    )


def refuse_bad_bodies(plan: Plan, check: CheckBody) -> None:
    """Refuse a plan with a body that the contract does not allow, before anything at all is sent."""
    for change in plan.changes:
        if change.body is None:
            continue
        trouble = check(resolve(change.body, dict.fromkeys(unresolved(change.body), ANY_ID)))
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
