"""The simulator over real HTTP, in a real process that is ended by its own id."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.server import _listener, serve
from reconciler.sandbox.simulator import Simulator
from tests.sandbox.sandbox_bodies import SCHEMA, body

SERVER = """
import sys
from pathlib import Path
from reconciler.sandbox.app import HTTP_LIMIT, create_app
from reconciler.sandbox.server import serve
from reconciler.sandbox.simulator import Simulator

def ready(url):
    print(url, flush=True)

with Simulator(Path(sys.argv[1]), schema=Path(sys.argv[2])) as simulator:
    ended_by = serve(create_app(simulator, limit=HTTP_LIMIT), sys.argv[3], 0, ready)
print("ended by", ended_by.name)
"""


@contextmanager
def served(path: Path, host: str = "127.0.0.1") -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SERVER, str(path), str(SCHEMA), host],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, process.communicate()[1]
        headers = {"Authorization": f"Bearer {FULL_KEY}"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
            yield process, client
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_url_answers_as_soon_as_it_is_known_and_a_signal_ends_the_server_cleanly(tmp_path, ending):
    with served(tmp_path / "sandbox.sqlite3") as (process, client):
        sequence_id = client.post("/sequences", json=body(custom_id="a/b")).json()["id"]
        answer = client.get("/sequences/a%2Fb")
        assert (answer.status_code, answer.json()["id"]) == (200, sequence_id)
        assert client.get("/nothing").json()["statusCode"] == 404
        process.send_signal(ending)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, f"ended by {ending.name}\n", "")


def test_a_person_edits_from_another_process_what_is_being_served(tmp_path):
    path = tmp_path / "sandbox.sqlite3"
    with served(path) as (_process, client), Simulator(path, schema=SCHEMA) as simulator:
        sequence_id = client.post("/sequences", json=body()).json()["id"]
        for number in range(20):
            simulator.edit("welcome", {"/name": f"name {number}"})
            assert client.get(f"/sequences/{sequence_id}").json()["name"] == f"name {number}"
            client.patch(f"/sequences/{sequence_id}", json=body(name=f"theirs {number}"))
            found = simulator.find(sequence_id)
            assert found is not None
            assert found["name"] == f"theirs {number}"
        assert [entry.actor for entry in simulator.ledger()] == ["api"] + ["person", "api", "api"] * 20


def test_over_http_the_hundred_and_first_request_of_a_minute_is_429(tmp_path):
    with served(tmp_path / "sandbox.sqlite3") as (_process, client):
        statuses = [client.get("/sequences/nope").status_code for _ in range(101)]
        assert statuses == [404] * 100 + [429]
        assert 1 <= int(client.get("/sequences/nope").headers["retry-after"]) <= 60


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.com", "", "::", "8.8.8.8"])  # noqa: S104
def test_any_host_but_loopback_is_refused(host):
    with pytest.raises(ValueError, match="loopback only"):
        serve(Starlette(), host, 0, lambda _url: pytest.fail("it was served"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_accepted_connections_do_not_wait_to_fill_a_packet(host):
    with _listener(host, 0) as listener:
        listener.listen()
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert accepted.proto == socket.IPPROTO_TCP  # or asyncio would not know that it is TCP


def test_a_port_in_use_is_an_error_and_not_another_port():
    with _listener("127.0.0.1", 0) as listener:
        listener.listen()
        with pytest.raises(OSError, match="in use"):
            serve(Starlette(), "127.0.0.1", listener.getsockname()[1], lambda _url: pytest.fail("it was served"))
