"""Trials: a repository as it was before an apply, that apply killed at one moment, and everything that must hold then.

The sandbox lives in this process behind a door of sockets, so that it outlives its clients; its ledger is the oracle.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from reconciler.cli.main import COMMANDS
from reconciler.model.state import State
from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.simulator import Simulator
from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import open_workspace
from tests.kills.kill_door import PATIENCE, Door, Strike, Zygote
from tests.kills.kill_plots import Plot
from tests.scenarios.workbench import ROOT, SCHEMA, Repository

# What is remembered of manifests is not what is tested here.
ENVIRONMENT: Final = {"OPENCX_API_KEY": FULL_KEY, "RECONCILER_NO_CACHE": "1"}
SETTLE: Final = 0.02
_MOST_RUNS: Final = 4
_MANAGED: Final = ("name", "is_continuous", "filter", "steps")


class Ended(NamedTuple):
    """How a process ended: its exit code, or minus the signal that ended it; its steps and its requests."""

    code: int
    out: str
    steps: tuple[str, ...]
    requests: tuple[str, ...]

    def __str__(self) -> str:
        last = self.steps[-1] if self.steps else "none"
        return f"exit {self.code} after {len(self.steps)} steps, the last one: {last}\n{self.out[-1200:]}"


@dataclass
class Bench:
    """One repository, one sandbox, one zygote: trials follow each other on it."""

    folder: Path
    plot: Plot
    zygote: Zygote
    embedded: bool = False

    def __post_init__(self) -> None:
        self.root = self.folder / "a repository"
        (self.root / "sequences").mkdir(parents=True)
        database = (self.root / ".reconciler" if self.embedded else self.folder) / "sandbox.sqlite3"
        database.parent.mkdir(exist_ok=True)
        self.simulator = Simulator(database, schema=SCHEMA)
        self._database = database
        self.door = Door(self.simulator)
        self.repository = Repository(
            root=self.root, simulator=self.simulator, environment="sandbox" if self.embedded else "remote"
        )
        place = "sandbox" if self.embedded else self.door.url
        # A server that is gone with its client, or answers at once, never acts later.
        self.repository.configure(
            f'[environments.{self.repository.environment}]\napi = "{place}"\n'
            f"rate_limit = {{ requests = 0 }}\ntimeouts = {{ settle = {SETTLE} }}\n"
        )
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.door.close()
        self.simulator.close()

    def _prepare(self) -> None:
        self.simulator.reset(self.plot.switches)
        self.plot.before(self.repository)
        ended = self.run("apply", "--yes")
        assert ended.code == 0, ended
        self.plot.edit(self.repository)
        self._saved = self.folder / "saved"
        shutil.rmtree(self._saved, ignore_errors=True)
        if self._recorded.exists():
            shutil.copytree(self._recorded, self._saved, ignore=shutil.ignore_patterns("*.sqlite3*"))
        with closing(sqlite3.connect(self._database)) as connection:
            connection.execute("VACUUM INTO ?", (str(self.folder / "saved.sqlite3"),))
        self._named = self._naming()

    @property
    def _recorded(self) -> Path:
        return self.root / ".reconciler"

    def restore(self) -> None:
        """Make everything as it was before the apply."""
        for path in list(self._recorded.glob("*")) if self._recorded.exists() else ():
            if ".sqlite3" not in path.name:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if not self.embedded and self._recorded.exists():
            self._recorded.rmdir()
        if self._saved.exists():
            shutil.copytree(self._saved, self._recorded, dirs_exist_ok=True)
        with closing(sqlite3.connect(self._database, isolation_level=None)) as connection:
            connection.execute("ATTACH ? AS saved", (str(self.folder / "saved.sqlite3"),))
            connection.execute("BEGIN IMMEDIATE")
            names = [row[0] for row in connection.execute("SELECT name FROM saved.sqlite_master WHERE type = 'table'")]
            for name in names:
                connection.execute(f"DELETE FROM main.{name}")  # noqa: S608 - the names are the sandbox's own
                connection.execute(f"INSERT INTO main.{name} SELECT * FROM saved.{name}")  # noqa: S608
            connection.execute("COMMIT")
        self._before = len(self.simulator.ledger())

    def run(self, *arguments: str, strike: Strike | None = None, events: Path | None = None) -> Ended:
        """Run a command line in a process of its own, and return how that ended."""
        strike = strike or Strike()
        log, out = self.folder / "steps", self.folder / "out"
        log.unlink(missing_ok=True)
        self.door.expect(strike)
        process = self.zygote.start(
            {
                "arguments": [*self.repository.prefix, *arguments],
                "environment": ENVIRONMENT,
                "out": str(out),
                "log": str(log),
                "watched": str(self.root),
                "at": strike.step,
                "number": int(strike.number),
                "events": None if events is None else str(events),
            }
        )
        self.door.meet(process)
        code = self.zygote.wait(process)
        self.door.settle()
        return Ended(
            code, out.read_text(), tuple(log.read_text().splitlines()) if log.exists() else (), tuple(self.door.seen)
        )

    def apply(self, strike: Strike | None = None) -> Ended:
        """Apply; a plan that cancels is named, as somebody does who has weighed it."""
        return self.run("apply", "--yes", *(self._named if strike else self._naming()), strike=strike)

    def _naming(self) -> tuple[str, ...]:
        if not self.plot.canceled:
            return ()
        plan = json.loads(self.run("plan", "--format", "json").out)
        return ("--acknowledge", f"R4:{plan['digest']}")

    def traced(self, *inject: str) -> Ended:
        """Apply in a process that `strace` starts and interferes with."""
        command = [sys.executable, "-m", "reconciler", *self.repository.prefix, "apply", "--yes"]
        self.door.expect(Strike())
        with subprocess.Popen(
            ["strace", "-f", "-o", "/dev/null", *inject, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT},
        ) as process:
            self.door.meet(process.pid)
            out, _ = process.communicate(timeout=PATIENCE)
        self.door.settle()
        return Ended(process.returncode, out, (), tuple(self.door.seen))

    def load(self, root: Path | None = None) -> State | None:
        """Load state with the real store, as the next run will; from another place where one is given."""
        return open_store(open_workspace(root or self.root, self.repository.environment)).load()

    @contextmanager
    def explained(self, *facts: object) -> Iterator[None]:
        """Add what led to a failure to it."""
        try:
            yield
        except AssertionError as error:
            error.add_note("\n".join(map(str, facts)))
            error.add_note(f"files: {sorted(path.name for path in self._recorded.rglob('*'))}")
            raise

    def finish(self, ended: Ended) -> int:
        """Bring a repository whose apply was stopped to its end, see that all is as it should be; return the runs."""
        history = [ended]
        with self.explained(ended):
            in_doubt = self._in_doubt()
            for runs in range(1, _MOST_RUNS + 1):
                history.append(self.apply())
                if history[-1].code == 0:
                    self._require_whole(history)
                    return runs
                assert history[-1].code == 9, history[-1]
                assert in_doubt, f"nothing was in doubt\n{history[-1].out}"
                in_doubt = self._in_doubt()
                if not can_resolve():
                    self._require_no_double()
                    return runs
                self._resolve(in_doubt)
            raise AssertionError(f"not done after {_MOST_RUNS} runs\n{history[-1].out}")

    def _in_doubt(self) -> set[str]:
        state = self.load()
        return set() if state is None else {name for name, each in state.pending.items() if each.id is None}

    def _resolve(self, names: set[str]) -> None:
        """Tell the truth about each create that is in doubt."""
        for name in sorted(names):
            found = self.simulator.find(name)
            told = ["--not-created"] if found is None else ["--id", found["id"]]
            ended = self.run("state", "resolve", name, *told)
            assert ended.code == 0, ended

    def _require_no_double(self) -> None:
        created = [entry.custom_id for entry in self._mutations("create")]
        assert len(created) == len(set(created)), f"created twice: {created}"
        assert set(created) <= self.plot.created, created

    def _mutations(self, kind: str) -> list[Any]:
        return [entry for entry in self.simulator.ledger()[self._before :] if entry.mutation == kind]

    def _require_whole(self, history: list[Ended]) -> None:
        with self.explained(*history[1:]):
            self._require_no_double()
            assert {entry.custom_id for entry in self._mutations("create")} == self.plot.created
            updated = [entry.custom_id for entry in self._mutations("update")]
            assert sorted(updated) == sorted(self.plot.updated), f"updates: {updated}"
            self._require_retired()
            self._require_live_equals_manifests()
            self._require_state_equals_live()
            self._require_taken_over()
            before = len(self.simulator.ledger())
            again = self.run("apply", "--yes", "--refresh", "all")
            assert again.code == 0, again
            assert [entry.method for entry in self.simulator.ledger()[before:] if entry.method != "GET"] == [], again

    def _require_retired(self) -> None:
        """See that each call that cancels was made once: what a dead run had sent was seen, and not sent again."""
        asked = [entry.custom_id for entry in self.simulator.ledger()[self._before :] if entry.method == "PUT"]
        assert sorted(filter(None, asked)) == sorted(self.plot.canceled), f"cancels: {asked}"
        state = self.load()
        assert state is not None
        assert {name for name, record in state.records.items() if record.retired} == self.plot.canceled

    def _require_taken_over(self) -> None:
        """See that the next run that has something to write takes over what a dead one has left."""
        if not self._held():
            return
        path = self.root / "sequences" / "alpha.yaml"
        text = path.read_text()
        for each in (text.replace('"name": "', '"name": "Once more: '), text):
            path.write_text(each)
            ended = self.run("apply", "--yes")
            assert (ended.code, self._held()) == (0, []), ended

    def _held(self) -> list[str]:
        """Return what tells the next run that there was another; a temp file that nobody has renamed tells nothing."""
        return [name for name in self.left_over() if not name.endswith(".tmp")]

    def left_over(self) -> list[str]:
        """Return what a run that has ended in order leaves nothing of: journal, lock and temp files."""
        found = self._recorded.rglob("*") if self._recorded.exists() else ()
        return sorted(path.name for path in found if path.suffix in (".journal", ".lock", ".tmp"))

    def _require_live_equals_manifests(self) -> None:
        for path in (self.root / "sequences").glob("*.yaml"):
            wanted = json.loads(path.read_text())
            found = self.simulator.find(path.stem)
            assert found is not None, path.stem
            for name in _MANAGED:
                assert _covers(found[name], self._resolved(wanted[name])), (path.stem, name, found[name])

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, dict):
            if "$sequence" in value:
                found = self.simulator.find(value["$sequence"])
                assert found is not None
                return found["id"]
            return {key: self._resolved(each) for key, each in value.items()}
        return [self._resolved(each) for each in value] if isinstance(value, list) else value

    def _require_state_equals_live(self) -> None:
        state = self.load()
        assert state is not None
        assert not state.pending
        live = {each["custom_id"]: each["id"] for each in self.simulator.sequences()}
        live = {name: id_ for name, id_ in live.items() if name not in self.plot.released}
        assert {name: record.id for name, record in state.records.items()} == live


def _covers(found: Any, wanted: Any) -> bool:
    """Tell whether everything that is wanted is there; the server adds ids of its own."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            key in found and _covers(found[key], each) for key, each in wanted.items()
        )
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(_covers(*pair) for pair in zip(found, wanted, strict=True))
    return bool(found == wanted)


def in_turn(benches: Sequence[Bench], strikes: Iterable[Strike], judge: Callable[[Bench, Strike], None]) -> None:
    """Judge every strike, each on the first bench that is free; the first failure ends it all."""
    waiting = deque(strikes)

    def work(bench: Bench) -> None:
        try:
            while True:
                judge(bench, waiting.popleft())
        except IndexError:
            return
        except BaseException:
            waiting.clear()
            raise

    with ThreadPoolExecutor(len(benches)) as threads:
        for ended in [threads.submit(work, bench) for bench in benches]:
            ended.result()


def can_resolve() -> bool:
    """Tell whether there is a command by which a person says what became of a create."""
    return "state" in COMMANDS
