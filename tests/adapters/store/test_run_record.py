"""The record of a fleet's run: what was recorded is there after a kill, and what somebody changed is refused."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.adapters.store.run_record import JOURNAL_FILE, OpenRecord, RunFolder
from reconciler.core.codec.run_record import entry_document, read_entry
from reconciler.errors import ExitCode, LockedError, RefusedError, StateError, UsageError
from reconciler.model.change import Action, FieldChange, Origin
from reconciler.model.fleet_run import Gate, Result, Seen, Spent, Standing, Tally, Wave
from reconciler.model.jsonvalue import ABSENT, canonical, decoded
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan_set import Failure
from reconciler.model.run_record import Began, Ended, Judged, Opened, Resumed, RunEntry, Stopped
from reconciler.model.waves import Most, WaveSettings
from tests.core.core_values import PATIENT
from tests.scenarios.workbench import ROOT

DIGEST = "sha256:" + "ab" * 32
NOW = "2026-11-24T20:00:00Z"
OPENED = Opened(
    run="abababab",
    fleet="clients",
    digest=DIGEST,
    since=NOW,
    by="ann@host",
    tool="1.0",
    waves=(Wave(number=1, organisations=("acme",)), Wave(number=2, organisations=("globex", "initech"))),
    settings=WaveSettings(canaries=("label:canary",), failures=Most(number=5, is_share=True), pause=1.5),
    acknowledged="R3",
)
OUTCOME = Outcome(
    custom_id="welcome",
    id=None,
    action=Action.CREATE,
    status=Status.REJECTED,
    detail="the API refused it",
    fields=(FieldChange(path=("name",), origin=Origin.DRIFT, recorded="a", live=ABSENT, desired=None),),
)
FULL = Result(
    organisation="acme",
    labels=("canary", "eu"),
    wave=1,
    standing=Standing.FAILED,
    exit_code=ExitCode.PARTIAL,
    digest=DIGEST,
    outcomes=(OUTCOME,),
    failure=Failure(kind="state", exit_code=ExitCode.STATE_UNUSABLE, message="no", hint=None),
    spent=Spent(requests=3, throttled=1, waited=1.25, seconds=2.5),
    seen=Seen(read=2, moved=("welcome",), unread=("bye",), reason="why"),
)
ENTRIES: tuple[RunEntry, ...] = (
    OPENED,
    Began(wave=1, since=NOW, places={"acme": "s3://bucket/acme.json"}),
    Ended(result=FULL),
    Judged(gate=Gate(wave=1, is_open=False, reason="1 failed", tally=Tally(organisations=1, failed=1))),
    Stopped(reason="the gate", since=NOW, cause=ExitCode.TERMINATED),
    Resumed(since=NOW, by="ann@host"),
    Ended(result=Result(organisation="acme", wave=1, standing=Standing.APPLIED, exit_code=ExitCode.DONE)),
)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "runs", "clients")


@pytest.fixture
def record(folder: RunFolder) -> Iterator[OpenRecord]:
    record = folder.create(OPENED, [b"{}"])
    yield record
    record.close()


def journal(folder: RunFolder) -> Path:
    return folder.plan_path("abababab").with_name(JOURNAL_FILE)


def test_each_entry_comes_back_as_it_was() -> None:
    for entry in ENTRIES:
        assert read_entry(decoded(canonical(entry_document(entry, "clients")))) == entry


def test_a_record_says_how_far_the_run_came_the_last_word_on_each(folder: RunFolder, record: OpenRecord) -> None:
    for entry in ENTRIES[1:5]:
        record.append(entry)
    known = folder.read("abababab")
    assert known.opened == OPENED
    assert known.results["acme"] == FULL
    assert (known.began, known.stopped, known.resumed) == (frozenset({1}), ENTRIES[4], 0)
    record.append(ENTRIES[5])
    record.append(ENTRIES[6])
    record.append(Began(wave=2, since=NOW))
    known = folder.read("abababab")
    assert known.results["acme"].standing is Standing.APPLIED
    assert (known.stopped, known.resumed) == (None, 1)
    assert known.under_way == ("globex", "initech")


def test_nobody_else_may_read_it(folder: RunFolder, record: OpenRecord) -> None:
    del record
    for path in (journal(folder), folder.plan_path("abababab")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


@settings(PATIENT, max_examples=25)
@given(torn=st.data())
def test_a_torn_last_line_counts_for_nothing_and_the_record_goes_on(
    tmp_path_factory: pytest.TempPathFactory, torn: st.DataObject
) -> None:
    folder = RunFolder(tmp_path_factory.mktemp("torn") / "runs", "clients")
    record = folder.create(OPENED, [b"{}"])
    first = journal(folder).stat().st_size
    for entry in ENTRIES[1:]:
        record.append(entry)
    record.close()
    whole = journal(folder).read_bytes()
    cut = torn.draw(st.integers(first, len(whole)))
    os.truncate(journal(folder), cut)
    lines = whole[:cut].count(b"\n")
    known, again = folder.resume("abababab")
    assert known == folder.read("abababab")
    again.append(Began(wave=2, since=NOW))
    again.close()
    assert journal(folder).read_bytes().count(b"\n") == lines + 1
    assert 2 in folder.read("abababab").began


def test_a_first_line_that_was_never_finished_is_no_record(folder: RunFolder, record: OpenRecord) -> None:
    record.close()
    os.truncate(journal(folder), 10)
    with pytest.raises(StateError, match="not that of one run"):
        folder.read("abababab")


def edits(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Every way in which somebody may change a journal of more than two lines."""
    lines = data.splitlines(keepends=True)
    yield "a word", data.replace(b'"failed"', b'"applied"', 1)
    yield "a line left out", b"".join([*lines[:1], *lines[2:]])
    yield "lines that changed places", b"".join([lines[0], lines[2], lines[1], *lines[3:]])
    yield "a line twice", b"".join([*lines, lines[-1]])
    yield "the first line left out", b"".join(lines[1:])
    yield "an empty line", data + b"\n"
    yield "bytes", data[:-40] + b"\xff" + data[-39:]


def test_a_record_that_somebody_edited_is_refused(folder: RunFolder, record: OpenRecord) -> None:
    for entry in ENTRIES[1:5]:
        record.append(entry)
    good = journal(folder).read_bytes()
    for what, edited in edits(good):
        assert edited != good, what
        journal(folder).write_bytes(edited)
        with pytest.raises(StateError, match=r"the record of run abababab is damaged or was edited: ") as refused:
            folder.read("abababab")
        assert refused.value.hint is not None, what
    journal(folder).write_bytes(good)
    assert folder.read("abababab").results["acme"] == FULL


def test_a_record_from_elsewhere_is_refused(tmp_path: Path, folder: RunFolder, record: OpenRecord) -> None:
    del record
    with pytest.raises(RefusedError, match="is that of run abababab of fleet `clients`"):
        RunFolder(tmp_path / "runs", "others").read("abababab")
    (tmp_path / "runs" / "abababab").rename(tmp_path / "runs" / "cdcdcdcd")
    with pytest.raises(RefusedError, match="somebody has moved it here"):
        folder.read("cdcdcdcd")


def test_only_one_process_carries_a_run_out(folder: RunFolder, record: OpenRecord) -> None:
    with pytest.raises(LockedError, match="run abababab is being carried out by another process"):
        folder.resume("abababab")
    record.close()
    _, again = folder.resume("abababab")
    again.close()


def test_a_run_is_named_by_its_plan_and_found_by_the_beginning_of_its_name(
    folder: RunFolder, record: OpenRecord
) -> None:
    del record
    assert folder.name_for(DIGEST) == "abababab-2"
    folder.create(replace(OPENED, run="abababab-2"), [b"{}"]).close()
    folder.create(replace(OPENED, run="cdcdcdcd"), [b"{}"]).close()
    assert folder.name_for(DIGEST) == "abababab-3"
    assert folder.find("abababab") == "abababab"
    assert folder.find("cd") == "cdcdcdcd"
    assert folder.find("last") == "cdcdcdcd"
    with pytest.raises(UsageError, match="beginning of several runs"):
        folder.find("ab")
    for word in ("x", "", "../clients"):
        with pytest.raises(UsageError, match="is kept on this machine"):
            folder.find(word)


WRITE = """
import sys
from pathlib import Path
from reconciler.adapters.store.run_record import RunFolder
from reconciler.model.run_record import Began
record = RunFolder(Path(sys.argv[1]), "clients").resume("abababab")[1]
for number in range(2, 1_000_000):
    record.append(Began(wave=number, since="now"))
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


def test_what_was_recorded_before_a_kill_is_there_after_it(
    tmp_path: Path, folder: RunFolder, record: OpenRecord
) -> None:
    record.close()
    most = 0
    for rounds in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITE, str(tmp_path / "runs")], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            told = [int(child.stdout.readline()) for _ in range(5 + rounds)]
            child.send_signal(signal.SIGKILL)
            told += [int(line) for line in child.stdout]
        most = max(most, *told)
        # At most the one that was being written is there beside what was told.
        found = folder.read("abababab").began
        assert found in (set(range(2, most + 1)), set(range(2, most + 2)))
        most = max(found)
    folder.resume("abababab")[1].close()
