"""What a run does and how it ends depend on nobody who reads along: row P29 of the fault matrix, as processes."""

import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from tests.faults.fault_bench import Bench
from tests.faults.fault_kinds import error, page
from tests.faults.fault_proxy import Exchange, forwarded
from tests.scenarios.workbench import ROOT

NAME = "Wëlcome ☃ 𝄞"


@pytest.fixture
def three(bench: Bench) -> Bench:
    bench.recorded("a", "b", "c")
    for name in ("a", "b", "c"):
        bench.write(name, name=f"{NAME} {name}")
    return bench


def command(bench: Bench, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "reconciler", *bench.repository.prefix, "apply", "--yes", *arguments]


def without(*names: str, **changes: str) -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name not in names} | changes


# How the process is started: with which redirections, in which folder, and with what changed in its environment.
AUDIENCES: dict[str, dict[str, Any]] = {
    "stdout closed": {"redirections": ">&-"},
    "both closed": {"redirections": ">&- 2>&-"},
    "all three closed": {"redirections": "<&- >&- 2>&-"},
    "stdout on a full disk": {"redirections": ">/dev/full"},
    "stderr on a full disk": {"redirections": "2>/dev/full"},
    "ascii": {"env": {"PYTHONIOENCODING": "ascii:strict", "LC_ALL": "C"}},
    "no locale and no UTF-8 mode": {"env": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}},
    "no HOME": {"leaves_out": ["HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"]},
    "a HOME that nobody may write": {"leaves_out": ["XDG_CACHE_HOME", "XDG_STATE_HOME"], "env": {"HOME": "/proc"}},
    "a folder that nobody may write": {"cwd": "/proc"},
}


def start(bench: Bench, audience: Mapping[str, Any], *arguments: str) -> int:
    process = subprocess.run(
        # Bash closes what Popen cannot: a function to call before exec is no good in a process with threads.
        ["bash", "-c", f'exec "$@" {audience.get("redirections", "")}', "bash", *command(bench, *arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
        cwd=audience.get("cwd", ROOT),
        env=without(*audience.get("leaves_out", ()), PYTHONPATH=str(ROOT), **audience.get("env", {})),
    )
    assert b"Traceback" not in process.stderr, process.stderr
    return process.returncode


@pytest.mark.parametrize("name", AUDIENCES)
def test_whoever_reads_along_changes_neither_what_is_done_nor_how_it_ends(three, name):
    assert start(three, AUDIENCES[name], "--format", "text") == 0
    assert len(three.proxy.requests("PATCH")) == 3
    assert [record["applied"]["name"] for record in three.state()["records"].values()] == [
        f"{NAME} {name}" for name in ("a", "b", "c")
    ]
    assert "pending" not in three.state()
    three.settles()


@pytest.mark.parametrize(
    ("name", "format_", "fault", "code"),
    [
        ("stdout closed", "text", error(400), 8),
        ("both closed", "json", error(401), 4),
        ("stdout on a full disk", "json", page(503), 9),
    ],
)
def test_the_exit_code_of_what_went_wrong_is_the_true_one(bench, name, format_, fault, code):
    bench.recorded("a")
    bench.proxy.on("PATCH", fault, nth=None)
    assert start(bench, AUDIENCES[name], "--format", format_) == code
    bench.settles()


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_pipe_that_is_full_holds_nobodys_state_back(three, stream):
    """It is done though nobody reads, and told once somebody does."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"\0" * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    written = threading.Event()

    def last(exchange: Exchange) -> None:
        forwarded(exchange)
        written.set()

    three.proxy.on("PATCH", last, nth=(3,))
    others = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: writing}
    # JSON says nothing before the end, so that nothing keeps the writes from being made though nobody reads.
    options = ["--format", "json"] if stream == "stdout" else []
    with subprocess.Popen(command(three, *options), stdin=subprocess.DEVNULL, cwd=ROOT, **others) as process:
        os.close(writing)
        was_held_back = stream == "stdout" and not written.wait(30)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read().replace(b"\0", b"")
        assert process.wait(60) == 0
    assert not was_held_back
    assert told
    assert len(three.state()["records"]) == 3
    three.settles()


def test_a_reader_that_leaves_in_the_middle_changes_nothing(three):
    def leave(exchange: Exchange) -> None:
        assert process.stderr is not None
        assert process.stdout is not None
        process.stderr.close()
        process.stdout.close()
        forwarded(exchange)

    three.proxy.on("PATCH", leave)
    with subprocess.Popen(
        command(three), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.wait(60) == 0
    three.settles()


def test_json_is_one_document_also_for_a_terminal_that_knows_only_ascii(three):
    process = subprocess.run(
        command(three, "--format", "json"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=ROOT,
        check=False,
        env=without(LC_ALL="C", PYTHONIOENCODING="ascii:strict"),
    )
    assert (process.returncode, process.stderr) == (0, b"")
    assert json.loads(process.stdout)["summary"] == {"applied": 3}
