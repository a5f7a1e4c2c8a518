"""Sessions: many threads append to one journal, and what fails is rescued and can be taken back."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.adapters.store.backend import Held, Version
from reconciler.adapters.store.emergency import EmergencyCopy, read_emergency
from reconciler.adapters.store.file import FileBackend
from reconciler.errors import RefusedError, StateError
from reconciler.model.look import Look
from reconciler.model.sequence import Payload
from reconciler.model.state import Begun, Intended, Looked, Saved
from tests.adapters.store.conftest import file_place
from tests.adapters.store.store_contract import INTENDED, PLAN, RECORD, Place, settled


class Watched(FileBackend):
    """A real folder whose appends can be held up, and whose writes fail from when it is told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.appends: list[int] = []
        self.entered, self.gate = threading.Event(), threading.Event()
        self.gate.set()
        self.append_fails = self.save_fails = False
        self.fails_after_writing = False

    def append_journal(self, data: bytes, *, expected: Version) -> Version:
        self.entered.set()
        assert self.gate.wait(30)
        self.appends.append(data.count(b"\n"))
        if self.append_fails:
            if self.fails_after_writing:
                super().append_journal(data, expected=expected)
            raise StateError("cannot write the journal: the disk is full", hint="make room")
        return super().append_journal(data, expected=expected)

    def write_state(self, data: bytes, *, expected: Version | None, saved: Saved) -> Version:
        if self.save_fails:
            raise StateError("cannot save: the disk is full", hint="make room")
        return super().write_state(data, expected=expected, saved=saved)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return file_place(tmp_path)


@pytest.fixture
def backend(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "private" / "state.json")


def copies(place: Place) -> Sequence[Path]:
    return sorted(place.emergency.glob("*"))


def test_what_several_threads_bring_while_one_writes_goes_out_in_one_piece(place: Place, backend: Watched) -> None:
    session = place.store(backend).begin(None, "apply")
    backend.gate.clear()
    names = [f"s{number}" for number in range(9)]
    threads = [threading.Thread(target=session.append, args=(settled(name),)) for name in names]
    threads[0].start()
    assert backend.entered.wait(30)
    for thread in threads[1:]:
        thread.start()
    while len(session._queue) < 8:
        pass
    backend.gate.set()
    for thread in threads:
        thread.join()
    assert backend.appends == [1, 8]
    assert set(place.state().records) == set(names)
    assert set(session.finish().records) == set(names)


def test_alone_each_entry_is_durable_when_append_returns(place: Place, backend: Watched) -> None:
    session = place.store(backend).begin(None, "apply")
    for number in range(3):
        session.append(settled(f"s{number}"))
        assert len(place.state().records) == number + 1
    assert backend.appends == [1, 1, 1]


def test_a_failing_append_fails_for_every_thread_whose_entry_was_in_it(place: Place, backend: Watched) -> None:
    session = place.store(backend).begin(None, "apply")
    backend.append_fails = True
    backend.gate.clear()
    failures: list[str] = []

    def bring(name: str) -> None:
        try:
            session.append(settled(name))
        except StateError as error:
            failures.append(error.message)

    threads = [threading.Thread(target=bring, args=(f"s{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    while len(session._queue) < 3:
        pass
    backend.gate.set()
    for thread in threads:
        thread.join()
    assert failures == ["cannot write the journal: the disk is full"] * 4
    assert len(backend.appends) == 1  # nothing is tried after a failure: the end of the journal is not known any more
    # The entries are known all the same, and saving them is tried.
    assert set(session.finish().records) == {f"s{number}" for number in range(4)}
    assert place.open().read_journal() is None
    assert place.store().holder() is None


def test_where_nothing_can_be_written_an_emergency_copy_keeps_everything_and_is_taken_back(
    place: Place, backend: Watched
) -> None:
    before = place.applied(settled("early"))
    session = place.store(backend).begin(before, "apply")
    session.append(Begun(plan=PLAN))
    session.append(INTENDED)
    backend.append_fails = backend.save_fails = True
    with pytest.raises(StateError):
        session.append(settled("new"))
    with pytest.raises(StateError) as caught:
        session.finish()
    (path,) = copies(place)
    assert caught.value.message == (
        f"state was not saved: cannot save: the disk is full; an emergency copy is in {path}; "
        f"do not run apply again before `reconciler state recover {path}`"
    )
    assert caught.value.hint == "make room"
    with pytest.raises(StateError, match="was not saved"):
        session.finish()
    assert copies(place) == [path]
    # Nobody recovers: the create stays pending, so that the next plan refuses.
    hold = place.store().holder()
    assert hold == place.holders[-1]
    assert set(place.state().pending) == {"new"}
    place.gone.add(hold.nonce)
    copy = read_emergency(path)
    assert copy.entries == (Begun(plan=PLAN), INTENDED, settled("new"))
    saved = place.store().recover(copy)
    assert (set(saved.records), set(saved.pending), saved.plans) == ({"early", "new"}, set(), (PLAN,))
    assert place.load() == saved
    assert place.store().recover(copy) == saved  # once more does no harm
    place.applied(settled("later"))
    with pytest.raises(RefusedError, match="has gone past"):
        place.store().recover(copy)


def test_recovering_after_the_next_run_has_folded_the_journal_is_no_harm(place: Place, backend: Watched) -> None:
    session = place.store(backend).begin(place.applied(settled("early")), "apply")
    session.append(settled("one"))
    backend.append_fails = backend.save_fails = True
    for entry in (settled("two"), INTENDED):
        with pytest.raises(StateError):
            session.append(entry)
    with pytest.raises(StateError):
        session.finish()
    place.gone.add(place.holders[-1].nonce)
    place.begin().finish()
    saved = place.store().recover(read_emergency(copies(place)[0]))
    # What could not be recorded before it left was never sent: nobody has to look for it.
    assert (set(saved.records), dict(saved.pending)) == ({"early", "one", "two"}, {})


def test_a_copy_of_another_state_is_refused(place: Place, backend: Watched, tmp_path: Path) -> None:
    session = place.store(backend).begin(None, "apply")
    session.append(settled("one"))
    backend.save_fails = True
    with pytest.raises(StateError):
        session.finish()
    copy = read_emergency(copies(place)[0])
    other = file_place(tmp_path / "other")
    for _ in range(2):
        with pytest.raises(RefusedError, match="belongs to another state"):
            other.store().recover(copy)
        other.applied(settled("a"))


def test_an_intent_that_may_have_been_written_although_its_append_failed_is_taken_back(
    place: Place, backend: Watched
) -> None:
    session = place.store(backend).begin(place.applied(settled("early")), "apply")
    session.append(INTENDED)
    session.append(replace(settled("new"), record=None))  # an earlier one, which was refused
    backend.append_fails = backend.fails_after_writing = True
    with pytest.raises(StateError):
        session.append(INTENDED)
    assert set(place.state().pending) == {"new"}  # as after a kill: nobody knows
    assert dict(session.finish().pending) == {}
    assert dict(place.state().pending) == {}


def test_an_older_intent_of_the_same_sequence_is_not_taken_back_with_it(place: Place, backend: Watched) -> None:
    place.killed_and_gone(Intended(custom_id="new", payload=Payload(b"{}"), since="T", id="1"))
    session = place.store(backend).begin(place.load(), "apply")
    backend.append_fails = True
    with pytest.raises(StateError):
        session.append(replace(INTENDED, id="1"))
    assert set(session.finish().pending) == {"new"}


def test_a_run_that_did_nothing_leaves_nothing_behind_where_saving_fails(place: Place, backend: Watched) -> None:
    base = place.applied(settled("early"))
    session = place.store(backend).begin(base, "state forget")
    backend.save_fails = True
    with pytest.raises(StateError, match="state was not saved: cannot save: the disk is full") as caught:
        session.finish(replace(base, records={}))
    assert "emergency" not in caught.value.message
    assert (copies(place), place.store().holder(), place.load()) == ([], None, base)


def test_where_not_even_an_emergency_copy_can_be_written_that_is_told(place: Place, backend: Watched) -> None:
    place.emergency.write_text("in the way")
    session = place.store(backend).begin(None, "apply")
    session.append(settled("one"))
    backend.save_fails = True
    with pytest.raises(StateError, match=r"state was not saved: .*cannot write an emergency copy in") as caught:
        session.finish()
    assert caught.value.hint
    assert set(place.state().records) == {"one"}


def test_a_state_that_could_not_be_read_again_is_never_saved(place: Place) -> None:
    place.applied(settled("early"))
    before = place.open().read_state()
    session = place.begin()
    session.append(replace(settled("bad"), record=replace(RECORD, stored=Payload(b'{"name":"\\ud83d"}'))))
    with pytest.raises(StateError):
        session.finish()
    assert place.open().read_state() == before


def test_beginning_fails_without_a_lock_left_where_the_journal_cannot_be_started(place: Place, tmp_path: Path) -> None:
    class Stuck(Watched):
        def start_journal(self, data: bytes, *, expected: Version | None) -> Version:
            raise StateError("cannot write the journal: the disk is full")

    before = place.applied(settled("early"))
    with pytest.raises(StateError):
        place.store(Stuck(tmp_path / "private" / "state.json")).begin(before, "apply")
    assert place.store().holder() is None


def test_a_lock_that_is_taken_away_while_a_run_begins_is_noticed(place: Place, tmp_path: Path) -> None:
    class Slow(Watched):
        def start_journal(self, data: bytes, *, expected: Version | None) -> Version:
            place.store().unlock(place.holders[-1].nonce)
            self._ours = None  # so that nothing but the look at the lock can tell, as with other places
            return super().start_journal(data, expected=expected)

    before = place.applied(settled("early"))
    with pytest.raises(StateError, match="was taken away"):
        place.store(Slow(tmp_path / "private" / "state.json")).begin(before, "apply")


def test_unlocking_moves_the_end_of_the_journal_also_where_the_lock_is_not_looked_at(
    place: Place, tmp_path: Path
) -> None:
    class Blind(Watched):
        def _refuse_robbed(self) -> None:
            pass

    session = place.store(Blind(tmp_path / "private" / "state.json")).begin(None, "apply")
    session.append(settled("one"))
    place.store().unlock(place.holders[-1].nonce)
    with pytest.raises(StateError, match="no longer the one that this run writes"):
        session.append(settled("two"))
    document = place.open().read_state()
    with pytest.raises(StateError, match="state was not saved"):
        session.finish()
    assert place.open().read_state() == document


def test_reading_finds_what_is_folded_while_it_reads(place: Place, tmp_path: Path) -> None:
    class Interrupted(FileBackend):
        def read_journal(self) -> Held | None:
            found = super().read_journal()
            if place.store().holder() is not None:
                session.finish()  # between the two looks
            return found

    session = place.begin()
    session.append(settled("one"))
    found = place.store(Interrupted(tmp_path / "private" / "state.json")).load()
    assert found is not None
    assert set(found.records) == {"one"}


def test_a_look_that_was_saved_since_does_not_stand_in_the_way_of_recovering(place: Place) -> None:
    before = place.applied(settled("early"))
    copy = EmergencyCopy(lineage=before.lineage, serial=before.serial, where="there", entries=(settled("one"),))
    looked = place.applied(Looked(looks={before.records["early"].id: Look(read="T")}))
    assert (looked.serial, looked.decided_serial) == (copy.serial + 1, copy.serial)
    saved = place.store().recover(copy)
    assert (set(saved.records), saved.looks) == ({"early", "one"}, looked.looks)
