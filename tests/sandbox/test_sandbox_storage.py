"""The file: kept, shared by threads and processes, and refused when it is something else."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reconciler.sandbox.api import Request
from reconciler.sandbox.jsonbody import encode
from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.simulator import Simulator
from tests.sandbox.sandbox_bodies import SCHEMA, body

WRITER = """
import sys
from pathlib import Path
from reconciler.sandbox.api import Request
from reconciler.sandbox.simulator import Simulator

path, schema, name, body = sys.argv[1:]
sys.stdin.readline()  # the test lets all writers go at once
with Simulator(Path(path), schema=Path(schema)) as simulator:
    for number in range(40):
        sent = body.replace("NAME", f"{name}-{number}").encode()
        answer = simulator.answer(
            Request(method="POST", path="/sequences", authorization="Bearer sandbox-key", body=sent), limit=100
        )
        print(answer.status)
"""


def post(simulator: Simulator, custom_id: str) -> int:
    sent = encode(body(custom_id=custom_id))
    return simulator.answer(
        Request(method="POST", path="/sequences", authorization=f"Bearer {FULL_KEY}", body=sent)
    ).status


def test_everything_survives_closing(tmp_path):
    path = tmp_path / "sandbox.sqlite3"
    with Simulator(path, schema=SCHEMA) as simulator:
        post(simulator, "welcome")
        before = simulator.sequences(), simulator.ledger()
    with Simulator(path, schema=SCHEMA) as simulator:
        assert (simulator.sequences(), simulator.ledger()) == before


def test_closing_twice_is_harmless_and_closed_is_closed(tmp_path):
    simulator = Simulator(tmp_path / "sandbox.sqlite3", schema=SCHEMA)
    simulator.close()
    simulator.close()
    with pytest.raises(sqlite3.ProgrammingError):
        simulator.sequences()


def test_processes_that_open_a_new_file_at_once_lose_nothing_and_share_one_limit(tmp_path):
    path = tmp_path / "sandbox.sqlite3"
    text = encode(body(custom_id="NAME")).decode()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(SCHEMA), str(number), text],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for number in range(3)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    statuses = [line for writer in writers for line in writer.communicate()[0].split()]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert (statuses.count("201"), statuses.count("429")) == (100, 20)
    with Simulator(path, schema=SCHEMA) as simulator:
        custom_ids = {sequence["custom_id"] for sequence in simulator.sequences()}
        created = {entry.custom_id for entry in simulator.ledger() if entry.mutation == "create"}
        assert len(custom_ids) == 100
        assert custom_ids == created
        assert [entry.number for entry in simulator.ledger()] == list(range(1, 121))


def test_threads_share_one_simulator(tmp_path):
    with Simulator(tmp_path / "sandbox.sqlite3", schema=SCHEMA) as simulator:
        threads = [
            threading.Thread(target=lambda name=name: [post(simulator, f"{name}-{n}") for n in range(25)])
            for name in "abcd"
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({sequence["custom_id"] for sequence in simulator.sequences()}) == 100
        assert [entry.status for entry in simulator.ledger()] == [201] * 100


def test_a_request_that_fails_half_way_leaves_no_trace(simulator, clock):
    # SQLite makes NULL of such a time: the sequence is written before the ledger refuses its entry.
    clock.seconds = float("nan")
    with pytest.raises(sqlite3.IntegrityError, match=r"ledger\.time"):
        post(simulator, "welcome")
    clock.seconds = 0.0
    assert (simulator.sequences(), simulator.ledger()) == ([], [])
    assert post(simulator, "welcome") == 201


def test_a_file_that_is_no_sandbox_is_left_alone(tmp_path):
    path = tmp_path / "sandbox.sqlite3"
    path.write_bytes(b"my notes, which nobody should lose\n" * 100)
    with pytest.raises(ValueError, match="cannot be used as a sandbox"):
        Simulator(path, schema=SCHEMA)
    assert path.read_bytes() == b"my notes, which nobody should lose\n" * 100


def test_a_sandbox_of_another_format_is_refused(tmp_path):
    path = tmp_path / "sandbox.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(ValueError, match="format 99, this program knows 1"):
        Simulator(path, schema=SCHEMA)


def test_nobody_else_can_write_between_what_a_request_reads_and_what_it_writes(tmp_path):
    path = tmp_path / "sandbox.sqlite3"
    attempts: list[str] = []

    def now_while_another_process_tries_to_write() -> float:
        connection = sqlite3.connect(path, timeout=0)
        try:
            connection.execute("BEGIN IMMEDIATE")
            attempts.append("written")
        except sqlite3.OperationalError as error:
            attempts.append(str(error))
        finally:
            connection.close()
        return 0.0

    with Simulator(path, schema=SCHEMA, now=now_while_another_process_tries_to_write) as simulator:
        assert post(simulator, "welcome") == 201
    assert attempts == ["database is locked"]
