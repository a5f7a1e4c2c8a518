"""Real processes that use a store, quick to start: a process that has imported everything forks one for each child.

`python store_zygote.py` reads commands, one JSON array a line: ["fork", ACTION, STATE, FOLDER] answers the child's id,
["wait", PID] its wait status. A child goes on at a signal, and notes what it has done in `told`, by pwrite(2) alone, so
that other calls can be made to fail.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from reconciler.adapters.holders.identity import me
from reconciler.adapters.holders.proof import proof
from reconciler.adapters.store.file import FileBackend
from reconciler.adapters.store.store import Store
from reconciler.errors import LockedError, ReconcilerError, StateError
from reconciler.model.sequence import Payload, Record
from reconciler.model.state import Settled

# What lets a child take a step; blocked from its birth, so that none is lost.
STEPS = {"go": signal.SIGUSR1, "start": signal.SIGUSR2, "end": signal.SIGHUP}
NOW = "2026-01-02T00:00:00Z"
PAYLOAD = Payload.of({"custom_id": "welcome", "name": "Welcome"})


def store_at(path: Path, emergency: Path, notices: list[str] | None = None) -> Store:
    """A store as the tool opens one, with the real proof."""
    return Store(
        FileBackend(path),
        me=lambda purpose: me(purpose, since=NOW, variables={}),
        is_gone=lambda hold: proof(hold, variables={}),
        notice=(notices if notices is not None else []).append,
        now=lambda: NOW,
        emergency=[emergency],
    )


def settled(custom_id: str) -> Settled:
    return Settled(custom_id=custom_id, record=Record(id=f"id-of-{custom_id}", applied=PAYLOAD), org_id="org")


class Child:
    """What one child has: its store, and where it tells what it did."""

    def __init__(self, state: Path, folder: Path) -> None:
        self.folder = folder
        self.notices: list[str] = []
        self.store = store_at(state, folder / "emergency", self.notices)
        self._told = os.open(folder / "told", os.O_RDWR | os.O_CREAT, 0o600)
        self._size = 0

    def tell(self, text: str) -> None:
        self._size += os.pwrite(self._told, text.encode() + b"\n", self._size)

    def wait(self, step: str) -> None:
        signal.sigwait({STEPS[step]})


def save(child: Child) -> None:
    """One small run."""
    session = child.store.begin(child.store.load(), "apply")
    child.tell("begun")
    session.append(settled("late"))
    child.tell("appended")
    session.finish()
    child.tell("saved")


def rescue(child: Child) -> None:
    """One small run that finishes whatever happens to it, as the tool does."""
    session = child.store.begin(child.store.load(), "apply")
    child.tell("begun")
    try:
        session.append(settled("late"))
        child.tell("appended")
    except StateError as error:
        child.tell(f"append: {error.message} / {error.hint}")
    session.finish()
    child.tell("saved")


def race(child: Child) -> None:
    """Take the lock if nobody else has, and keep it until told to go on."""
    base = child.store.load()
    child.tell("ready")
    child.wait("start")
    session = child.store.begin(base, "race")
    child.tell("won")
    child.tell(f"{len(child.notices)} notices")
    child.wait("end")
    session.append(settled(f"by-{os.getpid()}"))
    session.finish()
    child.tell("saved")


def cycle(child: Child) -> None:
    """Fifteen runs, each anew until it wins."""
    for number in range(15):
        while True:
            try:
                session = child.store.begin(child.store.load(), "apply")
            except (LockedError, StateError) as error:
                if isinstance(error, StateError) and "changed by somebody else since" not in error.message:
                    raise
                continue
            session.append(settled(f"{os.getpid()}-{number}"))
            session.finish()
            break
    child.tell("saved")


def pause(child: Child) -> None:
    """Stop between two entries, and go on as if nothing had happened."""
    session = child.store.begin(child.store.load(), "apply")
    session.append(settled("before"))
    child.tell("begun")
    os.kill(os.getpid(), signal.SIGSTOP)
    try:
        session.append(settled("after"))
        child.tell("sent")  # where the tool would write to the API
    except StateError:
        child.tell("stopped")
    session.finish()
    child.tell("saved")


ACTIONS: dict[str, Callable[[Child], None]] = {each.__name__: each for each in (save, rescue, race, cycle, pause)}


def _run(action: str, state: Path, folder: Path) -> int:
    child = Child(state, folder)
    child.wait("go")
    try:
        ACTIONS[action](child)
    except ReconcilerError as error:
        child.tell(f"{type(error).__name__}: {error.message} / {error.hint}")
        return int(error.exit_code)
    except BaseException as error:
        child.tell(f"bug: {error!r}")
        raise
    return 0


def _serve() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, STEPS.values())
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        if command == "wait":
            _answer(os.waitpid(arguments[0], 0)[1])
            continue
        pid = os.fork()
        if pid == 0:
            action, state, folder = arguments
            os._exit(_run(action, Path(state), Path(folder)))
        _answer(pid)


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


class Zygote:
    """The test's side."""

    def __init__(self) -> None:
        root = Path(__file__).parents[3]
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        self._children = 0

    def ask(self, *command: str | int) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def fork(self, action: str, state: Path, folder: Path) -> "Forked":
        self._children += 1
        own = folder / f"child-{self._children}"
        own.mkdir(parents=True)
        return Forked(self, self.ask("fork", action, str(state), str(own)), own)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Forked:
    """One child, seen from the test."""

    def __init__(self, zygote: Zygote, pid: int, folder: Path) -> None:
        self._zygote = zygote
        self.pid = pid
        self.folder = folder

    def let(self, step: str = "go") -> "Forked":
        os.kill(self.pid, STEPS[step])
        return self

    def status(self) -> int:
        """Its exit code once it has ended; -N where signal N ended it."""
        return os.waitstatus_to_exitcode(self._zygote.ask("wait", self.pid))

    @property
    def told(self) -> list[str]:
        try:
            return (self.folder / "told").read_text().splitlines()
        except FileNotFoundError:
            return []

    @property
    def emergency(self) -> Path:
        return self.folder / "emergency"


if __name__ == "__main__":
    _serve()
