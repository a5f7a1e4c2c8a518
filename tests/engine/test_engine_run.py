"""Tasks on a real cluster: each has one ending, whatever becomes of workers, the scheduler and the connection."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.engine.connection import connected, described
from reconciler.adapters.engine.run import Ending, EngineRun, Fate
from reconciler.errors import ConfigurationError, UnavailableError, UsageError
from tests.engine import engine_tasks as tasks
from tests.engine.cluster import Cluster, Wire
from tests.engine.meeting import Meeting

_runs = iter(range(1000))


class Started:
    """A run that has begun, and what was heard of it."""

    def __init__(self, client: Any, work: Any, documents: dict[str, dict[str, Any]], **options: Any) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.notices: list[str] = []
        self.run = EngineRun(
            client,
            f"run-{next(_runs)}",
            work=work,
            hear=lambda name, told: self.heard.append((name, told)),
            notice=self.notices.append,
            **options,
        )
        self.run.start(documents)

    def endings(self) -> dict[str, Ending]:
        found = iter(self.run.next_ending, None)
        return {each.name: each for each in found}

    def next(self) -> Ending:
        ending = self.run.next_ending()
        assert ending is not None
        return ending


@pytest.fixture
def client(cluster: Cluster) -> Iterator[Any]:
    with connected(cluster.address) as client:
        yield client


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    with Meeting() as meeting:
        yield meeting


def waiting(meeting: Meeting, *names: str) -> dict[str, dict[str, Any]]:
    return {name: {"port": meeting.port, "name": name} for name in names}


def test_each_comes_back_as_it_is_done_with_what_was_told_of_it(client: Any) -> None:
    started = Started(client, tasks.echo, {f"org-{n}": {"n": n} for n in range(50)})
    endings = started.endings()
    assert {name: each.document for name, each in endings.items()} == {
        f"org-{n}": {"n": n, "why": None} for n in range(50)
    }
    assert {each.fate for each in endings.values()} == {Fate.DONE}
    begun = [name for name, told in started.heard if "begun" in told]
    assert sorted(begun) == sorted(endings)
    assert sorted(told["heard"] for _, told in started.heard if "heard" in told) == list(range(50))


def test_one_that_waits_keeps_no_other_back_and_a_bug_is_that_ones_own(client: Any, meeting: Meeting) -> None:
    slow = Started(client, tasks.wait, waiting(meeting, "slow"))
    meeting.next()
    others = Started(client, tasks.fail, {"a": {}, "b": {}})
    assert {(each.fate, "canary" in each.reason) for each in others.endings().values()} == {(Fate.BROKEN, False)}
    meeting.say("slow", "go on")
    assert slow.next().fate is Fate.DONE


def test_what_a_killed_worker_did_another_one_does_again(client: Any, cluster: Cluster, meeting: Meeting) -> None:
    (doomed,) = cluster.add_workers(1, threads=1)
    started = Started(client, tasks.wait, waiting(meeting, *(f"org-{n}" for n in range(12))))
    here: dict[str, int] = {}
    while doomed.process.pid not in here.values():
        here.update([meeting.next()])
    victims = {name for name, process in here.items() if process == doomed.process.pid}
    doomed.end()
    meeting.open_to_all("go on")
    endings = started.endings()
    assert len(endings) == 12
    assert {each.fate for each in endings.values()} == {Fate.DONE}
    documents = {name: each.document for name, each in endings.items() if each.document is not None}
    assert doomed.process.pid not in {each["by"] for each in documents.values()}
    assert {name for name, each in documents.items() if each["is_again"]} == victims
    assert sum(name in victims and "begun" in told for name, told in started.heard) == 2 * len(victims)


def test_what_has_not_begun_is_not_begun_after_a_stop_and_the_rest_winds_up(client: Any, meeting: Meeting) -> None:
    names = {f"org-{n}" for n in range(12)}
    started = Started(client, tasks.wait, waiting(meeting, *names))
    under_way = {meeting.next().name for _ in range(4)}  # two workers with two threads each
    started.run.stop({"message": "stopped by Ctrl-C"})
    started.run.stop({"message": "stopped by SIGTERM"})
    meeting.open_to_all("wind up")
    endings = started.endings()
    assert {name for name, each in endings.items() if each.fate is Fate.DONE} == under_way
    assert {each.document["why"]["message"] for each in endings.values() if each.document} == {"stopped by Ctrl-C"}
    assert {endings[name].fate for name in names - under_way} == {Fate.NOT_BEGUN}
    assert {endings[name].reason for name in names - under_way} == {"stopped by Ctrl-C"}


def test_what_is_under_way_winds_up_where_whoever_asked_has_gone(cluster: Cluster, meeting: Meeting) -> None:
    with connected(cluster.address) as client:
        started = Started(client, tasks.leave_behind, waiting(meeting, "org"))
        meeting.say(meeting.next().name, "go on")
        del started
    assert meeting.next().name == "whoever asked for it has gone"


@pytest.fixture
def frail(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster whose scheduler has nothing done a second time, to be broken."""
    settings = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with Cluster(tmp_path / "frail", settings=settings) as cluster:
        cluster.add_workers(1, threads=1)
        yield cluster


def test_workers_that_are_lost_too_often_or_for_too_long_leave_each_task_accounted_for(
    frail: Cluster, meeting: Meeting
) -> None:
    with connected(frail.address) as client:
        started = Started(client, tasks.wait, waiting(meeting, "a", "b", "c"), without_workers=2)
        begun = meeting.next().name
        frail.workers[0].end()
        endings = started.endings()
        assert (endings[begun].fate, endings[begun].reason) == (Fate.LOST, "workers that were to do it were lost once")
        assert {endings[name].fate for name in {"a", "b", "c"} - {begun}} == {Fate.NOT_BEGUN}
        assert started.notices == ["the engine has no worker left; waiting for one"]
        with pytest.raises(UnavailableError, match="has no worker"):
            described(client, dict, address=frail.address)


def test_a_scheduler_that_is_gone_leaves_each_task_accounted_for(frail: Cluster, meeting: Meeting) -> None:
    with connected(frail.address) as client:
        started = Started(client, tasks.wait, waiting(meeting, "a", "b"))
        meeting.next()
        frail.scheduler.end()
        endings = started.endings()
    assert {(each.fate, each.reason) for each in endings.values()} == {
        (Fate.LOST, "the connection to the engine was lost")
    }


def test_a_client_that_is_cut_off_accounts_for_each_task(cluster: Cluster, meeting: Meeting) -> None:
    wire = Wire(cluster.address)
    with connected(wire.address) as client:
        started = Started(client, tasks.wait, waiting(meeting, "org"))
        meeting.next()
        wire.cut()
        assert started.next().fate is Fate.LOST


def test_an_address_at_which_no_engine_is_says_so(frail: Cluster) -> None:
    listening = frail.address
    with pytest.raises(ConfigurationError, match="tls://"), connected(listening.replace("tcp", "tls"), patience=1):
        pass
    frail.scheduler.end()
    with pytest.raises(UnavailableError, match=r"at tcp://127.*: Connection refused"), connected(listening):
        pass
    with pytest.raises(UsageError, match="no address"), connected("tcp://127.0.0.1", patience=1):
        pass
