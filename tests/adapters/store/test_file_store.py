"""The file store: born once, whole or refused, durable for each outcome."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.adapters.store.encoding import decode, encode
from reconciler.adapters.store.file import FileStore
from reconciler.core.ledger import fold
from reconciler.errors import ExitCode, LockedError, StateError
from reconciler.model.sequence import Payload, Record
from reconciler.model.state import Intended, Pending, Settled, State

PAYLOAD = Payload.of({"custom_id": "welcome", "name": "Grüße \U0001f33f", "steps": [{"delay_in_minutes": 0.5}]})
RECORD = Record(id="11111111-2222-4333-8444-555555555555", applied=PAYLOAD, status="active")
SETTLED = Settled(custom_id="welcome", record=RECORD, org_id="org")


def store_in(folder: Path) -> FileStore:
    return FileStore(folder / "private" / "state.json")


def written(folder: Path, count: int = 1) -> Path:
    session = store_in(folder).begin(None)
    for number in range(count):
        session.append(replace(SETTLED, custom_id=f"welcome-{number}"))
    session.finish()
    return folder / "private" / "state.json"


def stopped(store: FileStore, *entries: Settled) -> None:
    """Leave what a run leaves that was killed after these entries."""
    session = store.begin(store.load())
    for entry in entries:
        session.append(entry)
    session.abandon()


def test_there_is_no_state_and_no_file_before_the_first_write(tmp_path: Path) -> None:
    assert store_in(tmp_path).load() is None
    assert list(tmp_path.iterdir()) == []


def test_what_was_appended_is_in_the_saved_state(tmp_path: Path) -> None:
    session = store_in(tmp_path).begin(None)
    session.append(SETTLED)
    saved = session.finish()
    assert saved == store_in(tmp_path).load()
    assert dict(saved.records) == {"welcome": RECORD}
    assert saved.org_id == "org"
    assert [path.name for path in (tmp_path / "private").iterdir()] == ["state.json"]


def test_the_file_is_readable_only_by_its_owner(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_document_is_what_the_contract_says(tmp_path: Path) -> None:
    document = json.loads(written(tmp_path).read_bytes())
    assert list(document) == ["format_version", "lineage", "serial", "org_id", "records", "checksum"]
    assert document["format_version"] == "1.0"
    assert document["records"]["welcome-0"] == {"id": RECORD.id, "applied": PAYLOAD.value, "status": "active"}


def test_the_lineage_stays_and_the_serial_rises_by_one_for_a_run_that_changes_something(tmp_path: Path) -> None:
    written(tmp_path)
    before = store_in(tmp_path).load()
    assert before is not None
    session = store_in(tmp_path).begin(before)
    session.append(replace(SETTLED, custom_id="other"))
    after = session.finish()
    assert (after.lineage, after.serial) == (before.lineage, before.serial + 1)


def test_a_run_that_changes_nothing_leaves_the_very_bytes(tmp_path: Path) -> None:
    path = written(tmp_path)
    bytes_before = path.read_bytes()
    session = store_in(tmp_path).begin(store_in(tmp_path).load())
    session.append(replace(SETTLED, custom_id="welcome-0"))
    session.finish()
    assert path.read_bytes() == bytes_before


@pytest.mark.parametrize("keep", range(0, 100, 7))
def test_a_file_cut_short_anywhere_is_refused_and_never_taken_for_empty(tmp_path: Path, keep: int) -> None:
    path = written(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * keep // 100])
    with pytest.raises(StateError, match="not a whole state") as caught:
        store_in(tmp_path).load()
    assert caught.value.exit_code is ExitCode.STATE_UNUSABLE


def test_every_single_flipped_byte_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = path.read_bytes()
    for position in range(len(data)):
        path.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        with pytest.raises(StateError):
            store_in(tmp_path).load()


@pytest.mark.parametrize(
    "foreign",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"version": 4, "serial": 1, "lineage": "x", "resources": []}',
        b'{"format_version": "1.0"}',
        b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n",
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
    ids=["empty", "object", "list", "null", "another tool's", "only a version", "merge conflict", "binary", "deep"],
)
def test_what_is_not_a_state_of_ours_is_refused(tmp_path: Path, foreign: bytes) -> None:
    path = written(tmp_path)
    path.write_bytes(foreign)
    with pytest.raises(StateError):
        store_in(tmp_path).load()


@pytest.mark.parametrize("version", ["1.1", "2.0", "10.0"])
def test_a_newer_format_is_refused_with_both_versions(tmp_path: Path, version: str) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"1.0"', f'"{version}"'.encode()))
    with pytest.raises(StateError, match=f"format {version}; this version of reconciler knows 1.0"):
        store_in(tmp_path).load()


def test_a_journal_left_by_a_stopped_run_counts(tmp_path: Path) -> None:
    written(tmp_path)
    before = store_in(tmp_path).load()
    session = store_in(tmp_path).begin(before)
    session.append(Intended(custom_id="new", payload=PAYLOAD, since="2026-01-01T00:00:00Z"))
    session.append(replace(SETTLED, custom_id="other"))
    session.abandon()
    found = store_in(tmp_path).load()
    assert found is not None
    assert before is not None
    assert set(found.records) == {"welcome-0", "other"}
    assert dict(found.pending) == {"new": Pending(payload=PAYLOAD, since="2026-01-01T00:00:00Z")}
    assert found.serial == before.serial + 1


def test_the_next_run_saves_what_the_stopped_one_did(tmp_path: Path) -> None:
    path = written(tmp_path)
    stopped(store_in(tmp_path), replace(SETTLED, custom_id="other"))
    found = store_in(tmp_path).load()
    store_in(tmp_path).begin(found).finish()
    assert decode(path.read_bytes(), where="") == found
    assert not path.with_name("state.json.journal").exists()


def test_a_journal_line_that_was_never_finished_counts_for_nothing(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = store_in(tmp_path).load()
    stopped(store_in(tmp_path), replace(SETTLED, custom_id="other"))
    journal = path.with_name("state.json.journal")
    whole = journal.read_bytes()
    end_of_head = whole.index(b"\n") + 1
    for length in range(len(whole)):
        journal.write_bytes(whole[:length])
        assert store_in(tmp_path).load() == before, f"cut at {length} of {len(whole)}, head ends at {end_of_head}"


def test_a_damaged_line_inside_the_journal_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    session = store_in(tmp_path).begin(store_in(tmp_path).load())
    session.append(replace(SETTLED, custom_id="one"))
    session.append(replace(SETTLED, custom_id="two"))
    session.abandon()
    journal = path.with_name("state.json.journal")
    journal.write_bytes(journal.read_bytes().replace(b'"one"', b'"eno"'))
    with pytest.raises(StateError, match="is damaged"):
        store_in(tmp_path).load()


def test_a_journal_whose_state_is_missing_is_not_an_empty_state(tmp_path: Path) -> None:
    path = written(tmp_path)
    stopped(store_in(tmp_path), SETTLED)
    path.unlink()
    with pytest.raises(StateError, match="is missing, but"):
        store_in(tmp_path).load()


def test_a_journal_that_was_already_saved_is_not_taken_in_twice(tmp_path: Path) -> None:
    path = written(tmp_path)
    journal = path.with_name("state.json.journal")
    session = store_in(tmp_path).begin(store_in(tmp_path).load())
    session.append(replace(SETTLED, custom_id="other"))
    left = journal.read_bytes()
    saved = session.finish()
    journal.write_bytes(left)  # stopped between saving state and removing the journal
    assert store_in(tmp_path).load() == saved


def test_a_journal_of_another_state_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    other = written(tmp_path / "elsewhere")
    stopped(FileStore(other), SETTLED)
    path.with_name("state.json.journal").write_bytes(other.with_name("state.json.journal").read_bytes())
    with pytest.raises(StateError, match="does not belong to"):
        store_in(tmp_path).load()


def test_beginning_on_a_state_that_has_moved_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    seen = store_in(tmp_path).load()
    session = store_in(tmp_path).begin(seen)
    session.append(replace(SETTLED, custom_id="other"))
    session.finish()
    with pytest.raises(StateError, match="changed by somebody else since"):
        store_in(tmp_path).begin(seen)


def test_finishing_over_somebody_elses_save_is_refused_and_loses_nothing(tmp_path: Path) -> None:
    path = written(tmp_path)
    base = store_in(tmp_path).load()
    assert base is not None
    session = store_in(tmp_path).begin(base)
    session.append(replace(SETTLED, custom_id="ours"))
    theirs = encode(replace(base, serial=base.serial + 1, org_id="theirs"))
    path.write_bytes(theirs)
    with pytest.raises(StateError, match="changed by somebody else during this run"):
        session.finish()
    assert path.read_bytes() == theirs
    assert b'"ours"' in path.with_name("state.json.journal").read_bytes()


def test_only_one_run_writes_at_a_time(tmp_path: Path) -> None:
    written(tmp_path)
    store = store_in(tmp_path)
    session = store.begin(store.load())
    with pytest.raises(LockedError) as caught:
        store.begin(store.load())
    assert caught.value.exit_code is ExitCode.LOCKED
    session.append(replace(SETTLED, custom_id="ours"))
    saved = session.finish()
    assert "ours" in saved.records
    store.begin(store.load()).finish()


def test_another_process_that_was_killed_holds_nothing_back(tmp_path: Path) -> None:
    path = written(tmp_path)
    script = (
        "import os, signal, sys; from pathlib import Path; from reconciler.adapters.store.file import FileStore\n"
        "store = FileStore(Path(sys.argv[1])); session = store.begin(store.load())\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(path)], check=False).returncode == -9
    before = store_in(tmp_path).load()
    assert store_in(tmp_path).begin(before).finish() == before


def test_a_state_that_could_not_be_read_again_is_never_saved(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    session = store_in(tmp_path).begin(store_in(tmp_path).load())
    unreadable = Payload(b'{"name":"\\ud83d"}')
    session.append(replace(SETTLED, record=replace(RECORD, stored=unreadable)))
    with pytest.raises(StateError):
        session.finish()
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_found_before_the_first_write(tmp_path: Path) -> None:
    (tmp_path / "private").write_text("a file stands where the folder should be")
    with pytest.raises(StateError):
        store_in(tmp_path).begin(None)


def test_an_outcome_that_cannot_be_made_durable_is_an_error(tmp_path: Path) -> None:
    session = store_in(tmp_path).begin(None)
    os.close(session._journal._descriptor)
    with pytest.raises(StateError, match="cannot write state"):
        session.append(SETTLED)


def test_no_temporary_file_is_left_behind(tmp_path: Path) -> None:
    folder = written(tmp_path, count=3).parent
    assert [path.name for path in folder.iterdir()] == ["state.json"]


texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts | st.floats(-1e6, 1e6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
payloads = st.dictionaries(texts, json_values, max_size=4).map(Payload.of)
records = st.builds(Record, id=texts, applied=payloads, status=st.none() | texts, stored=st.none() | payloads)
states = st.builds(
    State,
    lineage=texts,
    serial=st.integers(1, 2**40),
    org_id=st.none() | texts,
    records=st.dictionaries(texts, records, max_size=4),
    pending=st.dictionaries(texts, st.builds(Pending, payload=payloads, since=texts), max_size=2),
)
entries = st.lists(
    st.builds(Intended, custom_id=texts, payload=payloads, since=texts)
    | st.builds(
        Settled, custom_id=texts, record=st.none() | records, recorded_as=st.none() | texts, org_id=st.none() | texts
    ),
    max_size=6,
)


@given(states)
def test_decoding_what_was_encoded_gives_the_same_state(state: State) -> None:
    assert decode(encode(state), where="") == state
    assert encode(decode(encode(state), where="")) == encode(state)


@settings(deadline=None)
@given(entries=entries)
def test_what_the_journal_holds_is_what_was_appended(
    entries: list[Intended | Settled], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = store_in(tmp_path_factory.mktemp("journal"))
    session = store.begin(None)
    base = store.load()
    assert base is not None
    for entry in entries:
        session.append(entry)
    expected = fold(base, entries)
    assert store.load() == expected
    assert session.finish() == expected
    assert store.load() == expected
