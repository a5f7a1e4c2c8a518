"""What only the file store has: files for their owner alone, and a memory that tells loss from a fresh start."""

import resource
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.adapters.store import file as file_module
from reconciler.adapters.store.encoding import encode
from reconciler.adapters.store.file import FileBackend
from reconciler.errors import ExitCode, StateError
from tests.adapters.store.conftest import file_place
from tests.adapters.store.store_contract import Place, settled


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return file_place(tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "private" / "state.json"


def beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def test_reading_makes_no_file(place: Place, tmp_path: Path) -> None:
    store = place.store()
    assert (store.load(), store.holder(), list(store.history())) == (None, None, [])
    assert list(tmp_path.iterdir()) == []


def test_everything_is_readable_only_by_its_owner(place: Place, path: Path) -> None:
    session = place.begin()
    session.append(settled("a"))
    session.finish()
    place.begin()
    for each in path.parent.rglob("*"):
        assert stat.S_IMODE(each.stat().st_mode) == (0o700 if each.is_dir() else 0o600), each
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_after_a_run_there_is_the_state_and_what_is_remembered_of_it(place: Place, path: Path) -> None:
    place.applied(settled("a"))
    names = {each.name for each in path.parent.iterdir()}
    assert names == {"state.json", "state.json.history", "state.json.seen", ".state.json.guard"}


def test_the_last_ten_versions_are_kept(place: Place, path: Path) -> None:
    for number in range(12):
        place.applied(settled(f"s{number}"))
    history = place.store().history()
    assert [each.serial for each in history] == list(range(13, 3, -1))
    kept = {each.name for each in beside(path, ".history").glob("*.json")}
    assert kept == {f"{each.serial}.json" for each in history}


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut short": lambda data: data[: len(data) // 2],
    "a merge conflict": lambda data: b"<<<<<<< HEAD\n" + data + b"=======\n" + data + b">>>>>>> other\n",
    "a list": lambda _: b"[]",
    "deep": lambda _: b"[" * 100_000,
    "edited": lambda data: data.replace(b"Gr", b"gr", 1),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_refused_and_the_last_good_version_is_at_hand(place: Place, path: Path, name: str) -> None:
    saved = place.applied(settled("a"))
    place.killed_and_gone()
    whole = path.read_bytes()
    with path.open("r+b") as file:  # in place, as an editor or a failing disk does it
        file.truncate(0)
        file.write(DAMAGE[name](whole))
    with pytest.raises(StateError, match=f"not a whole state.*last good: serial {saved.serial}") as caught:
        place.load()
    assert caught.value.exit_code is ExitCode.STATE_UNUSABLE
    assert "reconciler state pull --serial" in (caught.value.hint or "")
    assert place.store().recall(saved.serial) == saved
    with pytest.raises(StateError):
        place.store().begin(saved, "apply")
    assert path.read_bytes() == DAMAGE[name](whole)


@pytest.mark.parametrize("version", ["1.1", "2.0", "10.0"])
def test_a_newer_format_is_refused_with_both_versions(place: Place, path: Path, version: str) -> None:
    place.applied(settled("a"))
    path.write_bytes(path.read_bytes().replace(b'"1.0"', f'"{version}"'.encode()))
    with pytest.raises(StateError, match=f"format {version}; this version of reconciler knows 1.0"):
        place.load()


def test_a_file_older_than_the_last_one_seen_is_refused(place: Place, path: Path) -> None:
    place.applied(settled("a"))
    old = path.read_bytes()
    place.applied(settled("b"))
    place.applied(settled("c"))
    path.write_bytes(old)
    with pytest.raises(StateError, match=r"is older than the last one seen here \(2 < 4\)") as caught:
        place.load()
    assert "reconciler state push" in (caught.value.hint or "")
    assert "4.json" in (caught.value.hint or "")
    with pytest.raises(StateError):
        place.store().begin(None, "apply")
    assert path.read_bytes() == old
    beside(path, ".seen").unlink()
    assert place.state().serial == 2


def test_what_somebody_else_saved_in_between_is_seen_by_the_run_that_builds_on_it(place: Place, path: Path) -> None:
    saved = place.applied(settled("a"))
    old = path.read_bytes()
    theirs = encode(type(saved)(lineage=saved.lineage, serial=9, org_id="org", records=saved.records))
    path.write_bytes(theirs)  # as a pull of the repository would
    place.begin().finish()
    path.write_bytes(old)
    with pytest.raises(StateError, match=r"\(2 < 9\)"):
        place.load()


def test_a_file_of_another_lineage_than_the_one_seen_is_refused(place: Place, path: Path, tmp_path: Path) -> None:
    place.applied(settled("a"))
    other = file_place(tmp_path / "elsewhere")
    other.applied(settled("b"))
    shutil.copy(tmp_path / "elsewhere" / "private" / "state.json", path)
    with pytest.raises(StateError, match="is of another lineage than the one seen here") as caught:
        place.load()
    assert f"remove {beside(path, '.seen')}" in (caught.value.hint or "")


@pytest.mark.parametrize("witness", [".journal", ".seen", ".history"])
def test_a_file_that_is_missing_although_there_was_one_is_never_an_empty_state(
    place: Place, path: Path, witness: str
) -> None:
    place.applied(settled("a"))
    place.killed_and_gone()
    path.unlink()
    for each in path.parent.iterdir():
        if each.name != path.name + witness:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    with pytest.raises(StateError, match="is missing") as caught:
        place.load()
    assert "never taken for empty" in (caught.value.hint or "")
    with pytest.raises(StateError):
        place.store().begin(None, "apply")
    assert not path.exists()
    shutil.rmtree(path.parent)
    assert place.load() is None
    place.applied(settled("b"))


def test_what_a_killed_process_left_of_its_writing_is_ignored_and_cleared_away(place: Place, path: Path) -> None:
    place.applied(settled("a"))
    stray, foreign = path.with_name(".state.json.x1.tmp"), path.with_name(".other.json.x1.tmp")
    for each in (stray, foreign):
        each.write_bytes(b"half a sta")
    assert set(place.state().records) == {"a"}
    assert stray.exists()
    place.applied(settled("b"))
    assert (stray.exists(), foreign.exists()) == (False, True)


def test_a_lock_removed_by_hand_stops_its_holder(place: Place, path: Path) -> None:
    session = place.begin()
    session.append(settled("a"))
    beside(path, ".lock").unlink()
    with pytest.raises(StateError, match="was taken away from this run"):
        session.append(settled("b"))


def test_a_journal_removed_by_hand_stops_its_writer(place: Place, path: Path) -> None:
    session = place.begin()
    beside(path, ".journal").unlink()
    with pytest.raises(StateError, match="no longer the one that this run writes"):
        session.append(settled("a"))
    assert not beside(path, ".journal").exists()


def test_a_folder_that_cannot_be_made_is_found_before_the_first_write(place: Place, path: Path) -> None:
    path.parent.write_text("a file stands where the folder should be")
    with pytest.raises(StateError, match="Not a directory") as caught:
        place.store().begin(None, "apply")
    assert "a file stands where a folder is needed" in (caught.value.hint or "")


def test_a_folder_in_the_place_of_the_file_is_not_an_empty_state(place: Place, path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StateError, match=r"cannot read .*Is a directory"):
        place.load()


def test_one_who_never_leaves_the_guard_is_told_of(place: Place, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.applied(settled("a"))
    monkeypatch.setattr(file_module, "PATIENCE", 0.0)
    with FileBackend(path)._guarded("holding"):
        assert place.load() is not None
        with pytest.raises(StateError, match="in the middle of writing"):
            place.begin()


def test_what_could_be_appended_only_in_part_is_taken_back(place: Place, path: Path) -> None:
    session = place.begin()
    session.append(settled("a"))
    before = beside(path, ".journal").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, limits[1]))  # the disk takes ten bytes more
    try:
        with pytest.raises(StateError, match="File too large"):
            session.append(settled("b"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert beside(path, ".journal").read_bytes() == before
