"""State in S3 and several processes: races, and a run that is killed at each of its requests, before it and after."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest

from reconciler.adapters.store.s3 import S3Backend
from tests.adapters.store.s3_client import FIRST, HEAD, PARTS, SECOND, saved
from tests.adapters.store.s3_service import Answer, Onward, Proxy, Request, opened, proxied, running_service
from tests.adapters.store.test_s3_faults import KEY, data, holds, version

ROOT = Path(__file__).parents[3]
KILLED = -signal.SIGKILL


class Clients:
    """Starts clients, each in a process of its own, and says how they ended."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(self, what: str, url: str, bucket: str, number: int = 0) -> int:
        return int(self._say(json.dumps([what, url, bucket, KEY, number])))

    def wait(self) -> list[int]:
        ended: list[int] = json.loads(self._say("wait"))
        return ended

    def _say(self, line: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    command = [sys.executable, "-m", "tests.adapters.store.s3_client"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Clients(process)
        assert process.stdin
        process.stdin.close()


@contextmanager
def killing(proxy: Proxy, number: int, *, is_done: bool) -> Iterator["Queue[int]"]:
    """Kill the client at its request of that number, before the service hears of it or after it was done."""
    client: Queue[int] = Queue()

    def rule(request: Request, onward: Onward) -> Answer | None:
        if len(proxy.seen) < number:
            return onward(request)
        if len(proxy.seen) == number:
            if is_done:
                onward(request)
            os.kill(client.get(timeout=20), signal.SIGKILL)
        return None

    proxy.seen.clear()
    proxy.rule = rule
    yield client


def requests_of_a_run(clients: Clients) -> list[str]:
    with proxied(running_service()) as proxy:
        clients.start("live", proxy.url, running_service().new_bucket())
        assert clients.wait() == [0]
        return list(proxy.seen)


def test_a_run_that_is_killed_at_any_request_leaves_all_that_it_was_told_of(clients: Clients) -> None:
    service = running_service()
    requests = requests_of_a_run(clients)
    assert len(requests) > 20
    reached, finished = set(), set()
    with proxied(service) as proxy:
        for number, is_done in moments(requests):
            bucket = service.new_bucket()
            with killing(proxy, number, is_done=is_done) as client:
                client.put(clients.start("live", proxy.url, bucket))
                assert clients.wait() == [KILLED], requests[number - 1]
            after = opened(service.url, bucket)
            reached.add(holds(after))
            check_done(requests[: number if is_done else number - 1], after)
            objects = service.objects(bucket)
            if objects not in finished:
                finished.add(objects)
                finish_after(after)
    assert {state for state, _, _ in reached} == {None, FIRST, SECOND}
    assert {journal for _, _, journal in reached} == {
        None,
        *(HEAD + b"".join(PARTS[:count]) for count in range(len(PARTS) + 1)),
    }


def moments(requests: list[str]) -> Iterator[tuple[int, bool]]:
    """Before each request, and after each that may have changed something: its number, and whether it is done."""
    for number, name in enumerate(requests, start=1):
        yield number, False
        if name.startswith(("PUT", "DELETE")):
            yield number, True


def check_done(requests: list[str], after: S3Backend) -> None:
    """What was done before the kill is there, and nothing else."""
    parts = [each for each in requests if each.startswith(f"PUT {KEY}.journal/")]
    ended = len(parts) == len(PARTS) + 2
    expected = None if not parts or ended else HEAD + b"".join(PARTS[: len(parts) - 1])
    assert data(after.read_journal()) == expected
    puts = requests.count(f"PUT {KEY}")
    assert data(after.read_state()) == (None, FIRST, SECOND)[puts]
    assert (data(after.read_lock()) is None) == (requests.count(f"PUT {KEY}.lock") != 1)


def finish_after(backend: S3Backend) -> None:
    """The next run takes over, and ends as it should."""
    lock, state, journal = backend.read_lock(), backend.read_state(), backend.read_journal()
    backend.swap_lock(b"lock of the next run", expected=lock and lock.version)
    written = backend.write_state(b"state 3", expected=state and state.version, saved=saved(3))
    end = backend.start_journal(HEAD, expected=journal and journal.version)
    end = backend.append_journal(b"more\n", expected=end)
    assert backend.read_journal() == (HEAD + b"more\n", end)
    backend.write_state(b"state 4", expected=written, saved=saved(4))
    backend.drop_journal(expected=end)
    backend.swap_lock(None, expected=version(backend.read_lock()))
    assert holds(backend) == (b"state 4", None, None)
    folder = [each.rpartition("/")[2] for each in backend._objects.names(f"{KEY}.journal")]
    assert len(folder) == 1


def test_processes_that_all_want_to_write_take_turns(clients: Clients) -> None:
    service = running_service()
    bucket, processes, times = service.new_bucket(), 4, 4
    for _ in range(processes):
        clients.start("count", service.url, bucket, times)
    assert clients.wait() == [0] * processes
    backend = opened(service.url, bucket)
    assert holds(backend) == (b"%d" % (processes * times), None, None)
    assert [each.serial for each in backend.history()] == list(range(processes * times, 0, -1))
