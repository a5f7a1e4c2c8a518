"""Fleets to measure on: generated manifests, a table of organisations with a few sets of variables, and their states.

Each organisation has a state of its own with ids of its own, in which everything is applied as it was before a tenth of
the manifests changed.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.generate import VARIABLES, generate, write_repository
from benchmarks.measure import Ended, peak_megabytes, run
from benchmarks.repository import our_command
from reconciler.adapters.store.encoding import encode
from reconciler.core.snapshot import wanted
from reconciler.model.fleet import Organisation
from reconciler.model.sequence import Desired, Record
from reconciler.model.state import State
from reconciler.wiring.fleet import FleetManifests, open_fleet

NAME: Final = "bench"
SEQUENCES: Final = 30
SETS: Final = 10
_FLEET: Final = f"""
[fleets.{NAME}]
environment = "bench"
organisations = "fleet.toml"
key = "env:BENCH_{{ORG}}"
"""


@dataclass(frozen=True, slots=True)
class FleetRepository:
    """A folder with a fleet in it."""

    root: Path

    @classmethod
    def create(
        cls, root: Path, organisations: int, *, api: str, sets: int = SETS, sequences: int = SEQUENCES
    ) -> "FleetRepository":
        """Write a fleet of so many organisations with so many sequences each, of which a tenth changed since."""
        write_repository(root, sequences, api=api)
        config = root / "reconciler.toml"
        config.write_text(config.read_text(encoding="utf-8") + _FLEET, encoding="utf-8")
        (root / "fleet.toml").write_text("".join(_entry(n, sets) for n in range(organisations)), encoding="utf-8")
        within = open_fleet(root, NAME, command=None)
        manifests = FleetManifests(within)
        for each in within.fleet.organisations:
            path = root / each.environment.state.removeprefix("file:")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(_state(each, manifests.of(each).desired)))
        generate(root / "sequences", sequences, revision=2, changed=sequences // 10)
        return cls(root)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of processes that work in it."""
        return {"RECONCILER_NO_CACHE": "1", "XDG_STATE_HOME": str(self.root / ".state")}

    def plan(self, *arguments: str) -> Ended:
        """Plan the fleet from recorded state alone, in a process of its own."""
        command = [*our_command(), "fleet", "plan", NAME, "--refresh", "none", *arguments]
        return run(command, cwd=self.root, env=self.environment)

    def run(self, *arguments: str, keys: Mapping[str, str]) -> Ended:
        """Run a command in it, with these keys by organisation."""
        variables = {key_variable(name): key for name, key in keys.items()}
        return run([*our_command(), *arguments], cwd=self.root, env={**self.environment, **variables})

    def limit(self, url: str, *, requests: int, seconds: int = 1) -> None:
        """Have every organisation ask the server at a URL, within a limit of its own."""
        file = self.root / "reconciler.toml"
        text = re.sub(r'(?m)^api = ".*"$', f'api = "{url}"', file.read_text(encoding="utf-8"))
        limited = f"rate_limit = {{ requests = {requests}, seconds = {seconds} }}"
        file.write_text(re.sub(r"(?m)^rate_limit = .*$", limited, text), encoding="utf-8")

    def peak(self, *arguments: str) -> float:
        """Return the megabytes that this takes at most."""
        command = [*our_command(), "fleet", "plan", NAME, "--refresh", "none", *arguments]
        return peak_megabytes(command, cwd=self.root, env=self.environment)


def key_variable(organisation: str) -> str:
    """Return the variable that an organisation's key is in."""
    return "BENCH_" + organisation.upper().replace("-", "_")


def _entry(number: int, sets: int) -> str:
    group = number % sets
    variables = ", ".join(f'{name} = "{_changed(value, group)}"' for name, value in VARIABLES.items())
    return f'[[organisations]]\nname = "org-{number:05}"\nlabels = ["group-{group}"]\nvariables = {{ {variables} }}\n\n'


def _changed(value: str, group: int) -> str:
    """Return a value of the same form that only one group has."""
    digits = f"{group:03}"
    return value[: -len(digits)] + digits


def _state(organisation: Organisation, desired: tuple[Desired, ...]) -> State:
    space = uuid.uuid5(uuid.NAMESPACE_DNS, organisation.name)
    ids = {each.custom_id: str(uuid.uuid5(space, each.custom_id)) for each in desired}
    records = {
        each.custom_id: Record(id=ids[each.custom_id], applied=wanted(each, ids), status="active") for each in desired
    }
    return State(lineage=str(space), serial=1, org_id=str(space), records=records)
