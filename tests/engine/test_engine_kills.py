"""Workers that are really killed in the middle of an organisation: another one takes over, and nothing is doubled."""

import json
import os
import signal
from collections import Counter

import pytest

from reconciler.app.watching import OfMany
from reconciler.errors import ExitCode
from reconciler.model.errand import LOST, Errand, ToApply
from reconciler.wiring.engine import LOCAL
from tests.engine.cluster import Cluster
from tests.engine.conftest import EVERYTHING, MANY, NAMES
from tests.fleet.errand_bench import Errands, written
from tests.fleet.fleet_bench import FarmServer


def holder(errands: Errands, name: str) -> int:
    """The process that holds the lock of an organisation."""
    lock = errands.fleet.root / f".reconciler/fleet/clients/{name}.json.lock"
    return int(json.loads(lock.read_text())["process"].rpartition(":")[0].rpartition(":")[2])


@pytest.mark.parametrize("at", [1, MANY])
def test_a_worker_that_is_killed_in_the_middle_is_taken_over_and_nothing_is_doubled(
    errands: Errands, farm: FarmServer, cluster: Cluster, at: int
) -> None:
    # Alone, so that nothing else is cut off where nobody chose: a create that was intended and never left is unknown.
    errands.engine = cluster.address
    prepared = [errands.to_apply("acme")]
    killed: list[int] = []
    posts: Counter[str] = Counter()

    def heard(method: str, key: str) -> None:
        posts[key] += method == "POST"
        if method == "POST" and key == "canary-acme" and posts[key] == at and not killed:
            killed.append(holder(errands, "acme"))
            os.kill(killed[0], signal.SIGKILL)  # before it hears what became of this create, which is made

    farm.heard = heard
    notices: list[str] = []
    found = errands.run(prepared, OfMany(waiting=lambda _seconds, _reason: None, notice=notices.append))
    cluster.mend()
    assert len(killed) == 1
    assert (found["acme"].exit_code, found["acme"].failure) == (ExitCode.DONE, None), found
    assert sorted(written(farm.farm.simulators["acme"])) == EVERYTHING
    state = errands.state("acme")
    assert (sorted(state.records), dict(state.pending)) == (EVERYTHING, {})
    assert "`acme` is taken over from a worker that is gone" in notices
    assert any(each.endswith(": the engine says that its worker is gone") for each in notices), notices


def test_a_cluster_that_is_lost_leaves_each_organisation_accounted_for(
    errands: Errands, farm: FarmServer, alone: Cluster
) -> None:
    prepared = [errands.to_apply(name) for name in NAMES]
    errands.engine = alone.address
    begun: list[str] = []

    def heard(method: str, key: str) -> None:
        if method == "POST" and not begun:
            begun.append(key.removeprefix("canary-"))
            alone.scheduler.end()
            alone.workers[0].end()

    farm.heard = heard
    found = errands.run(prepared)
    for name, done in found.items():
        assert done.failure is not None
        assert (done.failure.kind, done.exit_code) == (LOST, ExitCode.UNKNOWN)
        assert done.failure.message == "nobody knows how far it came: the connection to the engine was lost", name
    # State and journal know: what is left goes on here, since the process that held the lock is gone.
    errands.engine = LOCAL
    found = errands.run(resumed(errands, prepared))
    assert {each.exit_code for each in found.values()} == {ExitCode.DONE}
    for name in NAMES:
        assert sorted(written(farm.farm.simulators[name])) == EVERYTHING
        assert sorted(errands.state(name).records) == EVERYTHING


def resumed(errands: Errands, prepared: list[Errand]) -> list[Errand]:
    found = []
    for each in prepared:
        assert isinstance(each.task, ToApply)
        task = ToApply(digest=each.task.digest, document=each.task.document, is_resumed=True)
        found.append(errands.errand(each.organisation, task))
    return found


def test_a_worker_that_is_lost_once_too_often_is_told_and_the_others_go_on(
    errands: Errands, farm: FarmServer, alone: Cluster
) -> None:
    prepared = [errands.to_apply(name) for name in NAMES]
    errands.engine = alone.address
    lost: list[str] = []

    def heard(method: str, key: str) -> None:
        if method == "POST" and not lost:
            lost.append(key.removeprefix("canary-"))
            alone.workers[0].end()
            alone.add_workers(1, threads=1)

    farm.heard = heard
    found = errands.run(prepared)
    (name,) = lost
    assert {each for each, done in found.items() if done.failure and done.failure.kind == LOST} == {name}
    assert "workers that were to do it were lost once" in str(found[name].failure)
    left = [each for each in prepared if not found[each.organisation].is_begun]
    begun = {*NAMES} - {name} - {each.organisation for each in left}
    assert all(found[each].exit_code is ExitCode.DONE for each in begun)
    found = errands.run([*resumed(errands, [each for each in prepared if each.organisation == name]), *left])
    assert {each.exit_code for each in found.values()} == {ExitCode.DONE}
    for each in NAMES:
        assert sorted(written(farm.farm.simulators[each])) == EVERYTHING
