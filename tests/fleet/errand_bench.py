"""The errands of a fleet, done in this process as its local executor does them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reconciler.app.executing import Threads
from reconciler.app.watching import NOBODY
from reconciler.core.codec.plan import to_document
from reconciler.model.errand import Asked, Carried, Done, Errand, Planned, Task, ToApply, ToPlan
from reconciler.model.state import State
from reconciler.ports import Executor, Watch
from reconciler.sandbox.simulator import Simulator
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.engine import LOCAL, executor_on
from reconciler.wiring.errands import Workshop, organisation_of
from reconciler.wiring.fleet import FleetManifests, open_fleet
from reconciler.wiring.state import open_store
from tests.fleet.fleet_bench import FleetRepository
from tests.scenarios.workbench import WRITES


@dataclass
class Errands:
    """A fleet `clients`, and the errands for its organisations."""

    fleet: FleetRepository
    engine: str = LOCAL
    workshop: Workshop = field(init=False)

    def __post_init__(self) -> None:
        self.reopen()

    def reopen(self) -> None:
        """Read the manifests anew."""
        self.within = open_fleet(self.fleet.root, "clients", command=None)
        self.workshop = Workshop(self.within, FleetManifests(self.within))

    def errand(self, name: str, task: Task, **asked: Any) -> Errand:
        organisation = next(each for each in self.within.fleet.organisations if each.name == name)
        return Errand.of("clients", organisation, asked=Asked(**asked), now=SystemClock.moment(), task=task)

    def planned(self, name: str, **asked: Any) -> Planned:
        """The plan of an organisation."""
        result = self.workshop.perform(self.errand(name, ToPlan(), **asked)).result
        assert isinstance(result, Planned), result
        return result

    def to_apply(self, name: str, **asked: Any) -> Errand:
        """The errand that carries out the plan of an organisation as it is now."""
        planned = self.planned(name, **asked)
        document = to_document(planned.plan)
        assert document["digest"] == planned.digest
        return self.errand(name, ToApply(digest=planned.digest, document=document), **asked)

    def threads(self, **options: Any) -> Threads:
        return Threads(self.workshop.perform, NOBODY, **options)

    @contextmanager
    def executor(self, watch: Watch = NOBODY, **options: Any) -> Iterator[Executor]:
        """The executor that is meant: threads of this process, or an engine."""
        with executor_on(self.engine, self.fleet.root, watch, local=self.threads(**options)) as executor:
            yield executor

    def run(self, errands: Iterable[Errand], watch: Watch = NOBODY) -> dict[str, Done]:
        """What came of each, by organisation; exactly one for each."""
        asked = list(errands)
        with self.executor(watch) as executor:
            found = list(executor.run(asked))
        assert Counter(each.organisation for each in found) == Counter(each.organisation for each in asked)
        return {each.organisation: each for each in found}

    def state(self, name: str) -> State:
        """The state of an organisation, whose lock is free, and whose journal was folded in."""
        workspace = self.within.workspace(organisation_of(self.errand(name, ToPlan()), self.within))
        store = open_store(workspace)
        assert store.holder() is None
        state = store.load()
        assert state is not None
        left = [path.name for path in (self.fleet.root / ".reconciler/fleet/clients").glob(f"{name}.json*")]
        assert not [each for each in left if "journal" in each or "lock" in each], left
        return state


def carried(done: Done) -> Carried:
    assert isinstance(done.result, Carried), done
    return done.result


def written(simulator: Simulator) -> list[str]:
    """The custom_ids that were written, in order; by the ledger, which forgets nothing."""
    return [str(each.custom_id) for each in simulator.ledger() if each.method in WRITES and each.mutation]
