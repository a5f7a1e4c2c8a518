"""The sequence table of design, section 5, stated again and tried on every combination through real snapshots."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from reconciler.core.codec.plan import plan_digest
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Read, Snapshot, reads_needed
from reconciler.errors import ExitCode
from reconciler.model.change import Action, Change, Origin
from reconciler.model.plan import Plan, Refresh
from reconciler.model.pointer import to_pointer
from reconciler.model.sequence import Gone, Record, Unreadable
from reconciler.model.state import Pending
from tests.core.core_values import ORG, desired, live, payload, record, request, snapshot, uuid

# What live may be. The manifest and the record ask for "A"; "B" is what somebody made of it.
LIVE = {
    "not read": None,
    "gone": Gone(),
    "there": live(),
    "there, moved": live(name="B"),
    "there, of another organisation": live(org_id="org-theirs"),
    "there, of no organisation": live(org_id=None),
    "unreadable": Unreadable("the API answered 502"),
}
PENDING = {
    "": {},
    "pending": {"a": Pending(payload=payload(), since="T")},
    "pending otherwise": {"a": Pending(payload=payload(name="B"), since="T")},
}
Row = tuple[Action | None, str | None, set[str]]


def expected(*, is_desired: bool, is_recorded: bool, found: str, waiting: str, adopt: bool) -> Row:
    """The action (None: no change), the method of its request, and the rules that refuse."""
    there = found.startswith("there")
    moved = found == "there, moved"
    foreign = {"wrong-organisation"} if found.endswith("organisation") else set()
    ours = waiting == ("pending otherwise" if moved else "pending")
    unread = {"unreadable"} if found == "unreadable" else set()
    rows: list[tuple[bool, Row]] = [
        (is_desired and found == "unreadable", (None, None, unread)),
        (is_desired and is_recorded and found == "gone", (None, None, {"vanished"})),
        (is_desired and is_recorded and moved, (Action.UPDATE, "PATCH", set())),
        (is_desired and is_recorded, (Action.KEEP, None, foreign)),
        (is_desired and there and bool(waiting) and not ours, (None, None, foreign | {"outcome-unknown"})),
        (is_desired and moved, (Action.ADOPT, "PATCH", set() if ours or adopt else {"adoption"})),
        (is_desired and there, (Action.ADOPT, None, foreign | (set() if ours or adopt else {"adoption"}))),
        (not is_desired and is_recorded, (Action.ORPHAN, None, foreign | unread)),
        (bool(waiting), (None, None, {"outcome-unknown"})),
        (is_desired, (Action.CREATE, "POST", set())),
        (True, (None, None, set())),
    ]
    return next(row for matches, row in rows if matches)


CASES = [
    pytest.param(is_desired, is_recorded, found, waiting, adopt, id=", ".join(words))
    for is_desired, is_recorded, found, waiting, adopt in itertools.product(
        (True, False), (True, False), LIVE, PENDING, (True, False)
    )
    # Nobody reads what is neither asked for nor recorded.
    if is_desired or is_recorded or found == "not read"
    for words in [
        (
            "desired" if is_desired else "not desired",
            "recorded" if is_recorded else "not recorded",
            found,
            *([waiting] if waiting else []),
            *(["--adopt"] if adopt else []),
        )
    ]
]


@pytest.mark.parametrize(("is_desired", "is_recorded", "found", "waiting", "adopt"), CASES)
def test_every_combination_follows_the_table(
    is_desired: bool, is_recorded: bool, found: str, waiting: str, adopt: bool
) -> None:
    reading = LIVE[found]
    plan = build_plan(
        snapshot(
            *([desired()] if is_desired else []),
            records={"a": record()} if is_recorded else {},
            pending=PENDING[waiting],
            readings={} if reading is None else {"a": reading},
            adopt=adopt,
        )
    )
    action, method, rules = expected(
        is_desired=is_desired, is_recorded=is_recorded, found=found, waiting=waiting, adopt=adopt
    )
    assert {each.rule for each in plan.violations} == rules
    assert {each: plan.count(each) for each in Action} == {each: int(each is action) for each in Action}
    listed = [change.operation.method if change.operation else None for change in plan.changes]
    assert listed == ([] if action in (None, Action.KEEP) else [method])
    assert plan.can_apply is (not rules)


def only_change(plan: Plan) -> Change:
    (change,) = plan.changes
    return change


def fields(change: Change) -> dict[str, Origin]:
    return {to_pointer(field.path): field.origin for field in change.fields}


# --- unreadable and vanished ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("adopt", [True, False])
@pytest.mark.parametrize("refresh", [Refresh.CHANGED, Refresh.ALL])
@pytest.mark.parametrize("records", [{}, {"a": record()}, {"old": record("old")}], ids=["new", "recorded", "renamed"])
def test_unreadable_never_becomes_create_gone_or_keep(
    records: dict[str, Record], refresh: Refresh, adopt: bool
) -> None:
    wanted = desired(renamed_from="old") if "old" in records else desired()
    plan = build_plan(
        snapshot(wanted, records=records, readings={"a": Unreadable("cut off")}, refresh=refresh, adopt=adopt)
    )
    assert plan.changes == ()
    assert plan.kept == 0
    assert not plan.can_apply
    assert [(each.rule, each.exit_code) for each in plan.violations] == [("unreadable", ExitCode.UNAVAILABLE)]
    assert "cut off" in plan.violations[0].message


def test_an_orphan_that_cannot_be_read_is_still_listed_and_refuses_the_plan() -> None:
    plan = build_plan(snapshot(records={"a": record()}, readings={"a": Unreadable("502")}))
    assert only_change(plan).action is Action.ORPHAN
    assert "could not be read" in only_change(plan).reason
    assert [each.rule for each in plan.violations] == ["unreadable"]


def test_what_vanished_is_refused_by_name_and_id_and_never_created() -> None:
    plan = build_plan(snapshot(desired(name="B"), records={"a": record()}, readings={"a": Gone()}))
    assert plan.changes == ()
    (refusal,) = plan.violations
    assert (refusal.rule, refusal.custom_id, refusal.exit_code) == ("vanished", "a", ExitCode.REFUSED)
    assert uuid("a") in refusal.message


def test_a_renamed_sequence_that_vanished_is_refused_too() -> None:
    plan = build_plan(snapshot(desired(renamed_from="old"), records={"old": record("old")}, readings={"a": Gone()}))
    assert [each.rule for each in plan.violations] == ["vanished"]


def test_another_organisation_is_the_first_thing_that_is_said() -> None:
    plan = build_plan(
        snapshot(
            desired("a", references=("b",)),
            desired("b", references=("a",)),
            records={"a": record()},
            readings={"a": live(org_id="org-theirs")},
        )
    )
    assert [each.rule for each in plan.violations][:2] == ["wrong-organisation", "cycle"]
    assert ORG in plan.violations[0].message
    assert "org-theirs" in plan.violations[0].message


# --- adoption and creates without an answer ---------------------------------------------------------------------------


def test_adoption_shows_every_field_that_it_would_take_over() -> None:
    found = live(name="B", is_continuous=False, filter=None, steps=[{"action": {}, "extra": 1}])
    change = only_change(build_plan(snapshot(desired(), readings={"a": found}, adopt=True)))
    assert set(fields(change)) >= {"/name", "/is_continuous", "/filter"}
    assert any(path.startswith("/steps/0/action") for path in fields(change))
    # What live has and the manifest has not is taken away, and that is shown as well.
    assert fields(change)["/steps/0/extra"] is Origin.TAKEOVER
    assert set(fields(change).values()) <= {Origin.TAKEOVER, Origin.NEW}
    assert change.operation is not None
    assert change.operation.path == f"/sequences/{uuid('a')}"
    assert change.operation.body == payload()
    assert change.seen == found.payload


def test_adopting_what_is_equal_already_records_it_and_sends_nothing() -> None:
    change = only_change(build_plan(snapshot(desired(), readings={"a": live()}, adopt=True)))
    assert change.fields == ()
    assert change.operation is None
    assert change.record == Record(id=uuid("a"), applied=payload(), status="active")


def test_a_create_without_answer_that_is_found_equal_is_recorded_without_being_asked() -> None:
    pending = {"a": Pending(payload=payload(), since="2026-01-01T00:00:00Z")}
    plan = build_plan(snapshot(desired(), pending=pending, readings={"a": live()}))
    assert plan.can_apply
    assert only_change(plan).record == Record(id=uuid("a"), applied=payload(), status="active")
    assert "earlier run" in only_change(plan).reason


def test_a_create_without_answer_that_is_not_found_is_refused_and_never_sent_again() -> None:
    pending = {"a": Pending(payload=payload(), since="2026-01-01T00:00:00Z")}
    for readings in ({}, {"a": Gone()}):
        plan = build_plan(snapshot(desired(), pending=pending, readings=readings, adopt=True))
        assert plan.changes == ()
        assert [(each.rule, each.exit_code) for each in plan.violations] == [("outcome-unknown", ExitCode.UNKNOWN)]
        assert "2026-01-01T00:00:00Z" in plan.violations[0].message


@pytest.mark.parametrize("only", [(), ("b",), ("a",)])
def test_a_create_without_answer_is_not_forgotten_by_renaming_its_manifest(only: tuple[str, ...]) -> None:
    pending = {"a": Pending(payload=payload(), since="T")}
    plan = build_plan(snapshot(desired("b", renamed_from="a"), pending=pending, only=only))
    assert [(each.rule, each.custom_id) for each in plan.violations] == [("outcome-unknown", "a")]


def test_a_create_without_answer_elsewhere_does_not_refuse_what_was_selected() -> None:
    pending = {"x": Pending(payload=payload("x"), since="T")}
    assert build_plan(snapshot(desired("b"), pending=pending, only=("b",))).can_apply
    assert not build_plan(snapshot(desired("b"), pending=pending)).can_apply


# --- recorded ---------------------------------------------------------------------------------------------------------


def test_without_live_the_record_is_what_a_change_is_measured_by() -> None:
    change = only_change(build_plan(snapshot(desired(name="B"), records={"a": record()}, refresh=Refresh.NONE)))
    assert change.action is Action.UPDATE
    assert fields(change) == {"/name": Origin.AUTHORED}
    assert change.seen == payload()
    assert change.operation is not None
    assert change.operation.body == payload(name="B")


def test_drift_and_conflict_are_told_from_authored_changes() -> None:
    wanted, found = desired(is_continuous=False, name="C"), live(name="B", filter=None)
    change = only_change(build_plan(snapshot(wanted, records={"a": record()}, readings={"a": found})))
    assert fields(change) == {
        "/name": Origin.CONFLICT,
        "/is_continuous": Origin.AUTHORED,
        "/filter": Origin.DRIFT,
    }
    assert change.is_drifted
    assert (
        change.reason == "the manifest changed; manifest and live both moved; live was changed behind the tool's back"
    )
    assert change.seen == found.payload


def test_what_live_already_has_is_recorded_and_not_sent() -> None:
    change = only_change(
        build_plan(snapshot(desired(name="B"), records={"a": record()}, readings={"a": live(name="B")}))
    )
    assert (change.action, change.operation, change.fields) == (Action.KEEP, None, ())
    assert change.record == Record(id=uuid("a"), applied=payload(name="B"), status="active")


def test_a_manifest_that_follows_the_servers_rewrite_sends_nothing() -> None:
    """The record was sent as `A ` and stored as `A`; now the manifest says `A` too."""
    before = record(name="A ", stored=payload())
    change = only_change(build_plan(snapshot(desired(), records={"a": before}, readings={"a": live()})))
    assert (change.action, change.operation) == (Action.KEEP, None)
    assert change.record == Record(id=uuid("a"), applied=payload(), status="active")


def test_a_rewrite_learned_once_is_not_drift() -> None:
    before = record(name="A ", stored=payload())
    plan = build_plan(snapshot(desired(name="A "), records={"a": before}, readings={"a": live()}))
    assert (plan.changes, plan.kept) == ((), 1)


def test_a_handed_off_field_is_never_written_and_the_rest_is() -> None:
    wanted, found = desired(ignore=("/name",), name="ours", is_continuous=False), live(name="theirs")
    change = only_change(build_plan(snapshot(wanted, records={"a": record()}, readings={"a": found})))
    assert fields(change) == {"/is_continuous": Origin.AUTHORED}
    assert change.operation is not None
    assert change.operation.body == payload(name="theirs", is_continuous=False)


def test_a_handed_off_field_alone_is_no_change() -> None:
    wanted = desired(ignore=("/name",), name="ours")
    assert build_plan(snapshot(wanted, records={"a": record()}, readings={"a": live()})).changes == ()
    assert build_plan(snapshot(wanted, records={"a": record()}, refresh=Refresh.NONE)).changes == ()


# --- renames ----------------------------------------------------------------------------------------------------------


def test_a_rename_keeps_the_id_and_is_not_a_new_sequence() -> None:
    wanted = desired("new", renamed_from="old")
    plan = build_plan(snapshot(wanted, records={"old": record("old")}, readings={"new": live("old")}))
    change = only_change(plan)
    assert (change.action, change.id, change.recorded_as) == (Action.RENAME, uuid("old"), "old")
    assert fields(change) == {"/custom_id": Origin.AUTHORED}
    assert change.reason == "renamed from `old`; the manifest changed"
    assert plan.can_apply


def test_a_rename_that_live_already_shows_moves_the_record() -> None:
    found = replace(live("new"), id=uuid("old"))
    plan = build_plan(
        snapshot(desired("new", renamed_from="old"), records={"old": record("old")}, readings={"new": found})
    )
    change = only_change(plan)
    assert (change.action, change.operation, change.recorded_as) == (Action.KEEP, None, "old")
    assert change.record == Record(id=uuid("old"), applied=payload("new"), status="active")


def test_a_rename_that_is_done_is_over() -> None:
    plan = build_plan(snapshot(desired("new", renamed_from="old"), records={"new": record("new")}))
    assert (plan.changes, plan.kept) == ((), 1)


def test_a_name_that_still_has_a_manifest_is_not_given_away() -> None:
    wanted = (desired("new", renamed_from="old"), desired("old"))
    plan = build_plan(snapshot(*wanted, records={"old": record("old")}))
    assert [(each.custom_id, each.action) for each in plan.changes] == [("new", Action.CREATE)]
    assert plan.kept == 1
    (refusal,) = plan.violations
    assert (refusal.rule, refusal.custom_id) == ("rename-clash", "new")
    assert "which still has a manifest of its own" in refusal.message
    assert build_plan(snapshot(*wanted, records={"old": record("old")}, only=("old",))).violations == ()
    assert build_plan(snapshot(*wanted, records={})).violations == ()
    assert build_plan(snapshot(*wanted, records={"new": record("new")})).violations == ()


def test_a_rename_onto_a_recorded_name_leaves_the_former_one_an_orphan() -> None:
    plan = build_plan(
        snapshot(desired("new", renamed_from="old"), records={"new": record("new"), "old": record("old")})
    )
    assert [(each.custom_id, each.action) for each in plan.changes] == [("old", Action.ORPHAN)]


def test_two_that_claim_one_former_name_are_refused() -> None:
    plan = build_plan(
        snapshot(desired("b", renamed_from="old"), desired("a", renamed_from="old"), records={"old": record("old")})
    )
    (refusal,) = plan.violations
    assert (refusal.rule, refusal.custom_id) == ("rename-clash", "old")
    assert refusal.message == "`a` and `b` are all renamed from `old`"


def test_a_rename_from_a_name_that_nobody_recorded_is_a_create() -> None:
    plan = build_plan(snapshot(desired("new", renamed_from="old"), records={}))
    assert only_change(plan).action is Action.CREATE


# --- orphans and selection --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (None, "it may still send (status active)"),
        (Gone(), "it is gone from the API (status active)"),
        (live(), "it still exists (status active)"),
    ],
    ids=["not read", "gone", "there"],
)
def test_an_orphan_is_reported_and_nothing_is_done_about_it(reading: Any, words: str) -> None:
    plan = build_plan(snapshot(records={"a": record()}, readings={"a": reading} if reading else {}))
    change = only_change(plan)
    assert (change.action, change.operation, change.record) == (Action.ORPHAN, None, None)
    assert change.reason.endswith(words)
    assert (plan.requests, plan.has_work, plan.has_differences) == (0, False, True)


def test_only_leaves_out_what_does_not_match_also_among_orphans() -> None:
    plan = build_plan(
        snapshot(
            desired("mail-a"),
            desired("mail-b"),
            desired("call-a"),
            records={"mail-old": record("mail-old"), "call-old": record("call-old"), "mail-b": record("mail-b")},
            only=("mail-*",),
        )
    )
    assert [(each.custom_id, each.action) for each in plan.changes] == [
        ("mail-a", Action.CREATE),
        ("mail-old", Action.ORPHAN),
    ]
    assert plan.kept == 1


def test_a_reference_to_a_create_that_was_not_selected_is_refused() -> None:
    wanted = (desired("a", references=("b",)), desired("b"))
    assert build_plan(snapshot(*wanted)).can_apply
    refused = build_plan(snapshot(*wanted, only=("a",)))
    assert [(each.rule, each.custom_id) for each in refused.violations] == [("missing-reference", "a")]


def test_references_to_known_sequences_are_sent_as_their_ids() -> None:
    plan = build_plan(
        snapshot(desired("a", references=("b", "c")), desired("b"), desired("c"), records={"b": record("b")})
    )
    created = {each.custom_id: each for each in plan.changes}
    sent = created["a"].operation
    assert sent is not None
    conditions = sent.body.value["filter"]["or"][0]["and"]
    assert [each["sequence_id"] for each in conditions] == [uuid("b"), {"$sequence": "c"}]
    assert created["a"].waits_for == ("c",)


# --- what is read -----------------------------------------------------------------------------------------------------


def world(**asked: Any) -> Snapshot:
    return snapshot(
        desired("changed", name="B"),
        desired("kept"),
        desired("new"),
        desired("renamed", renamed_from="former"),
        records={name: record(name) for name in ("changed", "former", "kept", "orphan")},
        **asked,
    )


@pytest.mark.parametrize(
    ("refresh", "only", "reads"),
    [
        (Refresh.NONE, (), []),
        (Refresh.CHANGED, (), [("changed", "changed"), ("new", None), ("renamed", "former")]),
        (
            Refresh.ALL,
            (),
            [("changed", "changed"), ("kept", "kept"), ("new", None), ("orphan", "orphan"), ("renamed", "former")],
        ),
        (Refresh.ALL, ("k*",), [("kept", "kept")]),
    ],
    ids=["none", "changed", "all", "all, of a selection"],
)
def test_what_has_to_be_read(refresh: Refresh, only: tuple[str, ...], reads: list[tuple[str, str | None]]) -> None:
    assert reads_needed(world(refresh=refresh, only=only)) == tuple(
        Read(custom_id=name, id=None if known is None else uuid(known)) for name, known in reads
    )


@pytest.mark.parametrize(
    ("patterns", "name", "selected"),
    [((), "a", True), (("a",), "a", True), (("a",), "ab", False), (("a?", "x"), "ab", True), (("A",), "a", False)],
)
def test_a_selection_is_a_list_of_case_sensitive_patterns(patterns: tuple[str, ...], name: str, selected: bool) -> None:
    assert request(only=patterns).selects(name) is selected


def test_requests_are_three_a_write_and_one_to_prove_the_organisation() -> None:
    assert build_plan(snapshot(desired())).requests == 3
    records = {"b": record("b")}
    assert build_plan(snapshot(desired(), desired("b"), records=records, refresh=Refresh.NONE)).requests == 4
    assert build_plan(snapshot(desired(), desired("b"), records=records, readings={"b": live("b")})).requests == 3


# --- updates without an answer ----------------------------------------------------------------------------------------


def waiting(name: str, **changes: Any) -> dict[str, Pending]:
    return {"a": Pending(payload=payload(name=name, **changes), since="2026-01-01T00:00:00Z", id=uuid("a"))}


@pytest.mark.parametrize(
    ("wanted", "found", "action", "origins", "recorded"),
    [
        # The record says A, an update to B got no answer.
        pytest.param("B", live(name="B"), Action.KEEP, {}, "B", id="it landed, and is still asked for"),
        pytest.param("B", live(name="B "), Action.KEEP, {}, "B", id="it landed, and was rewritten"),
        pytest.param("B", live(), Action.UPDATE, {"/name": Origin.AUTHORED}, None, id="it did not"),
        pytest.param("A", live(), Action.KEEP, {}, "A", id="it did not, and is not asked for any more"),
        pytest.param("A", live(name="B"), Action.UPDATE, {"/name": Origin.AUTHORED}, None, id="landed, asked no more"),
        pytest.param("C", live(name="B"), Action.UPDATE, {"/name": Origin.AUTHORED}, None, id="landed, more is asked"),
        pytest.param("C", live(name="C"), Action.KEEP, {}, "C", id="someone wrote what is asked for"),
        pytest.param("B", live(name="X"), Action.UPDATE, {"/name": Origin.CONFLICT}, None, id="neither"),
        pytest.param(
            "A", live(name="X"), Action.UPDATE, {"/name": Origin.DRIFT}, None, id="someone else wrote, reverted"
        ),
    ],
)
def test_an_update_without_an_answer_is_settled_by_a_look(
    wanted: str, found: Any, action: Action, origins: dict[str, Origin], recorded: str | None
) -> None:
    plan = build_plan(
        snapshot(desired(name=wanted), records={"a": record()}, pending=waiting("B"), readings={"a": found})
    )
    change = only_change(plan)
    assert (change.action, fields(change), plan.can_apply, plan.warnings) == (action, origins, True, ())
    # State learns of it either way: an entry for the sequence takes the question back.
    assert (change.operation is None) is (action is Action.KEEP)
    assert (change.record and change.record.applied) == (recorded and payload(name=recorded))
    assert change.unsettled_since == "2026-01-01T00:00:00Z"
    assert change.seen == found.payload


def test_what_a_server_made_of_a_landed_update_is_learned() -> None:
    plan = build_plan(
        snapshot(desired(name="B"), records={"a": record()}, pending=waiting("B"), readings={"a": live(name="B ")})
    )
    assert only_change(plan).record == Record(
        id=uuid("a"), applied=payload(name="B"), status="active", stored=payload(name="B ")
    )


def test_without_a_look_an_update_without_an_answer_stays_a_question() -> None:
    quiet = build_plan(snapshot(desired(), records={"a": record()}, pending=waiting("B"), refresh=Refresh.NONE))
    assert (quiet.changes, quiet.kept, quiet.can_apply) == ((), 1, True)
    change = only_change(
        build_plan(snapshot(desired(name="B"), records={"a": record()}, pending=waiting("B"), refresh=Refresh.NONE))
    )
    assert (change.action, change.unsettled_since) == (Action.UPDATE, "2026-01-01T00:00:00Z")


def test_an_update_without_an_answer_under_another_name_is_known_by_its_id() -> None:
    pending = {"new": Pending(payload=payload("new"), since="T", id=uuid("a"))}
    plan = build_plan(snapshot(desired(), records={"a": record()}, pending=pending, readings={"a": live()}))
    assert (only_change(plan).action, only_change(plan).record, plan.can_apply) == (Action.KEEP, record(), True)


def test_what_vanished_is_refused_whatever_waits_for_it() -> None:
    plan = build_plan(snapshot(desired(), records={"a": record()}, pending=waiting("B"), readings={"a": Gone()}))
    assert [each.rule for each in plan.violations] == ["vanished"]


# --- creates that the API named an id for, before the run was killed --------------------------------------------------


@pytest.mark.parametrize(
    ("found", "action", "rules"),
    [
        (live(), Action.KEEP, []),
        (live(name="X"), Action.UPDATE, []),
        (Gone(), None, ["vanished"]),
        (replace(live("b"), id=uuid("a")), None, ["outcome-unknown"]),
        (Unreadable("502"), None, ["unreadable"]),
    ],
    ids=["as sent", "moved", "gone", "another's", "unreadable"],
)
def test_a_create_that_was_told_its_id_is_as_good_as_recorded(found: Any, action: Any, rules: list[str]) -> None:
    plan = build_plan(snapshot(desired(), pending=waiting("A"), readings={"a": found}))
    assert [each.rule for each in plan.violations] == rules
    assert [change.action for change in plan.changes] == ([] if action is None else [action])
    for change in plan.changes:
        assert (change.id, change.unsettled_since is None) == (uuid("a"), False)
        assert change.operation is None or change.operation.method == "PATCH"


def test_a_create_that_was_told_its_id_is_read_by_it_and_lets_others_refer_to_it() -> None:
    taken = snapshot(desired(), desired("b", references=("a",)), pending=waiting("A"), refresh=Refresh.CHANGED)
    assert reads_needed(taken) == (Read(custom_id="a", id=uuid("a")), Read(custom_id="b", id=None))
    assert [(each.custom_id, each.action) for each in build_plan(taken).changes] == [("b", Action.CREATE)]
    (orphan,) = build_plan(snapshot(pending=waiting("A"), readings={"a": live()})).changes
    assert orphan.action is Action.ORPHAN


# --- accepted and not visible -----------------------------------------------------------------------------------------

ACCEPTED = "2026-01-01T00:00:00Z"
SOON, LATER = "2026-01-01T00:09:59Z", "2026-01-01T00:10:02Z"


@pytest.mark.parametrize(
    ("found", "now", "rules"),
    [
        (live(), SOON, ["not-visible-yet"]),
        (live(), None, ["not-visible-yet"]),
        (live(), "2025-12-31T00:00:00Z", ["not-visible-yet"]),
        (live(), LATER, []),
        (live(name="B"), SOON, []),
        (live(name="B "), SOON, []),
        (live(name="X"), SOON, ["not-visible-yet"]),
        (Gone(), SOON, ["not-visible-yet"]),
        (Gone(), LATER, ["vanished"]),
        (None, SOON, []),
    ],
)
def test_what_was_accepted_is_not_written_again_while_it_may_become_visible(
    found: Any, now: str | None, rules: list[str]
) -> None:
    sent = replace(record(name="B"), unverified=ACCEPTED)
    readings = {} if found is None else {"a": found}
    for name in ("A", "B", "C"):
        plan = build_plan(snapshot(desired(name=name), records={"a": sent}, readings=readings, now=now))
        assert [each.rule for each in plan.violations] == rules
        for each in plan.violations:
            assert each.exit_code is (ExitCode.REFUSED if each.rule == "vanished" else ExitCode.UNKNOWN)
            assert (ACCEPTED in each.message) is (each.rule == "not-visible-yet")
        if rules:
            assert plan.changes == ()
    drifted = build_plan(snapshot(desired(name="B"), records={"a": sent}, readings={"a": live()}, now=LATER))
    assert fields(only_change(drifted)) == {"/name": Origin.DRIFT}


def test_the_moment_is_no_part_of_what_a_plan_is() -> None:
    taken = snapshot(desired(name="B"), records={"a": record()}, readings={"a": live()})
    assert {plan_digest(build_plan(replace(taken, request=request(now=now)))) for now in (None, SOON, LATER)} == {
        plan_digest(build_plan(taken))
    }


def test_what_is_in_question_is_read_whenever_anything_is() -> None:
    sent = replace(record(), unverified=ACCEPTED)
    for records, pending, now, is_read in (
        ({"a": record()}, {}, SOON, False),
        ({"a": record()}, waiting("B"), SOON, True),
        ({"a": sent}, {}, SOON, True),
        ({"a": sent}, {}, LATER, False),
    ):
        for refresh in (Refresh.CHANGED, Refresh.NONE):
            taken = snapshot(desired(), records=records, pending=pending, refresh=refresh, now=now)
            reads = (Read(custom_id="a", id=uuid("a")),) if is_read and refresh is Refresh.CHANGED else ()
            assert reads_needed(taken) == reads
            assert reads_needed(replace(taken, request=request(refresh=refresh, now=now, only=("b",)))) == ()


def test_a_create_without_answer_says_where_to_look_and_what_to_type() -> None:
    plan = build_plan(snapshot(desired(), pending={"a": Pending(payload=payload(), since="T")}))
    message = plan.violations[0].message
    assert "custom_id `a`" in message
    assert "`reconciler state resolve a --id UUID`" in message
    assert "`reconciler state resolve a --not-created`" in message


@pytest.mark.parametrize("told", [None, "elsewhere"])
def test_a_rename_to_a_name_that_waits_for_an_answer_is_refused(told: str | None) -> None:
    """The record under the new name would take the place of the create, and nobody would look for that any more."""
    pending = {"b": Pending(payload=payload("b"), since="T", id=told)}
    plan = build_plan(
        snapshot(desired("b", renamed_from="a"), records={"a": record()}, pending=pending, readings={"b": live()})
    )
    assert "outcome-unknown" in {each.rule for each in plan.violations}
    assert not plan.can_apply
