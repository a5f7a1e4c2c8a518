"""State on a ref: swapped only from what was known, read back from any clone, with its history as the ref's log."""

import json
from pathlib import Path

import pytest

from reconciler.adapters.store.backend import MovedError
from reconciler.errors import StateError
from reconciler.model.state import Saved
from tests.adapters.store.git_places import REF, Places, git, make_places, saved


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return make_places(tmp_path)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A remote that no test writes to."""
    return make_places(tmp_path_factory.mktemp("empty"))


def test_nothing_is_there_before_the_first_write(empty: Places) -> None:
    backend = empty.backend()
    assert backend.where == "refs/reconciler/production on origin"
    assert (backend.read_state(), backend.read_lock(), backend.read_journal()) == (None, None, None)
    assert (list(backend.history()), backend.recall(1)) == ([], None)
    assert empty.refs() == {}


def test_what_one_clone_writes_another_reads(places: Places) -> None:
    ann, bob = places.backend("ann"), places.backend("bob")
    version = ann.write_state(b"one\0\xff\n", expected=None, saved=saved(1))
    assert bob.read_state() == (b"one\0\xff\n", version)
    second = bob.write_state(b"", expected=version, saved=saved(2))
    assert ann.read_state() == (b"", second)
    assert places.refs() == {"production": second}


def test_a_document_of_megabytes_comes_back_as_it_was(places: Places) -> None:
    large = json.dumps({str(number): "ü" * (number % 50) for number in range(40_000)}).encode()
    version = places.backend("ann").write_state(large, expected=None, saved=saved(1))
    assert places.backend("bob").read_state() == (large, version)


def test_a_state_is_replaced_only_from_the_version_that_was_known(places: Places) -> None:
    ann, bob = places.backend("ann"), places.backend("bob")
    first = ann.write_state(b"one", expected=None, saved=saved(1))
    for stale in (None, "0" * 40, git("rev-parse", "main", folder=places.remote)):
        with pytest.raises(MovedError, match=r"refs/reconciler/production on origin was changed by somebody else"):
            bob.write_state(b"two", expected=stale, saved=saved(2))
    second = ann.write_state(b"two", expected=first, saved=saved(2))
    with pytest.raises(MovedError):
        bob.write_state(b"late", expected=first, saved=saved(2))
    assert bob.read_state() == (b"two", second)


def test_the_same_bytes_written_twice_are_two_versions(places: Places) -> None:
    """Two writers of the same bytes must not both believe that theirs is there."""
    ann, bob = places.backend("ann"), places.backend("bob")
    ann.swap_lock(b"mine", expected=None)
    with pytest.raises(MovedError):
        bob.swap_lock(b"mine", expected=None)
    first = ann.start_journal(b"head", expected=None)
    ann.drop_journal(expected=first)
    assert bob.start_journal(b"head", expected=None) != first
    with pytest.raises(MovedError):
        ann.append_journal(b"more", expected=first)


def test_a_ref_that_was_deleted_or_moved_by_force_is_not_what_the_writer_knew(places: Places) -> None:
    backend = places.backend()
    version = backend.write_state(b"one", expected=None, saved=saved(1))
    end = backend.start_journal(b"head", expected=None)
    git("update-ref", "-d", REF, folder=places.remote)
    git("update-ref", f"{REF}@journal", version, folder=places.remote)
    with pytest.raises(MovedError):
        backend.write_state(b"two", expected=version, saved=saved(2))
    with pytest.raises(MovedError):
        backend.append_journal(b"more", expected=end)
    with pytest.raises(MovedError):
        backend.drop_journal(expected=end)
    assert places.refs() == {"production@journal": version}


def test_the_lock_is_taken_replaced_and_let_go_only_by_who_knows_it(places: Places) -> None:
    ann, bob = places.backend("ann"), places.backend("bob")
    ann.swap_lock(None, expected=None)
    ann.swap_lock(b"ann", expected=None)
    held = bob.read_lock()
    assert held is not None
    assert held.data == b"ann"
    for data in (b"bob", None):
        with pytest.raises(MovedError):
            bob.swap_lock(data, expected=None)
    bob.swap_lock(b"bob", expected=held.version)
    for data in (b"ann", None):
        with pytest.raises(MovedError):
            ann.swap_lock(data, expected=held.version)
    taken = ann.read_lock()
    assert taken is not None
    assert taken.data == b"bob"
    bob.swap_lock(None, expected=taken.version)
    assert ann.read_lock() is None
    with pytest.raises(MovedError):
        bob.swap_lock(None, expected=taken.version)


def test_a_journal_is_read_in_the_order_in_which_it_was_written(places: Places) -> None:
    ann, bob = places.backend("ann"), places.backend("bob")
    end = ann.start_journal(b"head\n", expected=None)
    parts = [b"%d\n" % number * 3 for number in range(6)]
    for part in parts[:3]:
        end = ann.append_journal(part, expected=end)
    assert bob.read_journal() == (b"head\n" + b"".join(parts[:3]), end)
    for part in parts[3:]:
        end = bob.append_journal(part, expected=end)
    assert ann.read_journal() == (b"head\n" + b"".join(parts), end)


def test_whoever_knows_only_where_the_journal_ends_can_go_on_with_it(places: Places) -> None:
    end = places.backend("ann").start_journal(b"head\n", expected=None)
    bob = places.backend("bob")
    end = bob.append_journal(b"more\n", expected=end)
    assert places.backend("cy").read_journal() == (b"head\nmore\n", end)


def test_a_journal_begun_anew_has_nothing_of_the_one_before(places: Places) -> None:
    backend = places.backend("ann")
    end = backend.append_journal(b"old", expected=backend.start_journal(b"head", expected=None))
    with pytest.raises(MovedError):
        backend.start_journal(b"other", expected=None)
    begun = backend.start_journal(b"new", expected=end)
    assert places.backend("bob").read_journal() == (b"new", begun)
    with pytest.raises(MovedError):
        backend.append_journal(b"late", expected=end)
    backend.drop_journal(expected=begun)
    assert places.backend("bob").read_journal() is None
    for gone in (begun, "nowhere"):
        with pytest.raises(MovedError):
            backend.drop_journal(expected=gone)
    assert places.refs() == {}


def test_an_append_sends_little_however_long_the_journal_is(places: Places) -> None:
    backend = places.backend()
    end = backend.start_journal(b"x" * 200_000, expected=None)
    places.hook("pre-receive", f"du -sb $GIT_QUARANTINE_PATH | cut -f1 >> {places.root}/sizes")
    for _ in range(3):
        end = backend.append_journal(b"y" * 300, expected=end)
    sizes = [int(line) for line in (places.root / "sizes").read_text().split()]
    assert len(sizes) == 3
    # The folders themselves are most of it: 4 KiB each.
    assert max(sizes) < 40_000


def test_the_history_is_the_log_of_the_ref(places: Places) -> None:
    backend = places.backend("ann")
    first = backend.write_state(b"one", expected=None, saved=saved(1))
    by = "Grüße \U0001f33f\nSerial: 9\nSince: x\nBy: someone\x1b[31m else"
    second = backend.write_state(b"two", expected=first, saved=saved(2, by))
    backend.write_state(b"four", expected=second, saved=saved(4))
    other = places.backend("bob")
    plain = "Grüße \U0001f33f Serial: 9 Since: x By: someone [31m else"
    assert list(other.history()) == [saved(4), saved(2, plain), saved(1)]
    assert [other.recall(serial) for serial in (1, 2, 3, 4, 5)] == [b"one", b"two", None, b"four", None]
    log = git("log", "--format=%an <%ae> %cI %s", REF, folder=places.remote).splitlines()
    assert log[0] == "reconciler <reconciler@localhost> 2026-01-02T03:04:05Z Serial 4, by ann@ci".replace("Z", "+00:00")
    assert len(log) == 3


def test_history_reads_from_a_server_that_can_leave_contents_out(places: Places) -> None:
    git("config", "uploadpack.allowFilter", "true", folder=places.remote)
    ann = places.backend("ann")
    version = None
    for serial in range(1, 5):
        version = ann.write_state(b"%d" % serial, expected=version, saved=saved(serial))
    bob = places.backend("bob")
    assert [each.serial for each in bob.history()] == [4, 3, 2, 1]
    assert bob.recall(2) == b"2"
    bob.write_state(b"5", expected=version, saved=saved(5))
    assert ann.recall(5) == b"5"


def test_a_moment_that_is_none_is_kept_as_text(places: Places) -> None:
    odd = [Saved(serial=2, since="1822-01-01T00:00:00Z", by=""), Saved(serial=1, since="yesterday", by="ann")]
    backend = places.backend()
    first = backend.write_state(b"one", expected=None, saved=odd[1])
    backend.write_state(b"two", expected=first, saved=odd[0])
    assert list(backend.history()) == odd


@pytest.mark.parametrize("name", ["", "@lock", "@journal"])
def test_what_is_not_ours_on_the_ref_is_never_taken_for_nothing(places: Places, name: str) -> None:
    git("update-ref", REF + name, "main", folder=places.remote)
    backend = places.backend()
    read = {"": backend.read_state, "@lock": backend.read_lock, "@journal": backend.read_journal}[name]
    with pytest.raises(StateError, match=rf"^{REF}{name} on origin holds something else") as refused:
        read()
    assert "never taken for empty" in str(refused.value.hint)


def test_a_tag_or_a_file_on_the_ref_is_no_state(places: Places) -> None:
    blob = git("rev-parse", "main:welcome.yaml", folder=places.remote)
    git("update-ref", REF, blob, folder=places.remote)
    with pytest.raises(StateError):
        places.backend().read_state()


def test_a_damaged_object_on_the_remote_is_said_and_not_read(places: Places) -> None:
    places.backend("ann").write_state(b"precious", expected=None, saved=saved(1))
    blob = git("rev-parse", f"{REF}:state.json", folder=places.remote)
    path = places.remote / "objects" / blob[:2] / blob[2:]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-4] + b"gone")
    with pytest.raises(StateError, match="cannot read refs/reconciler/production on origin: "):
        places.backend("bob").read_state()


def test_room_is_asked_for_without_leaving_anything(places: Places) -> None:
    backend = places.backend()
    backend.require_room(1_000_000)
    assert places.refs() == {}
    with pytest.raises(StateError, match="no space to prepare the state in"):
        backend.require_room(1 << 60)


def test_two_states_on_one_remote_know_nothing_of_each_other(places: Places) -> None:
    one, other = places.backend("ann"), type(places.backend("ann"))(places.clone("bob"), REF + "-eu")
    one.write_state(b"one", expected=None, saved=saved(1))
    one.swap_lock(b"ann", expected=None)
    one.start_journal(b"head", expected=None)
    assert (other.read_state(), other.read_lock(), other.read_journal()) == (None, None, None)
    other.swap_lock(b"bob", expected=None)
    other.write_state(b"other", expected=None, saved=saved(7))
    assert [each.serial for each in one.history()] == [1]
