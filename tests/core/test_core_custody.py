"""The named commands: each does just what it says, and refuses what a person cannot have meant."""

from dataclasses import replace

import pytest

from reconciler.core import custody
from reconciler.errors import ReconcilerError, RefusedError, StateError, UnavailableError, UsageError
from reconciler.model.sequence import Gone, Unreadable
from reconciler.model.state import Pending, State
from tests.core.core_values import ORG, live, payload, record, state, uuid

CREATE = Pending(payload=payload("c"), since="T")
UPDATE = Pending(payload=payload("a", name="New"), since="T", id=uuid("a"))
BOTH = state({"a": record("a"), "b": record("b")}, {"a": UPDATE, "c": CREATE})


def refusal(kind: type[ReconcilerError], *words: str):
    return pytest.raises(kind, match=".*".join(words))


def test_state_that_is_not_there_is_no_empty_state() -> None:
    assert custody.require(BOTH) is BOTH
    with refusal(StateError, "there is no state yet"):
        custody.require(None)


def test_forgetting_drops_the_record_and_nothing_else() -> None:
    assert custody.forget(BOTH, "b") == replace(BOTH, records={"a": record("a")})


def test_forgetting_a_sequence_ends_the_wait_for_an_answer_about_it_under_whatever_name() -> None:
    assert custody.forget(BOTH, "a") == replace(BOTH, records={"b": record("b")}, pending={"c": CREATE})
    renamed = replace(BOTH, pending={"new": UPDATE})
    assert custody.forget(renamed, "a").pending == {}


@pytest.mark.parametrize("act", [custody.record_of, custody.forget, lambda each, name: custody.move(each, name, "new")])
def test_what_is_not_recorded_is_wrong_usage_with_the_nearest_name(act) -> None:
    named = state({"welcome": record("welcome")})
    with pytest.raises(UsageError) as refused:
        act(named, "wellcome")
    assert refused.value.message == "`wellcome` is not recorded"
    assert refused.value.hint == "did you mean `welcome`?"


def test_moving_keeps_the_record_and_the_order() -> None:
    moved = custody.move(BOTH, "a", "z")
    assert list(moved.records.items()) == [("b", record("b")), ("z", record("a"))]
    assert (moved.pending, moved.serial) == (BOTH.pending, BOTH.serial)


def test_moving_onto_another_record_is_refused() -> None:
    with refusal(RefusedError, "`b` is recorded already, as id-of-b"):
        custody.move(BOTH, "a", "b")


def test_a_create_that_happened_is_recorded_as_it_was_sent() -> None:
    resolved = custody.resolve_created(BOTH, "c", live("c"), id_=uuid("c"))
    assert resolved.records["c"] == record("c")
    assert resolved.pending == {"a": UPDATE}
    assert resolved.org_id == ORG


def test_a_create_that_was_told_an_id_and_never_read_back_can_be_resolved_too() -> None:
    told = replace(BOTH, pending={"c": replace(CREATE, id=uuid("wrong"))})
    assert custody.resolve_created(told, "c", live("c"), id_=uuid("c")).pending == {}
    assert custody.resolve_not_created(told, "c", Gone()).pending == {}


def test_another_that_has_its_custom_id_by_now_does_not_bring_back_one_that_was_told_an_id() -> None:
    told = replace(BOTH, pending={"c": replace(CREATE, id=uuid("gone"))})
    assert custody.resolve_not_created(told, "c", live("c")).pending == {}
    with refusal(RefusedError, "does exist"):
        custody.resolve_not_created(told, "c", replace(live("c"), id=uuid("gone")))


def test_moving_onto_a_name_that_waits_for_an_answer_is_refused() -> None:
    with refusal(RefusedError, "`c` waits for an answer"):
        custody.move(BOTH, "b", "c")


def test_what_the_server_holds_otherwise_stays_for_the_next_plan_to_show() -> None:
    resolved = custody.resolve_created(BOTH, "c", live("c", name="Other"), id_=uuid("c"))
    assert resolved.records["c"].applied == payload("c")
    assert resolved.records["c"].stored is None


def test_the_first_create_of_a_state_pins_the_organisation() -> None:
    unpinned = replace(BOTH, org_id=None)
    assert custody.resolve_created(unpinned, "c", live("c"), id_=uuid("c")).org_id == ORG


@pytest.mark.parametrize(
    ("custom_id", "found", "kind", "words"),
    [
        ("c", Gone(), RefusedError, "knows no sequence id-of-c"),
        ("c", Unreadable("no answer"), UnavailableError, "could not be read.*no answer"),
        ("c", live("c", org_id="other"), RefusedError, "organisation other, state to org-ours"),
        ("c", live("d"), RefusedError, "another custom_id"),
        ("a", live("a"), UsageError, "an update that got no answer"),
        ("b", live("b"), UsageError, "no create of `b`"),
    ],
)
def test_a_word_that_cannot_be_true_is_refused(custom_id, found, kind, words) -> None:
    with refusal(kind, words):
        custody.resolve_created(BOTH, custom_id, found, id_=uuid(custom_id))


def test_an_id_that_is_recorded_for_another_is_refused() -> None:
    taken = replace(live("c"), id=uuid("a"))
    with refusal(RefusedError, "`a` is recorded already"):
        custody.resolve_created(BOTH, "c", taken, id_=uuid("a"))


def test_a_create_that_did_not_happen_is_no_longer_waited_for() -> None:
    assert custody.resolve_not_created(BOTH, "c", Gone()) == replace(BOTH, pending={"a": UPDATE})


@pytest.mark.parametrize(
    ("found", "kind", "words"),
    [(live("c"), RefusedError, "does exist, as id-of-c"), (Unreadable("x"), UnavailableError, "failed")],
)
def test_nobody_says_that_it_was_not_created_while_it_can_be_seen(found, kind, words) -> None:
    with refusal(kind, words):
        custody.resolve_not_created(BOTH, "c", found)


OLDER, NEWER = replace(BOTH, serial=2, pending={}), replace(BOTH, serial=9, pending={})


@pytest.mark.parametrize("base", [None, BOTH])
def test_pushing_puts_a_newer_state_in_the_place_of_the_one_there(base: State | None) -> None:
    assert custody.pushed(base, NEWER, as_next=False) == NEWER


def test_pushing_what_is_there_changes_nothing() -> None:
    assert custody.pushed(BOTH, BOTH, as_next=False) == BOTH
    assert custody.pushed(BOTH, BOTH, as_next=True) == BOTH


@pytest.mark.parametrize("given", [OLDER, replace(OLDER, serial=BOTH.serial)])
def test_pushing_an_older_or_another_version_needs_a_persons_word(given: State) -> None:
    with refusal(RefusedError, f"serial {given.serial}, the state there 3"):
        custody.pushed(BOTH, given, as_next=False)
    # A create in doubt stays one: an older version knew nothing of it.
    assert custody.pushed(BOTH, given, as_next=True) == replace(given, serial=4, pending={"c": CREATE})


@pytest.mark.parametrize("as_next", [False, True])
def test_pushing_another_lineage_is_refused(as_next: bool) -> None:
    with refusal(RefusedError, "another lineage"):
        custody.pushed(BOTH, replace(NEWER, lineage="x"), as_next=as_next)
