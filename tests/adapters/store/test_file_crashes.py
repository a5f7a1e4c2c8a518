"""The file store under kills, failing system calls, races and pauses, in real processes.

What is made to fail is a system call (strace's inject), so nothing of ours stands in for anything. Where processes may
not be traced, those tests are skipped and say so.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from reconciler.adapters.store.emergency import read_emergency
from reconciler.adapters.store.encoding import decode
from reconciler.errors import ExitCode, LockedError
from tests.adapters.store.store_zygote import Forked, Zygote, settled, store_at

CHANGING = ("write", "fsync", "rename", "unlink", "mkdir", "fallocate", "flock")
FAILING = ("write", "fsync", "rename")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: what is tested here is the order of calls, not the disk."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()


def born(folder: Path) -> Path:
    path = folder / "private" / "state.json"
    store = store_at(path, folder)
    session = store.begin(None, "apply")
    session.append(settled("early"))
    session.finish()
    return path


class Tracer:
    """strace on one child that has not begun yet; what it does to which call is an expression of strace(1)."""

    def __init__(self, child: Forked, log: Path, *expressions: str) -> None:
        options = [part for each in expressions for part in ("-e", each)]
        command = ["strace", "-f", "-o", str(log), "-p", str(child.pid), *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        self.first = self.process.stderr.readline()

    def end(self) -> None:
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


def traced(zygote: Zygote, action: str, path: Path, folder: Path, *expressions: str) -> tuple[Forked, int, str]:
    """Run one child under strace, and return it with how it ended and the log of its calls."""
    child = zygote.fork(action, path, folder)
    log = child.folder / "log"
    tracer = Tracer(child, log, *expressions)
    if "attached" not in tracer.first:
        child.let().status()
        tracer.end()
        pytest.skip(f"processes cannot be traced here: {tracer.first.strip()}")
    child.let()
    status = child.status()
    tracer.end()
    return child, status, log.read_text()


def needs_strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")


def calls_in(zygote: Zygote, folder: Path, action: str, calls: Sequence[str]) -> list[tuple[str, int]]:
    """Each call that a run makes, as its name and which one of that name it is."""
    path = born(folder / "measured")
    _, status, log = traced(zygote, action, path, folder, f"trace={','.join(calls)}")
    assert status == 0
    made = Counter(re.findall(r"^\d+ +(\w+)\(", log, re.MULTILINE))
    assert set(made) == set(calls)
    return [(call, number) for call in calls for number in range(1, made[call] + 1)]


def restored(path: Path, copy: Path) -> None:
    shutil.rmtree(path.parent)
    shutil.copytree(copy, path.parent)


def test_a_kill_at_any_call_of_a_run_leaves_a_whole_state_that_the_next_run_goes_on_with(
    zygote: Zygote, folder: Path
) -> None:
    needs_strace()
    calls = calls_in(zygote, folder, "save", CHANGING)
    path = born(folder)
    shutil.copytree(path.parent, folder / "before")
    ended = set()
    for number in calls:
        restored(path, folder / "before")
        call, when = number
        inject = f"inject={call}:signal=KILL:when={when}"
        child, status, _ = traced(zygote, "save", path, folder, f"trace={call}", inject)
        assert status == -signal.SIGKILL, (number, child.told)
        decode(path.read_bytes(), where=f"the file after call {number}")
        notices: list[str] = []
        store = store_at(path, folder, notices)
        seen = store.load()
        assert seen is not None
        assert set(seen.records) in ({"early"}, {"early", "late"}), number
        assert "late" in seen.records or "appended" not in child.told, number
        assert seen.serial == 1 + len(seen.records), number
        session = store.begin(seen, "apply")
        session.append(settled("next"))
        after = session.finish()
        assert set(after.records) == {*seen.records, "next"}, number
        left = {each.name for each in path.parent.iterdir()}
        expected = {".state.json.guard", "state.json", "state.json.history", "state.json.seen"}
        assert {name for name in left if not name.startswith(".state.json.seen.")} == expected, number
        ended.add((tuple(child.told), bool(notices)))
    # So that kills fell before, between and after the steps, with the lock held and without.
    assert {told for told, _ in ended} == {(), ("begun",), ("begun", "appended")}
    assert {taken for _, taken in ended} == {True, False}


@pytest.mark.parametrize("failure", ["ENOSPC", "EIO", "EROFS"])
def test_a_call_that_fails_at_any_point_of_a_run_loses_nothing_and_says_so(
    zygote: Zygote, folder: Path, failure: str
) -> None:
    needs_strace()
    calls = calls_in(zygote, folder, "rescue", FAILING)
    path = born(folder)
    shutil.copytree(path.parent, folder / "before")
    reasons = set()
    for number in calls:
        restored(path, folder / "before")
        call, when = number
        child, status, _ = traced(
            zygote, "rescue", path, folder, f"trace={call}", f"inject={call}:error={failure}:when={when}"
        )
        told = child.told
        whole = decode(path.read_bytes(), where=f"the file after call {number}")
        assert status in (0, ExitCode.STATE_UNUSABLE), (number, told)
        seen = store_at(path, folder).load()
        assert seen is not None
        if status == 0:
            assert told[-1] == "saved", (number, told)
            assert set(whole.records) == {"early", "late"}, (number, told)
            continue
        name = {"ENOSPC": "No space left on device", "EIO": "Input/output error", "EROFS": "Read-only file system"}
        assert name[failure] in told[-1], (number, told)
        assert not told[-1].endswith("/ None"), (number, told)
        reasons.add(re.split(r"[/:;]", told[-1])[1].strip())
        for copy in child.emergency.glob("*"):
            assert f"do not run apply again before `reconciler state recover {copy}`" in told[-1]
            store_at(path, folder).recover(read_emergency(copy))
        if "begun" in told:
            after = store_at(path, folder).load()
            assert after is not None
            assert set(after.records) == {"early", "late"}, (number, told)
        else:
            assert set(whole.records) == {"early"}, (number, told)
    assert "state was not saved" in reasons
    assert len(reasons) >= 3


@pytest.mark.parametrize(
    ("failure", "hint"),
    [
        ("EDQUOT", "your quota is used up"),
        ("EACCES", "check the permissions"),
        ("EMFILE", "too many files are open"),
        ("ENOSPC", "make room there"),
    ],
)
def test_a_folder_in_which_nothing_can_be_made_is_found_before_anything_is_recorded(
    zygote: Zygote, folder: Path, failure: str, hint: str
) -> None:
    needs_strace()
    path = born(folder)
    before = path.read_bytes()
    # The calls that make or open something for writing; reading is left alone.
    inject = f"inject=fallocate:error={failure}:when=1+"
    child, status, _ = traced(zygote, "save", path, folder, "trace=fallocate", inject)
    assert status == ExitCode.STATE_UNUSABLE
    assert "there is no room for the state (64 KiB are needed)" in child.told[0]
    assert hint in child.told[0]
    assert "begun" not in child.told
    assert path.read_bytes() == before
    assert store_at(path, folder).holder() is None
    assert sorted(each.name for each in path.parent.glob(".*.tmp")) == []


def test_a_folder_that_cannot_be_synced_after_the_rename_is_told_and_nothing_is_rolled_back(
    zygote: Zygote, folder: Path
) -> None:
    needs_strace()
    path = born(folder)
    shutil.copytree(path.parent, folder / "before")
    found = []
    for _, number in calls_in(zygote, folder, "save", ["fsync"]):
        restored(path, folder / "before")
        inject = f"inject=fsync:error=EIO:when={number}"
        child, status, _ = traced(zygote, "save", path, folder, "trace=fsync", inject)
        if "was replaced but is not confirmed durable" in child.told[-1]:
            found.append(number)
            assert status == ExitCode.STATE_UNUSABLE
            assert "was not saved" not in child.told[-1]
            assert set(decode(path.read_bytes(), where="").records) == {"early", "late"}
            # The journal stays: it would bring back what a power cut takes.
            assert path.with_name("state.json.journal").exists()
            seen = store_at(path, folder).load()
            assert store_at(path, folder).begin(seen, "apply").finish() == seen
    assert len(found) == 1


@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.parametrize("is_left", [False, True], ids=["free", "left by one who is gone"])
def test_of_several_processes_that_want_the_lock_one_gets_it_and_the_others_write_nothing(
    zygote: Zygote, folder: Path, count: int, is_left: bool
) -> None:
    path = born(folder)
    if is_left:
        gone = zygote.fork("pause", path, folder).let()
        wait_until_stopped(gone)
        os.kill(gone.pid, signal.SIGKILL)
        gone.status()
    racers = [zygote.fork("race", path, folder).let() for _ in range(count)]
    for racer in racers:
        racer.let("start")
    # Whoever lost has ended; the one who won waits to be told to go on.
    winner = winner_of(racers)
    statuses = [racer.status() for racer in racers if racer is not winner]
    assert set(statuses) == {ExitCode.LOCKED}, [racer.told for racer in racers]
    journal = path.with_name("state.json.journal").read_bytes()
    assert journal.count(b"\n") == 1
    assert winner.told[-1] == ("1 notices" if is_left else "0 notices")
    assert winner.let("end").status() == 0
    seen = store_at(path, folder).load()
    assert seen is not None
    assert set(seen.records) == {"early", f"by-{winner.pid}"} | ({"before"} if is_left else set())


def winner_of(racers: list[Forked]) -> Forked:
    while True:
        for racer in racers:
            if any("notices" in line for line in racer.told):
                return racer


def wait_until_stopped(child: Forked) -> None:
    """The zygote's children are not ours to wait for: /proc says when one has stopped."""
    while Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        os.sched_yield()


def test_runs_of_several_processes_follow_each_other_and_none_is_lost(zygote: Zygote, folder: Path) -> None:
    path = born(folder)
    children = [zygote.fork("cycle", path, folder) for _ in range(3)]
    for child in children:
        child.let()
    seen: set[str] = set()
    serial = 0
    # Reading meanwhile always finds a whole state, and never an older one.
    while not all(child.told for child in children):
        state = store_at(path, folder).load()
        assert state is not None
        assert seen <= set(state.records)
        assert serial <= state.serial
        seen, serial = set(state.records), state.serial
    assert [child.status() for child in children] == [0, 0, 0], [child.told for child in children]
    state = store_at(path, folder).load()
    assert state is not None
    assert set(state.records) == {"early", *(f"{child.pid}-{number}" for child in children for number in range(15))}
    assert state.serial == 2 + 45


def test_a_stopped_holder_whose_lock_was_taken_away_stops_before_it_writes_again(zygote: Zygote, folder: Path) -> None:
    path = born(folder)
    paused = zygote.fork("pause", path, folder).let()
    wait_until_stopped(paused)
    store = store_at(path, folder)
    hold = store.holder()
    assert hold is not None
    with pytest.raises(LockedError, match="is locked by"):
        store.begin(store.load(), "apply")  # a stopped process is not gone
    store.unlock(hold.nonce)
    session = store.begin(store.load(), "apply")
    session.append(settled("mine"))
    mine = session.finish()
    os.kill(paused.pid, signal.SIGCONT)
    assert paused.status() == ExitCode.STATE_UNUSABLE
    assert paused.told[:2] == ["begun", "stopped"]
    assert "sent" not in paused.told
    assert set(mine.records) == {"early", "before", "mine"}
    assert store.load() == mine
    copy = read_emergency(next(paused.emergency.glob("*")))
    assert copy.entries == (settled("before"), settled("after"))


def test_each_file_is_synced_before_it_is_renamed_and_the_folder_after(zygote: Zygote, folder: Path) -> None:
    needs_strace()
    path = born(folder)
    calls = "trace=fsync,rename"
    _, status, log = traced(zygote, "save", path, folder, calls, "decode-fds=path")
    assert status == 0
    made = re.findall(r'^\d+ +(fsync|rename)\((?:\d+<([^>]*)>|"([^"]*)", "([^"]*)")', log, re.MULTILINE)
    steps = [(call, Path(synced or moved).name, Path(onto).name) for call, synced, moved, onto in made]
    for ending in ("", ".lock", ".journal"):
        name = f"state.json{ending}"
        at, stray = next((number, step[1]) for number, step in enumerate(steps) if step[0::2] == ("rename", name))
        assert ("fsync", stray, "") in steps[:at], name
        assert steps[at + 1] == ("fsync", path.parent.name, ""), name
    assert ("fsync", "state.json.journal", "") in steps  # the entry
