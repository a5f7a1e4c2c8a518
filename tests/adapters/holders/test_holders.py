"""Who holds a lock, and what proves that a holder is gone: real processes, and a real server on loopback."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from reconciler.adapters.holders.identity import machine, me, process_identity, run_identity
from reconciler.adapters.holders.proof import proof
from reconciler.model.hold import Hold

NOW = "2026-01-01T00:00:00Z"
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_ACTOR": "octocat",
    "GITHUB_REPOSITORY": "ann/sequences",
    "GITHUB_RUN_ID": "77",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_SERVER_URL": "https://github.com",
}
GITLAB = {
    "GITLAB_CI": "true",
    "GITLAB_USER_LOGIN": "ann",
    "CI_SERVER_HOST": "gitlab.com",
    "CI_PROJECT_PATH": "ann/sequences",
    "CI_PIPELINE_ID": "5",
    "CI_JOB_ID": "6",
    "CI_JOB_URL": "https://gitlab.com/ann/sequences/-/jobs/6",
}
needs_proc = pytest.mark.skipif(machine() is None, reason="there is no /proc here")


def mine(**changes: Any) -> Hold:
    return replace(me("apply", since=NOW, variables={}), **changes)


def test_a_hold_says_who_where_since_when_and_for_what() -> None:
    hold = mine()
    assert (hold.purpose, hold.since, hold.host) == ("apply", NOW, socket.gethostname())
    assert hold.who
    assert (hold.run, hold.url) == (None, None)
    assert hold.nonce != mine().nonce


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (GITHUB, ("octocat", "github:ann/sequences/77/2", "https://github.com/ann/sequences/actions/runs/77")),
        (GITLAB, ("ann", "gitlab:gitlab.com/ann/sequences/5/6", "https://gitlab.com/ann/sequences/-/jobs/6")),
    ],
    ids=["github", "gitlab"],
)
def test_a_hold_in_ci_names_the_run(variables: dict[str, str], expected: tuple[str, str, str]) -> None:
    hold = me("apply", since=NOW, variables=variables)
    assert (hold.who, hold.run, hold.url) == expected


def test_a_run_that_is_not_named_in_full_is_not_named() -> None:
    assert run_identity({**GITHUB, "GITHUB_RUN_ATTEMPT": ""}) is None


@needs_proc
def test_a_living_process_is_not_gone() -> None:
    assert proof(mine(), variables={}) is None
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        hold = mine(process=process_identity(child.pid))
        assert proof(hold, variables={}) is None
        os.kill(child.pid, signal.SIGSTOP)
        assert proof(hold, variables={}) is None
    finally:
        child.kill()
        child.communicate()


@needs_proc
def test_a_killed_process_is_gone_already_as_a_zombie() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    hold = mine(process=process_identity(child.pid))
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert proof(hold, variables={}) == "that process has ended"
    child.communicate()
    assert proof(hold, variables={}) == "that process is gone"


@needs_proc
def test_a_process_whose_id_another_one_has_now_is_gone() -> None:
    place, pid, start = str(mine().process).rsplit(":", 2)
    assert proof(mine(process=f"{place}:{pid}:{int(start) - 1}"), variables={}) is not None


@needs_proc
@pytest.mark.parametrize("what", ["another start", "another namespace", "another host", "no process", "nonsense"])
def test_what_cannot_be_compared_proves_nothing(what: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    hold = mine(process=process_identity(child.pid))
    child.wait()
    assert proof(hold, variables={}) is not None
    boot, namespace, pid, start = str(hold.process).split(":")
    doubtful = {
        "another start": replace(hold, process=f"other:{namespace}:{pid}:{start}"),
        "another namespace": replace(hold, process=f"{boot}:[1]:{pid}:{start}"),
        "another host": replace(hold, host="elsewhere"),
        "no process": replace(hold, process=None),
        "nonsense": replace(hold, process=f"{boot}:{namespace}:{'9' * 30}:x"),
    }
    assert proof(doubtful[what], variables={}) is None


@needs_proc
def test_a_process_whose_first_thread_alone_has_ended_is_not_gone() -> None:
    script = "import ctypes, threading, sys; threading.Thread(target=sys.stdin.read).start(); print(1, flush=True)\n"
    script += "ctypes.CDLL(None).pthread_exit(None)"
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        identity = process_identity(child.pid)
        while Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            os.sched_yield()
        assert proof(mine(process=identity), variables={}) is None
    finally:
        child.kill()
        child.communicate()


def held_by_run(run: str) -> Hold:
    return mine(process=None, run=run)


@pytest.mark.parametrize(
    ("run", "is_gone"),
    [
        ("github:ann/sequences/77/1", True),
        ("github:ann/sequences/77/2", False),
        ("github:ann/sequences/77/3", False),
        ("github:ann/sequences/76/1", False),
        ("github:bob/sequences/77/1", False),
        ("gitlab:gitlab.com/ann/sequences/77/1", False),
        ("github:ann/sequences/77", False),
    ],
)
def test_an_earlier_attempt_of_this_very_run_is_over(run: str, is_gone: bool) -> None:
    assert (proof(held_by_run(run), variables=GITHUB) is not None) is is_gone


class GitHub(BaseHTTPRequestHandler):
    """Answers as it was told to, and keeps what it was asked."""

    status: ClassVar[int] = 200
    body: ClassVar[bytes] = b""
    asked: ClassVar[list[tuple[str, str | None]]] = []
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["Authorization"]))
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def github() -> Iterator[dict[str, str]]:
    GitHub.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), GitHub) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield {"GITHUB_API_URL": f"http://127.0.0.1:{server.server_port}", "GITHUB_TOKEN": "token-1"}
        server.shutdown()
        thread.join()


DONE = {"id": 77, "status": "completed"}


@pytest.mark.parametrize(
    ("status", "answer", "is_gone"),
    [
        (200, DONE, True),
        (200, {**DONE, "status": "in_progress"}, False),
        (200, {**DONE, "id": 78}, False),
        (200, [DONE], False),
        (200, {}, False),
        (404, DONE, False),
        (302, DONE, False),
        (500, DONE, False),
        (200, {**DONE, "padding": "x" * 1024 * 1024}, False),
    ],
)
def test_only_a_clear_word_of_the_api_proves_that_a_run_is_over(
    github: dict[str, str], status: int, answer: object, is_gone: bool
) -> None:
    GitHub.status, GitHub.body = status, json.dumps(answer).encode()
    found = proof(held_by_run("github:ann/sequences/77/1"), variables=github)
    assert found == ("that CI run is completed" if is_gone else None)
    assert GitHub.asked == [("/repos/ann/sequences/actions/runs/77", "Bearer token-1")]


def test_an_answer_that_is_not_json_proves_nothing(github: dict[str, str]) -> None:
    GitHub.status, GitHub.body = 200, b"<html>"
    assert proof(held_by_run("github:ann/sequences/77/1"), variables=github) is None


@pytest.mark.parametrize("run", ["github:../sequences/77/1", "github:ann/../77/1", "github:ann/a?b/77/1", "x"])
def test_a_run_that_is_no_run_is_not_asked_about(github: dict[str, str], run: str) -> None:
    GitHub.status, GitHub.body = 200, json.dumps(DONE).encode()
    assert proof(held_by_run(run), variables=github) is None
    assert GitHub.asked == []


@pytest.mark.parametrize("left_out", ["GITHUB_API_URL", "GITHUB_TOKEN"])
def test_without_api_or_token_nobody_is_asked(github: dict[str, str], left_out: str) -> None:
    GitHub.status, GitHub.body = 200, json.dumps(DONE).encode()
    variables = {key: value for key, value in github.items() if key != left_out}
    assert proof(held_by_run("github:ann/sequences/77/1"), variables=variables) is None
    assert GitHub.asked == []


def test_the_token_never_goes_to_another_machine_in_the_clear(github: dict[str, str]) -> None:
    from reconciler.adapters.web import may_be_asked

    assert not may_be_asked("http://api.github.com")
    assert not may_be_asked("ftp://127.0.0.1")
    assert not may_be_asked("http://[broken")
    assert may_be_asked("https://api.github.com")


def test_a_server_that_cannot_be_reached_proves_nothing() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        variables = {"GITHUB_API_URL": url, "GITHUB_TOKEN": "token-1"}
        assert proof(held_by_run("github:ann/sequences/77/1"), variables=variables) is None


def test_a_proxy_is_not_asked_for_a_server_on_this_machine(
    github: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    GitHub.status, GitHub.body = 200, json.dumps(DONE).encode()
    assert proof(held_by_run("github:ann/sequences/77/1"), variables=github) is not None
