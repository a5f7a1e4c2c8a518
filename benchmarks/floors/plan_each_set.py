"""The floor of planning a fleet: each state is read, and the manifests are planned once for each set of variables.

What is measured against it plans them for each organisation, whose states have ids of their own.
"""

import sys
from pathlib import Path

from reconciler.app.plan import make_plan
from reconciler.core.codec.plan import plan_digest
from reconciler.model.errand import Asked
from reconciler.model.plan import Refresh
from reconciler.wiring.fleet import FleetManifests, open_fleet
from reconciler.wiring.planning import request_for
from reconciler.wiring.state import open_store


def main(root: Path, name: str) -> None:
    """Do that for a fleet; nothing is kept or drawn."""
    within = open_fleet(root, name, command=None)
    manifests = FleetManifests(within)
    seen: set[int] = set()
    for each in within.fleet.organisations:
        workspace = within.workspace(each)
        state = open_store(workspace).load()
        desired = manifests.of(each).desired
        if id(desired) not in seen:
            seen.add(id(desired))
            request = request_for(workspace, Asked(refresh=Refresh.NONE))
            plan_digest(make_plan(request, desired=desired, state=state, reader=None))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
