"""What a plan means for the people who are written to: each change assessed, and who is affected without a change.

Only what the plan lists is looked at. The sequences that stay as they are come in where an audience moves: then those
that name the moving one in their filter are assessed too.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.core.edits import Edit, Seen, edit_of, seen_as
from reconciler.core.filters.reading import read_filter
from reconciler.core.filters.witnesses import can_match_everyone
from reconciler.core.following import Following, follow
from reconciler.core.portrait import portrait
from reconciler.core.reach import people, sentences, sentences_of_create
from reconciler.core.reasons import reasons
from reconciler.core.risk import Kind, Life, Notice, class_of, notices_of_create
from reconciler.core.snapshot import Snapshot
from reconciler.model.change import Action, Change
from reconciler.model.risk import Affected, Assessment, AudienceDelta, People, Reach, RiskClass, StepChange
from reconciler.model.sequence import Retire, SequenceStatus

_WITHOUT_A_WRITE: Final = {
    Action.KEEP: "nothing is written: only the record changes",
    Action.ADOPT: "nothing is written: it already is as the manifest asks for",
    Action.ORPHAN: "nothing is written: it goes on as it is",
}
_WAYS_OUT: Final = (
    "a manifest with `reconciler.retire: cancel` stops it for good, one with `retire: release` lets go of it, and "
    "`reconciler state forget` drops its record at once"
)
_STATUSES: Final = frozenset(SequenceStatus)
_UNNOTICED: Final = "nothing changes that a recipient could notice"


def assess(
    snapshot: Snapshot, changes: tuple[Change, ...], resembled: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[Change, ...], tuple[Affected, ...]]:
    """Return the changes with their assessments, and by custom_id the sequences that are affected without a change.

    `resembled` has, by the custom_id of a create, what goes on and says nearly the same.
    """
    edits = {each.custom_id: edit for each in changes if (edit := edit_of(snapshot, each)) is not None}
    following = follow(snapshot, edits.values())
    assessed = tuple(
        replace(each, assessment=_of_create(each.body.value, resembled.get(each.custom_id, ())))
        if each.action is Action.CREATE and each.body is not None
        else replace(each, assessment=_of_change(snapshot, each, edits, following))
        for each in changes
    )
    listed = {each.id for each in changes}
    left = [
        Affected(custom_id=following.names[id_], id=id_, assessment=_of_follower(id_, seen, following))
        for id_, seen in following.followers.items()
        if id_ not in listed
    ]
    return assessed, tuple(sorted(left, key=lambda each: each.custom_id))


def _of_change(snapshot: Snapshot, change: Change, edits: dict[str, Edit], following: Following) -> Assessment:
    if change.custom_id in edits:
        return _of_edit(edits[change.custom_id], following)
    record = None if change.recorded_as is None else snapshot.records.get(change.recorded_as)
    seen = seen_as(snapshot, change.custom_id, record)
    if change.retire is Retire.CANCEL:
        return _with_portrait(change, _assessment((Notice(kind=Kind.CANCELED),), seen), seen)
    if change.id is not None and change.id in following.followers:
        followed = _of_follower(change.id, following.followers[change.id], following)
        return _with_portrait(change, followed, seen) if change.action is Action.ORPHAN else followed
    without = _assessment((), seen, otherwise=_WITHOUT_A_WRITE.get(change.action, _UNNOTICED))
    return _with_portrait(change, without, seen) if change.action is Action.ORPHAN else without


def _with_portrait(change: Change, assessment: Assessment, seen: Seen | None) -> Assessment:
    """Say what a sequence that nobody asks for any more is still sending."""
    said = () if seen is None else portrait(seen.payload, status=seen.status, times=seen.times)
    if change.action is Action.ORPHAN and change.retire is None:
        said = (*said, _WAYS_OUT)
    return replace(assessment, reach=replace(assessment.reach, sentences=(*said, *assessment.reach.sentences)))


def _of_create(payload: dict[str, Any], beside: tuple[str, ...]) -> Assessment:
    is_everyone = can_match_everyone(read_filter(payload["filter"]))
    # Before, there was nobody; so it is wider at least.
    delta = AudienceDelta.EVERYONE if is_everyone else AudienceDelta.WIDER
    found = notices_of_create(payload, delta, beside)
    said = sentences_of_create(is_continuous=payload["is_continuous"])
    return Assessment(
        risk=max(class_of(each, Life.UNSEEN) for each in found),
        reasons=reasons(found, Life.UNSEEN),
        reach=Reach(people=people(found, status=None), status=None, is_read=False, sentences=said),
        audience=delta,
    )


def _of_edit(edit: Edit, following: Following) -> Assessment:
    audience = edit.audience if edit.is_about_the_filter or following.moves else None
    followed = () if audience is None else following.followed(audience, edit.id)
    if audience is None or not (edit.is_about_the_filter or followed):
        return _assessment(edit.notices, edit.seen, steps=edit.steps)
    delta = following.delta(audience)
    if not edit.is_about_the_filter and delta is AudienceDelta.SAME:
        return _assessment(edit.notices, edit.seen, steps=edit.steps)
    others = () if edit.is_about_the_filter else followed
    found = (*edit.notices, Notice(kind=Kind.AUDIENCE, delta=delta, others=others))
    return _assessment(found, edit.seen, steps=edit.steps, audience=delta, followed=followed)


def _of_follower(id_: str, seen: Seen, following: Following) -> Assessment:
    delta, followed = following.delta(seen.audience), following.followed(seen.audience, id_)
    notice = Notice(kind=Kind.AUDIENCE, delta=delta, others=followed)
    return _assessment((notice,), seen, audience=delta, followed=followed)


def _assessment(
    found: tuple[Notice, ...],
    seen: Seen | None,
    *,
    steps: tuple[StepChange, ...] = (),
    audience: AudienceDelta | None = None,
    followed: tuple[str, ...] = (),
    otherwise: str = _UNNOTICED,
) -> Assessment:
    life = Life.UNSEEN if seen is None else seen.life
    return Assessment(
        risk=max((class_of(each, life) for each in found), default=RiskClass.R0),
        reasons=reasons(found, life) or (otherwise,),
        reach=_reach(found, seen, steps),
        audience=audience,
        affected_by=followed,
        steps=steps,
    )


def _reach(found: tuple[Notice, ...], seen: Seen | None, steps: tuple[StepChange, ...]) -> Reach:
    if seen is None:
        return Reach(people=People.NOBODY_NEW, status=None, is_read=False, sentences=())
    said = sentences(
        found,
        steps,
        status=seen.status,
        times=seen.times,
        is_continuous=seen.payload.get("is_continuous") is not False,
    )
    status = seen.status if seen.status in _STATUSES else None  # another word may be anything at all
    return Reach(
        people=people(found, status=seen.status), status=status, is_read=seen.times is not None, sentences=said
    )
