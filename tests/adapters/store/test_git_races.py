"""Several writers at once, and processes that are killed at every call of git: old or new, never a mixture."""

import os
import shutil
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reconciler.adapters.store.backend import Held, MovedError
from reconciler.adapters.store.git import GitBackend
from reconciler.errors import StateError
from tests.adapters.store.git_places import (
    REF,
    Places,
    everything_in,
    git,
    make_places,
    saved,
    start_python,
    wrapped_git,
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return make_places(tmp_path)


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do each in a thread of its own, all let go together; what one raises is its result."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        barrier.wait(30)
        try:
            return work()
        except StateError as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


# --- several writers


def test_one_of_many_gets_the_lock(places: Places) -> None:
    backends = [places.backend(f"clone-{number}") for number in range(4)]
    for backend in backends:
        backend.read_lock()
    for _ in range(3):
        results = at_once(*(lambda each=each: each.swap_lock(each.where.encode(), expected=None) for each in backends))
        assert [type(result) for result in results if result is not None] == [MovedError] * 3
        held = backends[0].read_lock()
        assert held is not None
        backends[results.index(None)].swap_lock(None, expected=held.version)


def test_no_write_of_many_writers_is_lost(places: Places) -> None:
    count, rounds = 4, 3

    def add(backend: GitBackend) -> None:
        done = 0
        while done < rounds:
            held = backend.read_state()
            serial = 1 if held is None else int(held.data) + 1
            try:
                backend.write_state(
                    b"%d" % serial, expected=None if held is None else held.version, saved=saved(serial)
                )
            except MovedError:
                continue
            done += 1

    backends = [places.backend(f"clone-{number}") for number in range(count)]
    assert at_once(*(lambda each=each: add(each) for each in backends)) == [None] * count
    held = backends[0].read_state()
    assert held is not None
    assert held.data == b"%d" % (count * rounds)
    assert [each.serial for each in backends[0].history()] == list(range(count * rounds, 0, -1))


def test_a_ref_that_another_holds_for_a_moment_is_tried_again(places: Places) -> None:
    backend = places.backend()
    lock = places.remote / (REF + ".lock")
    lock.parent.mkdir(parents=True)
    lock.touch()
    git("config", "core.filesRefLockTimeout", "0", folder=places.remote)
    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        lock.unlink(missing_ok=True)

    patient = GitBackend(places.root / "clone", REF, pause=pause)
    version = patient.write_state(b"one", expected=None, saved=saved(1))
    assert len(waits) == 1
    lock.touch()
    waits.clear()
    stubborn = GitBackend(places.root / "clone", REF, pause=waits.append)
    with pytest.raises(StateError, match="cannot write refs/reconciler/production on origin: ") as refused:
        stubborn.write_state(b"two", expected=version, saved=saved(2))
    assert type(refused.value) is StateError
    assert waits == sorted(waits)
    assert len(waits) == 5
    lock.unlink()
    assert backend.read_state() == (b"one", version)


# --- a push that is cut short


KILL_PUSH = "kill -9 $(cat {root}/push.pid)\n"


def with_fragile_push(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each push leave its process id where the remote's hooks find it."""
    path = wrapped_git(
        places.root / "bin", f'case " $* " in *" push "*) echo $$ > {places.root}/push.pid ;; esac\nexec $GIT "$@"'
    )
    monkeypatch.setenv("PATH", path)


def test_a_push_that_dies_after_the_remote_took_it_is_done(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    with_fragile_push(places, monkeypatch)
    backend = places.backend()
    places.hook("post-receive", KILL_PUSH.format(root=places.root))
    version = backend.write_state(b"one", expected=None, saved=saved(1))
    end = backend.append_journal(b"more", expected=backend.start_journal(b"head", expected=None))
    assert places.refs() == {"production": version, "production@journal": end}
    backend.drop_journal(expected=end)
    assert places.refs() == {"production": version}


def test_a_push_that_dies_before_the_remote_took_it_is_not_done(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_fragile_push(places, monkeypatch)
    backend = places.backend()
    places.hook("update", KILL_PUSH.format(root=places.root) + "exit 1\n")
    with pytest.raises(StateError, match="cannot write refs/reconciler/production on origin") as refused:
        backend.write_state(b"one", expected=None, saved=saved(1))
    assert type(refused.value) is StateError
    assert places.refs() == {}


def test_a_server_that_dies_without_a_verdict_is_asked_what_it_did(places: Places) -> None:
    backend = places.backend()
    places.hook("reference-transaction", 'if [ "$1" = committed ]; then kill -9 $PPID; fi\n')
    version = backend.write_state(b"one", expected=None, saved=saved(1))
    assert places.refs() == {"production": version}
    places.hook("reference-transaction", 'if [ "$1" = prepared ]; then kill -9 $PPID; fi\n')
    with pytest.raises(StateError, match="cannot write refs/reconciler/production on origin") as refused:
        backend.write_state(b"two", expected=version, saved=saved(2))
    assert type(refused.value) is StateError
    assert places.refs() == {"production": version}


@pytest.mark.parametrize(("ours", "error"), [(True, None), (False, MovedError)])
def test_a_push_without_a_verdict_over_which_another_wrote_is_told_by_its_past(
    places: Places, monkeypatch: pytest.MonkeyPatch, *, ours: bool, error: type[StateError] | None
) -> None:
    """The remote takes ours (or not), another writes, and only then does our push die."""
    with_fragile_push(places, monkeypatch)
    backend = places.backend()
    first = backend.write_state(b"one", expected=None, saved=saved(1))
    parent = f"$(git rev-parse {REF})" if ours else first
    script = (
        "unset GIT_QUARANTINE_PATH\nexport GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_NAME=x "
        f"GIT_COMMITTER_EMAIL=x\ngit update-ref {REF} $(git commit-tree -m other -p {parent} {REF}^{{tree}})\n"
    )
    places.hook("post-receive" if ours else "update", script + KILL_PUSH.format(root=places.root) + "exit 1\n")
    if error is None:
        mine = backend.write_state(b"two", expected=first, saved=saved(2))
        assert git("rev-parse", f"{REF}~1", folder=places.remote) == mine
    else:
        with pytest.raises(error):
            backend.write_state(b"two", expected=first, saved=saved(2))


# --- a process that is killed


DRIVER = """
import sys
from pathlib import Path
from reconciler.adapters.store.git import GitBackend
from reconciler.model.state import Saved
backend = GitBackend(Path(sys.argv[1]), "refs/reconciler/production")
backend.swap_lock(b"lock", expected=None)
held = backend.read_state()
end = backend.start_journal(b"head;", expected=None)
for part in (b"one;", b"two;"):
    end = backend.append_journal(part, expected=end)
backend.write_state(b"new", expected=held.version, saved=Saved(serial=2, since="2026-01-02T03:04:05Z", by="bob"))
backend.drop_journal(expected=end)
backend.swap_lock(None, expected=backend.read_lock().version)
"""
# The n-th call of git kills who made it: before it does anything, or going on alone as an orphan.
KILLER = """
echo x >> $CALLS
if [ $(wc -l < $CALLS) -eq $KILL_AT ]; then
  kill -9 $PPID
  [ $GOES_ON = no ] || $GIT "$@"
  echo done > $ENDED
  exit
fi
exec $GIT "$@"
"""


def run_driver(places: Places, *, kill_at: int, goes_on: bool) -> int:
    calls = places.root / "calls"
    calls.touch()
    os.mkfifo(places.root / "ended")
    process = start_python(
        DRIVER,
        str(places.root / "clone"),
        environment={
            "PATH": wrapped_git(places.root / "bin", KILLER),
            "CALLS": str(calls),
            "ENDED": str(places.root / "ended"),
            "KILL_AT": str(kill_at),
            "GOES_ON": "yes" if goes_on else "no",
            "TMPDIR": str(places.root / "temp"),
        },
    )
    _, err = process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGKILL), err
    if process.returncode:
        # Waits for the orphan.
        assert (places.root / "ended").read_text() == "done\n"
    return process.returncode


def started(root: Path) -> Places:
    """A remote with a state on it, and a clone."""
    root.mkdir()
    places = make_places(root)
    (root / "temp").mkdir()
    places.backend().write_state(b"old", expected=None, saved=saved(1))
    return places


def check(places: Places, before: dict[str, bytes | None]) -> tuple[bytes, bytes, bool]:
    """What a killed run left is whole, is left nowhere in the clone, and the next run can go on from it."""
    assert everything_in(places.root / "clone") == before
    backend = GitBackend(places.root / "clone", REF)
    state, journal, lock = backend.read_state(), backend.read_journal(), backend.read_lock()
    assert state is not None
    assert state.data in (b"old", b"new")
    assert (journal.data if journal else b"") in (b"", b"head;", b"head;one;", b"head;one;two;")
    if state.data == b"old" and journal is not None:
        assert lock is not None
    backend.swap_lock(b"next", expected=lock.version if lock else None)
    backend.start_journal(b"next;", expected=journal.version if journal else None)
    backend.write_state(b"next", expected=state.version, saved=saved(3))
    assert "missing" not in git("fsck", "--strict", "--full", folder=places.remote)
    return state.data, journal.data if journal else b"", lock is not None


def test_a_run_that_is_killed_at_any_call_of_git_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    before = everything_in(started(tmp_path / "template").root / "clone")

    def one(goes_on: bool, kill_at: int) -> tuple[int, tuple[bytes, bytes, bool]]:
        places = Places(shutil.copytree(tmp_path / "template", tmp_path / f"{kill_at}-{goes_on}"))
        return run_driver(places, kill_at=kill_at, goes_on=goes_on), check(places, before)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        seen: list[tuple[bytes, bytes, bool]] = []
        whole, last = one(False, 0)
        calls = len((tmp_path / "0-False" / "calls").read_text().split())
        assert (whole, last) == (0, (b"new", b"", False))
        # The first three only read settings; and not going on at one is as good as going on alone at the one before.
        points = [*((True, each) for each in range(4, calls + 1)), *((False, each) for each in range(4, calls + 1, 3))]
        for code, left in pool.map(lambda point: one(*point), points):
            assert code == -signal.SIGKILL
            seen.append(left)
    # Every stage was come by, or this has tested less than it says.
    assert {
        (b"old", b"", False),
        (b"old", b"", True),
        (b"old", b"head;", True),
        (b"old", b"head;one;", True),
        (b"old", b"head;one;two;", True),
        (b"new", b"head;one;two;", True),
        (b"new", b"", True),
        (b"new", b"", False),
    } <= set(seen)


def test_ctrl_c_at_the_terminal_does_not_cut_a_push_short(places: Places) -> None:
    """The signal goes to the whole group of the terminal; git is not in it."""
    pid = places.root / "pid"
    places.backend().write_state(b"old", expected=None, saved=saved(1))
    places.hook("pre-receive", f"kill -INT -$(cat {pid})\n")
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "os.setpgid(0, 0)\nPath(sys.argv[2]).write_text(str(os.getpid()))\n"
        "signal.signal(signal.SIGINT, lambda *_: None)\n" + DRIVER
    )
    process = start_python(code, str(places.root / "clone"), str(pid))
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert places.backend().read_state() == Held(b"new", places.refs()["production"])
