"""Serve a farm of sandboxes that hold what a fleet's states say, each answer some time later; in a process of its own.

Says the address, and once it is terminated what it saw: when the requests of each key arrived, in monotonic seconds,
and the seconds of CPU that it took for all of it.
"""

import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Final

from starlette.types import Receive, Scope, Send

from reconciler.adapters.schemas.bundled import schemas_folder
from reconciler.sandbox.farm import Farm
from reconciler.sandbox.server import serve
from reconciler.wiring.fleet import open_fleet
from reconciler.wiring.state import open_store

# The file in the fleet's folder that holds what was seen.
SEEN: Final = "seen.json"


class Watched:
    """A farm that notes by key when requests arrive."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self.arrivals: defaultdict[str, list[float]] = defaultdict(list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note a request, and have the farm answer it."""
        presented = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        self.arrivals[presented.decode().removeprefix("Bearer ")].append(time.monotonic())
        await self._farm(scope, receive, send)


def key_of(organisation: str) -> str:
    """Return the key that the farm knows an organisation by."""
    return f"key-of-{organisation}"


def main(root: Path, name: str, latency: float) -> None:
    """Serve until SIGTERM."""
    farm = Farm(schemas_folder() / "openapi" / "update-sequence.yaml", latency=latency)
    within = open_fleet(root, name, command=None)
    for each in within.fleet.organisations:
        simulator = farm.add(each.name, key_of(each.name))
        state = open_store(within.workspace(each)).load()
        for record in () if state is None else state.records.values():
            simulator.place(record.id, record.applied.value, org_id=farm.org_id(each.name))
    watched = Watched(farm)
    before = time.process_time()
    serve(watched, "127.0.0.1", 0, lambda url: print(url, flush=True))
    seen = {"arrivals": watched.arrivals, "cpu": time.process_time() - before}
    (root / SEEN).write_text(json.dumps(seen), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
