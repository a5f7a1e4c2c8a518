"""Repositories to measure on: generated manifests, the state that fits them, and commands run inside."""

import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.generate import generate, write_repository
from benchmarks.measure import Ended, peak_megabytes, run
from reconciler.adapters.store.durable import replace_file
from reconciler.adapters.store.encoding import encode
from reconciler.core.snapshot import wanted
from reconciler.model.sequence import Desired, Record
from reconciler.model.state import State
from reconciler.wiring.workspace import load_manifests, open_workspace

STATE: Final = Path(".reconciler/bench.json")
_KEY: Final = {"OPENCX_API_KEY": "sandbox-key"}
_NAMESPACE: Final = uuid.UUID(int=0)
_LINEAGE: Final = "00000000-0000-4000-8000-000000000000"


def our_command() -> list[str]:
    """Return the installed command, or the module where this environment has none."""
    script = Path(sys.executable).with_name("reconciler")
    return [str(script)] if script.exists() else [sys.executable, "-m", "reconciler"]


@dataclass(frozen=True, slots=True)
class Repository:
    """A folder with `reconciler.toml`, manifests and perhaps state."""

    root: Path

    @classmethod
    def create(cls, root: Path, count: int, *, api: str = "http://127.0.0.1:9") -> "Repository":
        """Write a repository with so many manifests, or return the one that this run has written before."""
        if not (root / "reconciler.toml").exists():
            write_repository(root, count, api=api)
        return cls(root)

    @property
    def state(self) -> Path:
        """Where the environment's state stands."""
        return self.root / STATE

    @property
    def manifests(self) -> Path:
        """Where the manifests stand."""
        return self.root / "sequences"

    def revise(self, count: int, revision: int, *, changed: int | None = None) -> None:
        """Change the names of all manifests, or of the first `changed`."""
        generate(self.manifests, count, revision=revision, changed=changed)

    def record_all(self) -> "Repository":
        """Write the state of a repository in which everything has been applied, without applying it."""
        if not self.state.exists():
            desired = load_manifests(open_workspace(self.root, None)).desired
            self.state.parent.mkdir(exist_ok=True)
            replace_file(self.state, encode(state_of(desired)))
        return self

    def run(self, *arguments: str, expect: int = 0, key: bool = False, cold: bool = True) -> Ended:
        """Run `reconciler` in the repository; unless it is `cold`, it may remember what its last run found."""
        env = {**self._cache(cold=cold), **(_KEY if key else {})}
        return run([*our_command(), *arguments], cwd=self.root, env=env, expect=expect)

    def peak(self, arguments: Sequence[str], *, cold: bool = True) -> float:
        """Return the megabytes that `reconciler` holds at most, all of its processes together."""
        return peak_megabytes([*our_command(), *arguments], cwd=self.root, env=self._cache(cold=cold))

    def _cache(self, *, cold: bool) -> dict[str, str]:
        return {
            "RECONCILER_NO_CACHE": "1" if cold else "",
            "XDG_CACHE_HOME": str(self.root / ".cache"),
            "XDG_STATE_HOME": str(self.root / ".state"),
        }


def id_of(name: str) -> str:
    """Return the id under which a sequence is recorded."""
    return str(uuid.uuid5(_NAMESPACE, name))


def state_of(desired: Sequence[Desired]) -> State:
    """Return the state after everything was applied."""
    ids = {each.custom_id: id_of(each.custom_id) for each in desired}
    records = {
        each.custom_id: Record(id=ids[each.custom_id], applied=wanted(each, ids), status="active") for each in desired
    }
    return State(lineage=_LINEAGE, serial=1, org_id="5a4d8b0c-0000-4000-8000-000000000001", records=records)
