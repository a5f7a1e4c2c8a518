"""Applying a fleet that stands in front of a farm, in this process and in others that are killed for real."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fleet.fleet_bench import FarmServer, FleetRepository
from tests.scenarios.workbench import ROOT, Result

SEQUENCES = ("bye", "news", "welcome")


@dataclass
class Applying:
    """A fleet `clients` with a few sequences. `keys` are all that were ever let in."""

    fleet: FleetRepository
    farm: FarmServer
    names: tuple[str, ...]
    setenv: Callable[[str, str], None]
    keys: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys += [f"canary-{name}" for name in self.names]
        for each in SEQUENCES:
            self.fleet.sequence(each)

    def apply(self, *arguments: str, yes: bool = True) -> Result:
        result = self.fleet.run("fleet", "apply", "clients", *(["--yes"] if yes else []), *arguments)
        assert not [key for key in self.keys if key in result.out + result.err]
        return result

    def report(self, *arguments: str) -> dict[str, Any]:
        """The JSON report of applying, with its exit code checked."""
        result = self.apply("--format", "json", *arguments)
        document: dict[str, Any] = result.json
        assert result.err == ""
        assert document["exit_code"] == result.code
        return document

    def begun(self, *arguments: str) -> "subprocess.Popen[str]":
        """A process of its own that applies."""
        command = [sys.executable, "-m", "reconciler", "-C", str(self.fleet.root), "fleet", "apply", "clients", "--yes"]
        return subprocess.Popen(
            [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
        )

    def at_write(self, number: int, then: Callable[[], None]) -> None:
        """Have something done right before the write of this number, of all organisations, is answered."""
        count = Counter[str]()

        def heard(method: str, key: str) -> None:
            del key
            count["writes"] += method in ("POST", "PATCH")
            if method in ("POST", "PATCH") and count["writes"] == number:
                then()

        self.farm.heard = heard

    def struck(self, number: int, sent: int, *arguments: str) -> tuple[int, str]:
        """Apply in a process of its own that gets a signal at the write of this number; its exit code and output."""
        process: list[subprocess.Popen[str]] = []

        def strike() -> None:
            process[0].send_signal(sent)
            if sent == signal.SIGKILL:
                process[0].wait()  # so that nothing is answered any more

        self.at_write(number, strike)
        process.append(self.begun(*arguments))
        out, err = process[0].communicate(timeout=60)
        self.farm.heard = lambda _method, _key: None
        return process[0].returncode, out + err

    def writes(self, name: str) -> list[str]:
        """What was written to an organisation, in order; by the ledger, which forgets nothing."""
        ledger = self.farm.farm.simulators[name].ledger()
        return [str(each.custom_id) for each in ledger if each.actor == "api" and each.mutation]

    def all_arrived_once(self, times: int = 1) -> None:
        """Every organisation has every sequence, and each was written so many times."""
        for name in self.names:
            assert sorted(self.writes(name)) == sorted([*SEQUENCES] * times), name

    def forget_runs(self) -> None:
        """Remove what is kept of runs."""
        shutil.rmtree(self.fleet.root / ".reconciler/fleet/clients/runs")

    def only_run(self) -> str:
        """The name of the only run that is kept."""
        (run,) = (self.fleet.root / ".reconciler/fleet/clients/runs").iterdir()
        return run.name

    def plan_file(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Plan the fleet into `plan.json`, and return what is in it."""
        assert self.fleet.plan("--out", "plan.json", *arguments).code == code
        document: dict[str, Any] = json.loads((self.fleet.root / "plan.json").read_bytes())
        return document


def stands(report: dict[str, Any]) -> dict[str, str]:
    """Where each organisation stands."""
    return {each["name"]: each["standing"] for each in report["organisations"]}
