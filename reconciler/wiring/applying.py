"""Applying, put together: a plan is made anew, held against the one that was reviewed, agreed to, and carried out."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reconciler.app.answering import acknowledging
from reconciler.app.apply import Applied
from reconciler.app.approve import Approved, read_saved_plan, refuse_unless_left, refuse_unless_same, refuse_used, stale
from reconciler.app.stop import NEVER, Stop
from reconciler.core.guarding.acknowledgement import Acknowledgement
from reconciler.core.undisturbed import undisturbed
from reconciler.errors import LockedError, RefusedError, StaleError, UsageError
from reconciler.model.errand import Asked
from reconciler.model.plan import Plan
from reconciler.model.state import State
from reconciler.ports import Watch
from reconciler.wiring.api import connect
from reconciler.wiring.carrying import carry_out
from reconciler.wiring.planning import Gathered, gather, overridden, request_for
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """Which plan alone may be carried out, and who answers for it: a saved document, a digest; None where any may.

    `is_resumed`: a part of the document's plan was perhaps carried out, and what is left of it may be. `needs_state`:
    that was while state lay elsewhere.
    """

    document: Any = None
    digest: str | None = None
    acknowledged: Acknowledgement | None = None
    is_resumed: bool = False
    needs_state: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of applying; `applied` is None where the plan is refused, or there was nothing to do."""

    approved: Approved
    applied: Applied | None


def asked_by(workspace: Workspace, given: Any, asked: Asked) -> Asked:
    """Return the options that a saved plan brings along; RefusedError where it is for another environment."""
    if asked.is_anything:
        raise UsageError("a saved plan brings its own --refresh, --only, --adopt and --override", hint="leave them out")
    saved = read_saved_plan(given)
    if saved.environment != workspace.environment.name:
        raise RefusedError(
            f"the plan is for environment `{saved.environment}`, not `{workspace.environment.name}`; nothing was sent",
            hint=f"if it is meant, say so with --env {saved.environment}",
        )
    basis = saved.basis
    overrides = overridden([each.guard for each in basis.overrides], [each.reason for each in basis.overrides])
    return Asked(refresh=basis.refresh, only=basis.only, adopt=basis.adopt, overrides=overrides, undo=basis.undo)


def apply_anew(
    workspace: Workspace,
    asked: Asked,
    reviewed: Reviewed,
    watch: Watch,
    *,
    agree: Callable[[Approved], None] = lambda _approved: None,
    emergency: Path | None = None,
    gathering: Callable[[Workspace], Gathered] = gather,
    stop: Stop = NEVER,
) -> Ended:
    """Make the plan that was asked for anew, and carry it out if it may be.

    `agree` is asked right before, and raises RefusedError where it does not. `emergency` is a folder for a copy of
    state that cannot be saved.
    """
    gathered = gathering(workspace)
    given, expected = reviewed.document, reviewed.digest
    if reviewed.needs_state and gathered.state is None:
        raise StaleError(
            "it was begun while its state lay elsewhere, and there is none here, so nobody knows what was written; "
            "nothing was sent",
            hint="put its state back, or see what is live there and plan anew",
        )
    if not reviewed.is_resumed:
        refuse_used(gathered.state, [each for each in (expected, given and given.get("digest")) if each])
    with connect(workspace, watch) as api:
        with stop.waking(lambda why: api.halt(why.message)):
            plan = gathered.plan(request_for(workspace, asked), api.reader, watch.reading, stop)
        stop.check()
        watch.done()
        approved = _approved(plan, reviewed, gathered.state)
        approved = acknowledging(approved, workspace.environment.guards, _answered(reviewed, approved))
        if approved.returned and not approved.plan.has_work:
            return Ended(approved=approved, applied=Applied(outcomes=approved.returned, error=stale(approved)))
        if not approved.plan.can_apply or not approved.plan.has_work:
            if approved.plan.can_apply:
                _tidied(workspace, gathered.state, watch)
            return Ended(approved=approved, applied=None)
        agree(approved)
        if asked.undo is not None:
            approved = _with_not_undone(approved, gathered.state)
        store = open_store(workspace, notice=watch.notice, emergency=emergency)
        applied = carry_out(workspace, approved, gathered.state, api, store, watch, stop=stop)
        return Ended(approved=approved, applied=applied)


def _approved(plan: Plan, reviewed: Reviewed, state: State | None) -> Approved:
    """Return what of a plan may be carried out; RefusedError where nothing may."""
    if reviewed.is_resumed:
        return refuse_unless_left(plan, read_saved_plan(reviewed.document), state)
    return refuse_unless_same(plan, given=reviewed.document, expected=reviewed.digest)


def _answered(reviewed: Reviewed, approved: Approved) -> Acknowledgement | None:
    """Return what was answered for; whoever did so for a plan did so for what is left of it."""
    given = reviewed.acknowledged
    return replace(given, digest=approved.digest) if reviewed.is_resumed and given is not None else given


def _with_not_undone(approved: Approved, state: State | None) -> Approved:
    """Return the plan with an outcome also for each sequence that cannot be undone, beside those that came back."""
    from reconciler.core.undo import not_undone

    returned = {each.custom_id for each in approved.returned}
    left = tuple(each for each in not_undone(approved.plan, state) if each.custom_id not in returned)
    return replace(approved, returned=(*approved.returned, *left))


def _tidied(workspace: Workspace, state: State | None, watch: Watch) -> None:
    """Take in what a run that is gone has left, though there is nothing to do; one that still lives is left alone."""
    store = open_store(workspace, notice=watch.notice)
    if state is not None and store.holder() is not None:
        with suppress(LockedError), undisturbed():
            store.begin(state, "apply").finish()
