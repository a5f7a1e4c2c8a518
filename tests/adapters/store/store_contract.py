"""What every store keeps to, wherever it lies: the suite is run over each kind of place that conftest.py registers.

A kind is a function from a fresh folder to a `Place`; `Place.open` gives another process's view of the same place.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import pytest

from reconciler.adapters.store.backend import Backend, MovedError
from reconciler.adapters.store.emergency import read_emergency
from reconciler.adapters.store.encoding import decode, encode
from reconciler.adapters.store.session import StoreSession
from reconciler.adapters.store.store import Store
from reconciler.errors import LockedError, RefusedError, StateError
from reconciler.model.hold import Hold
from reconciler.model.sequence import Payload, Record
from reconciler.model.state import Begun, Entry, Intended, Pending, Saved, Settled, State, UsedPlan

PAYLOAD = Payload.of({"custom_id": "welcome", "name": "Grüße \U0001f33f", "steps": [{"delay_in_minutes": 0.5}]})
RECORD = Record(id="11111111-2222-4333-8444-555555555555", applied=PAYLOAD, status="active")
SETTLED = Settled(custom_id="welcome", record=RECORD, org_id="org")
INTENDED = Intended(custom_id="new", payload=PAYLOAD, since="2026-01-01T00:00:00Z")
PLAN = UsedPlan(digest="sha256:" + "0" * 64, since="2026-01-01T00:00:00Z", by="ann@laptop")
NOW = "2026-01-02T00:00:00Z"
SAVED = Saved(serial=1, since=NOW, by="ann")


@dataclass
class Place:
    """One place that holds one state; `open` makes a backend as another process would."""

    open: Callable[[], Backend]
    emergency: Path
    holders: list[Hold] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)

    def store(self, backend: Backend | None = None) -> Store:
        return Store(
            backend or self.open(),
            me=self.me,
            now=lambda: NOW,
            is_gone=lambda hold: "that process is gone" if hold.nonce in self.gone else None,
            notice=self.notices.append,
            emergency=[self.emergency],
        )

    def me(self, purpose: str) -> Hold:
        number = len(self.holders)
        hold = Hold(nonce=f"nonce-{number}", purpose=purpose, since=NOW, who=f"ann-{number}", host="laptop")
        self.holders.append(hold)
        return hold

    def begin(self) -> StoreSession:
        store = self.store()
        return store.begin(store.load(), "apply")

    def applied(self, *entries: Entry) -> State:
        session = self.begin()
        for entry in entries:
            session.append(entry)
        return session.finish()

    def killed(self, *entries: Entry) -> Hold:
        """Leave what a run leaves that was killed after these entries; its holder is not proved gone."""
        session = self.begin()
        for entry in entries:
            session.append(entry)
        return self.holders[-1]

    def killed_and_gone(self, *entries: Entry) -> Hold:
        hold = self.killed(*entries)
        self.gone.add(hold.nonce)
        return hold

    def load(self) -> State | None:
        return self.store().load()

    def state(self) -> State:
        found = self.load()
        assert found is not None
        return found


Kind: TypeAlias = Callable[[Path], Place]


def settled(custom_id: str, **changes: object) -> Settled:
    return replace(SETTLED, custom_id=custom_id, record=replace(RECORD, id=f"id-of-{custom_id}", **changes))  # type: ignore[arg-type]


class TestBackend:
    """The contract of backend.py: each part is replaced only by whoever knows what is there."""

    def test_a_fresh_place_holds_nothing(self, place: Place) -> None:
        backend = place.open()
        assert (backend.read_state(), backend.read_lock(), backend.read_journal()) == (None, None, None)
        assert list(backend.history()) == []
        assert backend.recall(1) is None
        assert backend.where

    def test_the_document_is_replaced_only_by_whoever_knows_it(self, place: Place) -> None:
        one, other = place.open(), place.open()
        first, second = (encode(State(lineage="l", serial=serial)) for serial in (1, 2))
        version = one.write_state(first, expected=None, saved=SAVED)
        assert other.read_state() == (first, version)
        for stale in (None, "no such version", version + "0"):
            with pytest.raises(MovedError):
                other.write_state(second, expected=stale, saved=SAVED)
        assert one.read_state() == (first, version)
        later = other.write_state(second, expected=version, saved=replace(SAVED, serial=2))
        assert later != version
        with pytest.raises(MovedError):
            one.write_state(first, expected=version, saved=SAVED)
        assert one.read_state() == (second, later)

    def test_the_lock_changes_hands_only_knowingly(self, place: Place) -> None:
        one, other = place.open(), place.open()
        one.swap_lock(b"one\n", expected=None)
        with pytest.raises(MovedError):
            other.swap_lock(b"other\n", expected=None)
        held = other.read_lock()
        assert held is not None
        assert held.data == b"one\n"
        other.swap_lock(b"other\n", expected=held.version)
        for data in (b"one\n", None):
            with pytest.raises(MovedError):
                one.swap_lock(data, expected=held.version)
        held = one.read_lock()
        assert held is not None
        assert held.data == b"other\n"
        other.swap_lock(None, expected=held.version)
        assert one.read_lock() is None

    def test_the_journal_grows_only_at_its_end(self, place: Place) -> None:
        one, other = place.open(), place.open()
        begun = one.start_journal(b"head\n", expected=None)
        end = one.append_journal(b"first\n", expected=begun)
        assert other.read_journal() == (b"head\nfirst\n", end)
        for stale in (begun, "nowhere"):
            with pytest.raises(MovedError):
                one.append_journal(b"second\n", expected=stale)
            with pytest.raises(MovedError):
                one.start_journal(b"anew\n", expected=stale)
            with pytest.raises(MovedError):
                one.drop_journal(expected=stale)
        with pytest.raises(MovedError):
            one.start_journal(b"anew\n", expected=None)
        end = other.append_journal(b"second\n", expected=end)
        assert one.read_journal() == (b"head\nfirst\nsecond\n", end)
        anew = other.start_journal(b"anew\n", expected=end)
        assert one.read_journal() == (b"anew\n", anew)
        other.drop_journal(expected=anew)
        assert one.read_journal() is None
        with pytest.raises(MovedError):
            one.append_journal(b"late\n", expected=anew)
        assert one.read_journal() is None

    def test_a_journal_of_the_same_length_is_another_one_where_its_first_line_is(self, place: Place) -> None:
        backend = place.open()
        end = backend.start_journal(b"nonce-1\n", expected=None)
        backend.start_journal(b"nonce-2\n", expected=end)
        with pytest.raises(MovedError):
            place.open().append_journal(b"late\n", expected=end)

    def test_earlier_versions_are_known_and_kept(self, place: Place) -> None:
        backend, version = place.open(), None
        documents = {serial: encode(State(lineage="l", serial=serial)) for serial in (1, 2, 3)}
        for serial, document in documents.items():
            version = backend.write_state(document, expected=version, saved=replace(SAVED, serial=serial))
        other = place.open()
        assert [(each.serial, each.since, each.by) for each in other.history()] == [
            (3, NOW, "ann"),
            (2, NOW, "ann"),
            (1, NOW, "ann"),
        ]
        assert {serial: other.recall(serial) for serial in documents} == documents
        assert other.recall(4) is None

    def test_asking_for_room_leaves_nothing(self, place: Place) -> None:
        backend = place.open()
        backend.require_room(1000)
        assert (backend.read_state(), backend.read_lock(), backend.read_journal()) == (None, None, None)


class TestSaving:
    def test_there_is_no_state_before_the_first_write(self, place: Place) -> None:
        assert place.load() is None
        assert place.load() is None
        assert place.store().holder() is None

    def test_what_was_appended_is_in_the_saved_state(self, place: Place) -> None:
        saved = place.applied(SETTLED, Begun(plan=PLAN))
        assert saved == place.load()
        assert (dict(saved.records), saved.org_id, saved.plans) == ({"welcome": RECORD}, "org", (PLAN,))

    def test_the_lineage_stays_and_the_serial_rises_by_one(self, place: Place) -> None:
        before = place.applied(SETTLED)
        after = place.applied(settled("other"))
        assert (after.lineage, after.serial) == (before.lineage, before.serial + 1)

    def test_a_run_that_changes_nothing_leaves_the_very_version(self, place: Place) -> None:
        place.applied(SETTLED)
        before = place.open().read_state()
        place.applied(SETTLED)
        assert place.open().read_state() == before

    def test_after_a_run_nothing_is_locked_and_no_journal_is_left(self, place: Place) -> None:
        place.applied(SETTLED)
        assert place.store().holder() is None
        assert place.open().read_journal() is None

    def test_every_kind_of_entry_comes_back_from_the_journal_and_from_state(self, place: Place) -> None:
        update = replace(INTENDED, custom_id="old", id="id-of-old")
        session = place.begin()
        for entry in (SETTLED, Begun(plan=PLAN), INTENDED, update):
            session.append(entry)
        seen = place.state()
        assert seen.pending == {
            "new": Pending(payload=PAYLOAD, since=INTENDED.since),
            "old": Pending(payload=PAYLOAD, since=INTENDED.since, id="id-of-old"),
        }
        assert seen.plans == (PLAN,)
        assert session.finish() == seen == place.load()

    def test_beginning_on_a_state_that_has_moved_is_refused_and_leaves_no_lock(self, place: Place) -> None:
        seen = place.applied(SETTLED)
        place.applied(settled("other"))
        with pytest.raises(StateError, match="changed by somebody else since"):
            place.store().begin(seen, "apply")
        with pytest.raises(StateError, match="changed by somebody else since"):
            place.store().begin(None, "apply")
        assert place.store().holder() is None
        place.applied(settled("more"))

    def test_a_given_state_is_saved_in_the_place_of_the_folded_one(self, place: Place) -> None:
        base = place.applied(SETTLED, settled("other"))
        left = {name: each for name, each in base.records.items() if name != "other"}
        saved = place.store().begin(base, "state forget").finish(replace(base, records=left))
        assert (dict(saved.records), saved.serial) == ({"welcome": RECORD}, base.serial + 1)
        assert place.load() == saved
        same = place.store().begin(saved, "state push").finish(saved)
        assert same == saved
        later = place.store().begin(saved, "state push").finish(replace(base, serial=40))
        assert (later.serial, dict(later.records)) == (40, dict(base.records))

    def test_a_given_state_of_another_lineage_is_refused_unless_none_is_there(self, place: Place) -> None:
        foreign = State(lineage="foreign", serial=7, org_id="org", records={"welcome": RECORD})
        assert place.store().begin(None, "state push").finish(foreign) == foreign == place.load()
        with pytest.raises(StateError, match="another lineage"):
            place.store().begin(foreign, "state push").finish(replace(foreign, lineage="more foreign", serial=8))
        assert place.load() == foreign
        assert place.store().holder() is None

    def test_finishing_twice_is_finishing_once(self, place: Place) -> None:
        session = place.begin()
        session.append(SETTLED)
        saved = session.finish()
        assert session.finish() == saved
        with pytest.raises(StateError, match="has ended"):
            session.append(SETTLED)
        assert place.load() == saved

    def test_what_was_saved_can_be_looked_up_and_recalled(self, place: Place) -> None:
        first = place.applied(SETTLED)
        second = place.applied(settled("other"))
        history = place.store().history()
        assert [each.serial for each in history][:2] == [second.serial, first.serial]
        assert "ann" in history[0].by
        assert history[0].since
        assert place.store().recall(first.serial) == first
        assert place.store().recall(second.serial) == second
        with pytest.raises(StateError, match="not kept"):
            place.store().recall(99)


class TestLock:
    def test_only_one_run_writes_at_a_time_and_the_other_is_told_whose_it_is(self, place: Place) -> None:
        place.applied(SETTLED)
        session = place.begin()
        hold = replace(place.holders[-1], url="https://ci.example/run/7")
        with pytest.raises(LockedError) as caught:
            place.begin()
        told = f"{caught.value.message} {caught.value.hint}"
        for word in (hold.who, hold.host, hold.since, hold.purpose, f"`reconciler state unlock {hold.nonce}`"):
            assert word in told
        assert place.store().holder() == place.holders[1]
        session.append(settled("ours"))
        assert set(session.finish().records) == {"welcome", "ours"}
        place.begin().finish()

    def test_the_url_of_the_run_that_holds_it_is_told(self, place: Place) -> None:
        store = place.store()
        store._me = lambda purpose: replace(place.me(purpose), url="https://ci.example/run/7")
        store.begin(None, "apply")
        with pytest.raises(LockedError, match=r"https://ci.example/run/7"):
            place.begin()

    def test_reading_needs_no_lock_and_sees_what_the_writer_has_recorded(self, place: Place) -> None:
        session = place.begin()
        session.append(SETTLED)
        assert dict(place.state().records) == {"welcome": RECORD}
        journal, lock = place.open().read_journal(), place.open().read_lock()
        place.load()
        assert (place.open().read_journal(), place.open().read_lock()) == (journal, lock)

    def test_a_holder_who_is_proved_gone_is_taken_over_from_and_what_it_did_counts(self, place: Place) -> None:
        gone = place.killed_and_gone(SETTLED, INTENDED)
        seen = place.state()
        session = place.begin()
        assert place.notices == [
            f"taking over the lock of {gone.who} on {gone.host} since {gone.since}: that process is gone"
        ]
        held = place.open().read_state()
        assert held is not None
        assert decode(held.data, where="") == seen  # saved before anything else is done
        session.append(settled("other"))
        saved = session.finish()
        assert (set(saved.records), set(saved.pending)) == ({"welcome", "other"}, {"new"})

    def test_one_who_lost_the_lock_to_a_takeover_records_nothing_more(self, place: Place) -> None:
        place.applied(SETTLED)
        paused = place.begin()
        place.gone.add(place.holders[-1].nonce)
        taker = place.begin()
        with pytest.raises(StateError):
            paused.append(settled("late"))
        with pytest.raises(StateError, match=r"state was not saved: .*emergency copy"):
            paused.finish()
        taker.append(settled("mine"))
        assert set(taker.finish().records) == {"welcome", "mine"}

    @pytest.mark.parametrize("before", [(), (settled("early"),)], ids=["at once", "in the middle"])
    def test_one_whose_lock_was_taken_away_records_nothing_more(self, place: Place, before: tuple[Entry, ...]) -> None:
        place.applied(SETTLED)
        paused = place.begin()
        for entry in before:
            paused.append(entry)
        hold = place.holders[-1]
        assert place.store().unlock(hold.nonce) == hold
        assert place.store().holder() is None
        seen = place.state()
        with pytest.raises(StateError):
            paused.append(settled("late"))
        with pytest.raises(StateError, match="state was not saved"):
            paused.finish()
        assert place.load() == seen
        assert place.applied(settled("mine")).records.keys() == {*seen.records, "mine"}

    def test_unlocking_takes_the_nonce_of_whoever_holds_it(self, place: Place) -> None:
        with pytest.raises(RefusedError, match="nobody holds"):
            place.store().unlock("nonce-0")
        hold = place.killed(SETTLED)
        with pytest.raises(RefusedError, match="another nonce"):
            place.store().unlock("nonce-99")
        assert place.store().holder() == hold
        place.store().unlock(hold.nonce)
        assert set(place.applied(settled("other")).records) == {"welcome", "other"}

    def test_a_lock_that_cannot_be_read_is_a_lock(self, place: Place) -> None:
        place.open().swap_lock(b"not ours", expected=None)
        with pytest.raises(LockedError, match="cannot be read"):
            place.begin()
        assert place.load() is None


class TestWhatARunLeaves:
    def test_a_journal_left_by_a_stopped_run_counts_and_is_saved_by_the_next(self, place: Place) -> None:
        before = place.applied(SETTLED)
        place.killed_and_gone(INTENDED, settled("other"))
        found = place.state()
        assert (set(found.records), set(found.pending)) == ({"welcome", "other"}, {"new"})
        assert found.serial == before.serial + 1
        assert place.begin().finish() == found == place.load()
        assert place.open().read_journal() is None

    def test_a_journal_that_was_already_saved_is_not_taken_in_twice(self, place: Place) -> None:
        place.applied(SETTLED)
        session = place.begin()
        session.append(settled("other"))
        left = place.open().read_journal()
        assert left is not None
        saved = session.finish()
        place.open().start_journal(left.data, expected=None)  # stopped before it could remove it
        assert place.load() == saved
        later = place.applied(settled("other", status="complete"))
        assert later.serial == saved.serial + 1
        place.open().start_journal(left.data, expected=None)
        assert place.load() == later

    def test_a_journal_line_that_was_never_finished_counts_for_nothing(self, place: Place) -> None:
        before = place.applied(SETTLED)
        place.killed_and_gone(settled("other"))
        backend = place.open()
        held = backend.read_journal()
        assert held is not None
        after, head = place.state(), held.data.index(b"\n") + 1
        for length in {0, 1, head - 1, head, head + 1, len(held.data) - 1}:
            backend.start_journal(held.data[:length], expected=_end(backend))
            assert place.load() == before, length
        backend.start_journal(held.data + b"torn", expected=_end(backend))
        assert place.load() == after
        assert place.begin().finish() == after

    def test_unlocking_where_a_line_was_torn_keeps_what_was_finished(self, place: Place) -> None:
        place.applied(SETTLED)
        hold = place.killed(settled("other"))
        backend = place.open()
        held = backend.read_journal()
        assert held is not None
        backend.append_journal(b"torn", expected=held.version)
        place.store().unlock(hold.nonce)
        assert set(place.state().records) == {"welcome", "other"}

    def test_a_damaged_line_is_refused(self, place: Place) -> None:
        place.applied(SETTLED)
        place.killed_and_gone(settled("one"), settled("two"))
        backend = place.open()
        held = backend.read_journal()
        assert held is not None
        backend.start_journal(held.data.replace(b'"one"', b'"eno"'), expected=held.version)
        with pytest.raises(StateError, match=r"journal of .* is damaged"):
            place.load()
        with pytest.raises(StateError):
            place.begin()

    def test_a_journal_of_another_state_is_refused(self, place: Place) -> None:
        place.applied(SETTLED)
        line = encode_heading("foreign", 1)
        place.open().start_journal(line, expected=None)
        with pytest.raises(StateError, match="does not belong to"):
            place.load()

    def test_a_journal_on_a_later_state_is_refused(self, place: Place) -> None:
        saved = place.applied(SETTLED)
        place.open().start_journal(encode_heading(saved.lineage, saved.serial + 1), expected=None)
        with pytest.raises(StateError, match="does not belong to"):
            place.load()

    def test_a_journal_whose_state_is_missing_is_not_an_empty_state(self, place: Place) -> None:
        place.open().start_journal(encode_heading("l", 1), expected=None)
        with pytest.raises(StateError, match="is missing"):
            place.load()
        with pytest.raises(StateError):
            place.store().begin(None, "apply")

    def test_a_damaged_document_is_refused_and_the_last_good_one_is_named(self, place: Place) -> None:
        first = place.applied(SETTLED)
        place.applied(settled("other"))
        backend = place.open()
        held = backend.read_state()
        assert held is not None
        damaged = held.data.replace(b'"org"', b'"orc"')
        third = replace(SAVED, serial=first.serial + 2)
        backend.write_state(damaged, expected=held.version, saved=third)
        with pytest.raises(StateError, match=f"not a whole state.*last good: serial {first.serial + 1}"):
            place.load()

    def test_finishing_over_somebody_elses_save_is_refused_and_loses_nothing(self, place: Place) -> None:
        base = place.applied(SETTLED)
        session = place.begin()
        session.append(settled("ours"))
        backend = place.open()
        held = backend.read_state()
        assert held is not None
        theirs = encode(replace(base, serial=base.serial + 1, org_id="theirs"))
        backend.write_state(theirs, expected=held.version, saved=replace(SAVED, serial=base.serial + 1))
        with pytest.raises(StateError, match="changed by somebody else"):
            session.finish()
        now = backend.read_state()
        assert now is not None
        assert now.data == theirs
        copy = read_emergency(next(place.emergency.glob("*.jsonl")))
        assert settled("ours") in copy.entries


def _end(backend: Backend) -> str | None:
    held = backend.read_journal()
    return None if held is None else held.version


def encode_heading(lineage: str, serial: int) -> bytes:
    from reconciler.adapters.store.journal import Heading, heading_line

    return heading_line(Heading(lineage=lineage, serial=serial, nonce="nonce"))
