"""A lock that a worker holds passes on the word of its own engine alone, and whoever lost it writes nothing more."""

import os
import queue
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from reconciler.wiring.state import open_store
from reconciler.wiring.workspace import open_workspace
from tests.engine import engine_tasks as tasks
from tests.engine.cluster import Cluster, Member, Wire
from tests.engine.meeting import PATIENCE, Meeting


class Crowd:
    """A client of a cluster that has named workers do things, and hears of workers that are given up."""

    def __init__(self, cluster: Cluster) -> None:
        self.client = Client(cluster.address, set_as_default=False)
        self._gone: queue.Queue[str] = queue.Queue()
        self.client.subscribe_topic("all", self._hear)

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        if event[1].get("action") == "remove-worker":
            self._gone.put(event[1]["worker"])

    def do(self, member: Member, function: Any, *arguments: Any) -> Any:
        return self.begin(member, function, *arguments).result(timeout=PATIENCE)

    def begin(self, member: Member, function: Any, *arguments: Any) -> Any:
        return self.client.submit(function, *arguments, workers=[member.address], pure=False)

    def wait_until_gone(self, member: Member) -> None:
        while self._gone.get(timeout=PATIENCE) != member.address:
            pass


@pytest.fixture
def crowd(cluster: Cluster) -> Iterator[Crowd]:
    crowd = Crowd(cluster)
    yield crowd
    crowd.client.close()


@pytest.fixture
def root(tmp_path: Path) -> str:
    (tmp_path / "reconciler.toml").touch()
    return str(tmp_path)


def test_whoever_is_in_no_engine_has_no_seat(root: str) -> None:
    store = open_store(open_workspace(Path(root), "sandbox"))
    store.begin(None, "apply")
    hold = store.holder()
    assert hold is not None
    assert hold.engine is None


def test_a_lock_of_a_worker_that_lives_is_kept_however_slow_it_is(cluster: Cluster, crowd: Crowd, root: str) -> None:
    one, other = cluster.add_workers(2, threads=1)
    name = crowd.do(one, tasks.seat_name)
    assert crowd.do(one, tasks.take, root) == "taken"
    assert "is locked by" in crowd.do(other, tasks.take, root)
    os.kill(one.process.pid, signal.SIGSTOP)  # it answers nobody any more
    assert "is locked by" in crowd.do(other, tasks.take, root)
    assert crowd.do(other, tasks.word, name) == (True, None)
    one.end()
    crowd.wait_until_gone(one)
    assert crowd.do(other, tasks.word, name) == (True, "the engine says that its worker is gone")
    assert crowd.do(other, tasks.take, root).endswith(": the engine says that its worker is gone")


def test_another_worker_in_its_place_proves_that_it_is_gone(cluster: Cluster, crowd: Crowd) -> None:
    one, other = cluster.workers[0], cluster.add_workers(1)[0]
    name = crowd.do(other, tasks.seat_name)
    other.end()
    crowd.wait_until_gone(other)
    (again,) = cluster.add_workers(1, port=other.address.rpartition(":")[2])
    assert again.address == other.address
    said = (True, "the engine has another worker in the place of its worker")
    assert crowd.do(one, tasks.word, name) == said
    assert crowd.do(one, tasks.word, crowd.do(again, tasks.seat_name)) == (True, None)
    again.end()
    crowd.wait_until_gone(again)


def test_another_engine_or_the_same_one_started_anew_knows_nobody_and_proves_nothing(
    cluster: Cluster, crowd: Crowd, tmp_path: Path
) -> None:
    name = crowd.do(cluster.workers[0], tasks.seat_name)
    with Cluster(tmp_path / "other") as other:
        (stranger,) = other.add_workers(1)
        there = Crowd(other)
        assert there.do(stranger, tasks.word, name) == (False, None)
        assert there.do(stranger, tasks.word, "celery/worker-1") == (False, None)
        there.client.close()


def test_a_worker_that_was_given_up_but_lives_writes_nothing_after_the_lock_has_passed(
    cluster: Cluster, crowd: Crowd, root: str
) -> None:
    wire = Wire(cluster.address)
    (one,) = cluster.add_workers(1, through=wire.address)
    with Meeting() as meeting:
        crowd.begin(one, tasks.take_and_go_on, root, meeting.port)
        assert meeting.next().name == "taken"
        wire.cut()
        crowd.wait_until_gone(one)
        other = cluster.workers[0]
        assert crowd.do(other, tasks.take, root).endswith(": the engine says that its worker is gone")
        meeting.say("taken", "go on")
        assert meeting.next().name.startswith("refused: the lock of")
